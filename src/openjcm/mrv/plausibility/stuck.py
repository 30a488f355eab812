"""Values that stand still, lie on straight lines, or are cut off at the top (Q12, Q18, Q19)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import isqrt

import numpy as np

from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.plausibility.series import RESTING, Marks, Seen, Series

CHANCE = Fraction(1, 1000)
"""How many runs may arise by themselves in the whole series, at most, where a run shall prove something."""
SHORTEST, LINE = 4, 6
"""So many equal values, or values on a line, must there be in any case."""
STEADY_DAYS = 2
"""Other loads than the sun may be steady by habit; then only so many days of one value are noted."""


def least_run(starts: int, repeats: int, shortest: int, longest: int) -> int:
    """How long a run must be so that chance would make fewer than :data:`CHANCE` such runs in the whole series.

    ``repeats`` of ``starts`` values are followed by another of the same run: the meter's own habit (a coarse register
    repeats itself often, a fine one never), so no threshold is guessed from the kind of the meter.
    """
    if starts == 0:
        return longest
    habit, expected, length = Fraction(repeats, starts).limit_denominator(1000), Fraction(starts), 1
    while length < longest and (length < shortest or expected >= CHANCE):
        expected = (expected * habit).limit_denominator(10**9)
        length += 1
    return length


def _least(series: Series, starts: int, repeats: int, shortest: int) -> int:
    """How long a run must be in this series: as chance has it, twice that for other loads than the sun."""
    least = least_run(starts, repeats, shortest, max(series.a_day, 96))
    if series.meter.solar:
        return least
    return 2 * least if 2 * repeats <= starts else max(least, STEADY_DAYS * series.a_day)


def stuck(series: Series) -> Iterator[Seen]:
    """Q12: the same value over and over, which is neither night nor a plateau at the top.

    Zero is no sign of a stuck logger (a plant rests at night, and a plant that is off claims nothing), nor is anything
    under half a percent of capacity. A register that stands still and catches up is seen by the fold.
    """
    from openjcm.mrv.engine import series as engine

    if series.register:
        return
    lengths = np.zeros(len(series), dtype=np.int64)
    starts, repeats = engine.flat_runs(series.begin, series.step, series.full // 200, series.apart_us, lengths)
    least = _least(series, starts, repeats, SHORTEST)
    if lengths.max(initial=0) < least:
        return
    plateau = clipped(series) & (lengths <= series.a_day // 3)
    lengths[plateau] = 0
    marks = np.zeros(len(series), dtype=np.bool_)
    runs = engine.mark_runs(lengths, least, marks)
    if runs:
        facts = (("runs", str(runs)), ("readings", str(int(lengths.max()))))
        yield Seen("Q12", series.place[marks], "stuck", facts)


def frozen(series: Series) -> Iterator[Seen]:
    """Q12: a register that stood still and then moved further in one step than it ever does otherwise.

    What it shows after is right, and where capacity allows the step the fold takes it as it is: this only says so.
    """
    if not series.register or len(series) < 8:
        return
    from openjcm.mrv.engine import series as engine

    jumps = np.zeros(len(series), dtype=np.bool_)
    if engine.jumps_after_rest(series.begin, series.step, series.apart_us, RESTING, jumps):
        yield Seen("Q12", series.place[jumps], "frozen")


def clipped(series: Series) -> Marks:
    """Which values belong to a plateau at the top that the series reaches again and again (an inverter's limit)."""
    from openjcm.mrv.engine.signs import plateaus

    step, top = series.step, series.top
    none: Marks = np.zeros(len(step), dtype=np.bool_)
    if not series.meter.solar or top <= 0 or plateaus(step, top) < 2:
        return none
    near = step * 50 >= top * 49
    even = np.abs(np.diff(step)) * 1000 <= top
    joined = near[1:] & near[:-1] & even & (np.diff(series.begin) <= series.apart_us)
    edge = np.flatnonzero(np.diff(np.concatenate([[False], joined, [False]]).astype(np.int8)))
    first, last = edge[::2], edge[1::2]
    long = last - first >= 3
    first, last = first[long], last[long]
    if len(first) < 2:
        return none
    level = np.array([np.sort(step[a : b + 1])[(b - a) // 2] for a, b in zip(first, last, strict=True)])
    again = [int((np.abs(level - one) * 1000 <= top).sum()) > 1 for one in level]
    for a, b, often in zip(first, last, again, strict=True):
        none[a : b + 1] = often
    return none


def clipping(series: Series) -> Iterator[Seen]:
    """Q18: plateaus at the inverter's limit. Information: they explain flat tops, which are then no stuck values."""
    marks = clipped(series)
    if marks.any():
        yield Seen("Q18", series.place[marks])


def straight(series: Series) -> Iterator[Seen]:
    """Q19: values on a straight line to within rounding: interpolated, not measured.

    Of a register the index itself is looked at: where it was interpolated it rises by the same power all the time.
    """
    from openjcm.mrv.engine import series as engine

    if len(series) < 5:
        return
    lengths = np.zeros(len(series), dtype=np.int64)
    line, slope = (np.cumsum(series.step), 50) if series.register else (series.step, 4)
    starts, found = engine.straight_runs(series.begin, line, series.apart_us, slope, lengths)
    least = max(_least(series, starts, found, LINE) + 1, shortest_line(series))
    plateau = clipped(series) & (lengths <= series.a_day // 3)
    lengths[plateau] = 0
    marks = np.zeros(len(series), dtype=np.bool_)
    runs = engine.mark_runs(lengths, least, marks)
    if runs:
        yield Seen("Q19", series.place[marks], "straight", (("runs", str(runs)),))


def shortest_line(series: Series) -> int:
    """So many values on a line are needed in any case."""
    shortest = max(LINE + 1, _smooth(series))
    if series.register:
        shortest = max(shortest, series.a_day // 6 if series.meter.solar else STEADY_DAYS * series.a_day)
    return shortest


def _smooth(series: Series) -> int:
    """So many steps of the clear sky's own curve may look straight in the units that the series has.

    A sine of the day with its top at A units leaves its chord by A (ωT)² / 8 units over a time T; near its turning
    points by less. Taken are four units at half the curve, which is T = √(2,340 / A) hours.
    """
    if not series.meter.solar or series.register or series.top <= 0:
        return 0
    return isqrt(2_340 * (3_600 * MICRO) ** 2 // series.top) // series.interval_us + 1
