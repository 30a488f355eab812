"""Rule Q13: a solar meter that shows energy at night tells of a wrong zone, a wrong clock or a wrong place."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.meters import Meter
from openjcm.mrv.sun import is_below

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]


def register_at_night(meter: Meter, t_us: Ints, value: Ints, broken: Marks, per_hour: int, limit: int) -> Marks:
    """Accepted readings of a register that rose by more than ``per_hour`` least units an hour since the one before.

    Both instants must lie at night: the sun below ``limit`` degrees. ``broken`` marks readings whose step is no plain
    difference (a rollover, a new level) or crosses a gap.
    """
    step, seconds = np.diff(value, prepend=value[:1]), np.diff(t_us, prepend=t_us[:1]) // MICRO
    dark = is_below(t_us, str(meter.latitude), str(meter.longitude), limit)
    both = dark & np.concatenate([[False], dark[:-1]])
    found: Marks = both & ~broken & (step > per_hour // 3600 * seconds + per_hour % 3600 * seconds // 3600 + 1)
    return found


def interval_at_night(meter: Meter, middle_us: Ints, value: Ints, most: Fraction, limit: int) -> Marks:
    """Accepted interval values over ``most`` least units whose interval has its middle at night."""
    dark = is_below(middle_us, str(meter.latitude), str(meter.longitude), limit)
    found: Marks = dark & (value > most.numerator // most.denominator)
    return found
