"""The rules of plausibility, in the order in which they are applied, and how they are applied to one meter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction

from openjcm.mrv.plausibility.ceiling import ceiling, size
from openjcm.mrv.plausibility.clock import clock
from openjcm.mrv.plausibility.copies import monotony, repeated
from openjcm.mrv.plausibility.levels import level
from openjcm.mrv.plausibility.series import Seen, Series
from openjcm.mrv.plausibility.spikes import spikes
from openjcm.mrv.plausibility.stuck import clipping, frozen, straight, stuck


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


def examine(series: Series, limits: Limits) -> Iterator[Seen]:
    """All that the rules see in one meter's series."""
    if len(series):
        for rule in RULES:
            yield from rule(series, limits)


LIMITS = {item.name: item.default for item in fields(Limits)}
