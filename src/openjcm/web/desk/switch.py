"""The role switch of the demonstration: anyone may take any of its roles, and no role of another world exists.

Who takes a role is not asked: the demonstration's accounts hold nothing but invented credits. The role stands in a
cookie that only this site's own pages send back, with a random word that each form repeats, so that no page of
another site can act in somebody's name. A role is looked up anew for each request among the accounts and registries
of the demonstration; where an installation has no demonstration, there are no roles and no desk.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import psycopg
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from openjcm.refusals import refusal
from openjcm.views.desk import DeskAccount, desk_account, desk_accounts
from openjcm.web.public.common import language_of

COOKIE = "openjcm_desk"
FORM_LIMIT = 64 * 1024
HOLDER, ADMINISTRATOR = "holder", "administrator"

FORM_NOT_OF_THIS_DESK = refusal(
    "form_not_of_this_desk",
    en="This form was not sent from a page of the desk, or the role was changed meanwhile.",
    ja="この送信は実演デスクのページからのものではないか、その間に役割が変更されました。",
    remedy_en="Open the desk again, choose the role, and send the form from its page.",
    remedy_ja="実演デスクを開き直して役割を選び、そのページから送信してください。",
    clause="OpenJCM: an act is asked for by the person who makes it",
    status=403,
)
ROLE_NOT_OF_THE_DEMONSTRATION = refusal(
    "role_not_of_the_demonstration",
    en="“{role}” is no role of the demonstration.",
    ja="「{role}」は実演の役割ではありません。",
    remedy_en="Choose one of the roles that the desk lists. Accounts of the public record have no desk here.",
    remedy_ja="実演デスクに示された役割から選んでください。公開記録の口座はここでは扱えません。",
    clause="OpenJCM: the role switch exists in the demonstration world only",
    status=403,
)


@dataclass(frozen=True)
class Role:
    """A role that somebody took: the holder's representative of an account, or the administrator of a registry."""

    kind: str
    subject: str
    person: str
    word: str
    """The random word that each form of this role repeats."""

    @property
    def actor(self) -> str:
        """What the journal says of who acted."""
        return f"demonstration: {self.person}"

    def cookie(self) -> str:
        """The role as it stands in the cookie."""
        return ":".join(quote(part, safe="") for part in (self.kind, self.subject, self.person, self.word))


def role_of(request: Request) -> Role | None:
    """The role that the reader's cookie names; ``None`` without one. Whether it exists is not looked at here."""
    parts = [unquote(part) for part in request.cookies.get(COOKIE, "").split(":")]
    return Role(*parts) if len(parts) == 4 and all(parts) else None


def role_account(connection: psycopg.Connection[Any], role: Role) -> DeskAccount:
    """The account of a holder's role.

    Raises:
        Refused: ``role_not_of_the_demonstration``.
    """
    found = desk_account(connection, role.subject) if role.kind == HOLDER else None
    if found is None or not found.is_holding:
        raise ROLE_NOT_OF_THE_DEMONSTRATION(role=f"{role.kind} {role.subject}"[:120])
    return found


def role_registry(connection: psycopg.Connection[Any], role: Role) -> str:
    """The registry of an administrator's role.

    Raises:
        Refused: ``role_not_of_the_demonstration``.
    """
    known = {account.registry_id for account in desk_accounts(connection)}
    if role.kind != ADMINISTRATOR or role.subject not in known:
        raise ROLE_NOT_OF_THE_DEMONSTRATION(role=f"{role.kind} {role.subject}"[:120])
    return role.subject


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form, the last of each name.

    Raises:
        Refused: ``form_not_of_this_desk`` for what is no form, or is too large.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_LIMIT:
            raise FORM_NOT_OF_THIS_DESK()
    try:
        return dict(
            parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=60)
        )
    except ValueError as error:
        raise FORM_NOT_OF_THIS_DESK() from error


def sent_by(request: Request, fields: Mapping[str, str]) -> Role:
    """The role that sent a form, if a page of the desk made it.

    Raises:
        Refused: ``form_not_of_this_desk``.
    """
    role = role_of(request)
    if role is None or not hmac.compare_digest(role.word.encode(), fields.get("word", "").encode()):
        raise FORM_NOT_OF_THIS_DESK()
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise FORM_NOT_OF_THIS_DESK()
    return role


def taken(request: Request, kind: str, subject: str, person: str, path: str) -> Response:
    """The answer that gives the reader a role and leads to its page."""
    role = Role(kind, subject, person, secrets.token_urlsafe(18))
    answer = RedirectResponse(f"/{language_of(request)}{path}", 303)
    answer.set_cookie(
        COOKIE, role.cookie(), max_age=86_400, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return answer


def given_up(request: Request) -> Response:
    """The answer that takes the role away."""
    answer = RedirectResponse(f"/{language_of(request)}/desk", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer
