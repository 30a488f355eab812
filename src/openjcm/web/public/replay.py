"""A version on file over the reports on record: tonnes gained and lost per project."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.replay_page import ReplayPage, replay_page
from openjcm.web.charts.gains import Gain, Words, gains
from openjcm.web.messages import Speaker
from openjcm.web.pages import render, svg
from openjcm.web.public.common import speaker


def replay(request: Request) -> Response:
    """``/en/methodologies/MN_AM003/replay?version=03.0``; 404 for what is not installed."""
    say = speaker(request)
    version = request.query_params.get("version", "").strip()[:20]
    with request.app.state.database.reading() as connection:
        found = replay_page(connection, request.path_params["methodology"], version)
    if found is None:
        raise HTTPException(404)
    return render(
        request,
        "replay.html.j2",
        "methodologies",
        r=found,
        m_=found.methodology,
        chart=svg(_chart(say, found)) if found.totals else "",
    )


def _chart(say: Speaker, found: ReplayPage) -> str:
    gained, lost = (sum(getattr(total, side) for total in found.totals) for side in ("gained", "lost"))
    title = say(
        "replay.chart",
        methodology=found.methodology.id,
        version=found.version,
        gained=f"{gained:,}",
        lost=f"{lost:,}",
        projects=len(found.totals),
    )
    words = Words(say("replay.lost"), say("replay.gained"), say("replay.in_part"), say("replay.more"))
    rows = [Gain(total.project, total.gained, total.lost, total.refused) for total in found.totals]
    return gains(rows, words, title=title)
