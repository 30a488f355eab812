"""A recorded period under another text: what a draft, or another version, would have given for the same facts.

Facts are what the project gave: readings, invoices, choices, factors with their source. What the text of a methodology
prints belongs to the text: the draft's own printed values are used, and a value that only the earlier text printed is
never carried over. What the draft cannot calculate is refused and named; it is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeAlias
from weakref import WeakKeyDictionary

from openjcm.mrv.calculation import Given, calculate
from openjcm.mrv.methodology import Methodology
from openjcm.refusals import Refused
from openjcm.units import ROUNDING_RULES, exact, exact_text

EVERYWHERE = "*"
"""A key that stands for every system, stratum … for which the period has a value of another symbol."""


@dataclass(frozen=True)
class Recorded:
    """A calendar year (or a part of it) on record: what was given, by which text, and what came of it.

    ``printed`` names the symbols among ``given`` whose values the recorded text printed. ``answers`` are open questions
    answered otherwise than that text takes them. ``key`` tells the period from every other. ``start`` and ``end`` are
    ``None`` for a case that has no days.
    """

    key: str
    project: str
    start: date | None
    end: date | None
    methodology: str
    version: str
    given: Mapping[str, Given]
    reductions: Fraction
    rounding: str = "down_to_whole_tonne"
    printed: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """The text to replay under: a version of a methodology, and what is given or answered besides, for all periods."""

    methodology: Methodology
    version: str
    given: Mapping[str, Given] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Replayed:
    """What came of a period under the other text. ``found`` is ``None`` where it was refused, with the reason.

    ``left_out`` names what was on record and has no place in the other text.
    """

    key: str
    project: str
    start: date | None
    end: date | None
    version: str
    recorded: Fraction
    recorded_tonnes: int
    found: Fraction | None = None
    found_tonnes: int | None = None
    left_out: tuple[str, ...] = ()
    refused: str = ""
    reason_en: str = ""
    reason_ja: str = ""

    @property
    def gained(self) -> int | None:
        """Credited tonnes more than on record; negative where they are fewer; ``None`` where it cannot be told."""
        return None if self.found_tonnes is None else self.found_tonnes - self.recorded_tonnes

    def as_data(self) -> dict[str, object]:
        """Plain data: exact values as text, days in ISO 8601."""
        return {
            **self.__dict__,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "recorded": exact_text(self.recorded),
            "found": None if self.found is None else exact_text(self.found),
            "left_out": list(self.left_out),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Replayed:
        """The inverse of :meth:`as_data`.

        Raises:
            KeyError, TypeError, ValueError: for data of another shape.
        """
        days = {name: date.fromisoformat(str(data[name])) if data[name] else None for name in ("start", "end")}
        values = {name: None if data[name] is None else exact(str(data[name])) for name in ("recorded", "found")}
        left_out = data["left_out"]
        if not isinstance(left_out, list) or values["recorded"] is None:
            raise TypeError("left_out, recorded")
        return cls(**{**data, **days, **values, "left_out": tuple(left_out)})  # type: ignore[arg-type]


@dataclass(frozen=True)
class ProjectTotal:
    """One project over all its periods, in credited tonnes. What was refused stands apart and counts for nothing."""

    project: str
    periods: int
    recorded: int
    found: int
    gained: int
    lost: int
    refused: int
    recorded_in_refused: int

    @property
    def net(self) -> int:
        """Gained less lost."""
        return self.gained - self.lost


def credited(reductions: Fraction, rounding: str) -> int:
    """Whole tonnes by the named rule; a negative year is credited with zero."""
    return max(ROUNDING_RULES[rounding](reductions), 0)


def replay(period: Recorded, target: Target) -> Replayed:
    """Calculate a recorded period under the target's text."""
    told = Replayed(
        key=period.key,
        project=period.project,
        start=period.start,
        end=period.end,
        version=period.version,
        recorded=period.reductions,
        recorded_tonnes=credited(period.reductions, period.rounding),
    )
    inputs = _inputs(period, target)
    left_out = tuple(sorted(period.given.keys() - inputs.keys() - period.printed))
    m = target.methodology
    answers = {**period.answers, **target.answers}
    known = {name: answer for name, answer in answers.items() if _is_reading(m, name, answer)}
    days = {"monitoring": period.end, **period.days} if period.end else period.days
    try:
        result = calculate(m, target.version, inputs, interpretations=known, days=_days(m, days))
    except Refused as refused:
        reasons = {"reason_en": refused.message("en"), "reason_ja": refused.message("ja")}
        return Replayed(**{**told.__dict__, "left_out": left_out, "refused": refused.code, **reasons})
    found = result.reductions
    tonnes = credited(found, period.rounding)
    return Replayed(**{**told.__dict__, "left_out": left_out, "found": found, "found_tonnes": tonnes})


def _is_reading(m: Methodology, name: str, answer: str) -> bool:
    return name in m.interpretations and answer in m.interpretations[name].answers


def _days(m: Methodology, days: Mapping[str, date]) -> dict[str, date]:
    known = {parameter.read_on for parameter in m.parameters.values()} | {"monitoring", "validation"}
    return {which: day for which, day in days.items() if which in known}


def _inputs(period: Recorded, target: Target) -> dict[str, Given]:
    """What of the record, and of what is given besides, the target's text asks for."""
    m = target.methodology
    facts = {name: given for name, given in period.given.items() if name not in period.printed}
    facts |= {name: _everywhere(m, name, given, facts) for name, given in target.given.items()}
    answers = {name: given.values.get("", "") for name, given in facts.items()}
    readings = {**period.answers, **target.answers}
    answers |= {name: answer for name, answer in readings.items() if _is_reading(m, name, answer)}
    wanted = asked_for(m, target.version, answers)
    return {name: given for name, given in facts.items() if name in wanted}


def asked_for(m: Methodology, version: str, answers: Mapping[str, str]) -> frozenset[str]:
    """The symbols that must be given for a version and answers to the choices; printed values are not among them.

    ``answers`` may name readings of open questions too; the others are read as the file takes them.
    """
    answers = {name: one.taken for name, one in m.interpretations.items()} | dict(answers)
    deciding = {name for formula in m.formulas for name in formula.when}
    known = _asked_for.setdefault(m, {})
    key = version, tuple(sorted((name, answers[name]) for name in deciding & answers.keys()))
    if key not in known:
        known[key] = _behind_the_results(m, version, answers, deciding)
    return known[key]


_Case: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
_asked_for: WeakKeyDictionary[Methodology, dict[_Case, frozenset[str]]] = WeakKeyDictionary()


def _behind_the_results(m: Methodology, version: str, answers: Mapping[str, str], deciding: set[str]) -> frozenset[str]:
    formulas = m.formulas_of(version, answers)
    wanted, found = [m.reference, m.project, m.reductions], set(deciding)
    while wanted:
        name = wanted.pop()
        if name in formulas:
            wanted += formulas.pop(name).arguments
        elif name in m.parameters:
            found.add(name)
            wanted += [other for other in (*m.parameters[name].by, m.parameters[name].of) if other]
    found |= {count.name for count in m.records_of(version) if count.of in found}
    return frozenset(name for name in found if _is_given(m, name, version))


def _is_given(m: Methodology, name: str, version: str) -> bool:
    kind = m.parameters[name].kind
    return kind not in {"interpretation", "label"} and not (kind == "fixed" and m.printed_in(name, version))


def _everywhere(m: Methodology, name: str, given: Given, facts: Mapping[str, Given]) -> Given:
    """A value given for ``*`` stands for every key that another symbol of the same indices has in this period."""
    if EVERYWHERE not in given.values or name not in m.parameters:
        return given
    index = m.parameters[name].index
    alike = [other for other in facts if other in m.parameters and m.parameters[other].index == index and other != name]
    keys = dict.fromkeys(key for other in alike for key in facts[other].values)
    own = {key: value for key, value in given.values.items() if key != EVERYWHERE}
    return Given(
        {**dict.fromkeys(keys, given.values[EVERYWHERE]), **own},
        given.unit,
        given.source,
        given.grade,
        given.since,
        given.until,
    )


def totals(periods: Iterable[Replayed]) -> tuple[ProjectTotal, ...]:
    """Every project with its tonnes gained and lost, in the order of their names."""
    by_project: dict[str, list[Replayed]] = {}
    for period in periods:
        by_project.setdefault(period.project, []).append(period)
    return tuple(_total(project, by_project[project]) for project in sorted(by_project))


def _total(project: str, periods: list[Replayed]) -> ProjectTotal:
    told = [period for period in periods if period.found_tonnes is not None]
    changes = [period.gained or 0 for period in told]
    refused = [period for period in periods if period.found_tonnes is None]
    return ProjectTotal(
        project=project,
        periods=len(periods),
        recorded=sum(period.recorded_tonnes for period in told),
        found=sum(period.found_tonnes or 0 for period in told),
        gained=sum(change for change in changes if change > 0),
        lost=-sum(change for change in changes if change < 0),
        refused=len(refused),
        recorded_in_refused=sum(period.recorded_tonnes for period in refused),
    )
