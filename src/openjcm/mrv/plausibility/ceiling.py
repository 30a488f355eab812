"""Whether a solar meter shows more than a clear sky can give (Q16), or a yield of the wrong size (Q33)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.plausibility.series import Seen, Series

HOUR_US = 3600 * MICRO
FEWEST_WHOLE = 10
"""Days of which a quarter or more is there, without which the best say nothing."""
MOST_FULL_HOURS, LEAST_FULL_HOURS = 13, Fraction(1, 3)
"""Hours at full power that the best days of a solar plant may show at most, and must show at least."""


def ceiling(series: Series, allowance: Fraction) -> Iterator[Seen]:
    """Q16: mean power of an hour above ``allowance`` × what a clear sky gives a plane that faces the sun.

    The plane is not known, so the bound is that of a plane turned towards the sun; the capacity of the inverter may be
    less than that of the modules, which the bound leaves room for. It binds mainly in the morning and the evening.
    """
    meter = series.meter
    if meter.latitude is None or meter.longitude is None or not len(series.walk.bright):
        return
    from openjcm.mrv.engine.sky import hours_above

    hours, share = series.walk.bright, allowance.numerator / allowance.denominator
    above = hours_above(hours, float(series.hour) / HOUR_US, float(meter.latitude), float(meter.longitude), share)
    if not above.any():
        return
    marks = np.zeros(len(series), dtype=np.bool_)
    for first, last in hours[above, 4:6]:
        marks[first:last] = True
    yield Seen("Q16", series.place[marks], "", (("hours", str(int(above.sum()))),))


def size(series: Series) -> Iterator[Seen]:
    """Q33: the best days of a solar meter give more, or far less, than its capacity can: a wrong unit or factor."""
    from openjcm.mrv.engine.signs import best_of

    if not series.meter.solar and series.meter.direction == "generation":
        return
    whole = series.daily[5] * 4 >= series.a_day
    if not series.meter.solar:
        yield from _hardly_used(series, int(whole.sum()))
        return
    best = best_of(series.daily, series.a_day, FEWEST_WHOLE)
    if best < 0:
        return
    hours = (best << series.shift) / series.hour
    shown = f"{int(hours * 100) // 100}.{int(hours * 100) % 100:02d}"
    if hours > MOST_FULL_HOURS:
        yield Seen("Q33", series.places_of_days(whole), "", (("hours", shown),))
    elif hours < LEAST_FULL_HOURS:
        yield Seen("Q33", series.places_of_days(whole), "low", (("hours", shown),))


def _hardly_used(series: Series, days: int) -> Iterator[Seen]:
    """Q33 for consumption: a month or more in which the peaks hardly ever reach a two-hundredth of capacity."""
    if series.meter.direction == "consumption" and days >= 30 and 0 < series.top * 200 < series.full:
        hundredths = series.top * 10_000 // series.full
        facts = (("percent", f"{hundredths // 100}.{hundredths % 100:02d}"),)
        yield Seen("Q33", series.place[series.step > 0], "hardly used", facts)
