"""Rule Q13: a solar meter that shows energy at night tells of a wrong zone, a wrong clock or a wrong place."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.meters import Meter
from openjcm.mrv.sun import is_below

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]


def register_at_night(meter: Meter, t_us: Ints, value: Ints, steps: Ints, per_hour: int, limit: int) -> Ints:
    """Places of the accepted readings of a register that rose by more than ``per_hour`` least units an hour at night.

    ``steps`` are those not surely by day: the places of the reading and of the accepted one before it (rows). Both must
    lie at night: the sun below ``limit`` degrees. A step that is no plain difference (a rollover, a new level) or
    crosses a gap says nothing.
    """
    place = (str(meter.latitude), str(meter.longitude), limit)
    rose, before = steps.T
    seconds = (t_us[rose] - t_us[before]) // 1_000_000
    over = value[rose] - value[before] > per_hour // 3600 * seconds + per_hour % 3600 * seconds // 3600 + 1
    rose, before = rose[over], before[over]
    found: Ints = rose[is_below(t_us[rose], *place) & is_below(t_us[before], *place)]
    return found


def interval_at_night(meter: Meter, middle_us: Ints, value: Ints, most: Fraction, limit: int) -> Marks:
    """Accepted interval values over ``most`` least units whose interval has its middle at night."""
    found: Marks = value > most.numerator // most.denominator
    found &= is_below(middle_us, str(meter.latitude), str(meter.longitude), limit)
    return found
