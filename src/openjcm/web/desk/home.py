"""``/en/desk``: the switch itself. Which role of the demonstration does the reader take?"""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from openjcm.views.desk import desk_accounts
from openjcm.views.desk_people import people
from openjcm.web.desk.switch import (
    ADMINISTRATOR,
    HOLDER,
    ROLE_NOT_OF_THE_DEMONSTRATION,
    form_of,
    given_up,
    role_of,
    taken,
)
from openjcm.web.pages import render
from openjcm.web.public.common import speaker


def desk(request: Request) -> Response:
    """The roles; 404 on an installation without the demonstration world."""
    with request.app.state.database.reading() as connection:
        accounts = desk_accounts(connection)
        persons = people(connection)
    if not accounts:
        raise HTTPException(404)
    say = speaker(request)
    by_account: dict[str, list[tuple[str, str]]] = {}
    for person in persons:
        rights = say("word.comma").join(say(f"desk.right.{right}") for right in person.rights)
        label = say("desk.person", name=person.name, rights=rights)
        by_account.setdefault(person.account_id, []).append((person.person, label))
    return render(
        request,
        "desk_roles.html.j2",
        "desk",
        role=role_of(request),
        accounts=[account for account in accounts if account.account_id in by_account],
        people=by_account,
        registries=list(dict.fromkeys(account.registry_id for account in accounts)),
    )


async def take_role(request: Request) -> Response:
    """Take a role, or give it up.

    The switch needs no word of a page: whoever is led to take a role gains nothing, for every act needs a form of a
    page of that role.
    """
    fields = await form_of(request)
    kind, _, rest = fields.get("role", "").partition(":")
    if not kind:
        return given_up(request)
    subject, _, person = rest.partition(":")
    return await run_in_threadpool(_take, request, kind, subject, person)


def _take(request: Request, kind: str, subject: str, person: str) -> Response:
    with request.app.state.database.reading() as connection:
        if kind == HOLDER and any(one.person == person for one in people(connection, subject)):
            return taken(request, HOLDER, subject, person, "/desk/account")
        registries = {account.registry_id for account in desk_accounts(connection)}
    if kind == ADMINISTRATOR and subject in registries:
        return taken(request, ADMINISTRATOR, subject, f"administrator of {subject}", "/desk/registry")
    raise ROLE_NOT_OF_THE_DEMONSTRATION(role=f"{kind} {subject} {person}"[:120])
