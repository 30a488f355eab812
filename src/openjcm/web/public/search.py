"""The search on the home page: it leads to what was named, else to the list of projects."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from openjcm.views.search import destination
from openjcm.web.public.common import language_of


def search(request: Request) -> Response:
    """``/ja/search?q=TH014``."""
    typed = request.query_params.get("q", "").strip()[:200]
    language = language_of(request)
    with request.app.state.database.reading() as connection:
        path = destination(connection, typed) if typed else ""
    return RedirectResponse(f"/{language}{path}" if path else f"/{language}/projects?{urlencode({'q': typed})}", 303)
