"""Rules by country: what holds on a day, where a partner departs, and how well each value is known."""

from __future__ import annotations

from datetime import date

from fastapi import Request
from fastapi.responses import Response

from openjcm.views.country_rules import country_rules
from openjcm.views.partners import partner_rows
from openjcm.web.pages import render
from openjcm.web.public.common import language_of, today


def rules(request: Request) -> Response:
    """``/ja/rules`` and ``/en/rules``: the partners on a day (``?on=2022-12-31``)."""
    day = day_of(request)
    with request.app.state.database.reading() as connection:
        partners = partner_rows(connection, day)
    return render(request, "rules.html.j2", "rules", partners=partners, day_shown=day)


def rules_page(request: Request) -> Response:
    """``/ja/rules/MNG`` and ``/en/rules/MNG``; refused with 404 for a country that is no partner."""
    day = day_of(request)
    found = country_rules(request.path_params["country"], day)
    language = language_of(request)
    return render(
        request,
        "rules_country.html.j2",
        "rules",
        rules=found,
        country=found.country,
        name=found.country.name_ja if language == "ja" else found.country.name_en,
        status=found.country.article6_status.find(day),
        pin=found.country.pin_status.find(day),
        day_shown=day,
    )


def day_of(request: Request) -> date:
    """The day that the address names, else today."""
    try:
        return date.fromisoformat(request.query_params.get("on", ""))
    except ValueError:
        return today()
