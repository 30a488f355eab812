"""Whether a series changes its level from one day to another and stays there (Q32): ratio, capacity, scale."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.plausibility.series import Ints, Seen, Series

WINDOW, ENOUGH, FEWEST = 30, 20, 10
"""Days before and after that are compared, how many of them should have figures, and how many must."""
FEW_DAYS = Fraction(6, 5)
"""Where there are not enough days, a change must be so much greater."""


def level(series: Series, change: Fraction) -> Iterator[Seen]:
    """Q32: the level of a solar meter's daily peaks changes for good. Upward it blocks, downward it asks.

    Peaks of power hardly know the weather. Where the meter gives one value a day, these are energies, which do: then
    only a change by more than ``change`` squared counts.
    """
    if not series.meter.solar or len(series.days) < 2 * FEWEST:
        return
    for day, ratio, new in steps_in_level(series.daily[4], least_change(series, change)):
        after = np.zeros(len(series.days), dtype=np.bool_)
        after[day : day + FEWEST] = True
        hundredths = int(ratio * 100)
        facts = (("day", series.days[day].isoformat()), ("ratio", f"{hundredths // 100}.{hundredths % 100:02d}"))
        yield Seen("Q32", series.places_of_days(after), "" if new else "down", facts)


def least_change(series: Series, change: Fraction) -> Fraction:
    """By how much the level must change: squared where the peaks are energies of days."""
    return change if series.interval_us < 6 * 3600 * MICRO else change * change


def steps_in_level(peaks: Ints, change: Fraction) -> list[tuple[int, Fraction, bool]]:
    """Days at which the level changes for good, each with the ratio of after to before, the season taken out.

    The last says whether the level rose by a quarter above any before: a plant that comes back from a fault does not. A
    change is one by at least ``change`` (up or down), and the strongest within a window's length.
    """
    from openjcm.mrv.engine import series as engine

    found_levels, counts = (np.zeros(len(peaks) + WINDOW, dtype=np.int64) for _ in range(2))
    engine.levels(peaks, WINDOW, FEWEST, found_levels, counts)
    before, after = found_levels[: len(peaks)], found_levels[WINDOW : WINDOW + len(peaks)]
    enough = np.minimum(counts[: len(peaks)], counts[WINDOW : WINDOW + len(peaks)]) >= ENOUGH
    most, least = np.maximum(before, after) // change.numerator, np.minimum(before, after) // change.denominator
    found: list[tuple[int, Fraction]] = []
    for day in np.flatnonzero((least > 0) & (most >= least)).tolist():
        ratio = Fraction(int(after[day]), int(before[day])) / _of_the_season(before, after, day)
        size = max(ratio, 1 / ratio)
        if size < (change if enough[day] else change * FEW_DAYS):
            continue
        if not found or day - found[-1][0] > WINDOW:
            found.append((day, ratio))
        elif size > max(found[-1][1], 1 / found[-1][1]):
            found[-1] = (day, ratio)
    highest = np.maximum.accumulate(before)
    return [
        (_placed(peaks, day, int(before[day]), int(after[day])), ratio, bool(after[day] * 4 > highest[day] * 5))
        for day, ratio in found
    ]


def _of_the_season(before: Ints, after: Ints, day: int) -> Fraction:
    """The usual change at this time of the year: the median over the other years that the series holds, or 1."""
    told = sorted(
        Fraction(int(after[other]), int(before[other]))
        for other in range(day % 365, len(before), 365)
        if other != day and before[other] > 0 and after[other] > 0
    )
    return told[len(told) // 2] if told else Fraction(1)


def _placed(peaks: Ints, day: int, before: int, after: int) -> int:
    """The day from which most peaks belong to the new level, near the day at which the windows differ most."""
    begin, end = max(day - WINDOW, 0), min(day + WINDOW, len(peaks))
    near = peaks[begin:end]
    new = (near * 2 > before + after) == (after > before)
    old_before, new_after = np.cumsum((near > 0) & ~new), np.cumsum(((near > 0) & new)[::-1])[::-1]
    good = np.concatenate([[0], old_before]) + np.concatenate([new_after, [0]])
    return min(begin + int(np.argmax(good)), len(peaks) - 1)
