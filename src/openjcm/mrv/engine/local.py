"""The fold over the readings of one meter, compiled: last accepted reading + next reading → flags, energy, new state.

A rule such as "compare with the last *accepted* reading" cannot be said with window functions, so it is one pass in
time order. All numbers are integers: least units of the meter, microseconds, seconds.

Energy between two accepted readings is spread over the local days between them in proportion to time. Up to each
midnight it is cut down to a whole least unit, and the rest falls to the later day, so the parts always add up.
Elapsed time is counted in whole seconds, which keeps every product below 2^63.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.at_work import SLOTS, fits, hours_at_work, longest_of, time_at_work
from openjcm.mrv.engine.flags import ACCEPTED, Q08, Q09, Q10, Q11, Q12, Q14, Q23, Q26, UNUSABLE
from openjcm.mrv.engine.jit import compiled, inlined

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]

AGREEING = 3
"""So many readings must agree before a new level of a register is believed; so many low ones may be a glitch."""


@compiled
def _spread(energy: int, begin: int, end: int, days: Ints, day: int, out: Ints, out_us: Ints) -> int:
    """Add the energy of ``[begin, end)`` and its time to the local days, in proportion to time (see the module).

    ``day`` is where the last one fell, since the next mostly falls there too; returned is where this one begins.
    """
    last = len(days) - 1
    if not (0 <= day < last and days[day] <= begin < days[day + 1]):
        day = int(np.searchsorted(days, begin, side="right")) - 1
    if 0 <= day < last and end <= days[day + 1]:
        out[day] += energy
        out_us[day] += end - begin
        return day
    whole = max((end - begin) // 1_000_000, 1)
    given, at, bound = 0, begin, day + 1
    while bound <= last and days[bound] < end:
        passed = min((days[bound] - begin) // 1_000_000, whole)
        prefix = (energy // whole) * passed + ((energy % whole) * passed) // whole
        if bound >= 1:
            out[bound - 1] += prefix - given
            out_us[bound - 1] += days[bound] - at
        given, at = prefix, days[bound]
        bound += 1
    if 1 <= bound <= last:
        out[bound - 1] += energy - given
        out_us[bound - 1] += end - at
    return day


@inlined
def _next(flags: Flags, index: int) -> int:
    """The next usable reading after ``index``, or the count."""
    index += 1
    while index < len(flags) and flags[index] & UNUSABLE != 0:
        index += 1
    return index


@compiled
def _agree(t_us: Ints, value: Ints, flags: Flags, index: int, per_hour: int) -> bool:
    """Whether this and the next two usable readings lie on one rising line that capacity allows."""
    for _ in range(AGREEING - 1):
        following = _next(flags, index)
        if following >= len(value):
            return False
        step = value[following] - value[index]
        if not fits(step, per_hour, t_us[following] - t_us[index]):
            return False
        index = following
    return True


@compiled
def _back_on_line(t_us: Ints, value: Ints, flags: Flags, last: int, low: int, per_hour: int) -> int:
    """The reading after at most three low ones that continues the line of ``last``, or -1."""
    index = low
    for _ in range(AGREEING):
        index = _next(flags, index)
        if index >= len(value):
            return -1
        if fits(value[index] - value[last], per_hour, t_us[index] - t_us[last]):
            return index
    return -1


@compiled
def _all_high(t_us: Ints, value: Ints, flags: Flags, last: int, index: int, per_hour: int) -> bool:
    """Whether this and the next two usable readings are all above what capacity allows from ``last``."""
    for _ in range(AGREEING):
        if index >= len(value) or value[index] <= value[last]:
            return False
        if fits(value[index] - value[last], per_hour, t_us[index] - t_us[last]):
            return False
        index = _next(flags, index)
    return True


@compiled
def _bounds(days: Ints, day: int) -> tuple[int, int]:
    """Where a local day begins and ends; for none, bounds between which nothing lies."""
    if 0 <= day < len(days) - 1:
        return days[day], days[day + 1]
    return 1, 0


@compiled
def _after_freeze(
    t_us: Ints, value: Ints, flags: Flags, frozen: int, last: int, index: int, per_hour: int, at_work: Ints
) -> bool:
    """Whether a jump makes up for a register that stood still from ``frozen`` to ``last`` while it should have moved.

    The jump is judged over the whole frozen time, of which only the hours at work count, and two more readings must
    agree with it.
    """
    if frozen >= last or not fits(value[index] - value[last], per_hour, t_us[index] - t_us[frozen]):
        return False
    if not _agree(t_us, value, flags, index, per_hour):
        return False
    hours_at_work(t_us, value, flags, per_hour, at_work)
    return fits(value[index] - value[last], per_hour, time_at_work(t_us[frozen], t_us[index], at_work))


@compiled
def _returns(t_us: Ints, value: Ints, flags: Flags, old: int, frozen: int, index: int, per_hour: int) -> bool:
    """Whether the register is back on the line of ``old`` after a segment in which it showed one lower value only."""
    if old < 0 or flags[frozen] & np.uint32(Q10) == 0 or value[frozen] >= value[old]:
        return False
    return fits(value[index] - value[old], per_hour, t_us[index] - t_us[old])


@inlined
def _turned(step: int, span: int, per_hour: int, elapsed_us: int) -> bool:
    """Whether a register of known span passed its end: once, within capacity.

    Where capacity allows more than one turn, only a short way past the end is believed (a tenth of the span).
    """
    if step >= 0 or span <= 0 or not fits(span + step, per_hour, elapsed_us):
        return False
    return 10 * (span + step) <= span or not fits(span, per_hour, elapsed_us)


@compiled
def _take_time(begin: int, end: int, days: Ints, out_us: Ints) -> None:
    """Take the time of ``[begin, end)`` off the local days that it covers."""
    day = max(int(np.searchsorted(days, begin, side="right")) - 1, 0)
    while day < len(days) - 1 and days[day] < end:
        out_us[day] -= min(end, days[day + 1]) - max(begin, days[day])
        day += 1


@compiled
def _uncover(
    t_us: Ints, value: Ints, flags: Flags, begin: int, end: int, days: Ints, gap_us: int, measured_us: Ints,
    bridged_us: Ints,
) -> None:  # fmt: skip
    """Take back the time, and the gaps, of a flat stretch of accepted readings: no energy was committed for it."""
    before = begin
    for index in range(begin + 1, end + 1):
        if flags[index] & UNUSABLE != 0 or value[index] != value[begin]:
            continue
        gap = t_us[index] - t_us[before] >= gap_us
        _take_time(t_us[before], t_us[index], days, bridged_us if gap else measured_us)
        flags[index] &= np.uint32(~Q26 & 0xFFFFFFFF)
        before = index


@compiled
def _commit(
    t_us: Ints, flags: Flags, begin: int, end: int, energy: int, days: Ints, day: int, gap_us: int,
    measured: Ints, measured_us: Ints, bridged: Ints, bridged_us: Ints,
) -> int:  # fmt: skip
    """Add the step between two accepted readings; returned is the day in which it begins."""
    if t_us[end] - t_us[begin] >= gap_us:
        flags[end] |= np.uint32(0 if flags[end] & np.uint32(Q12) else Q26)
        return _spread(energy, t_us[begin], t_us[end], days, day, bridged, bridged_us)
    return _spread(energy, t_us[begin], t_us[end], days, day, measured, measured_us)


@compiled
def _unusual(  # one reading, five answers
    t_us: Ints, value: Ints, flags: Flags, index: int, last: int, before: int, energy: int, frozen: int, old: int,
    at_work: Ints, per_hour: int, span: int,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Judge a reading that does not plainly continue the line of ``last``, in the order of the rules.

    ``frozen`` is the first reading of the flat stretch that ends at ``last``, ``old`` the last reading of the segment
    before this one, or -1. Returns (the reading to judge next, last accepted, the one accepted before it or -1, energy
    between the two, the reading from which flat time is taken back or -1).
    """
    step, elapsed = value[index] - value[last], t_us[index] - t_us[last]
    if _turned(step, span, per_hour, elapsed):
        flags[index] |= np.uint32(Q08 | ACCEPTED)
        return index + 1, index, last, span + step, -1
    if _returns(t_us, value, flags, old, frozen, index, per_hour):
        for low in range(frozen, index):
            if flags[low] & np.uint32(ACCEPTED):
                flags[low] = (flags[low] & np.uint32(~(ACCEPTED | Q10) & 0xFFFFFFFF)) | np.uint32(Q09)
        flags[index] |= np.uint32(ACCEPTED)
        return index + 1, index, old, value[index] - value[old], frozen
    if fits(step, per_hour, elapsed):
        flags[index] |= np.uint32(ACCEPTED)
        return index + 1, index, last, step, -1
    if step < 0:
        back = _back_on_line(t_us, value, flags, last, index, per_hour)
        if back >= 0:
            while index < back:
                flags[index] |= np.uint32(Q09)
                index = _next(flags, index)
            return index, last, before, energy, -1
        on_old_line = before >= 0 and fits(value[index] - value[before], per_hour, t_us[index] - t_us[before])
        may_be_high = flags[last] & np.uint32(Q08 | Q12) == 0
        if on_old_line and may_be_high and _agree(t_us, value, flags, index, per_hour):
            flags[last] = (flags[last] & np.uint32(~ACCEPTED & 0xFFFFFFFF)) | np.uint32(Q11)
            return index, before, -1, 0, -1
    elif _after_freeze(t_us, value, flags, frozen, last, index, per_hour, at_work):
        flags[index] |= np.uint32(Q12 | ACCEPTED)
        return index + 1, index, frozen, step, frozen
    elif not _all_high(t_us, value, flags, last, index, per_hour):
        flags[index] |= np.uint32(Q11)
        return index + 1, last, before, energy, -1
    if _agree(t_us, value, flags, index, per_hour):
        flags[index] |= np.uint32(Q10 | ACCEPTED)
        return index + 1, index, -1, 0, -1
    flags[index] |= np.uint32(Q09 if step < 0 else Q11)
    return index + 1, last, before, energy, -1


BLOCK = 32
"""Readings that are looked at together: each condition over all of them, so the compiler takes several at once."""


@inlined
def _all_plain(t_us: Ints, value: Ints, flags: Flags, index: int, usual: int, most: int) -> bool:
    """Whether the next readings are usable, come at the usual time and rise within capacity; then they are used."""
    odd = 0
    for at in range(np.uint64(index), np.uint64(index + BLOCK)):
        step = value[at] - value[at - np.uint64(1)]
        odd |= (step < 0) | (step > most) | (t_us[at] - t_us[at - np.uint64(1)] != usual)
        odd |= flags[at] & np.uint32(UNUSABLE) != 0
    if odd:
        return False
    for at in range(np.uint64(index), np.uint64(index + BLOCK)):
        flags[at] |= np.uint32(ACCEPTED)
    return True


@inlined
def _moved(value: Ints, last: int, frozen: int, earlier: int) -> tuple[int, int]:
    """The last two readings at which the register moved, after a block of used ones that ends at ``last``."""
    begin, at = last - BLOCK, last
    while at > begin and value[at] == value[at - 1]:
        at -= 1
    if at == begin:
        return frozen, earlier
    moved, at = at, at - 1
    while at > begin and value[at] == value[at - 1]:
        at -= 1
    return moved, at if at > begin else frozen


@compiled
def _plainly(
    t_us: Ints, value: Ints, flags: Flags, days: Ints, index: int, last: int, before: int, energy: int, frozen: int,
    earlier: int, day: int, per_second: int, longest: int, gap_us: int, measured: Ints, measured_us: Ints,
) -> tuple[int, int, int, int, int, int, int]:  # fmt: skip
    """Use readings while each plainly continues the line of the last: no fall, no jump, no gap, no day parted in two.

    This is the loop in which nearly all readings are judged, so it works with numbers alone: a call that is given
    arrays costs some ten times what a reading does (each array's references are counted at every call). Returned are
    the reading to judge next, and what the fold keeps: last, before, energy, frozen, earlier and day.
    """
    since, first = before, energy - (value[last] - value[before])
    waited, known, most, until = t_us[last] - t_us[before], 0, 0, days[day + 1]
    while index < len(value):
        if t_us[last] > until:
            if t_us[before] != until or day + 2 >= len(days) or t_us[last] > days[day + 2]:
                break
            if before != since:
                measured[day] += value[before] - value[since] + first
                measured_us[day] += t_us[before] - t_us[since]
                since, first = before, 0
            day, until = day + 1, days[day + 2]
        if (
            known == waited and index == last + 1 and index + BLOCK <= len(value) and known < gap_us
            and t_us[index + BLOCK - 1] <= until and _all_plain(t_us, value, flags, index, known, most)
        ):  # fmt: skip
            before, last, index = index + BLOCK - 2, index + BLOCK - 1, index + BLOCK
            frozen, earlier = _moved(value, last, frozen, earlier)
            continue
        if flags[index] & UNUSABLE != 0:
            index += 1
            continue
        elapsed, step = t_us[index] - t_us[last], value[index] - value[last]
        if elapsed != known:
            known, most = elapsed, per_second * min(elapsed // 1_000_000, longest)
        if step < 0 or step > most or waited >= gap_us:
            break
        flags[index] |= np.uint32(ACCEPTED)
        before, last, waited, index = last, index, elapsed, index + 1
        if step > 0:
            earlier, frozen = frozen, last
    if before != since:
        measured[day] += value[before] - value[since] + first
        measured_us[day] += t_us[before] - t_us[since]
        first = 0
    return index, last, before, value[last] - value[before] + first, frozen, earlier, day


@compiled
def fold_register(
    t_us: Ints, value: Ints, flags: Flags, days: Ints, per_hour: int, span: int, gap_us: int,
    measured: Ints, measured_us: Ints, bridged: Ints, bridged_us: Ints, at_work: Ints,
) -> None:  # fmt: skip
    """Judge the readings of one cumulative register, in time order.

    ``per_hour`` is the most that capacity allows in an hour (least units), ``span`` the register's size (0: unknown),
    ``gap_us`` the time from which a step is a gap. Flags are set in place; energy and covered time per local day are
    added to the arrays. The step to the last accepted reading waits until the next is accepted, because a single high
    reading is only seen to be wrong when the register comes back down.

    :func:`_plainly` takes plain stretches; here is judged what ends one. ``at_work`` is room for the quarters of the
    day: an array made here would be counted per reading.
    """
    at_work[SLOTS] = 0
    last, before, energy, day = -1, -1, 0, -1
    frozen, earlier, old, low = -1, -1, -1, False
    per_second, longest = per_hour // 3600, longest_of(per_hour)
    index, count = 0, len(value)
    while index < count:
        if before >= 0 and not low and 0 <= day < len(days) - 1 and days[day] <= t_us[before]:
            index, last, before, energy, frozen, earlier, day = _plainly(
                t_us, value, flags, days, index, last, before, energy, frozen, earlier, day, per_second, longest,
                gap_us, measured, measured_us,
            )  # fmt: skip
        if index >= count or flags[index] & UNUSABLE != 0:
            index += 1
            continue
        if last < 0:
            flags[index] |= np.uint32(ACCEPTED)
            last, frozen, index = index, index, index + 1
            continue
        begin, end, waiting, here = before, last, energy, index
        index, last, before, energy, undo = _unusual(
            t_us, value, flags, index, last, before, energy, frozen, old, at_work, per_hour, span
        )
        old = end if last != end and flags[last] & np.uint32(Q10) else old
        if last == begin:
            frozen = earlier if value[last] == value[earlier] else last
        elif last != end and value[last] != value[frozen]:
            earlier, frozen = frozen, last
        low = old >= 0 and flags[frozen] & np.uint32(Q10) != 0
        if begin >= 0 and last == here:
            day = _commit(
                t_us, flags, begin, end, waiting, days, day, gap_us, measured, measured_us, bridged, bridged_us
            )
        if undo >= 0:
            _uncover(t_us, value, flags, undo, end, days, gap_us, measured_us, bridged_us)
    if before >= 0:
        _commit(t_us, flags, before, last, energy, days, day, gap_us, measured, measured_us, bridged, bridged_us)


@compiled
def fold_interval(
    begin_us: Ints, value: Ints, flags: Flags, days: Ints, most: int, interval_us: int,
    measured: Ints, measured_us: Ints, rejected: Ints, rejected_us: Ints, negative: Ints, negative_us: Ints,
) -> None:  # fmt: skip
    """Judge the interval values of one meter, in time order.

    ``begin_us`` is the start of each value's interval, ``most`` the most that capacity allows in one interval. A value
    over it is rejected (Q11); one that begins inside the interval before is rejected (Q23: its energy would count
    twice); a negative one counts as zero and is stated apart (Q14: never netted silently).
    """
    free_from, seen, day, day_from, day_to = 0, False, -1, 1, 0
    for index in range(len(value)):
        if flags[index] & UNUSABLE != 0:
            continue
        begin, end = begin_us[index], begin_us[index] + interval_us
        if seen and begin < free_from:
            flags[index] |= np.uint32(Q23)
            if 0 <= value[index] <= most:
                _spread(value[index], begin, end, days, day, rejected, rejected_us)
            continue
        if value[index] > most or value[index] < -most:
            flags[index] |= np.uint32(Q11)
            if abs(value[index]) < 10**15:
                _spread(max(value[index], 0), begin, end, days, day, rejected, rejected_us)
            continue
        if seen and 2 * (begin - free_from) >= interval_us:
            flags[index] |= np.uint32(Q26)
        seen, free_from = True, end
        flags[index] |= np.uint32(ACCEPTED)
        if value[index] < 0:
            flags[index] |= np.uint32(Q14)
            _spread(-value[index], begin, end, days, day, negative, negative_us)
        if day_from <= begin and end <= day_to:
            measured[day] += max(value[index], 0)
            measured_us[day] += interval_us
        else:
            day = _spread(max(value[index], 0), begin, end, days, day, measured, measured_us)
            day_from, day_to = _bounds(days, day)
