"""What stands in for gaps beside G0 and G4, where a plan may use it: another instrument, an invoice, light, low days.

Only whole numbers are used. For generation every step gives a low figure, rounded down; for consumption (where more
lowers the reductions) its mirror, rounded up. Nothing ever exceeds capacity × time. Steps are tried in their order, and
the first that applies to a gap fills it:

* ``G1``: what a second instrument counted wholly inside the gap, or an invoice less what was read beside the gap;
  less (for consumption: plus) both error limits.
* ``G2``: irradiation of each hour times the tenth-percentile (ninetieth) yield of the 14 days on each side, only on
  days for which a document proves that the plant ran.
* ``G3``: the tenth-percentile (ninetieth) energy of the same hour on the 14 days on each side; gaps of at most 7
  days, together at most 2 % of the period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.lines import HOUR_US, months_of

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]
DONOR_DAYS = 14
FEWEST_DONORS = 7
LONGEST_BY_LOW_DAYS_US = 7 * 24 * HOUR_US
MOST_BY_LOW_DAYS = Fraction(2, 100)
LEAST_LIGHT = 10
"""Hours with less than so many parts of the strongest irradiation say nothing of the yield."""
YIELD_SCALE = 1 << 20


@dataclass(frozen=True)
class Series:
    """The accepted energy of one meter: steps [``begin_us``, ``end_us``) with their energy, in whole milliwatt-hours.

    ``sure`` marks the steps that are not bridged: only these serve as donors.
    """

    begin_us: Ints
    end_us: Ints
    mwh: Ints
    sure: NDArray[np.bool_]

    def gaps(self, first_us: int, last_us: int) -> list[tuple[int, int]]:
        """The stretches of a period that no step covers, in order."""
        order = np.argsort(self.begin_us, kind="stable")
        begin, end = np.clip(self.begin_us[order], first_us, last_us), np.clip(self.end_us[order], first_us, last_us)
        reached = np.maximum.accumulate(np.concatenate(([first_us], end)))
        starts = np.concatenate((begin, [last_us]))
        open_ = np.flatnonzero(starts > reached)
        return [(int(reached[place]), int(starts[place])) for place in open_]

    def inside(self, first_us: int, last_us: int) -> int | None:
        """The energy of the steps that lie wholly between two instants; ``None`` where there are none."""
        chosen = (self.begin_us >= first_us) & (self.end_us <= last_us)
        return int(self.mwh[chosen].sum()) if chosen.any() else None

    def around(self, first_us: int, last_us: int) -> int | None:
        """The energy of all steps that touch the time between two instants, if together they cover all of it."""
        chosen = (self.end_us > first_us) & (self.begin_us < last_us)
        if not chosen.any() or self._only(chosen).gaps(first_us, last_us):
            return None
        return int(self.mwh[chosen].sum())

    def _only(self, chosen: NDArray[np.bool_]) -> Series:
        return Series(self.begin_us[chosen], self.end_us[chosen], self.mwh[chosen], self.sure[chosen])

    def hours(self) -> Hours:
        """The energy of each UTC hour that sure steps of at most an hour cover wholly."""
        usable = self._only(self.sure & (self.end_us - self.begin_us <= HOUR_US) & (self.end_us > self.begin_us))
        if not len(usable.begin_us):
            return Hours(0, np.full((1, 24), -1, dtype=np.int64))
        first = int(usable.begin_us.min()) // (24 * HOUR_US)
        count = int(usable.end_us.max() - 1) // (24 * HOUR_US) - first + 1
        energy, covered = (np.zeros(count * 24, dtype=np.int64) for _ in range(2))
        hour = usable.begin_us // HOUR_US
        edge = np.minimum((hour + 1) * HOUR_US, usable.end_us)
        time, length = edge - usable.begin_us, usable.end_us - usable.begin_us
        early = _share(usable.mwh, time, length)
        for place, part, spent in ((hour, early, time), (hour + 1, usable.mwh - early, length - time)):
            index = place - first * 24
            used = (spent > 0) & (index < count * 24)
            np.add.at(energy, index[used], part[used])
            np.add.at(covered, index[used], spent[used])
        energy[covered != HOUR_US] = -1
        return Hours(first, energy.reshape(count, 24))


def _share(energy: Ints, time: Ints, length: Ints) -> Ints:
    """``energy × time ÷ length`` cut down, without leaving 64 bits."""
    seconds, whole = time // 1_000_000, np.maximum(length // 1_000_000, 1)
    return (energy // whole) * seconds + ((energy % whole) * seconds) // whole


@dataclass(frozen=True)
class Hours:
    """Energy by UTC day (from ``first_day``, days since 1970) and hour; -1 where an hour is not wholly known."""

    first_day: int
    mwh: Ints

    def of(self, hour: int) -> int:
        """The energy of an hour (since 1970), or -1."""
        day = hour // 24 - self.first_day
        return int(self.mwh[day, hour % 24]) if 0 <= day < len(self.mwh) else -1

    def window(self, hour: int) -> Ints:
        """The rows of the days around an hour."""
        day = hour // 24 - self.first_day
        return self.mwh[max(day - DONOR_DAYS, 0) : max(day + DONOR_DAYS + 1, 0)]

    def low(self, hour: int, *, high: bool = False) -> int | None:
        """The tenth percentile of the same hour on the days around, or the ninetieth; ``None`` with too few donors."""
        return percentile(self.window(hour)[:, hour % 24].tolist(), high=high)


def percentile(values: Sequence[int], *, high: bool = False) -> int | None:
    """The tenth percentile of the known values, the lower neighbour of two; or its mirror, the ninetieth."""
    known = sorted(value for value in values if value >= 0)
    if len(known) < FEWEST_DONORS:
        return None
    place = (len(known) - 1) // 10
    return known[len(known) - 1 - place if high else place]


@dataclass(frozen=True)
class SecondInstrument:
    """Another instrument on the same energy, with its error limit."""

    series: Series
    error_percent: Fraction


@dataclass(frozen=True)
class Invoice:
    """Energy that another party measured between two instants, with its error limit."""

    begin_us: int
    end_us: int
    mwh: int
    error_percent: Fraction


@dataclass(frozen=True)
class Evidence:
    """What a plan may fill gaps with: steps, and the further series and documents that they need."""

    steps: tuple[str, ...]
    error_percent: Fraction | None = None
    instruments: tuple[SecondInstrument, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    irradiance: tuple[Hours, ...] = ()
    operation: tuple[tuple[int, int], ...] = ()
    """Stretches for which a document proves that the plant ran."""


@dataclass(frozen=True)
class Fill:
    """What stands in for one gap: the step, and the energy (whole mWh) of each of its pieces, which make up the gap."""

    step: str
    begin_us: int
    end_us: int
    pieces: tuple[tuple[int, int, int], ...]
    """(begin, end, mWh)."""

    @property
    def mwh(self) -> int:
        """The energy of the gap."""
        return sum(piece[2] for piece in self.pieces)


@dataclass(frozen=True)
class Filler:
    """Fills the gaps of one meter. ``generation`` says on which side a figure is careful; ``capacity_w`` bounds it."""

    generation: bool
    capacity_w: int
    series: Series
    period: tuple[int, int]
    evidence: Evidence

    def fills(self) -> list[Fill]:
        """Each gap that a step fills, in order of time."""
        found: list[Fill] = []
        hours = self.series.hours()
        by_low_days = 0
        for begin, end in self.series.gaps(*self.period):
            fill = self._by_instrument(begin, end) or self._by_invoice(begin, end) or self._by_light(hours, begin, end)
            if fill is None and self._low_days_may(begin, end, by_low_days):
                fill = self._by_low_days(hours, begin, end)
                by_low_days += end - begin if fill else 0
            if fill is not None:
                found.append(fill)
        return found

    def _bounded(self, begin: int, end: int, exactly: Fraction) -> int:
        """A figure as whole mWh, to the careful side; never over capacity × time."""
        most = Fraction(self.capacity_w * 1000 * (end - begin), HOUR_US)
        bounded = max(min(exactly, most), Fraction(0))
        down = bounded.numerator // bounded.denominator
        return down if self.generation or bounded == down else down + 1

    def _with_errors(self, mwh: int, *percents: Fraction) -> Fraction:
        """Less both error limits for generation, plus both for consumption."""
        error = sum(percents, Fraction(0)) / 100
        return mwh * (1 - error if self.generation else 1 + error)

    def _by_instrument(self, begin: int, end: int) -> Fill | None:
        own = self.evidence.error_percent
        if "G1" not in self.evidence.steps or own is None:
            return None
        for item in self.evidence.instruments:
            counted = item.series.inside(begin, end) if self.generation else item.series.around(begin, end)
            if counted is not None:
                mwh = self._bounded(begin, end, self._with_errors(counted, own, item.error_percent))
                return Fill("G1", begin, end, ((begin, end, mwh),))
        return None

    def _by_invoice(self, begin: int, end: int) -> Fill | None:
        """The invoice less what was read beside the gap, where the gap is the only one of its cycle."""
        own = self.evidence.error_percent
        if "G1" not in self.evidence.steps or own is None:
            return None
        for item in self.evidence.invoices:
            if not item.begin_us <= begin < end <= item.end_us:
                continue
            if self.series.gaps(item.begin_us, item.end_us) != [(begin, end)]:
                continue
            read = [self._beside(item.begin_us, begin), self._beside(end, item.end_us)]
            billed = self._with_errors(item.mwh, item.error_percent)
            beside = sum(read) * (1 + own / 100 if self.generation else 1 - own / 100)
            return Fill("G1", begin, end, ((begin, end, self._bounded(begin, end, billed - beside)),))
        return None

    def _beside(self, begin: int, end: int) -> int:
        """What was read between two instants: all that touches it for generation, what lies inside for consumption."""
        if begin == end:
            return 0
        touched = (self.series.end_us > begin) & (self.series.begin_us < end)
        if self.generation:
            return int(self.series.mwh[touched].sum())
        return self.series.inside(begin, end) or 0

    def _by_light(self, hours: Hours, begin: int, end: int) -> Fill | None:
        if "G2" not in self.evidence.steps:
            return None
        if not any(first <= begin and end <= last for first, last in self.evidence.operation):
            return None
        for light in self.evidence.irradiance:
            pieces = [self._lit_hour(hours, light, *part) for part in _hours_between(begin, end)]
            if all(piece is not None for piece in pieces):
                return Fill("G2", begin, end, tuple(piece for piece in pieces if piece is not None))
        return None

    def _lit_hour(self, hours: Hours, light: Hours, begin: int, end: int) -> tuple[int, int, int] | None:
        hour = begin // HOUR_US
        given = light.of(hour)
        if given < 0:
            return None
        if given == 0 and self.generation:
            return begin, end, 0
        ratio = self._yield(hours, light, hour)
        if ratio is None:
            return None
        return begin, end, self._bounded(begin, end, Fraction(given * ratio * (end - begin), YIELD_SCALE * HOUR_US))

    def _yield(self, hours: Hours, light: Hours, hour: int) -> int | None:
        """The tenth percentile (ninetieth) of energy per irradiation on the days around, times :data:`YIELD_SCALE`."""
        energy, given = hours.window(hour), light.window(hour)
        day = hour // 24
        energy_from, light_from = (max(day - DONOR_DAYS, item.first_day) for item in (hours, light))
        start = max(energy_from, light_from)
        energy, given = energy[start - energy_from :], given[start - light_from :]
        rows = min(len(energy), len(given))
        energy, given = energy[:rows], given[:rows]
        strong = max(int(given.max(initial=0)) // LEAST_LIGHT, 1)
        known = (energy >= 0) & (given >= strong)
        ratios = [
            (one * YIELD_SCALE + (0 if self.generation else by - 1)) // by
            for one, by in zip(energy[known].tolist(), given[known].tolist(), strict=True)
        ]
        return percentile(ratios, high=not self.generation)

    def _low_days_may(self, begin: int, end: int, before: int) -> bool:
        first, last = self.period
        within = before + end - begin <= MOST_BY_LOW_DAYS * (last - first)
        return "G3" in self.evidence.steps and end - begin <= LONGEST_BY_LOW_DAYS_US and within

    def _by_low_days(self, hours: Hours, begin: int, end: int) -> Fill | None:
        pieces = []
        for first, last in _hours_between(begin, end):
            donor = hours.low(first // HOUR_US, high=not self.generation)
            if donor is None:
                return None
            pieces.append((first, last, self._bounded(first, last, Fraction(donor * (last - first), HOUR_US))))
        return Fill("G3", begin, end, tuple(pieces))


def _hours_between(begin: int, end: int) -> list[tuple[int, int]]:
    """The parts of a stretch of time by UTC hour."""
    edges = [begin, *range((begin // HOUR_US + 1) * HOUR_US, end, HOUR_US), end]
    return list(pairwise(edges))


@dataclass(frozen=True)
class MonthFill:
    """What one step fills in one local month: whole Wh and the time it stands for."""

    step: str
    year: int
    month: int
    wh: int
    time_us: int


def by_month(fills: Sequence[Fill], days: tuple[date, ...], starts: Ints, *, generation: bool) -> list[MonthFill]:
    """The fills by local month and step, in whole Wh: cut down for generation, raised for consumption.

    A piece that crosses the end of a month is shared in proportion to time; its rest falls to the later month.
    """
    months, first = months_of(days)
    edges = [*(int(starts[place]) for place in first), int(starts[-1])]
    sums: dict[tuple[str, int], list[int]] = {}
    for fill in fills:
        for begin, end, mwh in fill.pieces:
            at, rest, place = begin, mwh, int(np.searchsorted(edges, begin, side="right")) - 1
            while at < end:
                stop = min(end, edges[place + 1])
                share = rest if stop == end else rest * (stop - at) // (end - at)
                total = sums.setdefault((fill.step, place), [0, 0])
                total[0] += share
                total[1] += stop - at
                at, rest, place = stop, rest - share, place + 1
    return [
        MonthFill(step, *months[place], mwh // 1000 if generation else -(-mwh // 1000), time)
        for (step, place), (mwh, time) in sorted(sums.items(), key=lambda item: (item[0][1], item[0][0]))
    ]
