"""The rules of plausibility, in the order in which they are applied, and how they are applied to one meter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction

import numpy as np

from openjcm.mrv.plausibility.ceiling import FEWEST_WHOLE, LEAST_FULL_HOURS, MOST_FULL_HOURS, ceiling, size
from openjcm.mrv.plausibility.clock import FEWEST_DAYS, clock, months_by_day, solar_noons, tells_time
from openjcm.mrv.plausibility.copies import LEAST_VARIETY, SAMPLE, TELLING, VARIETY_OF, monotony, repeated
from openjcm.mrv.plausibility.levels import FEWEST, WINDOW, least_change, level
from openjcm.mrv.plausibility.series import PARTS, Ints, Seen, Series
from openjcm.mrv.plausibility.spikes import spikes
from openjcm.mrv.plausibility.stuck import SHORTEST, clipping, frozen, shortest_line, straight, stuck
from openjcm.units import whole


@dataclass(frozen=True)
class Limits:
    """The parameters of the rules of plausibility; they stand in the report with the rest and share its version."""

    clock_minutes: int = 20
    """Q15: so far may the middle of a solar meter's working day lie from noon."""
    clear_sky_allowance: Fraction = Fraction(5, 4)
    """Q16: the edge of a cloud sends more than a clear sky."""
    yield_least: Fraction = Fraction(1, 2)
    yield_most: Fraction = Fraction(23, 20)
    """Q17: the share of the expected yield that a month may have."""
    peer_deviations: int = 4
    peer_kilometres: int = 100
    """Q17: robust standard deviations from the peers, and who is one."""
    register_error_percent: Fraction = Fraction(1)
    """Q20: the error limit of a meter of unknown class."""
    withheld: tuple[str, ...] = ("Q12 stuck", "Q19 straight")
    """Interval values of a solar meter that these rules see do not count until they are explained: a stuck logger and
    an interpolation are no measurement. Registers, and other meters, are only flagged."""
    level_change: Fraction = Fraction(3, 2)
    """Q32: a change of the level by this factor."""


RULES: tuple[Callable[[Series, Limits], Iterator[Seen]], ...] = (
    lambda series, limits: stuck(series),
    lambda series, limits: frozen(series),
    lambda series, limits: clock(series, limits.clock_minutes),
    lambda series, limits: ceiling(series, limits.clear_sky_allowance),
    lambda series, limits: clipping(series),
    lambda series, limits: straight(series),
    lambda series, limits: repeated(series),
    lambda series, limits: monotony(series),
    lambda series, limits: spikes(series),
    lambda series, limits: level(series, limits.level_change),
    lambda series, limits: size(series),
)
"""The rules in the order in which they are applied, which is also that of their signs (``engine.signs``)."""


def examine(series: Series, limits: Limits) -> Iterator[Seen]:
    """All that the rules see in one meter's series: those whose sign allows that they see anything."""
    if len(series):
        signed = possible(series, limits)
        for bit, rule in enumerate(RULES):
            if signed >> bit & 1:
                yield from rule(series, limits)


def possible(series: Series, limits: Limits) -> int:
    """A bit for each rule that could see something in a meter's series."""
    from openjcm.mrv.engine import signs

    meter, hour, shift = series.meter, series.hour, series.shift
    change = least_change(series, limits.level_change)
    known = (
        meter.solar, meter.direction == "generation", series.register, series.a_day, series.telling, SHORTEST,
        shortest_line(series), 60 * limits.clock_minutes, FEWEST_DAYS, TELLING, PARTS, SAMPLE, VARIETY_OF,
        LEAST_VARIETY, WINDOW, FEWEST, change.numerator, change.denominator, FEWEST_WHOLE,
        whole(hour, MOST_FULL_HOURS) >> shift, whole(hour, LEAST_FULL_HOURS) >> shift,
    )  # fmt: skip
    walk, noon, month = series.walk, NEVER, NEVER
    if tells_time(series):
        noon, month = solar_noons(series), months_by_day(series)
    limits_of = np.array(known, dtype=np.int64)
    return int(signs.possible(limits_of, walk.signs, walk.daily, walk.hashes, walk.counts, walk.steps, noon, month))


NEVER: Ints = np.zeros(0, dtype=np.int64)
LIMITS = {item.name: item.default for item in fields(Limits)}
