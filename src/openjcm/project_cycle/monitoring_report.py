"""The monitoring report: from plan, meter files and inputs to emission reductions per calendar year.

:func:`make_monitoring_report` is a pure function from bytes to bytes. The report names by hash everything it was made
from (files, readings, plan, methodology text) and the engine's version, so anybody who holds those bytes gets the same
report again, byte for byte. Its structure is described in ``docs/monitoring_report.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from openjcm.canonical import canonical_bytes
from openjcm.dated import Citation, Grade, weakest
from openjcm.mrv.calculation import Given, Result, calculate, calendar_years
from openjcm.mrv.given import GIVEN_NOT_UNDERSTOOD
from openjcm.mrv.lines import EnergyLine
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.plan import MonitoringPlan, PlanMeter
from openjcm.mrv.quality import DayLine
from openjcm.mrv.sensitivity import sensitivities
from openjcm.mrv.timeline import MeterTimeline, timelines
from openjcm.project_cycle.metered import Judged, Period, Upload, judged_files, readings_by_day, readings_hash
from openjcm.project_cycle.metering import (
    PARTS,
    Metering,
    Month,
    Slopes,
    calibration_data,
    finding_data,
    gaps_data,
    metering,
    rule_data,
)
from openjcm.refusals import refusal
from openjcm.rulebook import rule
from openjcm.units import ROUNDING_RULES, conversion_factor, exact_text

__all__ = ["SCHEMA", "Period", "Upload", "make_monitoring_report", "readings_hash", "refuse_period"]

SCHEMA = {"name": "openjcm/monitoring-report", "version": 2}
PERIOD_REVERSED = refusal(
    "monitoring_period_reversed",
    en="The monitoring period ends ({end}) before it begins ({start}).",
    ja="モニタリング期間の終了日 ({end}) が開始日 ({start}) より前です。",
    remedy_en="Give the first and the last day of the period; both belong to it.",
    remedy_ja="期間の初日と最終日を入力してください (両日を含みます)。",
    clause="JCM: a monitoring report covers a period",
)
PERIOD_OUTSIDE_CREDITING = refusal(
    "monitoring_period_outside_crediting_period",
    en="The monitoring period {start} – {end} leaves the crediting period {first} – {last}.",
    ja="モニタリング期間 {start} – {end} がクレジット期間 {first} – {last} を外れています。",
    remedy_en="Cut the period to the crediting period.",
    remedy_ja="クレジット期間内に収まるよう期間を区切ってください。",
    clause="JCM: only reductions within the crediting period count",
)
PERIOD_OVERLAPS = refusal(
    "monitoring_period_overlaps",
    en="The monitoring period {start} – {end} shares days with an earlier one, {first} – {last}.",
    ja="モニタリング期間 {start} – {end} が、過去の期間 {first} – {last} と重複しています。",
    remedy_en="Begin on the day after the earlier period.",
    remedy_ja="過去の期間の翌日から開始してください。",
    clause="JCM: no day is credited twice",
)
PERIOD_CROSSES_2020 = refusal(
    "monitoring_period_crosses_2020_end",
    en="The monitoring period {start} – {end} crosses 2020-12-31.",
    ja="モニタリング期間 {start} – {end} が 2020-12-31 をまたいでいます。",
    remedy_en="Report the days up to 2020-12-31 and those from 2021-01-01 on in two reports.",
    remedy_ja="2020-12-31 までと 2021-01-01 以降を、別々の報告書に分けてください。",
    clause="Joint Committee decisions: results before 2021 and from 2021 on are kept apart",
)
INPUT_NOT_BY_YEAR = refusal(
    "input_not_by_year",
    en="{symbol} is monitored and the period covers {years}: one value cannot stand for several calendar years.",
    ja="{symbol} はモニタリング項目であり、期間は {years} 年にわたるため、1 つの値では表せません。",
    remedy_en='Give it by year: {{"by_year": {{"2022": …, "2023": …}}}}.',
    remedy_ja='年別に入力してください: {{"by_year": {{"2022": …, "2023": …}}}}。',
    clause="JCM: reductions are stated per calendar year",
)
INPUT_SETTLED_BY_PLAN = refusal(
    "input_settled_by_plan",
    en="{symbol} comes from the meters or parameters of the registered plan; it cannot be given anew.",
    ja="{symbol} は登録済みの計画の計量器またはパラメータで定められており、別に入力できません。",
    remedy_en="Leave it out, or change the plan first.",
    remedy_ja="入力から除くか、先に計画を変更してください。",
    clause="JCM: monitoring follows the plan that was registered",
)
WRONG_METHODOLOGY = refusal(
    "report_with_other_methodology",
    en="The plan names {planned}, but {given} was given.",
    ja="計画の方法論は {planned} ですが、{given} が指定されました。",
    remedy_en="Use the methodology that the plan names.",
    remedy_ja="計画に記載された方法論を使用してください。",
    clause="JCM: a project applies the methodology it was registered under",
)


def make_monitoring_report(
    plan: MonitoringPlan,
    files: Mapping[str, bytes],
    inputs: Mapping[str, Any],
    period: Period,
    methodology: Methodology,
    engine_version: str,
    *,
    earlier_periods: Sequence[Period] = (),
    uploads: Mapping[str, Upload] | None = None,
    meter_facts: Sequence[MeterFact] = (),
) -> bytes:
    """The canonical bytes of the monitoring report.

    Args:
        plan: the registered monitoring plan.
        files: the meter files by their SHA-256.
        inputs: values of symbols that come neither from meters nor from the plan, as :meth:`Given.from_data` reads
            them, or ``{"by_year": {"2022": …}}`` with one of those per calendar year.
        period: first and last day of the monitoring period, both included.
        methodology: the methodology that the plan names.
        engine_version: the version of this software, written into the report.
        earlier_periods: monitoring periods of the project that were reported before.
        uploads: names and mappings confirmed at upload, by SHA-256; they go before those of the plan.
        meter_facts: what was recorded of the plan's meters after registration, in the order of the journal.

    Raises:
        Refused: with a code of this module, of the readings, or of the calculation.
    """
    if methodology.id != plan.methodology:
        raise WRONG_METHODOLOGY(planned=plan.methodology, given=methodology.id)
    refuse_period(plan, period, earlier_periods, methodology.country)
    meters = timelines([item.meter for item in plan.meters], meter_facts)
    judged = judged_files(plan, files, uploads or {}, period, meters)
    found = metering(plan, judged, meters, methodology.country, period)
    spans = list(calendar_years(*period))
    _refuse_inputs(plan, methodology, inputs, {str(year) for year, _, _ in spans})
    years = [_year(plan, methodology, found, inputs, span) for span in spans]
    report = _report(plan, methodology, engine_version, period, earlier_periods, inputs, judged, found, years)
    return canonical_bytes({**report, "meter_facts": _facts_used(meters, meter_facts)})


# The period -----------------------------------------------------------------------------------------------------------


def refuse_period(plan: MonitoringPlan, period: Period, earlier: Sequence[Period], country: str) -> None:
    """Refuse a period that is reversed, leaves the crediting period, overlaps, or crosses the end of 2020.

    Raises:
        Refused: ``monitoring_period_reversed``, ``monitoring_period_outside_crediting_period``,
            ``monitoring_period_overlaps``, ``monitoring_period_crosses_2020_end``.
    """
    (start, end), (first, last) = period, plan.crediting_period
    if end < start:
        raise PERIOD_REVERSED(start=start, end=end)
    if start < first or last < end:
        raise PERIOD_OUTSIDE_CREDITING(start=start, end=end, first=first, last=last)
    for before_start, before_end in sorted(earlier):
        if start <= before_end and before_start <= end:
            raise PERIOD_OVERLAPS(start=start, end=end, first=before_start, last=before_end)
    crosses = start <= date(2020, 12, 31) and date(2021, 1, 1) <= end
    if crosses and not rule(country, "monitoring_period_may_cross_2020_end", end).value:
        raise PERIOD_CROSSES_2020(start=start, end=end)


# One calendar year ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Year:
    year: int
    first: date
    last: date
    result: Result
    tonnes_per_mwh: Mapping[tuple[str, str], Fraction]
    """By symbol and index: what one more MWh on the meter adds to the reductions."""


def _year(
    plan: MonitoringPlan,
    methodology: Methodology,
    found: Metering,
    inputs: Mapping[str, Any],
    span: tuple[int, date, date],
) -> _Year:
    year, first, last = span
    given = {**plan.parameters, **_inputs_of_year(inputs, year)}
    energy = _energy_of_year(plan, found, year)

    measured = {symbol: _from_meters(plan, symbol, values, found, year) for symbol, values in energy.items()}
    days = {"monitoring": last, **plan.days}
    result = calculate(
        methodology, plan.version, {**given, **measured}, interpretations=plan.interpretations, days=days
    )
    slopes = sensitivities(result)
    per_mwh = {
        (symbol, at): slopes.get(symbol, {}).get(tuple(at.split("/")) if at else (), Fraction(0))
        * conversion_factor("MWh", methodology.parameters[symbol].unit)
        for symbol, values in energy.items()
        for at in values
    }
    return _Year(year, first, last, result, per_mwh)


def tonnes_per_mwh(
    plan: MonitoringPlan, methodology: Methodology, lines: Sequence[EnergyLine], period: Period
) -> Slopes:
    """What one more MWh on a meter adds to the reductions of a calendar year (tCO2e), by meter and year.

    Where the plan alone does not settle the calculation (a symbol is neither metered nor given), it is refused.

    Raises:
        Refused: what the calculation refuses.
    """
    found = Metering(tuple(Month(line, {"G4": line.substituted_wh}) for line in lines), (), (), {})
    return _slopes(plan, [_year(plan, methodology, found, {}, span) for span in calendar_years(*period)])


def _refuse_inputs(plan: MonitoringPlan, methodology: Methodology, inputs: Mapping[str, Any], years: set[str]) -> None:
    """Refuse an input that the plan settles, or that does not fit the calendar years of the period."""
    settled = plan.parameters.keys() | {item.symbol for item in plan.meters}
    for symbol, data in inputs.items():
        if symbol in settled:
            raise INPUT_SETTLED_BY_PLAN(symbol=symbol)
        if isinstance(data, Mapping) and "by_year" in data:
            if not isinstance(data["by_year"], Mapping):
                raise GIVEN_NOT_UNDERSTOOD(symbol=symbol, place="by_year")
            if wrong := sorted(data["by_year"].keys() - years) or sorted(data.keys() - {"by_year"}):
                raise GIVEN_NOT_UNDERSTOOD(symbol=symbol, place=f"by_year: {wrong[0]}")
            continue
        parameter = methodology.parameters.get(symbol)
        if parameter is not None and parameter.kind == "monitored" and len(years) > 1:
            raise INPUT_NOT_BY_YEAR(symbol=symbol, years=len(years))


def _inputs_of_year(inputs: Mapping[str, Any], year: int) -> dict[str, Given]:
    given: dict[str, Given] = {}
    for symbol, data in inputs.items():
        if not isinstance(data, Mapping) or "by_year" not in data:
            given[symbol] = Given.from_data(data, symbol)
        elif str(year) in data["by_year"]:
            given[symbol] = Given.from_data(data["by_year"][str(year)], symbol)
    return given


def _energy_of_year(plan: MonitoringPlan, found: Metering, year: int) -> dict[str, dict[str, int]]:
    """Energy by symbol and index, in Wh. Every meter of the plan has its place, be it zero."""
    by_meter: dict[str, int] = {}
    for month in found.months:
        if month.line.year == year:
            by_meter[month.line.meter_id] = by_meter.get(month.line.meter_id, 0) + month.counted_wh
    energy: dict[str, dict[str, int]] = {}
    for item in plan.meters:
        values = energy.setdefault(item.symbol, {})
        values[item.at] = values.get(item.at, 0) + by_meter.get(item.meter.meter_id, 0)
    return energy


def _from_meters(plan: MonitoringPlan, symbol: str, values: Mapping[str, int], found: Metering, year: int) -> Given:
    meters = sorted(item.meter.meter_id for item in plan.meters if item.symbol == symbol)
    source = Citation(f"meter readings ({', '.join(meters)}){found.notes(meters, year)}")
    return Given({at: str(wh) for at, wh in values.items()}, "Wh", source, Grade.READ)


# The report -----------------------------------------------------------------------------------------------------------


def _report(
    plan: MonitoringPlan,
    methodology: Methodology,
    engine_version: str,
    period: Period,
    earlier: Sequence[Period],
    inputs: Mapping[str, Any],
    judged: Sequence[Judged],
    found: Metering,
    years: Sequence[_Year],
) -> dict[str, Any]:
    files = sorted((file for group in judged for file in group.files), key=lambda file: file.sha256)
    year_data = [_year_data(plan, year) for year in years]
    findings = [finding for group in judged for finding in group.findings()]
    findings += [finding_data(finding) for finding in found.findings]
    slopes = _slopes(plan, years)
    return {
        "schema": dict(SCHEMA),
        "engine": {"name": "openjcm", "version": engine_version},
        "project": plan.project,
        "methodology": {
            "id": methodology.id,
            "version": plan.version,
            "title": {"en": methodology.title, "ja": methodology.title_ja},
            "source_sha256": methodology.source_sha256,
            "evidence": methodology.evidence,
        },
        "plan_sha256": plan.sha256,
        "crediting_period": _span(plan.crediting_period),
        "monitoring_period": _span(period),
        "earlier_periods": [_span(item) for item in sorted(earlier)],
        "time_zone": plan.time_zone,
        "files": [file.as_data() for file in files],
        "inputs": dict(inputs),
        "rules": _rules(plan, methodology.country, period[1]),
        "years": year_data,
        "total": {
            name: exact_text(sum((year.result.value(symbol) for year in years), Fraction(0)))
            for name, symbol in _result_symbols(methodology).items()
        },
        "emission_reductions": sum(year["credited_tonnes"] for year in year_data),
        "grade": weakest(year.result.grade for year in years),
        "provisional": any(year.result.provisional for year in years),
        "reasons": list(dict.fromkeys(reason for year in years for reason in year.result.reasons)),
        "quality": plan.quality.as_data(),
        "findings": sorted(findings, key=canonical_bytes),
        "calibration": calibration_data(found, slopes),
        "gaps": gaps_data(found),
        "energy": _energy(plan, found, slopes),
        "energy_total": _energy_total(found),
        "daily": sorted((series for group in judged for series in _daily(group, plan.time_zone)), key=canonical_bytes),
    }


def _facts_used(meters: Mapping[str, MeterTimeline], recorded: Sequence[MeterFact]) -> list[dict[str, Any]]:
    """The recorded facts that the report rests on, in the order of the journal, and whether each still stands."""
    standing = {fact.id for timeline in meters.values() for fact in timeline.standing()}
    return [
        {"sha256": fact.id, "meter": fact.meter, "kind": fact.kind, "day": fact.day, "stands": fact.id in standing}
        for fact in recorded
    ]


def _span(period: Period) -> dict[str, date]:
    return {"start": period[0], "end": period[1]}


def _result_symbols(methodology: Methodology) -> dict[str, str]:
    return {"reference": methodology.reference, "project": methodology.project, "reductions": methodology.reductions}


def _year_data(plan: MonitoringPlan, year: _Year) -> dict[str, Any]:
    rounding = ROUNDING_RULES[plan.rounding]
    whole = rounding(year.result.reductions)
    return {
        "year": year.year,
        "start": year.first,
        "end": year.last,
        **{
            name: exact_text(year.result.value(symbol))
            for name, symbol in _result_symbols(year.result.methodology).items()
        },
        "unit": "tCO2e",
        "whole_tonnes": whole,
        "credited_tonnes": max(whole, 0),
        "negative": year.result.reductions < 0,
        "grade": year.result.grade,
        "trace": [step.as_data() for step in year.result.trace],
    }


def _rules(plan: MonitoringPlan, country: str, day: date) -> dict[str, Any]:
    rounding = ROUNDING_RULES[plan.rounding]
    return {
        "rounding": {
            "name": rounding.name,
            "source": rounding.source,
            "grade": rounding.grade,
            "rulebook": rule_data(country, "emission_reduction_rounding", day),
        },
        "negative_years": rule_data(country, "negative_year_treatment", day),
        "period_may_cross_2020_end": rule_data(country, "monitoring_period_may_cross_2020_end", day),
    }


def _slopes(plan: MonitoringPlan, years: Sequence[_Year]) -> Slopes:
    return {
        (item.meter.meter_id, year.year): year.tonnes_per_mwh[item.symbol, item.at]
        for item in plan.meters
        for year in years
    }


def _energy(plan: MonitoringPlan, found: Metering, slopes: Slopes) -> list[dict[str, Any]]:
    meters = {item.meter.meter_id: item for item in plan.meters}
    years = {year for _, year in slopes}
    return [
        _energy_data(meters[month.line.meter_id], month, slopes[month.line.meter_id, month.line.year])
        for month in found.months
        if month.line.year in years
    ]


def _energy_data(item: PlanMeter, month: Month, tonnes: Fraction) -> dict[str, Any]:
    line, parts = month.line, month.parts()

    def both(energy: Mapping[str, int]) -> dict[str, dict[str, str]]:
        return {
            "kwh": {name: exact_text(Fraction(wh, 1000)) for name, wh in energy.items()},
            "tco2e": {name: exact_text(Fraction(wh, 1_000_000) * tonnes) for name, wh in energy.items()},
        }

    return {
        "meter": line.meter_id,
        "symbol": item.symbol,
        "at": item.at,
        "year": line.year,
        "month": line.month,
        **both(parts),
        "substituted_by_step": both({name: wh for name, wh in month.steps.items() if wh}),
        "period_seconds": exact_text(line.period_seconds),
        "gap_seconds": exact_text(line.gap_seconds),
        "completeness": exact_text(line.completeness),
    }


def _daily(judged: Judged, time_zone: str) -> list[dict[str, Any]]:
    """Per meter: the first day and, for each day from it, whole Wh measured and bridged, and how many readings came.

    For charts. A day without readings and a day whose readings say zero are different days.
    """
    series: dict[str, list[DayLine]] = {}
    for line in judged.judgement.daily:
        series.setdefault(line.meter_id, []).append(line)
    spans = {(lines[0].day, lines[-1].day) for lines in series.values()}
    counts = {span: readings_by_day(judged.readings, *span, time_zone) for span in spans}
    return [
        {
            "meter": meter,
            "first_day": lines[0].day,
            "measured_wh": [line.measured_wh for line in lines],
            "bridged_wh": [line.bridged_wh for line in lines],
            "readings": counts[lines[0].day, lines[-1].day][meter],
        }
        for meter, lines in series.items()
    ]


def _energy_total(found: Metering) -> dict[str, str]:
    parts = [month.parts() for month in found.months]
    return {name: exact_text(Fraction(sum(part[name] for part in parts), 1000)) for name in PARTS}
