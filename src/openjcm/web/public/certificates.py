"""The page of one certificate, and the list of what was retired and cancelled in a registry."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.registries import registry
from openjcm.views.uses import uses
from openjcm.web.pages import render
from openjcm.web.public.common import names_for
from openjcm.web.signed import signed_entry

HIGHEST = 2**53


def certificate_page(request: Request) -> Response:
    """``/ja/certificates/23``: what the certificate of a journal entry says; 404 for an entry that has none."""
    signed = signed_entry(request, request.path_params["entry_no"])
    return render(
        request,
        "certificate.html.j2",
        "registries",
        said=signed.statement,
        address=f"/api/v1/certificates/{signed.statement['entry_no']}",
        demonstration=signed.statement["world"] == "demonstration",
    )


def uses_page(request: Request) -> Response:
    """``/ja/registries/JPN/uses``: every retirement and cancellation, latest first, each with its certificate."""
    before = request.query_params.get("before", "")
    if before and not (before.isascii() and before.isdigit() and 0 < int(before[:17]) < HIGHEST):
        raise HTTPException(404)
    with request.app.state.database.reading() as connection:
        found = registry(connection, request.path_params["registry"])
        if found is None:
            raise HTTPException(404)
        listed, following = uses(connection, found.registry_id, int(before) if before else None)
    return render(
        request,
        "uses.html.j2",
        "registries",
        registry=found,
        uses=listed,
        following=following,
        names=names_for(request),
        demonstration=found.world == "demonstration",
    )
