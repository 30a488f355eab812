"""What changed between two versions of a methodology, or between two methodologies: law and numbers side by side."""

from __future__ import annotations

from fractions import Fraction

from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup
from starlette.exceptions import HTTPException

from openjcm.refusals import Refused
from openjcm.units import exact_text
from openjcm.views.methodology_catalogue import CatalogueQuery, search
from openjcm.views.methodology_diff import Said, compare_installed, installed_text
from openjcm.web.pages import number, render, svg
from openjcm.web.public.common import language_of

EXACT_DECIMALS = 12


def methodology_diff_page(request: Request) -> Response:
    """``/ja/methodologies/MN_AM003/diff?a=02.0&other=MN_AM003&b=03.0``; without a choice, its last two versions."""
    asked = {name: request.query_params.get(name, "")[:40] for name in ("a", "b", "other")}
    name = request.path_params["methodology"]
    try:
        one = installed_text(name, asked["a"], last_but=1)
        two = installed_text(asked["other"] or name, asked["b"], last_but=0)
    except Refused as refused:
        raise HTTPException(404) from refused
    return render(
        request,
        "methodology_diff.html.j2",
        "methodologies",
        found=compare_installed(one, two),
        versions={"a": list(one.methodology.versions), "b": list(two.methodology.versions)},
        others=[found.entry.id for found in search(CatalogueQuery(runs="yes"))],
        said=lambda words: _said(words, language_of(request)),
        tonnes=_tonnes,
    )


def _said(words: Said | None, language: str) -> Markup | str:
    if words is None:
        return "–"
    if words.mathml:
        return svg(words.mathml)
    return words.ja if language == "ja" else words.en


def _tonnes(value: Fraction) -> str:
    """Tonnes with all their decimals, or with six and a sign that there are more."""
    text = exact_text(value)
    decimals = len(text.partition(".")[2])
    return f"≈ {number(value, 6)}" if "/" in text or decimals > EXACT_DECIMALS else number(value, decimals)
