"""Values that stand still, lie on straight lines, or are cut off at the top (Q12, Q18, Q19)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from openjcm.mrv.plausibility.series import Ints, Marks, Seen, Series

CHANCE = Fraction(1, 1000)
"""How many runs may arise by themselves in the whole series, at most, where a run shall prove something."""
STEADY_DAYS = 2
"""Other loads than the sun may be steady; only so many days of one value are noted."""


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


def stuck(series: Series) -> Iterator[Seen]:
    """Q12: the same value over and over, which is neither night nor a plateau at the top.

    Zero is no sign of a stuck logger (a plant rests at night, and a plant that is off claims nothing), nor is anything
    under half a percent of capacity. A register that stands still and catches up is seen by the fold.
    """
    from openjcm.mrv.engine import series as engine

    if series.register or not len(series):
        return
    lengths = np.zeros(len(series), dtype=np.int64)
    starts, repeats = engine.flat_runs(series.begin, series.step, series.full // 200, series.apart_us, lengths)
    least = least_run(starts, repeats, 4, max(series.a_day, 96))
    if lengths.max(initial=0) < least:
        return
    plateau = clipped(series) & (lengths <= series.a_day // 3)
    if not series.meter.solar:
        lengths[lengths < STEADY_DAYS * series.a_day] = 0
    lengths[plateau] = 0
    marks = np.zeros(len(series), dtype=np.bool_)
    runs = engine.mark_runs(lengths, least, marks)
    if runs:
        facts = (("runs", str(runs)), ("readings", str(int(lengths.max()))))
        yield Seen("Q12", series.place[marks], "stuck", facts)


def clipped(series: Series) -> Marks:
    """Which values belong to a plateau at the top that the series reaches again and again (an inverter's limit)."""
    step, top = series.step, series.top
    none: Marks = np.zeros(len(step), dtype=np.bool_)
    if not series.meter.solar or top <= 0 or len(step) < 4:
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
    marks = clipped(series) if series.meter.solar and len(series) else np.zeros(0, dtype=np.bool_)
    if marks.any():
        yield Seen("Q18", series.place[marks])


def straight(series: Series) -> Iterator[Seen]:
    """Q19: values on a straight line to within rounding: interpolated, not measured.

    For a register these are equal steps as well: a straight register has a constant power.
    """
    from openjcm.mrv.engine import series as engine

    if len(series) < 5:
        return
    lengths = np.zeros(len(series), dtype=np.int64)
    starts, found = engine.straight_runs(series.begin, series.step, series.apart_us, 4, lengths)
    marks = np.zeros(len(series), dtype=np.bool_)
    runs = engine.mark_runs(lengths, least_run(starts, found, 6, max(series.a_day, 96)) + 1, marks)
    if series.register:
        runs += _constant_power(series, marks)
    if runs:
        yield Seen("Q19", series.place[marks], "straight", (("runs", str(runs)),))


def _constant_power(series: Series, marks: Marks) -> int:
    from openjcm.mrv.engine import series as engine

    lengths: Ints = np.zeros(len(series), dtype=np.int64)
    starts, repeats = engine.flat_runs(series.begin, series.step, series.full // 200, series.apart_us, lengths)
    least = max(
        least_run(starts, repeats, 6, max(series.a_day, 96)), 1 if series.meter.solar else STEADY_DAYS * series.a_day
    )
    lengths[clipped(series) & (lengths <= series.a_day // 3)] = 0
    return int(engine.mark_runs(lengths, least, marks))
