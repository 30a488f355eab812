"""``/en/desk/registry``: what waits for a registry's administrator, what keeps credits from moving, and whether the
books are in order."""

from __future__ import annotations

import secrets

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from openjcm.views.accounts import holds_in_force, waiting_applications, waiting_proposals
from openjcm.views.desk_registry import account_bars, last_entries
from openjcm.views.exchange import comparisons, exchanges
from openjcm.views.registries import accounts, registry
from openjcm.web.desk.switch import ADMINISTRATOR, role_of, role_registry
from openjcm.web.pages import render
from openjcm.web.public.common import language_of


def registry_desk(request: Request) -> Response:
    """The page of the registry whose administrator the reader plays; else the way to the switch."""
    role = role_of(request)
    if role is None or role.kind != ADMINISTRATOR:
        return RedirectResponse(f"/{language_of(request)}/desk", 303)
    with request.app.state.database.reading() as connection:
        registry_id = role_registry(connection, role)
        return render(
            request,
            "desk_registry.html.j2",
            "desk",
            role=role,
            registry=registry(connection, registry_id),
            accounts=accounts(connection, registry_id),
            bars=account_bars(connection, registry_id),
            holds=holds_in_force(connection, registry_id),
            applications=waiting_applications(connection, registry_id),
            proposals=waiting_proposals(connection, registry_id),
            entries=last_entries(connection, registry_id),
            exchanges=[one for one in exchanges(connection) if one.demonstration],
            compared=comparisons(connection),
            nonce=secrets.token_hex(16),
            done=request.query_params.get("done", ""),
        )
