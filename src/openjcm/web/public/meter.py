"""``/en/projects/XD001/meters/XD001-M1``: what is known of a meter, by the day from which it holds."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.refusals import Refused
from openjcm.views.meter import meter_page
from openjcm.views.project import project
from openjcm.web.pages import render


def meter(request: Request) -> Response:
    """The timeline of one meter of a project's plan; 404 where no plan has it."""
    reference = request.path_params["reference"]
    with request.app.state.database.reading() as connection:
        try:
            found = meter_page(connection, request.path_params["meter"], reference)
        except Refused as refused:
            raise HTTPException(404) from refused
        of = project(connection, reference)
    return render(
        request,
        "meter.html.j2",
        "projects",
        found=found,
        name=request.path_params["meter"],
        facts=[(one, one.as_data()) for one in found.facts],
        demonstration=of is not None and of.world == "demonstration",
    )
