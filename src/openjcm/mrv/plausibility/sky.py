"""The sun over the place of a solar meter, in tables that all meters of the place share."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from openjcm.mrv.meters import Meter
from openjcm.mrv.plausibility.series import Floats, Ints
from openjcm.mrv.sun import DAY_US, daylight, sine, wave

if TYPE_CHECKING:
    from openjcm.mrv.engine.survey import Sky

MORE_DAYS = 2
"""Days before and after the period that the tables cover: local days begin elsewhere, and edges are read beyond."""


def sky_over(meter: Meter, starts: Ints, night: int, allowance: Fraction) -> Sky | None:
    """The tables for the period whose local days begin at ``starts``, or nothing where no sun or no place is known.

    ``night`` is the elevation (degrees) under which it is night, ``allowance`` what may come on top of a clear sky.
    """
    if not meter.solar or meter.latitude is None or meter.longitude is None:
        return None
    first = int(starts[0]) // DAY_US - MORE_DAYS
    days = int(starts[-1]) // DAY_US + MORE_DAYS - first
    place = (str(meter.latitude), str(meter.longitude))
    dark, full, least = _heights(night, allowance)
    light, high = (daylight(first, days, *place, height) for height in (dark, full))
    from openjcm.mrv.engine.survey import Sky

    return Sky(first * DAY_US, light, high, wave(first, days, *place), least)


@lru_cache(maxsize=32)
def _heights(night: int, allowance: Fraction) -> tuple[float, float, Floats]:
    """Sines of elevations: of the night, from which on a clear sky surely gives full power, and each share of it."""
    from openjcm.mrv.engine.sky import least_height
    from openjcm.mrv.engine.survey import FULL, SHARES

    least = least_height(np.arange(2 * SHARES + 1) / SHARES, allowance.numerator / allowance.denominator)
    return float(sine(np.full(1, float(night)))[0]), float(least[int(FULL * SHARES) + 2]), least
