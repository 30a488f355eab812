"""What a meter's documents show beside its calibration: unapproved changes, invoices that do not fit the period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from openjcm.mrv.calibration_rules import record_finding
from openjcm.mrv.meter_facts import KINDS, MeterFact
from openjcm.mrv.timeline import MeterTimeline, change_by, initial_facts
from openjcm.refusals import Finding


def check_record(timeline: MeterTimeline, period: tuple[date, date]) -> tuple[Finding, ...]:
    """The findings on changes (M06) and invoices (M08) of a meter, for a period (both days included)."""
    return (*unapproved_changes(timeline), *billing_cycles(timeline, period))


def unapproved_changes(timeline: MeterTimeline) -> Iterator[Finding]:
    """M06: a later fact that departs from what the plan said, without naming the decision that approved it.

    A fact that only fills in what the plan left open departs from nothing.
    """
    known = MeterTimeline(timeline.meter, initial_facts(timeline.meter))
    standing = {fact.id for fact in timeline.standing()}
    for fact in timeline.facts[len(known.facts) :]:
        kind = KINDS[fact.kind]
        if kind.alters_plan and fact.approval is None and fact.id in standing and _departs(known, fact):
            facts = {"kind": kind.en, "kind_ja": kind.ja, "day": fact.day or "–"}
            yield record_finding("M06", fact.meter, facts)
        known = MeterTimeline(known.meter, (*known.facts, fact))


def _departs(known: MeterTimeline, fact: MeterFact) -> bool:
    before = change_by(known, fact).before
    return fact.kind == "replacement" or (before is not None and dict(before.value) != dict(fact.value))


def billing_cycles(timeline: MeterTimeline, period: tuple[date, date]) -> Iterator[Finding]:
    """M08: invoices that overlap, leave days out between them, or cross the edge of the period."""
    first, last = period
    invoices = sorted(
        (start, end)
        for fact in timeline.standing("invoice")
        if (start := fact.day_of("start")) and (end := fact.day_of("end")) and start <= last and first <= end
    )
    wrong = [f"{start} – {end}" for start, end in invoices if start < first or last < end]
    wrong += [
        f"{before[1]} / {after[0]}" for before, after in pairwise(invoices) if after[0] != before[1] + timedelta(days=1)
    ]
    if wrong:
        facts = {"start": first, "end": last, "what": ", ".join(wrong)}
        yield record_finding("M08", timeline.meter.meter_id, facts)
