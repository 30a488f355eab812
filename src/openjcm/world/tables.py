"""The package data of the public record, as typed rows. What a table leaves blank is ``None`` here, never zero."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

DATA: Traversable = resources.files("openjcm.world") / "data"
"""The folder of the package data; ``PROVENANCE.md`` in it says where each file comes from."""


@dataclass(frozen=True)
class ProjectRow:
    """One project of the official list. Texts stand as printed there."""

    reference: str
    host_country: str
    host_party: str
    title: str
    status: str
    status_unep: str
    registered_on: date | None
    methodologies: tuple[tuple[str, str], ...]
    """(identifier, version) as in ``("MN_AM003", "02.0")``."""
    participants_host: str
    participants_japan: str
    estimated_per_year: int | None
    """Estimated emission reductions in t CO2e a year (UNEP-CCC)."""
    project_type: str
    project_subtype: str | None
    url: str
    tpe_name: str | None
    tpe_role: str | None
    tpe_source: str | None
    operation_start: date | None
    operational_lifetime_years: int | None
    location: str | None
    note: str | None


@dataclass(frozen=True)
class IssuanceRow:
    """One row of the table of issuance decisions: of one project, of several together, or without any amount."""

    reference: str
    host_country: str
    monitoring_start: date | None
    monitoring_end: date | None
    decided_on: str | None
    """The day of the Joint Committee's decision in ISO 8601; ``2018-04`` where only the month is known."""
    total: int | None
    host_side: int | None
    japan_side: int | None
    japan_government: int | None
    host_government: int | None
    issued_on_host: date | None
    issued_on_japan: date | None
    evidence: str
    source: str
    note: str

    @property
    def subject(self) -> str:
        """The name of the decision: ``MN004-2025-03-27``, or ``…-undated``."""
        return f"{self.reference}-{self.decided_on or 'undated'}"

    @property
    def is_aggregate(self) -> bool:
        """Whether the row sums several projects. Such a row is kept as a statement and never added to its parts."""
        return PROJECT_REFERENCE.fullmatch(self.reference) is None

    @property
    def decision_day(self) -> date | None:
        """The day of the decision, if the day is known."""
        return (
            date.fromisoformat(self.decided_on)
            if self.decided_on and len(self.decided_on) == len("2018-04-01")
            else None
        )


@dataclass(frozen=True)
class AdoptionRow:
    """One project adopted for support, as printed in the ministry's list of December 2022."""

    iso2: str
    number: int
    country_en: str
    country_ja: str
    title_ja: str
    programme: str
    eco_lease: bool
    registered: bool
    capacity_value: str | None
    capacity_unit: str | None

    @property
    def subject(self) -> str:
        """Our own name of the row: country and its number in the country's list."""
        return f"2022-12/{self.iso2}/{self.number:02d}"


PROJECT_REFERENCE = re.compile(r"[A-Z]{2}\d{3}")


def _rows(name: str) -> Iterator[dict[str, str | None]]:
    text = (DATA / name).read_bytes().decode("utf-8")
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {column: (value.strip() or None) if value else None for column, value in row.items()}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _whole(text: str | None) -> int | None:
    return int(text) if text else None


def methodology_versions(text: str) -> tuple[tuple[str, str], ...]:
    """``"TH_AM005 Ver2.0; TH_AM008 Ver1.0"`` as pairs, the version in the form of the documents (``02.0``).

    Raises:
        ValueError: for a text of another form.
    """
    pairs = []
    for part in re.split(r"[;,]", text):
        match = re.fullmatch(r"\s*([A-Z]{2}_AM\d{3}) Ver(\d+)\.(\d+)\s*", part)
        if match is None:
            raise ValueError(f"not a methodology with its version: {part!r}")
        pairs.append((match[1], f"{int(match[2]):02d}.{match[3]}"))
    return tuple(pairs)


@lru_cache(maxsize=1)
def projects() -> tuple[ProjectRow, ...]:
    """The 147 projects of the official list, in its order."""
    return tuple(_project(row) for row in _rows("projects.csv"))


def _project(row: dict[str, Any]) -> ProjectRow:
    return ProjectRow(
        reference=row["reference_number"],
        host_country=row["host_country"],
        host_party=row["host_iso3"],
        title=row["title"],
        status=row["status_jcm_site_2026"],
        status_unep=row["status_unep_2026_02_28"],
        registered_on=_day(row["registration_date"]),
        methodologies=methodology_versions(row["methodologies"]),
        participants_host=row["participants_host"],
        participants_japan=row["participants_japan"],
        estimated_per_year=_whole(row["estimated_tco2e_per_year"]),
        project_type=row["project_type_unep"],
        project_subtype=row["project_subtype_unep"],
        url=row["jcm_url"],
        tpe_name=row["tpe_name"],
        tpe_role=row["tpe_role"],
        tpe_source=row["tpe_source"],
        operation_start=_day(row["operation_start"]),
        operational_lifetime_years=_whole(row["operational_lifetime_years"]),
        location=row["location"],
        note=row["note"],
    )


@lru_cache(maxsize=1)
def issuances() -> tuple[IssuanceRow, ...]:
    """The 33 rows of the table of issuance decisions."""
    return tuple(_issuance(row) for row in _rows("issuances.csv"))


def _issuance(row: dict[str, Any]) -> IssuanceRow:
    return IssuanceRow(
        reference=row["reference_number"],
        host_country=row["host_country"],
        monitoring_start=_day(row["monitoring_start"]),
        monitoring_end=_day(row["monitoring_end"]),
        decided_on=row["jc_decision_date"],
        total=_whole(row["total_tco2e"]),
        host_side=_whole(row["host_side_tco2e"]),
        japan_side=_whole(row["japan_side_tco2e"]),
        japan_government=_whole(row["japan_government_tco2e"]),
        host_government=_whole(row["host_government_tco2e"]),
        issued_on_host=_day(row["issued_on_host_registry"]),
        issued_on_japan=_day(row["issued_on_japan_registry"]),
        evidence=row["evidence"],
        source=row["source"],
        note=row["note"] or "",
    )


@lru_cache(maxsize=1)
def adoptions() -> tuple[AdoptionRow, ...]:
    """The 227 projects adopted for support by December 2022."""
    return tuple(
        AdoptionRow(
            iso2=row["iso2"],
            number=int(row["seq"]),
            country_en=row["country_en"],
            country_ja=row["country_ja"],
            title_ja=row["title_ja_nfkc"],
            programme=row["programme_type"],
            eco_lease=row["eco_lease"] is not None,
            registered=row["registered_flag"] == "yes",
            capacity_value=row["first_capacity_value"],
            capacity_unit=row["first_capacity_unit"],
        )
        for row in _adoption_rows()
    )


def _adoption_rows() -> Iterator[dict[str, Any]]:
    yield from _rows("adopted_projects_2022.csv")


@lru_cache(maxsize=1)
def further_statements() -> dict[str, Any]:
    """The hand-kept statements (``statements.yaml``): named sources, and statements by subject."""
    loaded: dict[str, Any] = yaml.safe_load((DATA / "statements.yaml").read_text(encoding="utf-8"))
    return loaded


def data_bytes(name: str) -> bytes:
    """The bytes of one file of the package data, for example ``meters/TAEFC1044741.parquet``."""
    return (DATA / name).read_bytes()
