"""One pass each over the power-like series of a meter, compiled: steps, flat runs, straight lines, daily figures.

All numbers are integers, so the same readings give the same marks on every machine. A *step* is the energy between two
neighbouring accepted readings of a register, or the value of one accepted interval.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.flags import ACCEPTED, Q07, Q08, Q10, Q12, Q26
from openjcm.mrv.engine.jit import compiled
from openjcm.mrv.engine.local import _spread

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]
Marks = NDArray[np.bool_]


@compiled
def steps_of(
    begin_us: Ints, value: Ints, flags: Flags, register: bool, place: Ints, begin: Ints, length: Ints, step: Ints
) -> int:
    """Write the plain steps of a meter into the last four arrays and return how many there are.

    ``begin_us`` is the instant of a register's reading or the begin of an interval; a register's step belongs to its
    later reading. Left out are steps over gaps, turns, frozen stretches and new levels, whose power is not known.
    """
    count, before = 0, -1
    for index in range(len(value)):
        if flags[index] & np.uint32(ACCEPTED) == 0:
            continue
        if not register:
            place[count], begin[count], step[count] = index, begin_us[index], value[index]
            count += 1
        elif before >= 0 and flags[index] & np.uint32(Q07 | Q08 | Q10 | Q12 | Q26) == 0:
            place[count], begin[count] = index, begin_us[before]
            length[count], step[count] = begin_us[index] - begin_us[before], value[index] - value[before]
            count += 1
        before = index
    return count


@compiled
def flat_runs(begin: Ints, step: Ints, least: int, apart_us: int, out: Ints) -> tuple[int, int]:
    """Runs of equal values over ``least``: ``out[n]`` becomes the number of values in the run that ends at n, if any.

    Values further apart than ``apart_us`` are no neighbours. Returned are the number of runs (of one value or more)
    and how many of them go on to a second value: their ratio is the chance that a value repeats by itself.
    """
    runs, longer, length = 0, 0, 0
    for index in range(len(step)):
        out[index] = 0
        if step[index] <= least:
            length = 0
            continue
        if length > 0 and step[index] == step[index - 1] and begin[index] - begin[index - 1] <= apart_us:
            length += 1
            longer += 1 if length == 2 else 0
            out[index - 1] = 0
        else:
            length, runs = 1, runs + 1
        out[index] = length
    return runs, longer


@compiled
def _on_chord(step: Ints, first: int, last: int) -> bool:
    """Whether the three newest values and the middle of the run lie on the chord from ``first`` to ``last``."""
    length = last - first
    rise = step[last] - step[first]
    if abs(rise) > 2**40 or length > 2**20:
        return False
    near = abs((step[first + 1] - step[first]) * length - rise)
    middle, far = (first + last) // 2, last - 1
    half = abs((step[middle] - step[first]) * length - rise * (middle - first))
    end = abs((step[far] - step[first]) * length - rise * (length - 1))
    return bool(max(near, half, end) <= length)


@compiled
def straight_runs(begin: Ints, step: Ints, apart_us: int, slope: int, out: Ints) -> tuple[int, int]:
    """Runs of values on one straight line that rises or falls by at least ``slope`` a step, rounding allowed.

    ``out[n]`` becomes the number of values in the run that ends at n, if it has at least three. Each value may lie off
    the chord of the run by one unit. Returned are the number of values at which a line may begin and of those at which
    three values lie on one.
    """
    starts, found, index, count = 0, 0, 0, len(step)
    out[:] = 0
    while index + 2 < count:
        first, last = index, index + 1
        move = step[last] - step[first]
        starts += 1
        bend = step[index + 2] - step[last] - move
        if abs(move) < slope or abs(bend) > 2 or begin[last] - begin[first] > apart_us:
            index += 1
            continue
        while last + 1 < count and begin[last + 1] - begin[last] <= apart_us and _on_chord(step, first, last + 1):
            last += 1
        if last - first >= 2:
            out[last] = last - first + 1
            found += 1
            index = last
        else:
            index += 1
    return starts, found


@compiled
def mark_runs(lengths: Ints, least: int, out: Marks) -> int:
    """Mark every value of the runs (as told by the lengths at their ends) of at least so many; return their number."""
    count = 0
    for index in range(len(lengths)):
        if lengths[index] >= least:
            out[index - lengths[index] + 1 : index + 1] = True
            count += 1
    return count


@compiled
def jumps_after_rest(begin: Ints, step: Ints, apart_us: int, resting: int, out: Marks) -> int:
    """Mark steps after at least so many steps of nothing that are a quarter greater than any step not after a rest."""
    rest, usual, greatest = 0, np.int64(0), np.int64(0)
    for index in range(len(step)):
        near = index == 0 or begin[index] - begin[index - 1] <= apart_us
        rest = rest if near else 0
        if step[index] == 0:
            rest += 1
            continue
        if rest < resting:
            usual = max(usual, step[index])
        else:
            greatest = max(greatest, step[index])
        rest = 0
    count = 0
    if usual > 0 and greatest * 4 > usual * 5:
        rest = 0
        for index in range(len(step)):
            rest = rest if index == 0 or begin[index] - begin[index - 1] <= apart_us else 0
            if step[index] == 0:
                rest += 1
                continue
            if rest >= resting and step[index] * 4 > usual * 5:
                out[index] = True
                count += 1
            rest = 0
    return count


@compiled
def on_days(begin: Ints, edges: Ints, wanted: Marks, out: Marks) -> None:
    """Mark the steps that begin on the wanted days; ``edges`` are the days' begins and the end of the last."""
    day = 0
    for index in range(len(begin)):
        while day < len(wanted) and begin[index] >= edges[day + 1]:
            day += 1
        if day >= len(wanted):
            return
        out[index] = begin[index] >= edges[day] and wanted[day]


@compiled
def levels(peaks: Ints, window: int, fewest: int, out: Ints, counts: Ints) -> None:
    """The level of the window that begins at each day, from ``1 - window`` on, and how many of its days have a peak.

    The level is the fourth fifth of the days with a peak; 0 where fewer than so many have one. The peaks of the window
    are kept in order: from one day to the next one leaves and one comes.
    """
    some, count = np.empty(window + 1, dtype=np.int64), 0
    for place in range(len(out)):
        gone = peaks[place - window] if 0 <= place - window < len(peaks) else 0
        if gone > 0:
            where = 0
            while some[where] != gone:
                where += 1
            count -= 1
            while where < count:
                some[where] = some[where + 1]
                where += 1
        come = peaks[place] if place < len(peaks) else 0
        if come > 0:
            where = count
            while where > 0 and some[where - 1] > come:
                some[where] = some[where - 1]
                where -= 1
            some[where] = come
            count += 1
        out[place] = some[(count - 1) * 4 // 5] if count >= fewest else 0
        counts[place] = count


@compiled
def withdraw(
    begin_us: Ints, value: Ints, flags: Flags, places: Ints, days: Ints, interval_us: int,
    measured: Ints, measured_us: Ints, rejected: Ints,
) -> None:  # fmt: skip
    """Take accepted interval values out of the energy and the time that count; their energy is stated as rejected."""
    energy, time, day = np.zeros_like(measured), np.zeros_like(measured), -1
    for index in places:
        if flags[index] & np.uint32(ACCEPTED) != 0:
            flags[index] &= np.uint32(~ACCEPTED & 0xFFFFFFFF)
            begin = begin_us[index]
            day = _spread(max(value[index], 0), begin, begin + interval_us, days, day, energy, time)
    measured -= energy
    measured_us -= time
    rejected += energy


@compiled
def by_month(days: Ints, first: Ints, edges: Ints, out: Ints) -> None:
    """Add up the figures by day (``lines.NAMES``) by month, as the rows of ``out`` (``lines.MONTHLY``, least units).

    ``first`` is the place of each month's first day, ``edges`` when each day begins and the last ends. The time that
    neither measured nor bridged energy covers is the rest of the month; row 2 is left as it is.
    """
    for month in range(len(first)):
        until = first[month + 1] if month + 1 < len(first) else days.shape[1]
        for day in range(first[month], until):
            out[0, month] += days[0, day]
            out[1, month] += days[2, day]
            out[3, month] += days[4, day]
            out[4, month] += days[5, day]
            out[5, month] += days[1, day]
            out[6, month] += days[3, day]
        out[8, month] = edges[until] - edges[first[month]]
        out[7, month] = max(out[8, month] - out[5, month] - out[6, month], 0)
