"""Methodologies: the list of all on file, and one page each with its formulas typeset from the code that calculates."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.refusals import Refused
from openjcm.views.methodologies import methodology_shown, project_counts, projects_of
from openjcm.views.methodology_catalogue import FAMILIES, CatalogueQuery, entry, facets, search
from openjcm.views.partners import country_names
from openjcm.web.pages import render, svg
from openjcm.web.public.common import language_of, names_for


def catalogue_query(request: Request) -> CatalogueQuery:
    """What the address asks for."""
    given = {name: request.query_params.get(name, "").strip()[:100] for name in CatalogueQuery.__dataclass_fields__}
    return CatalogueQuery(**given | {"text": request.query_params.get("q", "").strip()[:100]})


def methodologies(request: Request) -> Response:
    """``/ja/methodologies`` and ``/en/methodologies``."""
    query, language = catalogue_query(request), language_of(request)
    with request.app.state.database.reading() as connection:
        counts = project_counts(connection)
    everything = search(CatalogueQuery())
    return render(
        request,
        "methodologies.html.j2",
        "methodologies",
        query=query,
        found=search(query, {code: " ".join(pair) for code, pair in country_names().items()}),
        total=len(everything),
        running=sum(one.runs for one in everything),
        titled=sum(bool(one.entry.title) for one in everything),
        facets=facets(everything),
        families={name: words[language == "ja"] for name, words in FAMILIES.items()},
        counts=counts,
        names=names_for(request),
    )


def methodology_page(request: Request) -> Response:
    """``/ja/methodologies/MN_AM003``; what cannot be calculated gets a page that says what is known."""
    name = request.path_params["methodology"]
    with request.app.state.database.reading() as connection:
        shown = methodology_shown(connection, name)
        projects = () if shown else projects_of(connection, name)
    if shown is None:
        return _on_file(request, name, projects)
    return render(
        request,
        "methodology.html.j2",
        "methodologies",
        shown=shown,
        m_=shown.methodology,
        formulas=[(one, svg(one.mathml)) for one in shown.formulas],
        country=names_for(request).get(shown.methodology.country, shown.methodology.country),
    )


def _on_file(request: Request, name: str, projects: tuple[str, ...]) -> Response:
    try:
        known = entry(name).entry if name.isupper() else None
    except Refused:
        known = None
    if known is None and not projects:
        raise HTTPException(404)
    return render(
        request,
        "methodology_unknown.html.j2",
        "methodologies",
        name=name,
        entry=known,
        family=FAMILIES.get(known.family) if known else None,
        country=names_for(request).get(known.country, known.country) if known else "",
        projects=projects,
    )
