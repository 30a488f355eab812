"""The record as files: tables, the Article 6 workbooks, the checker."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from openjcm.views.aef_years import aef_years
from openjcm.web.pages import render
from openjcm.web.public.common import names_for
from openjcm.web.public.log import checker


def downloads(request: Request) -> Response:
    """``/ja/downloads`` and ``/en/downloads``."""
    with request.app.state.database.reading() as connection:
        found = aef_years(connection)
    return render(
        request,
        "downloads.html.j2",
        "downloads",
        years={world: [one for one in found if one.world == world] for world in ("public", "demonstration")},
        names=names_for(request),
        checker=checker() is not None,
    )
