"""What readings show by themselves and beside others of the same time, compiled: flags before the fold.

Loops that look for what is hardly ever there run to their end
in any case: so the compiler takes several readings at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.flags import ACCEPTED, Q02, Q03, Q04, Q05, Q24, UNUSABLE
from openjcm.mrv.engine.jit import compiled
from openjcm.mrv.engine.order import next_not_later

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]


@compiled
def marked_places(flags: Flags) -> Ints:
    """The places of the readings that a rule has flagged (to be used is no flag)."""
    count = 0
    for flag in flags:
        if flag & np.uint32(~ACCEPTED & 0xFFFFFFFF) != 0:
            count += 1
    places = np.empty(count, dtype=np.int64)
    count = 0
    for place in range(len(flags)):
        if flags[place] & np.uint32(~ACCEPTED & 0xFFFFFFFF) != 0:
            places[count] = place
            count += 1
    return places


@compiled
def mark_single(t_us: Ints, value: Ints, flags: Flags, sentinels: Ints, span: int, first_us: int, last_us: int) -> None:
    """What a reading shows by itself: an error code (Q02), an impossible register (Q24), a time outside (Q03).

    ``span`` is what a register stays under (0: not a register), ``first_us`` and ``last_us`` the earliest and the
    latest time that belong to the period.
    """
    if len(value) == 0:
        return
    if t_us[0] < first_us or t_us[-1] > last_us:
        for index in range(len(t_us)):
            if not first_us <= t_us[index] <= last_us:
                flags[index] |= np.uint32(Q03)
    least, most = value[0], value[0]
    for index in range(len(value)):
        least, most = min(least, value[index]), max(most, value[index])
    for sentinel in sentinels:
        for index in range(len(value) if least <= sentinel <= most else 0):
            if value[index] == sentinel:
                flags[index] |= np.uint32(Q02)
    if span > 0 and (least < 0 or most >= span):
        for index in range(len(value)):
            if flags[index] & np.uint32(Q02) == 0 and not 0 <= value[index] < span:
                flags[index] |= np.uint32(Q24)


@compiled
def mark_same_time(t_us: Ints, value: Ints, flags: Flags) -> None:
    """Q04 for all but the first of exact duplicates; Q05 for all readings of a time that has different values."""
    count = len(t_us)
    start = next_not_later(t_us, 0)
    while start < count - 1:
        end = start + 2
        while end < count and t_us[end] == t_us[start]:
            end += 1
        first, conflict = -1, False
        for index in range(start, end):
            if flags[index] & UNUSABLE == 0:
                if first < 0:
                    first = index
                elif value[index] != value[first]:
                    conflict = True
        for index in range(start, end):
            if flags[index] & UNUSABLE == 0 and (conflict or index != first):
                flags[index] |= np.uint32(Q05 if conflict else Q04)
        start = next_not_later(t_us, end)
