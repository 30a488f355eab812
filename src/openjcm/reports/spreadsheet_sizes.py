"""Sizes that cannot be right: off by a power of ten from what was expected, above what a meter can carry, or absurd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.trace import key_text
from openjcm.refusals import Finding
from openjcm.reports.spreadsheet_facts import named
from openjcm.reports.spreadsheet_inputs import Inputs
from openjcm.reports.spreadsheet_rules import finding
from openjcm.units import conversion_factor, display_text, same_dimension

Expected = Mapping[tuple[str, str], Fraction]
"""Expected values by symbol and index, in the units of the methodology."""


@dataclass(frozen=True)
class Limits:
    """Wide limits of a quantity, and what they rest on, in both languages."""

    least: Fraction
    most: Fraction
    en: str
    ja: str


_RECALLED = "wide limits, recalled", "広い目安 (記憶による)"
LIMITS = {
    "tCO2e/MWh": Limits(Fraction(1, 100), Fraction(2), *_RECALLED),
    "tCO2e/TJ": Limits(Fraction(10), Fraction(250), *_RECALLED),
    "day": Limits(Fraction(0), Fraction(366), "the days of a year", "1 年の日数"),
}
"""By unit. A value outside asks to be explained; it is not refused."""
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\D+(\d{4}-\d{2}-\d{2})")


def power_of_ten(ratio: Fraction) -> int:
    """The nearest power of ten of a positive ratio: 0 from 0.32 to 3.2, 3 for about a thousand."""
    power = 0
    while ratio**2 >= 10:
        ratio, power = ratio / 10, power + 1
    while ratio**2 < Fraction(1, 10):
        ratio, power = ratio * 10, power - 1
    return power


def implausible(inputs: Inputs, expected: Expected, plan: MonitoringPlan | None) -> Iterator[Finding]:
    """Findings about the size of the numbers of a workbook."""
    capacity = _capacity(plan)
    for (period, symbol), cells in inputs.values.items():
        unit = inputs.m.parameters[symbol].unit
        for key, value in cells.items():
            place = inputs.places[period, symbol, key]
            if not isinstance(value, Fraction) or place in inputs.stand_ins:
                continue
            about = _Size(inputs.sheet, place, named(symbol, key), value, unit)
            yield from about.against(expected.get((symbol, key_text(key))), "as expected", "予定値")
            yield from about.against(_nearest_year(inputs, period, symbol, key), "the other periods", "他の期間")
            yield from about.within(LIMITS.get(unit))
            yield from about.carried(capacity.get((symbol, key_text(key))), period)


@dataclass(frozen=True)
class _Size:
    """One number, with the ways to doubt it."""

    sheet: str
    place: tuple[int, int]
    name: str
    value: Fraction
    unit: str

    def against(self, wanted: Fraction | None, en: str, ja: str) -> Iterator[Finding]:
        """Off by powers of ten from an expected value (S09)."""
        if wanted and self.value and (power := power_of_ten(abs(self.value / wanted))):
            yield self._say("S09", power=str(power), wanted=_shown(wanted), basis_en=en, basis_ja=ja)

    def within(self, limits: Limits | None) -> Iterator[Finding]:
        """Outside wide limits (S10)."""
        if limits and not limits.least <= self.value <= limits.most:
            yield self._outside(limits.least, limits.most, limits.en, limits.ja)

    def carried(self, watts: int | None, period: str) -> Iterator[Finding]:
        """More than the meters can carry in the period (S10)."""
        days = _days(period)
        if watts is None or not days or not same_dimension("MWh", self.unit):
            return
        most = Fraction(watts * 24 * days, 10**6) * conversion_factor("MWh", self.unit)
        if self.value > most:
            yield self._outside(Fraction(0), most, "capacity of the meters × time", "計量器の容量 × 時間")

    def _outside(self, least: Fraction, most: Fraction, en: str, ja: str) -> Finding:
        return self._say("S10", least=_shown(least), most=_shown(most), basis_en=en, basis_ja=ja)

    def _say(self, rule: str, **facts: str) -> Finding:
        shown = {"symbol": self.name, "found": _shown(self.value), "unit": self.unit}
        return finding(rule, self.sheet, self.place, **shown, **facts)


def _nearest_year(inputs: Inputs, period: str, symbol: str, key: tuple[str, ...]) -> Fraction | None:
    """The same value in that other period to which it is nearest in size, where there are at least two others."""
    mine = inputs.values[period, symbol][key]
    others = [
        value
        for (of, name), cells in inputs.values.items()
        if name == symbol and of != period
        for value in [cells.get(key)]
        if isinstance(value, Fraction) and value and inputs.places[of, symbol, key] not in inputs.stand_ins
    ]
    if len(others) < 2 or not isinstance(mine, Fraction) or not mine:
        return None
    return min(others, key=lambda other: abs(power_of_ten(abs(mine / other))))


def _capacity(plan: MonitoringPlan | None) -> dict[tuple[str, str], int]:
    watts: dict[tuple[str, str], int] = {}
    for item in plan.meters if plan else ():
        watts[item.symbol, item.at] = watts.get((item.symbol, item.at), 0) + item.meter.capacity_w
    return watts


def _days(period: str) -> int:
    """The days of a period as written, both included; 0 where it does not say."""
    found = _DAYS.search(period)
    try:
        return (date.fromisoformat(found[2]) - date.fromisoformat(found[1])).days + 1 if found else 0
    except ValueError:
        return 0


def _shown(value: Fraction) -> str:
    text = display_text(value, 6)
    return text.rstrip("0").rstrip(".") if "." in text else text
