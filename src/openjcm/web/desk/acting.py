"""The forms of the desk: what a holder's representative and a registry's administrator send, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from openjcm.canonical import canonical_hash
from openjcm.commands import Receipt
from openjcm.commands.demonstration_people import administer_as, answer_as, done_before, propose_as
from openjcm.refusals import Refused, refusal
from openjcm.views.accounts import waiting_applications
from openjcm.views.desk import desk_accounts
from openjcm.views.desk_people import free_blocks
from openjcm.web.desk.switch import FORM_NOT_OF_THIS_DESK, form_of, role_account, role_registry, sent_by
from openjcm.web.office import office_of
from openjcm.web.pages import render
from openjcm.web.public.common import language_of

NOT_A_WHOLE_NUMBER = refusal(
    "not_a_whole_number",
    en="“{value}” is no whole number of tonnes from 1 up.",
    ja="「{value}」は1以上の整数 (トン) ではありません。",
    remedy_en="Write the number of tonnes in digits, for example 12.",
    remedy_ja="トン数を数字で記入してください (例: 12)。",
    clause="OpenJCM: credits are whole tonnes",
)
NOT_SO_MANY_FREE = refusal(
    "not_so_many_free",
    en="{account} holds {free} of {asked} credits of {group} that nothing keeps back.",
    ja="口座 {account} の {group} のうち、留保されていないものは {asked} トンに対して {free} トンです。",
    remedy_en="Ask for fewer, or wait until the reserved ones are released.",
    remedy_ja="数量を減らすか、確保されているクレジットの解除をお待ちください。",
    clause="OpenJCM: reserved or frozen credits do not move",
    status=409,
)
TOKYO = ZoneInfo("Asia/Tokyo")
TARGETS = {"transfer": "target_account", "retire": "retirement_account", "cancel": "cancellation_account"}
ACCOUNT_ACTS = {"suspend_account": ("account_id", "direction"), "lift_suspension": ("account_id",)}
"""What an administrator does to an account, and the fields of the form that the act takes."""
ANSWERS = ("approve", "reject", "withdraw")


async def propose(request: Request) -> Response:
    """``POST /en/desk/propose``: a representative signs a proposal for credits of the account."""
    fields = await form_of(request)
    return await run_in_threadpool(_answered, request, "/desk/account", lambda: _propose(request, fields))


async def answer(request: Request) -> Response:
    """``POST /en/desk/answer``: a representative approves, rejects or withdraws a proposal."""
    fields = await form_of(request)
    return await run_in_threadpool(_answered, request, "/desk/account", lambda: _answer(request, fields))


async def administer(request: Request) -> Response:
    """``POST /en/desk/administer``: the administrator of a registry does an act on an account of it."""
    fields = await form_of(request)
    return await run_in_threadpool(_answered, request, "/desk/registry", lambda: _administer(request, fields))


def _answered(request: Request, path: str, act: Callable[[], Receipt]) -> Response:
    """What was done leads back to the page; what was refused is shown with its rule and remedy."""
    try:
        receipt = act()
    except Refused as refused:
        status = refused.declaration.status
        return render(
            request, "error.html.j2", "desk", http_status=status, kind="refused", code=status, refused=refused
        )
    return RedirectResponse(f"/{language_of(request)}{path}?done={receipt.entry_no}", 303)


def _propose(request: Request, fields: Mapping[str, str]) -> Receipt:
    role = sent_by(request, fields)
    with request.app.state.database.reading() as connection:
        account = role_account(connection, role)
        act_name, key = fields.get("act", ""), _key(fields)
        if act_name not in TARGETS:
            raise FORM_NOT_OF_THIS_DESK()
        if done := done_before(key, office_of(request)):
            return done
        projects, _, vintage = fields.get("group", "").partition("|")
        quantity = _tonnes(fields.get("quantity", ""))
        blocks = free_blocks(connection, account.account_id, projects.split(" "), vintage, quantity)
        free = sum(block.quantity for block in blocks)
        if free < quantity:
            raise NOT_SO_MANY_FREE(
                account=account.account_id, free=free, asked=quantity, group=f"{projects} {vintage}"[:80]
            )
    wanted = {
        "blocks": [block.text for block in blocks],
        TARGETS[act_name]: fields.get("target", ""),
        **_more(act_name, fields),
    }
    return propose_as(
        role.person, account.account_id, act_name, wanted, fields.get("nonce", ""), day=_today(request),
        key=key, office=office_of(request),
    )  # fmt: skip


def _key(fields: Mapping[str, str]) -> str:
    """The key of what a form asks for: the same form is one act."""
    return f"desk/{canonical_hash(dict(fields))}"


def _more(act_name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The further fields of an act, as the form has them; those left empty are left out."""
    if act_name == "retire":
        year = fields.get("used_for_year", "")
        more: dict[str, Any] = {
            "used_for_year": int(year) if year.isascii() and year.isdigit() else year,
            "purpose": "ndc",
        }
        return more | {name: fields[name] for name in ("serves", "served") if fields.get(name)}
    if act_name == "cancel":
        return {"purpose": fields.get("purpose", ""), "reason": fields.get("reason", "")}
    return {}


def _answer(request: Request, fields: Mapping[str, str]) -> Receipt:
    role = sent_by(request, fields)
    with request.app.state.database.reading() as connection:
        role_account(connection, role)
    word = fields.get("answer", "")
    if word not in ANSWERS:
        raise FORM_NOT_OF_THIS_DESK()
    return answer_as(role.person, fields.get("proposal", ""), word, day=_today(request), office=office_of(request))


def _administer(request: Request, fields: Mapping[str, str]) -> Receipt:
    role = sent_by(request, fields)
    act_name = fields.get("act", "")
    with request.app.state.database.reading() as connection:
        registry_id = role_registry(connection, role)
        accounts = {one.account_id for one in desk_accounts(connection) if one.registry_id == registry_id}
        applications = {one.application_id for one in waiting_applications(connection, registry_id)}
    key, wanted = _key(fields), {"reason": fields.get("reason", ""), "occurred_on": _today(request)}
    if act_name in ACCOUNT_ACTS and fields.get("account_id") in accounts:
        wanted |= {name: fields.get(name, "") for name in ACCOUNT_ACTS[act_name]}
    elif act_name == "review_account_application" and fields.get("application_id") in applications:
        wanted |= {name: fields.get(name, "") for name in ("application_id", "verdict")}
        wanted |= {name: fields[name] for name in ("account_id", "holder") if fields.get(name)}
        wanted["reviewer"] = "demo-registry.mori"
    elif done := done_before(key, office_of(request)):
        return done
    else:
        raise FORM_NOT_OF_THIS_DESK()
    return administer_as(act_name, wanted, registry_id, key=key, office=office_of(request))


def _today(request: Request) -> str:
    """The registry's day: that of Tokyo."""
    return office_of(request).clock().astimezone(TOKYO).date().isoformat()


def _tonnes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) > 0):
        raise NOT_A_WHOLE_NUMBER(value=text[:40])
    return int(text)
