"""Every methodology that is on file: what is known of it, and how well, whether it can be calculated here or not.

Two tables: ``methodologies.csv`` has one row per methodology, approved or proposed, ``versions.csv`` one per version.
An empty cell means that the fact is not known; it is shown so and never filled. ``PROVENANCE.md`` says where the rows
come from.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from openjcm.dated import Citation, Grade

FAMILIES: dict[str, tuple[str, str]] = {
    "generation_factor": ("Generation × factor", "発電量×排出係数"),
    "efficiency_ratio": ("Efficiency ratio", "効率比"),
    "output_based": ("Output-based", "産出量基準"),
    "losses": ("Losses", "損失"),
    "waste_heat": ("Waste heat", "廃熱回収"),
    "transport": ("Transport", "運輸"),
    "refrigerant": ("Refrigerants", "冷媒"),
    "gas_flux": ("Gas flux", "ガスフラックス"),
    "decay": ("First-order decay", "一次減衰 (FOD)"),
    "reference_level": ("Reference level (REDD-plus)", "参照レベル (REDD プラス)"),
    "ccs": ("Capture and storage", "回収・貯留 (CCS)"),
}
"""The kinds of calculation: name → (English, Japanese)."""


@dataclass(frozen=True)
class EntryVersion:
    """One version of a methodology on file. ``number`` is empty where no version is known (a proposal).

    ``projects`` are those that the official list names for this version; ``inputs`` the first and last day of the
    public inputs.
    """

    number: str
    approved: date | None
    proposed_id: str
    proponent: str
    inputs: tuple[date, date] | None
    projects: tuple[str, ...]
    grade: Grade
    citation: Citation


@dataclass(frozen=True)
class Entry:
    """A methodology on file. ``title``, ``scope``, ``family`` … are empty where they are not known.

    ``status``: ``approved``, ``proposed``, or ``unapproved`` (guidelines or a scheme are known, a methodology is not).
    ``calculation_grade`` says how well its calculation is known; ``unknown`` where only title or number were found.
    """

    id: str
    status: str
    country: str
    title: str
    title_ja: str
    title_grade: Grade
    scope: str
    scope_grade: Grade
    family: str
    family_grade: Grade
    measure: str
    gases: tuple[str, ...]
    calculation_grade: Grade
    citation: Citation
    versions: tuple[EntryVersion, ...]

    @property
    def words(self) -> str:
        """Everything a reader may search for, in small letters."""
        parts = [self.id, self.title, self.title_ja, self.scope, self.measure, *FAMILIES.get(self.family, ())]
        for version in self.versions:
            parts += [version.proposed_id, version.proponent, *version.projects]
        return " ".join(parts).casefold()


@cache
def catalogue() -> dict[str, Entry]:
    """Every methodology on file, by its identifier."""
    versions: dict[str, list[EntryVersion]] = {}
    for row in _rows("versions"):
        versions.setdefault(row["id"], []).append(_version(row))
    return {row["id"]: _entry(row, tuple(versions.pop(row["id"]))) for row in _rows("methodologies")}


def _rows(table: str) -> list[dict[str, str]]:
    text = files(__name__).joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _version(row: dict[str, str]) -> EntryVersion:
    window = [date.fromisoformat(row[name]) for name in ("inputs_from", "inputs_until") if row[name]]
    return EntryVersion(
        number=row["version"],
        approved=date.fromisoformat(row["approved"]) if row["approved"] else None,
        proposed_id=row["proposed_id"],
        proponent=row["proponent"],
        inputs=(window[0], window[1]) if window else None,
        projects=tuple(row["projects"].split()),
        grade=Grade(row["grade"]),
        citation=Citation(row["source"], url=row["url"]),
    )


def _entry(row: dict[str, str], versions: tuple[EntryVersion, ...]) -> Entry:
    if row["family"] and row["family"] not in FAMILIES:
        raise ValueError(f"{row['id']}: {row['family']!r} is none of the families")
    return Entry(
        id=row["id"],
        status=row["status"],
        country=row["country"],
        title=row["title"],
        title_ja=row["title_ja"],
        title_grade=Grade(row["title_grade"]),
        scope=row["scope"],
        scope_grade=Grade(row["scope_grade"]),
        family=row["family"],
        family_grade=Grade(row["family_grade"]),
        measure=row["measure"],
        gases=tuple(row["gases"].split()),
        calculation_grade=Grade(row["calculation_grade"]),
        citation=Citation(row["source"], url=row["url"], note=row["note"]),
        versions=versions,
    )
