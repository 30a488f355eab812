"""The energy that stands after judging, by meter and month and by meter and day: kept in columns, shown as lines.

A fleet of ten thousand meters has millions of meter-days. They are kept as arrays of whole numbers, and become objects
only where somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.gaps import substituted_wh
from openjcm.mrv.intake_time import MICRO
from openjcm.units import ROUNDING_RULES

Ints = NDArray[np.int64]
HOUR_US = 3600 * MICRO
NAMES = ("measured", "measured_us", "bridged", "bridged_us", "rejected", "negative")


@dataclass(frozen=True)
class EnergyLine:
    """The energy of one meter in one local calendar month, in whole Wh, and how much of the month is covered.

    ``measured_wh`` was read, ``bridged_wh`` is the register's difference across gaps (rule G0), ``substituted_wh``
    stands in for time that nothing covers (rule G4, consumption only). ``rejected_wh`` is energy of impossible or
    overlapping interval values, and ``negative_wh`` that of negative ones: both stated, neither counted.
    """

    meter_id: str
    year: int
    month: int
    measured_wh: int
    bridged_wh: int
    substituted_wh: int
    rejected_wh: int
    negative_wh: int
    measured_seconds: Fraction
    bridged_seconds: Fraction
    gap_seconds: Fraction
    period_seconds: Fraction

    @property
    def counted_wh(self) -> int:
        """What counts: measured, bridged and substituted."""
        return self.measured_wh + self.bridged_wh + self.substituted_wh

    @property
    def completeness(self) -> Fraction:
        """The share of the month's time (inside the period) that accepted energy covers, measured or bridged."""
        return (self.measured_seconds + self.bridged_seconds) / self.period_seconds

    def as_data(self) -> dict[str, object]:
        """The line as plain data, completeness included."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        return {**data, "completeness": self.completeness}


@dataclass(frozen=True)
class DayLine:
    """The energy of one meter on one local day in whole Wh (cut down), for charts."""

    meter_id: str
    day: date
    measured_wh: int
    bridged_wh: int


@dataclass(frozen=True)
class Sums:
    """Least units and microseconds of one meter per local day, as the fold adds them up: rows of one array."""

    days: Ints

    @classmethod
    def empty(cls, count: int) -> Sums:
        return cls(np.zeros((len(NAMES), count), dtype=np.int64))

    def __getattr__(self, name: str) -> Ints:
        if name not in NAMES:
            raise AttributeError(name)
        row: Ints = self.days[NAMES.index(name)]
        return row


@dataclass(frozen=True)
class Totals:
    """The sums of one meter over the whole period (Wh and microseconds)."""

    measured_wh: int
    bridged_wh: int
    substituted_wh: int
    rejected_wh: int
    negative_wh: int
    gap_us: int
    period_us: int


MONTHLY = (
    "measured_wh", "bridged_wh", "substituted_wh", "rejected_wh", "negative_wh",
    "measured_us", "bridged_us", "gap_us", "period_us",
)  # fmt: skip
"""The columns by month, in the order of the rows of :attr:`EnergyColumns.monthly`."""


def months_of(days: tuple[date, ...]) -> tuple[tuple[tuple[int, int], ...], Ints]:
    """The calendar months that the days (one after another) touch, and the place of each one's first day."""
    return _months(days[0], len(days))


@lru_cache(maxsize=32)
def _months(begin: date, count: int) -> tuple[tuple[tuple[int, int], ...], Ints]:
    days = [begin + timedelta(days=number) for number in range(count)]
    first = [place for place, day in enumerate(days) if place == 0 or day.day == 1]
    return tuple((days[place].year, days[place].month) for place in first), np.array(first, dtype=np.int64)


@dataclass(eq=False)
class EnergyColumns:
    """The energy of meters, in the order in which they were added.

    ``scale`` is the least unit in Wh. ``monthly`` holds per meter an array of months × :data:`MONTHLY`, ``daily`` per
    meter an array of two rows, measured and bridged, by day.
    """

    days: tuple[date, ...]
    starts: Ints
    scale: Fraction
    meters: list[str] = field(default_factory=list)
    monthly: list[Ints] = field(default_factory=list)
    daily: list[Ints] = field(default_factory=list)

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EnergyColumns) or (self.days, self.meters) != (other.days, other.meters):
            return False
        pairs = zip((*self.monthly, *self.daily), (*other.monthly, *other.daily), strict=True)
        return all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    def add(self, meter_id: str, direction: str, capacity_w: int, rounding: str, sums: Sums) -> Totals:
        """Make the lines of one meter from its sums, and give the totals of the period."""
        from openjcm.mrv.engine.series import by_month

        _, first = months_of(self.days)
        out = np.zeros((len(MONTHLY), len(first)), dtype=np.int64)
        by_month(sums.days, first, self.starts, out)
        up = rounding == "up_to_whole_unit"
        if self.scale != 1:
            out[:2] = _whole(out[:2], self.scale, rounding, up)
            out[3:5] = _down(out[3:5], self.scale)
        if direction != "generation":
            out[2] = [substituted_wh(direction, capacity_w, one) for one in out[7].tolist()]
        self.meters.append(meter_id)
        self.monthly.append(out)
        self.daily.append(_down(sums.days[0:3:2], self.scale))
        total = dict(zip(MONTHLY, out.sum(axis=1).tolist(), strict=True))
        return Totals(**{item.name: total[item.name] for item in fields(Totals)})

    def energy_lines(self) -> Iterator[EnergyLine]:
        """A line per meter and month."""
        months, _ = months_of(self.days)
        for meter, columns in zip(self.meters, self.monthly, strict=True):
            for (year, month), line in zip(months, columns.T.tolist(), strict=True):
                yield EnergyLine(meter, year, month, *line[:5], *(Fraction(one, MICRO) for one in line[5:]))

    def day_lines(self) -> Iterator[DayLine]:
        """A line per meter and day."""
        for meter, (measured, bridged) in zip(self.meters, self.daily, strict=True):
            yield from map(DayLine, repeat(meter), self.days, measured.tolist(), bridged.tolist())


def _down(values: Ints, scale: Fraction) -> Ints:
    """Least units as Wh, cut down to the whole."""
    return divided(values, scale.numerator, scale.denominator)


def _whole(values: Ints, scale: Fraction, rounding: str, up: bool) -> Ints:
    """Least units as whole Wh by the named rule."""
    if up:
        return -divided(-values, scale.numerator, scale.denominator)
    if rounding == "down_to_whole_unit":
        return _down(values, scale)
    rule = ROUNDING_RULES[rounding]
    return np.array([[rule(one * scale) for one in row] for row in values.tolist()], dtype=np.int64)


def divided(values: Ints, numerator: int, denominator: int) -> Ints:
    """``values × numerator ÷ denominator``, cut down; with Python's integers where 64 bits would not do."""
    if numerator == denominator:
        return values.copy()
    most = int(np.abs(values).max(initial=0))
    if most * numerator < 2**63:
        found: Ints = values * numerator // denominator
        return found
    exact: Ints = (values.astype(object) * numerator // denominator).astype(np.int64)
    return exact
