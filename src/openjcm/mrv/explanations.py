"""Explanations on record: what a project says, with documents, to a finding that asks for it.

An explanation is a dated fact of a meter (kind ``explanation``): the rule that it answers, the days of which it speaks,
and the reason. It changes no reading and no finding. A finding whose days it covers blocks no report any more: it stays
in the report with the reason, for the verifier to judge. Values that are withheld until they are explained count.
Which rules can be answered so is a parameter of the rules (``explainable``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.intake_time import day_starts
from openjcm.mrv.readings import Readings
from openjcm.mrv.timeline import MeterTimeline
from openjcm.mrv.zones import zone_of
from openjcm.refusals import Finding, Severity

Explanations = Mapping[str, Sequence["Explanation"]]
"""By meter, what is explained."""


@dataclass(frozen=True)
class Explanation:
    """What one fact explains: what a rule finds on the local days from ``first`` to ``last``."""

    rule: str
    first: date
    last: date
    reason: str
    documents: str
    fact: str
    """SHA-256 of the fact."""


def explanations_of(
    timelines: Iterable[MeterTimeline], explainable: Sequence[str]
) -> dict[str, tuple[Explanation, ...]]:
    """The explanations that stand for rules that may be explained, by meter, in the order of their days."""
    return {
        line.meter.meter_id: tuple(one for one in _explanations(line) if one.rule in explainable)
        for line in timelines
    }  # fmt: skip


def _explanations(timeline: MeterTimeline) -> Iterable[Explanation]:
    for fact in timeline.standing("explanation"):
        first, last = fact.day_of("start"), fact.day_of("end")
        assert first is not None and last is not None, "the kind requires both"
        documents = ", ".join(document.name for document in fact.documents)
        yield Explanation(str(fact.value["rule"]), first, last, str(fact.value["reason"]), documents, fact.id)


def explained_instants(
    rule: str, given: Sequence[Explanation], t_us: NDArray[np.int64], time_zone: str
) -> NDArray[np.bool_]:
    """Which of these instants (UTC microseconds) lie on days on which what the rule finds is explained."""
    found = np.zeros(len(t_us), dtype=np.bool_)
    for one in given:
        if one.rule == rule:
            _, starts = day_starts(one.first, one.last, time_zone)
            found |= (t_us >= starts[0]) & (t_us < starts[-1])
    return found


def ends_a_span(readings: Readings) -> bool:
    """Whether a reading stands at the end of what it tells of, so that one of midnight belongs to the day before."""
    return readings.kind == "cumulative" or readings.interval_stamp == "end"


def explained(findings: Iterable[Finding], given: Explanations, time_zone: str, *, ends: bool) -> tuple[Finding, ...]:
    """The findings, those that block and are explained with their explanation, and blocking no more.

    ``ends``: a reading stands at the end of what it tells of (:func:`ends_a_span`).
    """
    return tuple(
        _with(finding, one)
        if finding.severity is Severity.BLOCKS
        and (one := _answer(finding, given.get(finding.facts.get("meter", ""), ()), time_zone, ends)) is not None
        else finding
        for finding in findings
    )


def _answer(finding: Finding, given: Sequence[Explanation], time_zone: str, ends: bool) -> Explanation | None:
    """The explanation that covers all days of a finding: the day that it names, or those of its readings."""
    days = _days(finding, time_zone, ends)
    if days is None:
        return None
    own = (one for one in given if one.rule == finding.rule)
    return next((one for one in own if one.first <= days[0] and days[1] <= one.last), None)


def _days(finding: Finding, time_zone: str, ends: bool) -> tuple[date, date] | None:
    if "day" in finding.facts:
        day = date.fromisoformat(finding.facts["day"])
        return day, day
    if "first" not in finding.facts:
        return None
    zone, before = zone_of(time_zone), timedelta(microseconds=1 if ends else 0)
    first, last = (datetime.fromisoformat(finding.facts[name]) - before for name in ("first", "last"))
    return first.astimezone(zone).date(), last.astimezone(zone).date()


def _with(finding: Finding, one: Explanation) -> Finding:
    facts = {**finding.facts, "explained_by": one.documents, "explanation": one.reason, "fact": one.fact}
    return replace(
        finding,
        severity=Severity.EXPLAIN,
        en=finding.en + " Explained on record by “{explained_by}”: {explanation}",
        ja=finding.ja + "記録された説明 (「{explained_by}」): {explanation}",
        facts=facts,
    )
