"""What readings show by themselves and beside others of the same time, compiled: flags before the fold.

A flag is one bit, as in :mod:`openjcm.mrv.engine.local`. Loops that look for what is hardly ever there run to their end
in any case: so the compiler takes several readings at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.jit import compiled
from openjcm.mrv.engine.local import ACCEPTED, Q02, Q03, Q04, Q05, Q24, UNUSABLE

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]


@compiled
def rises(row: Ints) -> bool:
    """Whether each number is greater than the one before."""
    back = 0
    for index in range(1, len(row)):  # to the end in any case: so the compiler takes several at once
        back += row[index] <= row[index - 1]
    return back == 0


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
def _between(values: Ints, least: int, most: int) -> bool:
    """Whether all values lie between two bounds (both included)."""
    outside = 0
    for index in range(len(values)):  # to the end in any case, as above
        outside += values[index] < least
        outside += values[index] > most
    return outside == 0


@compiled
def _holds(values: Ints, one: int) -> bool:
    """Whether one of the values is this one."""
    found = 0
    for index in range(len(values)):  # to the end in any case, as above
        found += values[index] == one
    return found > 0


@compiled
def mark_single(t_us: Ints, value: Ints, flags: Flags, sentinels: Ints, span: int, first_us: int, last_us: int) -> None:
    """What a reading shows by itself: an error code (Q02), an impossible register (Q24), a time outside (Q03).

    ``span`` is what a register stays under (0: not a register), ``first_us`` and ``last_us`` the earliest and the
    latest time that belong to the period.
    """
    if not _between(t_us, first_us, last_us):
        for index in range(len(t_us)):
            if not first_us <= t_us[index] <= last_us:
                flags[index] |= np.uint32(Q03)
    for sentinel in sentinels:
        for index in range(len(value) if _holds(value, sentinel) else 0):
            if value[index] == sentinel:
                flags[index] |= np.uint32(Q02)
    if span > 0 and not _between(value, 0, span - 1):
        for index in range(len(value)):
            if flags[index] & np.uint32(Q02) == 0 and not 0 <= value[index] < span:
                flags[index] |= np.uint32(Q24)


@compiled
def mark_same_time(t_us: Ints, value: Ints, flags: Flags) -> None:
    """Q04 for all but the first of exact duplicates; Q05 for all readings of a time that has different values."""
    start, count = 0, len(t_us)
    while start < count - 1:
        if t_us[start] != t_us[start + 1]:
            start += 1
            continue
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
        start = end
