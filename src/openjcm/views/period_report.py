"""What does a monitoring report say of its period: energy and tonnes by part, meter and month, and by which rules?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from openjcm.mrv.gaps import GAP_RULES
from openjcm.units import exact, exact_text
from openjcm.views.bundle import REPORT_NOT_ON_RECORD

_REPORT = """
    select r.report_sha256, p.body from monitoring_report r join product p on p.sha256 = r.report_sha256
    where starts_with(r.report_sha256, %s) limit 2
"""
STEPS = tuple(name for name in GAP_RULES if name != "G0")
COUNTED = ("measured", "bridged", *STEPS, "calibration")
"""The parts that count, in the order of the waterfall; ``calibration`` is never above zero in tCO2e."""
STATED = ("rejected", "negative")
"""The parts that are stated and do not count."""

Figures = Mapping[str, Fraction]


@dataclass(frozen=True)
class MeterMonth:
    """One meter in one month: kWh and tCO2e by part (:data:`COUNTED`, :data:`STATED`), and how much is covered."""

    meter: str
    symbol: str
    at: str
    year: int
    month: int
    kwh: Figures
    tco2e: Figures
    period_seconds: Fraction
    gap_seconds: Fraction

    @property
    def completeness(self) -> Fraction:
        """The share of the month's time (inside the period) that accepted energy covers."""
        return 1 - self.gap_seconds / self.period_seconds

    def as_data(self) -> dict[str, Any]:
        """The month as plain data, exact numbers as text."""
        return {
            "meter": self.meter, "symbol": self.symbol, "at": self.at, "year": self.year, "month": self.month,
            "kwh": _texts(self.kwh), "tco2e": _texts(self.tco2e), "gap_seconds": exact_text(self.gap_seconds),
            "completeness": exact_text(self.completeness),
        }  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A step of the way from meters to whole tonnes: its name, energy (``None`` where there is none) and tonnes.

    Names are the parts, then ``project`` (what the formula takes away beside the meters' parts), ``exact``,
    ``not_credited`` (years below zero), ``rounding`` and ``whole``.
    """

    name: str
    kwh: Fraction | None
    tco2e: Fraction

    def as_data(self) -> dict[str, Any]:
        """The step as plain data."""
        kwh = None if self.kwh is None else exact_text(self.kwh)
        return {"name": self.name, "kwh": kwh, "tco2e": exact_text(self.tco2e)}


@dataclass(frozen=True)
class PeriodReport:
    """A report's period. ``body`` is the whole report (``docs/monitoring_report.md``)."""

    sha256: str
    body: Mapping[str, Any]
    months: tuple[MeterMonth, ...]

    @property
    def meters(self) -> tuple[str, ...]:
        """The meters, in their order."""
        return tuple(dict.fromkeys(month.meter for month in self.months))

    def waterfall(self) -> tuple[Step, ...]:
        """From what was measured to whole tonnes. Parts that are nothing are left out."""
        steps = [
            Step(name, _sum(month.kwh[name] for month in self.months), _sum(month.tco2e[name] for month in self.months))
            for name in COUNTED
        ]
        steps = [step for step in steps if step.kwh or step.tco2e]
        reached, total = _sum(step.tco2e for step in steps), exact(self.body["total"]["reductions"])
        below = -_sum(min(exact(year["reductions"]), Fraction(0)) for year in self.body["years"])
        whole = Fraction(self.body["emission_reductions"])
        more = [
            Step("project", None, total - reached), Step("exact", None, total), Step("not_credited", None, below),
            Step("rounding", None, whole - total - below), Step("whole", None, whole),
        ]  # fmt: skip
        return (*steps, *(step for step in more if step.tco2e or step.name in {"exact", "whole"}))

    def completeness(self) -> dict[str, Fraction]:
        """By meter: the share of the period's time that accepted energy covers, measured or bridged."""
        whole: dict[str, Fraction] = {}
        gap: dict[str, Fraction] = {}
        for month in self.months:
            whole[month.meter] = whole.get(month.meter, Fraction(0)) + month.period_seconds
            gap[month.meter] = gap.get(month.meter, Fraction(0)) + month.gap_seconds
        return {meter: 1 - gap[meter] / seconds for meter, seconds in whole.items()}

    def as_data(self) -> dict[str, Any]:
        """The period as plain data for CLI and API."""
        keys = ("project", "monitoring_period", "emission_reductions", "calibration", "gaps", "findings", "meter_facts")
        return {
            "report_sha256": self.sha256,
            **{key: self.body[key] for key in keys},
            "waterfall": [step.as_data() for step in self.waterfall()],
            "completeness": _texts(self.completeness()),
            "months": [month.as_data() for month in self.months],
        }


def period_report(connection: psycopg.Connection[Any], report: str) -> PeriodReport:
    """A report by its SHA-256 or the beginning of it (at least eight characters).

    Raises:
        Refused: ``report_not_on_record``.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    found = cursor.execute(_REPORT, [report]).fetchall() if len(report) >= 8 else []
    if len(found) != 1:
        raise REPORT_NOT_ON_RECORD(report=report[:80])
    return period_of(found[0][0], bytes(found[0][1]))


@lru_cache(maxsize=32)
def period_of(sha256: str, body: bytes) -> PeriodReport:
    """The period of a report from its bytes; the same hash always means the same bytes."""
    data = json.loads(body)
    return PeriodReport(sha256, data, tuple(_month(line) for line in data["energy"]))


def _month(line: Mapping[str, Any]) -> MeterMonth:
    def figures(unit: str) -> Figures:
        parts = {name: exact(text) for name, text in line[unit].items() if name != "substituted"}
        steps = {name: exact(line["substituted_by_step"][unit].get(name, "0")) for name in STEPS}
        return parts | steps

    return MeterMonth(
        line["meter"], line["symbol"], line["at"], line["year"], line["month"], figures("kwh"), figures("tco2e"),
        exact(line["period_seconds"]), exact(line["gap_seconds"]),
    )  # fmt: skip


def _sum(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))


def _texts(figures: Figures) -> dict[str, str]:
    return {name: exact_text(value) for name, value in figures.items()}
