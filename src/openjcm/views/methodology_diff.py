"""How do two texts differ, in law and in numbers? Two methodologies, two versions of one, or a draft against either.

Law: what is declared on one side only, or otherwise. Numbers: the same cases calculated under both. Asked without a
database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from openjcm.methodologies import methodology
from openjcm.mrv.calculation import calculate
from openjcm.mrv.cases import Case, read_cases
from openjcm.mrv.declarations import Formula, Interpretation, Parameter
from openjcm.mrv.methodology import Methodology
from openjcm.refusals import Refused
from openjcm.units import exact_text
from openjcm.views.draft import methodology_or_draft
from openjcm.views.methodologies import CASES

PARTS = ("text", "criteria", "emission_sources", "parameters", "printed_values", "formulas", "open_readings")
"""The parts of a text, in the order in which they are compared."""


@dataclass(frozen=True)
class Text:
    """One side: a methodology in one of its versions."""

    methodology: Methodology
    version: str

    @property
    def name(self) -> str:
        """``MN_AM003@02.0``."""
        return f"{self.methodology.id}@{self.version}"


@dataclass(frozen=True)
class Said:
    """What a text says of one thing, in words of each language; ``mathml`` for a formula."""

    en: str
    ja: str
    mathml: str = ""


@dataclass(frozen=True)
class Change:
    """One thing that both texts do not say alike. ``None``: that text does not say it at all."""

    part: str
    what: str
    a: Said | None
    b: Said | None

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``, seen from the first text."""
        return "added" if self.a is None else "removed" if self.b is None else "changed"


@dataclass(frozen=True)
class Outcome:
    """What a case gives under one text: emission reductions in tCO2e, or the refusal."""

    reductions: Fraction | None
    refused: Refused | None = None


@dataclass(frozen=True)
class Compared:
    """One case under both texts."""

    case: str
    of: str
    a: Outcome
    b: Outcome

    @property
    def gained(self) -> Fraction | None:
        """Reductions under the second text less those under the first; ``None`` where one refuses."""
        if self.a.reductions is None or self.b.reductions is None:
            return None
        return self.b.reductions - self.a.reductions


@dataclass(frozen=True)
class Difference:
    """Both texts, what they say differently, how much they say alike, and the same cases under both."""

    a: Text
    b: Text
    changes: tuple[Change, ...]
    alike: int
    cases: tuple[Compared, ...] = field(default=())


def installed_text(methodology_id: str, version: str, *, last_but: int) -> Text:
    """A methodology of this software in a version; without one, its last (``last_but=0``) or the one before (1).

    Raises:
        Refused: ``unknown_methodology``, ``unknown_methodology_version``.
    """
    found = methodology(methodology_id)
    numbers = list(found.versions)
    chosen = version or numbers[max(0, len(numbers) - 1 - last_but)]
    return Text(found, found.version_of(chosen).number)


def difference(a: str, b: str, cases: str | None = None) -> Difference:
    """Compare two texts, each ``ID``, ``ID@VERSION`` or the path of a draft; ``cases`` is a YAML text of cases.

    Without cases, those that this source tree keeps for either methodology are taken.

    Raises:
        Refused: ``unknown_methodology``, ``unknown_methodology_version``, ``cases_not_understood``, and what a draft is
            refused for.
    """
    one, other = Text(*methodology_or_draft(a)), Text(*methodology_or_draft(b))
    return compare(one, other, read_cases(cases) if cases is not None else _kept(one, other))


def compare_installed(a: Text, b: Text) -> Difference:
    """Compare two texts of this software by the cases that are kept for either."""
    return compare(a, b, _kept(a, b))


def compare(a: Text, b: Text, cases: tuple[Case, ...]) -> Difference:
    """Compare two texts by their declarations and by cases."""
    one, other = dict(_declared(a)), dict(_declared(b))
    changes = [
        Change(part, what, one.get((part, what)), other.get((part, what)))
        for part, what in dict.fromkeys([*one, *other])
        if one.get((part, what)) != other.get((part, what))
    ]
    alike = sum(one[place] == other.get(place) for place in one)
    ordered = sorted(changes, key=lambda change: PARTS.index(change.part))
    compared = (_compared(case, a, b) for case in cases)
    return Difference(a, b, tuple(ordered), alike, tuple(item for item in compared if item))


# Law


def _declared(text: Text) -> Iterator[tuple[tuple[str, str], Said]]:
    m, version = text.methodology, text.methodology.version_of(text.version)
    yield ("text", "title"), Said(m.title, m.title_ja)
    yield ("text", "scope"), _same(m.scope)
    yield ("text", "approved"), _same(str(version.approved or "–"))
    yield ("text", "known_as"), _same(f"{m.evidence}: {m.text_source.source}")
    for one in m.criteria:
        yield ("criteria", str(one.number)), Said(f"{one.en} ({one.grade})", f"{one.ja} ({one.grade})")
    for source in m.sources:
        yield ("emission_sources", f"{source.side}, {source.gas}: {source.en}"), Said(source.en, source.ja)
    records = {item.name for item in m.records_of(text.version)}
    for parameter in m.parameters.values():
        if parameter.kind == "interpretation" or (parameter.versions and parameter.name not in records):
            continue
        yield ("parameters", parameter.name), _parameter(parameter)
        if parameter.kind == "fixed":
            yield from _printed(m, parameter, text.version)
    for formula in m.formulas:
        if not formula.versions or text.version in formula.versions:
            yield ("formulas", _place(formula)), _formula(m, formula)
    for question in m.interpretations.values():
        yield ("open_readings", question.name), _question(question)


def _same(words: str) -> Said:
    return Said(words, words)


def _parameter(item: Parameter) -> Said:
    facts = [item.kind, item.unit, f"({', '.join(item.index)})" if item.index else "", item.clause]
    facts += [f"option {item.option}" if item.option else "", f"read on {item.read_on}" if item.read_on else ""]
    facts += [f"by {', '.join(item.by)}" if item.by else "", ", ".join(item.answers)]
    rest = " · ".join(fact for fact in facts if fact)
    return Said(f"{item.en} · {rest}", f"{item.ja} · {rest}")


def _printed(m: Methodology, item: Parameter, version: str) -> Iterator[tuple[tuple[str, str], Said]]:
    printed = m.printed_in(item.name, version)
    if printed is None:
        yield ("printed_values", item.name), Said("not read", "未確認")
        return
    for answer, value in printed.values.items():
        place = f"{item.name}[{answer}]" if answer else item.name
        yield ("printed_values", place), _same(f"{exact_text(value)} {item.unit} ({printed.grade})")


def _place(formula: Formula) -> str:
    cases = "; ".join(f"{name} = {' | '.join(answers)}" for name, answers in formula.when.items())
    return f"{formula.symbol} ({cases})" if cases else formula.symbol


def _formula(m: Methodology, formula: Formula) -> Said:
    words = f"{m.formula_text(formula)} [{formula.unit}; {formula.clause}]"
    return Said(words, words, m.formula_mathml(formula))


def _question(item: Interpretation) -> Said:
    answers, by = ", ".join(item.answers), item.confirmed_by or "–"
    return Said(f"{item.en} → {item.taken} ({answers}; {by})", f"{item.ja} → {item.taken} ({answers}; {by})")


# Numbers


@cache
def _cases_of(methodology_id: str) -> tuple[Case, ...]:
    path = CASES / f"{methodology_id.lower()}.yaml"
    return read_cases(path.read_text("utf-8")) if path.is_file() else ()


def _kept(a: Text, b: Text) -> tuple[Case, ...]:
    names = dict.fromkeys((a.methodology.id, b.methodology.id))
    return tuple(case for name in names for case in _cases_of(name) if not case.refused)


def _compared(case: Case, a: Text, b: Text) -> Compared | None:
    """The case under both texts; ``None`` where neither gives a number."""
    one, other = _outcome(case, a), _outcome(case, b)
    if one.reductions is None and other.reductions is None:
        return None
    return Compared(case.name, case.methodology, one, other)


def _outcome(case: Case, text: Text) -> Outcome:
    m = text.methodology
    readings = {name: taken for name, taken in case.interpretations.items() if name in m.interpretations}
    days = {which: day for which, day in case.days.items() if which != "registration"}
    try:
        return Outcome(calculate(m, text.version, case.given, interpretations=readings, days=days).reductions)
    except Refused as refused:
        return Outcome(None, refused)


def difference_data(found: Difference) -> dict[str, Any]:
    """A difference as plain data."""

    def said(words: Said | None) -> Mapping[str, str] | None:
        return {"en": words.en, "ja": words.ja} if words else None

    def came(outcome: Outcome) -> dict[str, str | None]:
        value = None if outcome.reductions is None else exact_text(outcome.reductions)
        return {"reductions": value, "refused": outcome.refused.code if outcome.refused else None}

    return {
        "a": found.a.name,
        "b": found.b.name,
        "alike": found.alike,
        "changes": [
            {"part": one.part, "what": one.what, "kind": one.kind, "a": said(one.a), "b": said(one.b)}
            for one in found.changes
        ],
        "cases": [
            {
                "case": one.case,
                "of": one.of,
                "a": came(one.a),
                "b": came(one.b),
                "gained": None if one.gained is None else exact_text(one.gained),
            }
            for one in found.cases
        ],
    }
