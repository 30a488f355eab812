"""Emission reductions by project and month over a judged store of readings: energy that stands, by each plan's formula.

The months are shares of a calendar year's reductions: each MWh counts what one more MWh adds by the formula (exact for
every methodology that is linear in the metered energy). Whole tonnes are made once, by a monitoring report.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from openjcm.methodologies import methodology
from openjcm.mrv.engine.fleet import Case, Cases
from openjcm.mrv.engine.parts import reductions
from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.quality import EnergyLine
from openjcm.project_cycle.monitoring_report import tonnes_per_mwh
from openjcm.refusals import Refused

COLUMNS = ("project", "year", "month", "counted_wh", "tco2e")


@dataclass(frozen=True)
class MonthlyReductions:
    """The table of reductions, and why a project has none: the refusal of its calculation."""

    table: pa.Table
    refused: dict[str, Refused]

    def csv(self) -> str:
        """The table as CSV with a header."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([row[name] for name in COLUMNS] for row in self.table.to_pylist())
        return out.getvalue()


def cases_of(plans: Sequence[MonitoringPlan], period: tuple[date, date] | None) -> Cases:
    """What the plans say of their meters, for a period (else each plan's crediting period).

    Raises:
        Refused: ``meter_in_two_plans``.
    """
    return Cases.of(
        [
            Case(
                plan.project, tuple(item.meter for item in plan.meters), period or plan.crediting_period,
                plan.time_zone, plan.quality,
            )
            for plan in plans
        ]
    )  # fmt: skip


def monthly_reductions(
    plans: Sequence[MonitoringPlan], period: tuple[date, date] | None, energy: pa.Table
) -> MonthlyReductions:
    """The reductions of every plan whose calculation its own facts settle; the others with the reason."""
    factors: dict[tuple[str, int], Fraction] = {}
    refused: dict[str, Refused] = {}
    for plan in plans:
        lines = [_line(row) for row in energy.filter(pc.equal(energy.column("project"), plan.project)).to_pylist()]
        try:
            found = methodology(plan.methodology)
            factors |= tonnes_per_mwh(plan, found, lines, period or plan.crediting_period)
        except Refused as reason:
            refused[plan.project] = reason
    return MonthlyReductions(reductions(energy, factors), refused)


def _line(row: dict[str, int]) -> EnergyLine:
    seconds = {name: Fraction(row[f"{name}_us"], MICRO) for name in ("measured", "bridged", "gap", "period")}
    return EnergyLine(
        str(row["meter"]), row["year"], row["month"], row["measured_wh"], row["bridged_wh"], row["substituted_wh"],
        row["rejected_wh"], row["negative_wh"], *seconds.values(),
    )  # fmt: skip
