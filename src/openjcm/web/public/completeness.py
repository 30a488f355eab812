"""``/en/projects/XD001/periods/2022-03-06/completeness``: what each day's energy of each meter rests on."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import lru_cache

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.completeness import STATES, Completeness, completeness
from openjcm.views.project import project
from openjcm.web.charts.heat_map import heat_map
from openjcm.web.pages import number, render
from openjcm.web.public.common import speaker

MOST_ROWS = 600
"""Rows of the picture. More meters are drawn several to a row, and one to a row from ``?from=`` on."""
COLOURS = {
    "measured": "#b9dcff", "zero": "#f1f1f1", "both": "#3b82c4", "bridged": "#d99a00", "cannot_tell": "#8a5a5a",
    "none": "#5c1010",
}  # fmt: skip


def completeness_page(request: Request) -> Response:
    """The page; 404 where there is no report of a period that begins on that day."""
    say = speaker(request)
    found, world = _found(request)
    first, rows, together = _part(request, found)
    counts = found.counts
    cells = sum(counts.values())
    named = [name for name in STATES if counts[name] or name != "cannot_tell"]
    shown = [(name, COLOURS[name], counts[name], Fraction(100 * counts[name], cells)) for name in named]
    told = say("word.comma").join(
        f"{say(f'completeness.state.{name}')} {number(share, 2)} %" for name, _, _, share in shown
    )
    count = len(found.meters)
    pages = range(0, count, MOST_ROWS) if count > MOST_ROWS else range(0)
    return render(
        request,
        "completeness.html.j2",
        "projects",
        found=found,
        demonstration=world == "demonstration",
        start=request.path_params["start"],
        first=None if together > 1 or count <= MOST_ROWS else first,
        together=together,
        top=found.meters[first],
        bottom=found.meters[min(first + rows * together, count) - 1],
        alt=say("completeness.alt", meters=number(count), days=number(found.days), parts=told),
        states=shown,
        bands=[(_band(least, below), count) for least, below, count in found.bands],
        worst=found.worst_meters,
        days=found.worst_days,
        pages=[(page, found.meters[page], found.meters[min(page + MOST_ROWS, count) - 1]) for page in pages],
    )


def completeness_picture(request: Request) -> Response:
    """The picture of the page as PNG."""
    found, _ = _found(request)
    data = _drawn(found, *_part(request, found))
    tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="image/png", headers=headers)


def _found(request: Request) -> tuple[Completeness, str]:
    with request.app.state.database.reading() as connection:
        of = project(connection, request.path_params["reference"])
        start = request.path_params["start"]
        reports = [one for one in of.reports if one.starts.isoformat() == start] if of else []
        if of is None or not reports:
            raise HTTPException(404)
        return completeness(connection, reports[0].report_sha256), of.world


def _part(request: Request, found: Completeness) -> tuple[int, int, int]:
    """The first meter of the picture, its most rows, and the meters of a row."""
    count, text = len(found.meters), request.query_params.get("from", "")
    if text:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < count):
            raise HTTPException(404)
        return int(text), MOST_ROWS, 1
    return 0, MOST_ROWS, max(1, -(-count // MOST_ROWS))


@lru_cache(maxsize=32)
def _drawn(found: Completeness, first: int, rows: int, together: int) -> bytes:
    return heat_map(found.rows(first, rows, together), [COLOURS[name] for name in STATES])


def _band(least: Fraction, below: Fraction) -> str:
    return "100 %" if least == 1 else f"{number(100 * least)} – {number(100 * below)} %"
