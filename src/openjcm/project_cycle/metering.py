"""What the meters of a report stand for, month by month: read, bridged, filled and corrected, and by which rules.

Between the judged readings and the calculation: lapsed calibration is corrected, gaps are filled where the plan may
fill them, and each part stays a line of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from openjcm.dated import Dated
from openjcm.mrv.calibration import CalibrationRules, MeterCalibration, UsedDays, check_calibration, corrected_wh
from openjcm.mrv.gap_fill import Fill
from openjcm.mrv.gaps import GAP_RULES
from openjcm.mrv.intake_time import instant_text
from openjcm.mrv.lines import MONTHLY, EnergyColumns, EnergyLine, months_of
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.record_checks import check_record
from openjcm.mrv.timeline import MeterTimeline
from openjcm.project_cycle.filling import fill_all
from openjcm.project_cycle.metered import BLOCKING_FINDINGS, Judged, Period
from openjcm.refusals import Finding, Severity
from openjcm.rulebook import rule
from openjcm.units import exact_text

PARTS = ("measured", "bridged", "substituted", "calibration", "rejected", "negative")
"""What becomes of energy: measured; bridged across a gap by the register; substituted by a rule; corrected because
calibration had lapsed (with its sign; these four count); rejected as impossible; negative (these two are stated and do
not count)."""


@dataclass(frozen=True)
class Month:
    """The energy of one meter in one month: the judged line, what stands in for gaps by step, and the correction."""

    line: EnergyLine
    steps: Mapping[str, int]
    calibration_wh: int = 0

    @property
    def substituted_wh(self) -> int:
        """What stands in for gaps, all steps."""
        return sum(self.steps.values())

    @property
    def counted_wh(self) -> int:
        """What counts."""
        return self.line.measured_wh + self.line.bridged_wh + self.substituted_wh + self.calibration_wh

    def parts(self) -> dict[str, int]:
        """Wh by part."""
        stated = {name: getattr(self.line, f"{name}_wh") for name in ("measured", "bridged", "rejected", "negative")}
        return {**stated, "substituted": self.substituted_wh, "calibration": self.calibration_wh}


@dataclass(frozen=True)
class Metering:
    """All months of all meters in their order, what the meters' records say, and the rules that were applied."""

    months: tuple[Month, ...]
    calibrations: tuple[MeterCalibration, ...]
    findings: tuple[Finding, ...]
    rules: Mapping[str, Any]
    fills: Mapping[str, tuple[Fill, ...]] = field(default_factory=dict)

    def notes(self, meter_ids: Sequence[str], year: int) -> str:
        """What was done beside reading, for the source of a measured value: empty if nothing."""
        chosen = [month for month in self.months if month.line.meter_id in meter_ids and month.line.year == year]
        steps: dict[str, int] = {}
        for month in chosen:
            for name, wh in (*month.steps.items(), ("lapsed calibration", month.calibration_wh)):
                steps[name] = steps.get(name, 0) + wh
        return "".join(f"; {name} {wh:+d} Wh" for name, wh in sorted(steps.items()) if wh)


def metering(
    plan: MonitoringPlan,
    judged: Sequence[Judged],
    meters: Mapping[str, MeterTimeline],
    country: str,
    period: Period,
) -> Metering:
    """The energy that counts, by meter and month.

    Raises:
        Refused: ``blocking_findings`` where a meter's record does not allow a report.
    """
    chosen, stated = calibration_rules(plan, country, period[1])
    calibrations = [
        check_calibration(meters[name], _used(columns, place), chosen)
        for columns in (group.judgement.columns for group in judged)
        for place, name in enumerate(columns.meters)
    ]
    calibrations.sort(key=lambda item: item.meter_id)
    findings = [finding for item in calibrations for finding in item.findings]
    findings += [finding for timeline in meters.values() for finding in check_record(timeline, period)]
    _refuse_blocking(findings)
    corrections = corrected_wh(one for item in calibrations for one in item.corrections)
    filled = fill_all(plan, judged, meters, period)
    findings += filled.findings
    lines = sorted(
        (line for group in judged for line in group.judgement.energy),
        key=lambda line: (line.meter_id, line.year, line.month),
    )
    months = tuple(
        Month(line, filled.steps_of(line), corrections.get((line.meter_id, line.year, line.month), 0)) for line in lines
    )
    gaps = rule_data(country, "gap_rules", period[1]) | {"applied": list(plan.gaps.steps)}
    if plan.gaps.basis:
        gaps["basis"] = plan.gaps.basis.as_data()
    return Metering(months, tuple(calibrations), tuple(findings), {"calibration": stated, "gaps": gaps}, filled.fills)


def _refuse_blocking(findings: Sequence[Finding]) -> None:
    blocking = [finding for finding in findings if finding.severity is Severity.BLOCKS]
    if blocking:
        raise BLOCKING_FINDINGS(
            rules=sorted({finding.rule for finding in blocking}),
            meters=sorted({finding.facts["meter"] for finding in blocking}),
        )


def _used(columns: EnergyColumns, place: int) -> UsedDays:
    """The energy of one meter by day, and by month as it counts."""
    months, _ = months_of(columns.days)
    counted = columns.monthly[place][: MONTHLY.index("bridged_wh") + 1].sum(axis=0)
    monthly = dict(zip(months, counted.tolist(), strict=True))
    return UsedDays(columns.days, columns.daily[place].sum(axis=0), monthly)


# Rules ----------------------------------------------------------------------------------------------------------------

CALIBRATION_RULES = {
    "lapsed": "lapsed_calibration",
    "larger_error": "larger_error_found_later",
    "unrecorded": "unrecorded_calibration",
}
"""The choices on calibration and the rules of the rulebook that settle them."""


def calibration_rules(plan: MonitoringPlan, country: str, day: date) -> tuple[CalibrationRules, dict[str, Any]]:
    """The rules on calibration that hold for the plan: the rulebook's of that day, or what the plan chose with a basis.

    Given back are the rules, and what the report says of each: value, source, grade, and the basis of a departure.
    """
    stated: dict[str, Any] = {}
    for name, rule_name in CALIBRATION_RULES.items():
        common, chosen = rule_data(country, rule_name, day), getattr(plan.calibration, name)
        stated[rule_name] = common | {"applied": chosen or common["value"]}
        if chosen and plan.calibration.basis:
            stated[rule_name]["basis"] = plan.calibration.basis.as_data()
    return CalibrationRules(**{name: stated[rule]["applied"] for name, rule in CALIBRATION_RULES.items()}), stated


def rule_data(country: str, name: str, day: date) -> dict[str, Any]:
    """A rule as the report states it: its value, the day it was read on, its grade and its source."""
    found: Dated[Any] = rule(country, name, day)
    return {"value": found.value, "read_on": day, "grade": found.grade, "source": found.citation.source}


# The report -----------------------------------------------------------------------------------------------------------

Slopes = Mapping[tuple[str, int], Fraction]
"""By meter and year: what one more MWh on the meter adds to the reductions, in tCO2e."""


def calibration_data(found: Metering, slopes: Slopes) -> dict[str, Any]:
    """The report's section on calibration: per meter the answer, what covers its days, and each correction."""
    return {
        "rules": dict(found.rules["calibration"]),
        "meters": [_meter_data(item, slopes) for item in found.calibrations],
    }


def _meter_data(item: MeterCalibration, slopes: Slopes) -> dict[str, Any]:
    return {
        "meter": item.meter_id,
        "covered": item.conclusion,
        "used_days": item.used_days,
        "covered_days": item.covered_days,
        "calibrations": [
            {
                "fact": cover.fact.id,
                "day": cover.fact.day,
                "first": cover.first,
                "last": cover.last,
                "error_percent": cover.fact.value.get("error_percent"),
                "documents": [document.as_data() for document in cover.fact.documents],
            }
            for cover in item.covers
        ],
        "corrections": [
            {
                "year": one.year,
                "month": one.month,
                "first": one.first,
                "last": one.last,
                "days": one.days,
                "percent": exact_text(one.percent),
                "because": one.because,
                "base_kwh": exact_text(Fraction(one.base_wh, 1000)),
                "kwh": exact_text(Fraction(one.signed_wh, 1000)),
                "tco2e": exact_text(Fraction(one.signed_wh, 1_000_000) * slopes[item.meter_id, one.year]),
            }
            for one in item.corrections
        ],
    }


def gaps_data(found: Metering) -> dict[str, Any]:
    """The report's section on gaps: the rule and its steps with their sources, and each gap that a step filled."""
    steps = [rule for name, rule in GAP_RULES.items() if name in found.rules["gaps"]["applied"]]
    return {
        "rule": dict(found.rules["gaps"]),
        "steps": [
            {"step": one.name, "en": one.en, "ja": one.ja, "source": one.source, "grade": one.grade} for one in steps
        ],
        "fills": [
            {
                "meter": meter,
                "step": fill.step,
                "begin": instant_text(fill.begin_us),
                "end": instant_text(fill.end_us),
                "kwh": exact_text(Fraction(fill.mwh, 1_000_000)),
            }
            for meter, fills in sorted(found.fills.items())
            for fill in fills
        ],
    }


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding on a meter's record, in the form of the report's findings."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": {"en": finding.message("en"), "ja": finding.message("ja")},
        "clause": finding.clause,
        "facts": dict(finding.facts),
        "places": [],
        "row_count": 0,
    }
