"""The registries of other installations: what is exchanged with each, whether the books agree, who watches whom."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from openjcm.views.exchange import comparisons, exchanges
from openjcm.views.witnesses import witnesses
from openjcm.web.pages import render


def partners_page(request: Request) -> Response:
    """``/ja/partners`` and ``/en/partners``."""
    with request.app.state.database.reading() as connection:
        return render(
            request, "partners.html.j2", "registries",
            exchanges=exchanges(connection), compared=comparisons(connection), seen=witnesses(connection),
        )  # fmt: skip
