"""Which countries are partners on a day, and how far are their rules?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from openjcm.dated import Dated, Grade
from openjcm.rulebook import COUNTRIES, Country, partners
from openjcm.views.projects import per_country


@dataclass(frozen=True)
class Partner:
    """A partner country as a page shows it. ``latitude`` and ``longitude`` place its dot, in degrees."""

    iso2: str
    iso3: str
    name_en: str
    name_ja: str
    signed_on: date
    signed_grade: str
    signed_source: str
    article6_status: str
    article6_grade: str
    article6_source: str
    article6_since: date | None
    checked_on: date | None
    projects: int
    latitude: float
    longitude: float

    def name(self, language: str) -> str:
        """The country's name in Japanese or English."""
        return self.name_ja if language == "ja" else self.name_en


def country_names() -> dict[str, tuple[str, str]]:
    """Names in English and Japanese by ISO 3166-1 alpha-3 code, Japan among them."""
    return {"JPN": ("Japan", "日本")} | {one.iso3: (one.name_en, one.name_ja) for one in COUNTRIES}


def iso3_of(iso2: str) -> str:
    """The three-letter code behind a two-letter one; the code itself when it is not a partner's."""
    return next((one.iso3 for one in COUNTRIES if one.iso2 == iso2), "JPN" if iso2 == "JP" else iso2)


def partner_rows(connection: psycopg.Connection[Any], day: date) -> list[Partner]:
    """The partners of that day in order of signing, with their number of public projects."""
    counts = per_country(connection)
    return [_row(country, day, counts.get(country.iso3, 0)) for country in partners(day)]


def _row(country: Country, day: date, projects: int) -> Partner:
    status: Dated[str] | None = country.article6_status.find(day)
    return Partner(
        iso2=country.iso2,
        iso3=country.iso3,
        name_en=country.name_en,
        name_ja=country.name_ja,
        signed_on=country.signed.value,
        signed_grade=country.signed.grade.value,
        signed_source=country.signed.citation.source,
        article6_status=status.value if status else "unknown",
        article6_grade=status.grade.value if status else Grade.UNKNOWN.value,
        article6_source=status.citation.source if status else "",
        article6_since=status.since if status else None,
        checked_on=(status.checked_on if status else None) or country.signed.checked_on,
        projects=projects,
        latitude=float(country.centroid[0]),
        longitude=float(country.centroid[1]),
    )
