"""Filling the gaps of a report's meters by the steps that its plan may use beside G0 and G4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openjcm.mrv.calibration_rules import record_finding
from openjcm.mrv.choices import ALWAYS
from openjcm.mrv.gap_evidence import evidence_for, series_of, source_meter
from openjcm.mrv.gap_fill import Fill, Filler, MonthFill, Series, by_month
from openjcm.mrv.gaps import substituted_wh
from openjcm.mrv.intake_time import MICRO, day_starts
from openjcm.mrv.lines import EnergyLine
from openjcm.mrv.meters import Meter
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.quality import judge
from openjcm.mrv.segmented import changes
from openjcm.mrv.timeline import MeterTimeline
from openjcm.project_cycle.metered import Judged, Period
from openjcm.refusals import Finding


@dataclass(frozen=True)
class Filled:
    """What was filled: each gap by meter, and the sums by meter, month and step."""

    meters: Mapping[str, Meter] = field(default_factory=dict)
    fills: Mapping[str, tuple[Fill, ...]] = field(default_factory=dict)
    months: Mapping[tuple[str, int, int], tuple[MonthFill, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def steps_of(self, line: EnergyLine) -> dict[str, int]:
        """Wh by step for one meter and month: what no other step fills is left to G4."""
        mine = self.months.get((line.meter_id, line.year, line.month), ())
        if not mine:
            return {"G4": line.substituted_wh}
        meter = self.meters[line.meter_id]
        open_us = int(line.gap_seconds * MICRO) - sum(item.time_us for item in mine)
        rest = substituted_wh(meter.direction, meter.capacity_w, max(open_us, 0))
        return {item.step: item.wh for item in mine} | {"G4": rest}


def fill_all(
    plan: MonitoringPlan, judged: Sequence[Judged], meters: Mapping[str, MeterTimeline], period: Period
) -> Filled:
    """Every gap that the plan's steps fill; nothing where the plan names none beside G0 and G4."""
    if set(plan.gaps.steps) == set(ALWAYS):
        return Filled()
    days, starts = day_starts(*period, plan.time_zone)
    bounds = int(starts[0]), int(starts[-1])
    sources = _sources(plan, judged, meters, period)
    facts = {name: timeline.meter for name, timeline in meters.items()}
    fills: dict[str, tuple[Fill, ...]] = {}
    months: dict[tuple[str, int, int], tuple[MonthFill, ...]] = {}
    findings: list[Finding] = []
    for group in judged:
        open_us = _open(group.judgement.energy)
        for name in group.judgement.columns.meters:
            meter = facts[name]
            if changes(meters[name].segments(*period, plan.time_zone)):
                findings += [record_finding("M10", name, {}, "changed")] if open_us[name] else []
                continue
            series = series_of(group.readings, group.judgement.flags, meter)
            seen = sum(end - begin for begin, end in series.gaps(*bounds))
            if seen != open_us[name]:
                told = {"seconds": seen // MICRO, "judged": open_us[name] // MICRO}
                findings.append(record_finding("M10", name, told))
                continue
            evidence = evidence_for(meters[name], plan.gaps, sources, plan.time_zone)
            generation = meter.direction == "generation"
            found = Filler(generation, meter.capacity_w, series, bounds, evidence).fills()
            fills[name] = tuple(found)
            for item in by_month(found, days, starts, generation=generation):
                key = (name, item.year, item.month)
                months[key] = (*months.get(key, ()), item)
    return Filled(facts, fills, months, tuple(findings))


def _open(lines: Sequence[EnergyLine]) -> dict[str, int]:
    """By meter: the time that nothing covers, in microseconds."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.meter_id] = found.get(line.meter_id, 0) + int(line.gap_seconds * MICRO)
    return found


def _sources(
    plan: MonitoringPlan, judged: Sequence[Judged], meters: Mapping[str, MeterTimeline], period: Period
) -> dict[str, Series]:
    """The further series of the plan, judged by themselves. One without readings helps nothing."""
    found: dict[str, Series] = {}
    for source in plan.gaps.sources:
        meter = source_meter(source, meters[source.meter].meter)
        for group in judged:
            if source.series in group.readings.slices:
                judgement = judge(group.readings, [meter], period, plan.time_zone, plan.quality)
                found[source.series] = series_of(group.readings, judgement.flags, meter)
    return found
