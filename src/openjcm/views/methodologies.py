"""What does the text of a methodology say, how well do we know it, and who uses it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import yaml

from openjcm.methodologies import METHODOLOGIES
from openjcm.methodologies.catalogue import FAMILIES, EntryVersion, catalogue
from openjcm.mrv.methodology import Formula, Methodology, Version

CASES = Path(__file__).parents[3] / "tests" / "cases"
"""Where a source tree keeps the cases; an installed package has none, and its page then says so."""


@dataclass(frozen=True)
class VersionFacts:
    """One version of a methodology: its day of approval, if known, and who says so."""

    number: str
    approved: date | None
    grade: str
    source: str
    url: str


@dataclass(frozen=True)
class FormulaShown:
    """One formula for the page: the symbol, its clause, words, MathML and plain text."""

    symbol: str
    unit: str
    clause: str
    words: str
    mathml: str
    text: str
    when: tuple[tuple[str, tuple[str, ...]], ...]
    versions: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """A value printed in the text for a fixed symbol."""

    versions: tuple[str, ...]
    answer: str
    text: str
    source: str
    grade: str
    note: str


@dataclass(frozen=True)
class Case:
    """A worked case from the tests: what it is about and whether it ends in a number or in a refusal."""

    name: str
    expects: str
    source: str


@dataclass(frozen=True)
class Shown:
    """A methodology with everything its page shows."""

    methodology: Methodology
    versions: tuple[VersionFacts, ...]
    on_file: dict[str, EntryVersion]
    family: tuple[str, str] | None
    formulas: tuple[FormulaShown, ...]
    values: dict[str, tuple[Value, ...]]
    cases: tuple[Case, ...]
    projects: tuple[str, ...]


def version_facts(methodology_id: str, version: str) -> VersionFacts | None:
    """A version's facts, or ``None`` where the methodology or the version is not in this system.

    Sources print versions in two forms, ``1.0`` and ``01.0``; both find the version.
    """
    found = METHODOLOGIES.get(methodology_id)
    if found is None:
        return None
    number = version if version in found.versions else version.zfill(4)
    one = found.versions.get(number)
    return (
        VersionFacts(one.number, one.approved, one.grade.value, one.citation.source, one.citation.url) if one else None
    )


def project_counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many public projects apply each methodology."""
    rows = connection.execute(
        """select m->>'id' as id, count(distinct reference) as projects
           from project, jsonb_array_elements(methodologies) as m where world = 'public' group by 1"""
    ).fetchall()
    return {row.id: row.projects for row in rows}


def methodology_shown(connection: psycopg.Connection[Any], methodology_id: str) -> Shown | None:
    """What the page of a methodology shows; ``None`` where its text is not in this system."""
    found = METHODOLOGIES.get(methodology_id)
    if found is None:
        return None
    known = catalogue().get(methodology_id)
    return Shown(
        methodology=found,
        versions=_versions(found),
        on_file={one.number: one for one in known.versions} if known else {},
        family=FAMILIES.get(known.family) if known else None,
        formulas=_formulas(methodology_id),
        values=_values(found),
        cases=_cases(methodology_id),
        projects=projects_of(connection, methodology_id),
    )


def projects_of(connection: psycopg.Connection[Any], methodology_id: str) -> tuple[str, ...]:
    """References of the projects that apply a methodology, both worlds."""
    rows = connection.execute(
        """select reference from project
           where methodologies @> jsonb_build_array(jsonb_build_object('id', %s::text))
           order by world desc, reference""",
        (methodology_id,),
    )
    return tuple(row.reference for row in rows)


def _versions(found: Methodology) -> tuple[VersionFacts, ...]:
    return tuple(_facts(one) for one in found.versions.values())


def _facts(one: Version) -> VersionFacts:
    return VersionFacts(one.number, one.approved, one.grade.value, one.citation.source, one.citation.url)


@cache
def _formulas(methodology_id: str) -> tuple[FormulaShown, ...]:
    found = METHODOLOGIES[methodology_id]

    def shown(formula: Formula) -> FormulaShown:
        return FormulaShown(
            symbol=formula.symbol,
            unit=formula.unit,
            clause=formula.clause,
            words=formula.en,
            mathml=found.formula_mathml(formula),
            text=found.formula_text(formula),
            when=tuple(formula.when.items()),
            versions=formula.versions,
        )

    return tuple(shown(formula) for formula in found.formulas)


def _values(found: Methodology) -> dict[str, tuple[Value, ...]]:
    from openjcm.units import exact_text

    table: dict[str, list[Value]] = {}
    for one in found.prints:
        for answer, value in one.values.items():
            table.setdefault(one.symbol, []).append(
                Value(one.versions, answer, exact_text(value), one.citation.source, one.grade.value, one.citation.note)
            )
    return {symbol: tuple(values) for symbol, values in table.items()}


@cache
def _cases(methodology_id: str) -> tuple[Case, ...]:
    path = CASES / f"{methodology_id.lower()}.yaml"
    if not path.is_file():
        return ()
    loaded = yaml.safe_load(path.read_text("utf-8"))
    cases = loaded["cases"] if isinstance(loaded, dict) else loaded
    return tuple(_case(case) for case in cases)


def _case(case: dict[str, Any]) -> Case:
    refused = case.get("refused") or case.get("refusal")
    expected = case.get("expect") or case.get("expected") or {}
    if isinstance(expected, dict) and "refused" in expected:
        refused = expected["refused"]
    if refused:
        words = refused if isinstance(refused, str) else str(next(iter(refused.values())))
        return Case(str(case.get("name", "")), words, str(case.get("source", "")))
    values = expected.items() if isinstance(expected, dict) else ()
    shown = ", ".join(f"{symbol} = {value}" for symbol, value in values)
    return Case(str(case.get("name", "")), shown, str(case.get("source", "")))
