"""Gateways that send readings of live meters: how far each has come, what waits, what is kept apart and why."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.live import count_of_keys, kept_apart, keys
from openjcm.web.pages import render

ON_A_PAGE = 100


def gateways_page(request: Request) -> Response:
    """``/ja/gateways`` and ``/en/gateways``; ``?project=XD001``, ``?page=2``."""
    project = request.query_params.get("project") or None
    text = request.query_params.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    with request.app.state.database.reading() as connection:
        count = count_of_keys(connection, project)
        pages = max(1, -(-count // ON_A_PAGE))
        if not 1 <= number <= pages:
            raise HTTPException(404)
        found = keys(connection, project, ON_A_PAGE, (number - 1) * ON_A_PAGE)
        apart = kept_apart(connection)
    return render(
        request, "gateways.html.j2", "", keys=found, count=count, project=project, number=number, pages=pages,
        apart=apart,
    )  # fmt: skip
