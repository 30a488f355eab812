"""Rule Q13: a solar meter that shows energy at night tells of a wrong zone, a wrong clock or a wrong place."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.meters import Meter
from openjcm.mrv.sun import is_below

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]
Flags = NDArray[np.uint32]


def register_at_night(meter: Meter, t_us: Ints, value: Ints, flags: Flags, per_hour: int, limit: int) -> Ints:
    """Places of the accepted readings of a register that rose by more than ``per_hour`` least units an hour at night.

    Both the reading and the accepted one before it must lie at night: the sun below ``limit`` degrees. A step that is
    no plain difference (a rollover, a new level) or crosses a gap says nothing.
    """
    from openjcm.mrv.engine.local import ACCEPTED, Q07, Q08, Q10, Q12, Q26
    from openjcm.mrv.engine.sky import steps_above

    place = (str(meter.latitude), str(meter.longitude), limit)
    rose, before = steps_above(t_us, value, flags, ACCEPTED, Q07 | Q08 | Q10 | Q12 | Q26, per_hour)
    dark = is_below(t_us[rose], *place)
    rose, before = rose[dark], before[dark]
    found: Ints = rose[is_below(t_us[before], *place)]
    return found


def interval_at_night(meter: Meter, middle_us: Ints, value: Ints, most: Fraction, limit: int) -> Marks:
    """Accepted interval values over ``most`` least units whose interval has its middle at night."""
    high = np.flatnonzero(value > most.numerator // most.denominator)
    found: Marks = np.zeros(len(value), dtype=np.bool_)
    found[high[is_below(middle_us[high], str(meter.latitude), str(meter.longitude), limit)]] = True
    return found
