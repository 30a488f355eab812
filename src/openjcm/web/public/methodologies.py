"""Methodologies: the list, and one page each with its formulas typeset from the code that calculates."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.methodologies import methodology_list, methodology_shown, projects_of
from openjcm.web.pages import render, svg
from openjcm.web.public.common import names_for


def methodologies(request: Request) -> Response:
    """``/ja/methodologies`` and ``/en/methodologies``."""
    with request.app.state.database.reading() as connection:
        listed = methodology_list(connection)
    return render(
        request,
        "methodologies.html.j2",
        "methodologies",
        known=[one for one in listed if one.known],
        others=[one for one in listed if not one.known],
        names=names_for(request),
    )


def methodology_page(request: Request) -> Response:
    """``/ja/methodologies/MN_AM003``; a methodology that only projects name gets a page that says what is missing."""
    name = request.path_params["methodology"]
    with request.app.state.database.reading() as connection:
        shown = methodology_shown(connection, name)
        if shown is None:
            projects = projects_of(connection, name)
            if not projects:
                raise HTTPException(404)
            return render(request, "methodology_unknown.html.j2", "methodologies", name=name, projects=projects)
    return render(
        request,
        "methodology.html.j2",
        "methodologies",
        shown=shown,
        m_=shown.methodology,
        formulas=[(one, svg(one.mathml)) for one in shown.formulas],
        country=names_for(request).get(shown.methodology.country, shown.methodology.country),
    )
