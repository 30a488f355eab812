"""The annual information (AEF) of a Party and year as a page: each row down to its serials, and what the checks say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.dated import Answer
from openjcm.reports.aef import Aef, Table, build_aef
from openjcm.reports.aef_checks import run_checks
from openjcm.reports.article6_lines import article6_data
from openjcm.views.article6_actions import article6_entries
from openjcm.web.pages import number, render
from openjcm.web.public.common import language_of, names_for

SUMMARY = (
    "ActionDateTime",
    "DateOfAuthorization",
    "ActionType",
    "PurposeForAuthorization",
    "FirstTransferringPartyID",
    "QuantityCO2",
    "Vintage",
    "Name",
)
"""Fields that a row is known by; all its cells stand below it."""
MARK = {Answer.YES: "y", Answer.NO: "n", Answer.CANNOT_TELL: "q"}


@dataclass(frozen=True)
class Row:
    """A row of a table: what it is known by, all its cells, and what it rests on."""

    summary: tuple[str | None, ...]
    cells: tuple[tuple[str, str | None], ...]
    serials: str
    first_serial: str
    decision: str
    grade: str
    source: str


@dataclass(frozen=True)
class Shown:
    """A table as the page shows it."""

    number: int
    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def aef_of(request: Request, party: str, year: int, world: str, profile: str = "nomenclature") -> Aef:
    """The annual information of a Party and year from the entries of one world.

    Raises:
        Refused: as :func:`openjcm.reports.aef.build_aef`.
    """
    with request.app.state.database.reading() as connection:
        entries = article6_entries(connection, world)
    return build_aef(party, year, article6_data(entries.world, entries.movements, entries.authorizations), profile)


def aef_page(request: Request) -> Response:
    """``/ja/reports/aef/JPN/2025``; ``?world=demonstration`` for the fictitious one."""
    party, year = request.path_params["party"], request.path_params["year"]
    world = request.query_params.get("world", "public")
    if (
        not re.fullmatch(r"[A-Z]{3}", party)
        or not re.fullmatch(r"20[2-9]\d", year)
        or world not in {"public", "demonstration"}
    ):
        raise HTTPException(404)
    made = aef_of(request, party, int(year), world)
    language = language_of(request)
    return render(
        request,
        "aef.html.j2",
        "downloads",
        party=names_for(request).get(party, party),
        code=party,
        year=year,
        world=world,
        tables=[_shown(table) for table in made.tables],
        checks=[
            (MARK[one.answer], one.code, one.ja if language == "ja" else one.en, one.problems[:3])
            for one in run_checks(made)
        ],
        findings=[one.message(language) for one in made.findings],
        demonstration=world == "demonstration",
    )


def _shown(table: Table) -> Shown:
    fields = [(item.name, item.label) for item in table.layout.fields]
    chosen = [(name, label) for name, label in fields if name in SUMMARY]
    rows = tuple(
        _row(dict(cells), dict(source), fields, chosen) for cells, source in zip(table.rows, table.sources, strict=True)
    )
    return Shown(table.layout.number, table.layout.title, tuple(label for _, label in chosen), rows)


def _row(
    cells: dict[str, Any], source: dict[str, Any], fields: list[tuple[str, str]], chosen: list[tuple[str, str]]
) -> Row:
    serials = str(source.get("serials") or "")
    block = re.fullmatch(r"(.+)-(\d+)-(\d+)", serials)
    return Row(
        summary=tuple(_text(name, cells.get(name)) for name, _ in chosen),
        cells=tuple((label, _text(name, cells.get(name))) for name, label in fields),
        serials=serials,
        first_serial=f"{block[1]}-{block[2]}" if block else "",
        decision=str(source.get("decision") or ""),
        grade=str(source.get("grade") or ""),
        source=str(source.get("source") or ""),
    )


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and name.startswith("Quantity"):
        return number(value)
    return str(value).removesuffix("T00:00:00.000Z")
