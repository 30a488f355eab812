"""``/en/desk/account``: what a holder of the demonstration holds, and what he may do with it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from openjcm.views.accounts import account_state
from openjcm.views.desk import DeskAccount, HeldGroup, account_movements, desk_accounts, held_groups, held_tonnes
from openjcm.views.desk_people import people
from openjcm.web.charts.held import held
from openjcm.web.desk.switch import HOLDER, role_account, role_of
from openjcm.web.messages import Speaker
from openjcm.web.pages import number, render, svg
from openjcm.web.public.common import language_of, speaker

MOST_BARS = 12
"""Projects that are drawn; the table has all."""


def account_page(request: Request) -> Response:
    """The page of the account whose role the reader took; else the way to the switch."""
    role = role_of(request)
    if role is None or role.kind != HOLDER:
        return RedirectResponse(f"/{language_of(request)}/desk", 303)
    with request.app.state.database.reading() as connection:
        account = role_account(connection, role)
        groups = held_groups(connection, account.account_id)
        movements = account_movements(connection, account.account_id)
        state = account_state(connection, account.account_id)
        others = [one for one in desk_accounts(connection) if one.registry_id == account.registry_id]
        rights = next((one.rights for one in people(connection, account.account_id) if one.person == role.person), ())
    return render(
        request,
        "desk_account.html.j2",
        "desk",
        role=role,
        account=account,
        groups=groups,
        total=held_tonnes(groups),
        chart=svg(_chart(speaker(request), groups)) if groups else "",
        movements=movements,
        state=state,
        rights=rights,
        targets={
            act: [one for one in others if _receives(act, one, account)] for act in ("transfer", "retire", "cancel")
        },
        serves=("gx_ets", "shk", "offset_statement"),
        purposes=("omge", "corsia", "oimp", "other"),
        nonce=secrets.token_hex(15),
        done=request.query_params.get("done", ""),
    )


def _receives(act: str, other: DeskAccount, account: DeskAccount) -> bool:
    if act == "transfer":
        return other.is_holding and other.account_id != account.account_id
    return other.account_type == {"retire": "retirement", "cancel": "cancellation"}[act]


def _chart(say: Speaker, groups: Sequence[HeldGroup]) -> str:
    by_project: dict[str, list[tuple[str, int]]] = {}
    for group in groups:
        by_project.setdefault(" ".join(group.projects), []).append((group.vintage, group.quantity))
    largest = sorted(by_project.items(), key=lambda item: (-sum(tonnes for _, tonnes in item[1]), item[0]))[:MOST_BARS]
    told = say("word.comma").join(f"{name} {number(sum(tonnes for _, tonnes in parts))} t" for name, parts in largest)
    return held(largest, title=say("desk.held_title", parts=told))
