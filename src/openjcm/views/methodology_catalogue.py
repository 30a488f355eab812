"""Which methodologies are on file, what is known of each, and which of them can be calculated here?

Asked without a database: the catalogue is part of the program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openjcm.methodologies import METHODOLOGIES
from openjcm.methodologies.catalogue import FAMILIES, Entry, EntryVersion, catalogue
from openjcm.refusals import refusal

__all__ = ["FAMILIES", "CatalogueQuery", "Entry", "EntryVersion", "Found", "entry", "entry_data", "facets", "search"]

UNKNOWN = "unknown"
NOT_ON_FILE = refusal(
    "methodology_not_on_file",
    en="There is no methodology “{methodology}” on file.",
    ja="方法論「{methodology}」は登録されていません。",
    remedy_en="Look for its number or title with: openjcm methodology search WORD.",
    remedy_ja="番号または名称を openjcm methodology search WORD で検索してください。",
    clause="OpenJCM: every methodology that is known of is on file",
    status=404,
)


@dataclass(frozen=True)
class CatalogueQuery:
    """What somebody looks for: words (all must be found) and facts; empty means any.

    ``scope`` is the number of a sectoral scope (``"1"``), ``family`` a name of :data:`FAMILIES`; either may be
    ``unknown``. ``grade`` is how well the calculation is known, ``runs`` is ``yes`` or ``no``.
    """

    text: str = ""
    country: str = ""
    scope: str = ""
    family: str = ""
    grade: str = ""
    runs: str = ""

    @property
    def asks(self) -> bool:
        """Whether anything at all is asked."""
        return any((self.text, self.country, self.scope, self.family, self.grade, self.runs))


@dataclass(frozen=True)
class Found:
    """A methodology on file, and whether it can be calculated here."""

    entry: Entry
    runs: bool


def search(query: CatalogueQuery, names: Mapping[str, str] | None = None) -> list[Found]:
    """The methodologies that answer the query, by identifier. ``names`` makes countries findable by their names."""
    words = query.text.casefold().split()
    return [one for one in _all() if _answers(one, query) and all(word in _words(one, names or {}) for word in words)]


def entry(methodology_id: str) -> Found:
    """The methodology on file with that identifier.

    Raises:
        Refused: ``methodology_not_on_file``.
    """
    found = next((one for one in _all() if one.entry.id == methodology_id.upper()), None)
    if found is None:
        raise NOT_ON_FILE(methodology=methodology_id[:40])
    return found


def only_on_file(methodology_id: str) -> Found | None:
    """The methodology with that identifier if it is on file and cannot be calculated here."""
    return next((one for one in _all() if one.entry.id == methodology_id.upper() and not one.runs), None)


def facets(found: Iterable[Found]) -> dict[str, list[tuple[str, int]]]:
    """What can be chosen: for each filter the values that occur, with their counts."""
    ways: dict[str, Callable[[Found], str]] = {
        "country": lambda one: one.entry.country,
        "scope": scope_number,
        "family": lambda one: one.entry.family or UNKNOWN,
        "grade": lambda one: one.entry.calculation_grade.value,
    }
    everything = list(found)
    counted = {name: Counter(value(one) for one in everything) for name, value in ways.items()}
    return {name: sorted(counts.items(), key=_order) for name, counts in counted.items()}


def scope_number(one: Found) -> str:
    """The number of the sectoral scope, or ``unknown``."""
    return one.entry.scope.partition(".")[0] or UNKNOWN


def entry_data(one: Found) -> dict[str, Any]:
    """What is known of a methodology, as plain data; ``None`` where a fact is not known."""
    known = one.entry
    return {
        "id": known.id,
        "runs": one.runs,
        "status": known.status,
        "country": known.country,
        "title": {"en": known.title or None, "ja": known.title_ja or None, "grade": known.title_grade},
        "scope": {"name": known.scope or None, "grade": known.scope_grade},
        "family": {"name": known.family or None, "grade": known.family_grade},
        "measure": known.measure or None,
        "gases": list(known.gases),
        "calculation_grade": known.calculation_grade,
        "source": known.citation.source,
        "url": known.citation.url or None,
        "note": known.citation.note or None,
        "versions": [_version_data(version) for version in known.versions],
    }


def _version_data(version: EntryVersion) -> dict[str, Any]:
    return {
        "number": version.number or None,
        "approved": version.approved,
        "proposed_id": version.proposed_id or None,
        "proponent": version.proponent or None,
        "public_inputs": list(version.inputs) if version.inputs else None,
        "projects": list(version.projects),
        "grade": version.grade,
        "source": version.citation.source,
        "url": version.citation.url or None,
    }


def _all() -> list[Found]:
    return [Found(one, one.id in METHODOLOGIES) for one in catalogue().values()]


def _words(one: Found, names: Mapping[str, str]) -> str:
    return f"{one.entry.words} {names.get(one.entry.country, '').casefold()}"


def _answers(one: Found, query: CatalogueQuery) -> bool:
    pairs = (
        (query.country, one.entry.country),
        (query.scope, scope_number(one)),
        (query.family, one.entry.family or UNKNOWN),
        (query.grade, one.entry.calculation_grade.value),
        (query.runs, "yes" if one.runs else "no"),
    )
    return all(wanted in {"", has} for wanted, has in pairs)


def _order(item: tuple[str, int]) -> tuple[int, int, str]:
    value = item[0]
    return (value == UNKNOWN, int(value) if value.isdecimal() else 0, value)
