"""What several pages share: language, texts, today, and the names of countries."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import Request

from openjcm.views.partners import country_names
from openjcm.web.messages import Speaker
from openjcm.web.pages import names_in


def language_of(request: Request) -> str:
    """``ja`` or ``en``, the first part of the address."""
    return request.url.path.split("/")[1]


def speaker(request: Request) -> Speaker:
    """The texts in the page's language."""
    return Speaker(language_of(request))


def names_for(request: Request) -> dict[str, str]:
    """Country names by ISO 3166-1 alpha-3 code in the page's language."""
    return names_in(language_of(request), country_names())


def today() -> date:
    """The present day in UTC."""
    return datetime.now(UTC).date()
