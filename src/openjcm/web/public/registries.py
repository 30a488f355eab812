"""What registries make public."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.registries import (
    ACCOUNT_TYPES,
    KINDS,
    Registry,
    YearOfKind,
    accounts,
    holdings,
    registries,
    registry,
    transactions,
)
from openjcm.views.uses import uses
from openjcm.web.pages import render
from openjcm.web.public.common import names_for

ALWAYS_SHOWN = ("issue", "transfer", "retire", "cancel")
"""Kinds that have a column even where nothing of them happened."""
RARE = ("reserve", "buffer")
"""Types of account that have a column only where a registry has such an account."""
LATEST_USES = 8


def registry_list(request: Request) -> Response:
    """``/ja/registries`` and ``/en/registries``."""
    with request.app.state.database.reading() as connection:
        found = registries(connection)
    return render(
        request,
        "registries.html.j2",
        "registries",
        public=[one for one in found if one.world == "public"],
        demonstration=[one for one in found if one.world == "demonstration"],
        names=names_for(request),
        types_of=_types_of,
    )


def _types_of(found: Sequence[Registry]) -> list[str]:
    """The types of account that have a column in the table of some registries."""
    return [one for one in ACCOUNT_TYPES if one not in RARE or any(one in other.by_type for other in found)]


def registry_page(request: Request) -> Response:
    """``/ja/registries/JPN`` and ``/en/registries/JPN``; 404 for a registry that is not on record."""
    name = request.path_params["registry"]
    with request.app.state.database.reading() as connection:
        found = registry(connection, name)
        if found is None:
            raise HTTPException(404)
        held = accounts(connection, name)
        moved = transactions(connection, name)
        used, _ = uses(connection, name, limit=LATEST_USES)
        blocks = holdings(connection, name, limit=100)
    return render(
        request,
        "registry.html.j2",
        "registries",
        registry=found,
        accounts=held,
        years=_by_year(moved),
        kinds=[kind for kind in KINDS if kind in ALWAYS_SHOWN or any(row.kind == kind for row in moved)],
        blocks=blocks,
        uses=used,
        names=names_for(request),
        types=[one for one in ACCOUNT_TYPES if one in found.by_type],
        demonstration=found.world == "demonstration",
    )


def _by_year(rows: list[YearOfKind]) -> list[tuple[int, dict[str, YearOfKind]]]:
    years: dict[int, dict[str, YearOfKind]] = {}
    for row in rows:
        years.setdefault(row.year, {})[row.kind] = row
    return list(years.items())
