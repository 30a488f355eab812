"""The sun over the place of a solar meter, in tables that all meters of the place share."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np

from openjcm.mrv.meters import Meter
from openjcm.mrv.plausibility.series import Floats, Ints, Sky
from openjcm.mrv.sun import DAY_US, daylight, wave

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
    light = daylight(first, days, *place, night)
    return Sky(first * DAY_US, light, wave(first, days, *place), _least_heights(allowance))


@lru_cache(maxsize=32)
def _least_heights(allowance: Fraction) -> Floats:
    """From which height on a clear sky surely gives each share of full power."""
    from openjcm.mrv.engine.sky import least_height
    from openjcm.mrv.engine.survey import SHARES

    return least_height(np.arange(2 * SHARES + 1) / SHARES, allowance.numerator / allowance.denominator)
