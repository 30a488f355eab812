"""``/en/readings/739e898f…``: an uploaded meter file, how it is read, and its series with marks where rules found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.refusals import Refused
from openjcm.views.series_picture import LARGEST_JUDGED, SeriesPicture, series_picture
from openjcm.views.upload import UploadPage, upload_page
from openjcm.web.charts.series_days import Days, Lane, series_days
from openjcm.web.messages import Speaker
from openjcm.web.office import office_of
from openjcm.web.pages import number, render, svg
from openjcm.web.public.common import language_of, speaker

MOST_METERS = 200
"""Meters that are listed; any other is reached by ``?meter=``."""
MOST_LANES = 10
MOST_LABELS = 3
ORDER = {"blocks": 0, "explain": 1, "informs": 2}


def upload(request: Request) -> Response:
    """The page of a meter file on record; 404 where there is none of that hash."""
    say, language = speaker(request), language_of(request)
    with request.app.state.database.reading() as connection:
        found = upload_page(connection, request.path_params["sha256"])
    if found is None:
        raise HTTPException(404)
    meter = request.query_params.get("meter", "") or next(iter(found.meters), "")
    if found.meters and meter not in found.meters:
        raise HTTPException(404)
    shown = _picture(request, found, meter) if found.is_public else None
    return render(
        request,
        "upload.html.j2",
        "projects",
        found=found,
        meter=meter,
        meters=found.meters[:MOST_METERS],
        more=max(len(found.meters) - MOST_METERS, 0),
        mapping=[(name, _words(value)) for name, value in sorted(found.mapping.items())],
        uses=[(use, _findings(use.findings, language)) for use in found.uses],
        demonstration=any(use.world == "demonstration" for use in found.uses),
        project=next((use.project for use in found.uses), ""),
        shown=shown,
        chart=svg(_chart(say, language, shown)) if shown else "",
        marks=_marks(shown, language) if shown else [],
        largest=LARGEST_JUDGED,
    )


def _picture(request: Request, found: UploadPage, meter: str) -> SeriesPicture | None:
    try:
        return series_picture(office_of(request).files, found, meter)
    except Refused:
        return None  # a file that is damaged or not here: the page says that there is no picture


def _chart(say: Speaker, language: str, shown: SeriesPicture) -> str:
    count = len(shown.counts)
    days = Days(shown.low.tolist(), shown.mean.tolist(), shown.high.tolist())
    lanes = [Lane(mark.rule, mark.days) for mark in shown.marks[:MOST_LANES]]
    last = shown.first_day + timedelta(days=count - 1)
    places = sorted({(count - 1) * place // (MOST_LABELS - 1) for place in range(MOST_LABELS)})
    labels = [(place, str(shown.first_day + timedelta(days=place))) for place in places]
    title = say(
        "upload.picture_title",
        meter=shown.meter,
        start=shown.first_day,
        end=last,
        days=number(int((shown.counts > 0).sum())),
        count=number(int(shown.counts.sum())),
    )
    told = "; ".join(
        f"{one['rule']} {one['name']}: {number(one['count'])} ({one['first']} – {one['last']})"
        for one in _marks(shown, language)
    )
    return series_days(days, lanes, title=title, desc=told or say("upload.no_marks"), labels=labels)


def _marks(shown: SeriesPicture, language: str) -> list[dict[str, Any]]:
    return [
        {
            "rule": mark.rule,
            "name": mark.name_ja if language == "ja" else mark.name_en,
            "count": mark.count,
            "days": len(mark.days),
            "first": mark.first.strftime("%Y-%m-%d %H:%M UTC"),
            "last": mark.last.strftime("%Y-%m-%d %H:%M UTC"),
        }
        for mark in shown.marks
    ]


def _words(value: object) -> str:
    """A field of a mapping as text; pairs (column, meter) as column → meter."""
    if isinstance(value, list):
        return ", ".join(" → ".join(map(str, one)) if isinstance(one, list) else str(one) for one in value)
    return str(value)


def _findings(found: Any, language: str) -> list[dict[str, Any]]:
    ordered = sorted(found, key=lambda one: (ORDER.get(one["severity"], 3), one["rule"]))
    return [
        {"rule": one["rule"], "severity": one["severity"], "text": one["message"][language], "clause": one["clause"]}
        for one in ordered
    ]
