"""The fold over the readings of one meter, compiled: last accepted reading + next reading → flags, energy, new state.

A rule such as "compare with the last *accepted* reading" cannot be said with window functions, so it is one pass in
time order. All numbers are integers: least units of the meter, microseconds, seconds. A flag is one bit whose number is
the number of the rule (``Q08`` is bit 8); bit 31 marks a reading whose value was used.

Energy between two accepted readings is spread over the local days between them in proportion to time. Up to each
midnight it is cut down to a whole least unit, and the rest falls to the later day, so the parts always add up.
Elapsed time is counted in whole seconds, which keeps every product below 2^63.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.jit import compiled, inlined

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]

Q01, Q02, Q03, Q04, Q05, Q06, Q08, Q09, Q10, Q11 = (
    1 << 1,
    1 << 2,
    1 << 3,
    1 << 4,
    1 << 5,
    1 << 6,
    1 << 8,
    1 << 9,
    1 << 10,
    1 << 11,
)
Q07, Q12, Q13, Q14, Q23, Q24, Q26 = 1 << 7, 1 << 12, 1 << 13, 1 << 14, 1 << 23, 1 << 24, 1 << 26
ACCEPTED = 1 << 31
UNUSABLE = Q01 | Q02 | Q03 | Q04 | Q05 | Q24
AGREEING = 3
"""So many readings must agree before a new level of a register is believed; so many low ones may be a glitch."""


@inlined
def _longest(per_hour: int) -> int:
    """Seconds after which capacity allows any step at all: no step is 4 × 10^18, and no product passes 2^63."""
    return 4 * 10**18 // (per_hour // 3600 + 1)


@inlined
def _most(per_hour: int, elapsed_us: int) -> int:
    """The greatest step that capacity allows in a time (least units; one unit more, for the register's own step)."""
    seconds = min(elapsed_us // 1_000_000, _longest(per_hour))
    return (per_hour // 3600) * seconds + ((per_hour % 3600) * seconds) // 3600 + 1


@inlined
def _fits(step: int, per_hour: int, elapsed_us: int) -> bool:
    """Whether capacity allows a step in a time."""
    return 0 <= step <= _most(per_hour, elapsed_us)


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
        if not _fits(step, per_hour, t_us[following] - t_us[index]):
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
        if _fits(value[index] - value[last], per_hour, t_us[index] - t_us[last]):
            return index
    return -1


@compiled
def _all_high(t_us: Ints, value: Ints, flags: Flags, last: int, index: int, per_hour: int) -> bool:
    """Whether this and the next two usable readings are all above what capacity allows from ``last``."""
    for _ in range(AGREEING):
        if index >= len(value) or value[index] <= value[last]:
            return False
        if _fits(value[index] - value[last], per_hour, t_us[index] - t_us[last]):
            return False
        index = _next(flags, index)
    return True


@compiled
def _bounds(days: Ints, day: int) -> tuple[int, int]:
    """Where a local day begins and ends; for none, bounds between which nothing lies."""
    if 0 <= day < len(days) - 1:
        return days[day], days[day + 1]
    return 1, 0


SLOT_US = 900_000_000
"""The day is seen in quarters of an hour of UTC, to tell when a meter is at work."""
SLOTS = 96


@compiled
def _hours_at_work(t_us: Ints, value: Ints, flags: Flags, per_hour: int, at_work: Ints) -> None:
    """Mark in which quarters of the day the register usually moves: over 1 % of capacity in a tenth of the readings.

    A flat stretch counts as a freeze only there. A solar register rests all night; the night lends no room to a jump.
    The answer is the same wherever in the fold it is asked for, so it is made once (the last place says whether).
    """
    if at_work[SLOTS] != 0:
        return
    at_work[SLOTS] = 1
    moving, seen = np.zeros(SLOTS, dtype=np.int64), np.zeros(SLOTS, dtype=np.int64)
    before, known, most, passed = -1, np.int64(-1), np.int64(0), np.int64(0)
    for index in range(len(value)):
        if flags[index] & UNUSABLE != 0:
            continue
        if before >= 0:
            step, elapsed = value[index] - value[before], t_us[index] - t_us[before]
            if elapsed != known:
                known, most, passed = elapsed, _most(per_hour, elapsed), min(elapsed // SLOT_US, SLOTS - 1)
            if 0 <= step <= most:
                slot = (t_us[before] // SLOT_US) % SLOTS
                moves = 1 if step > 0 and (step > 10**16 or 100 * step > most) else 0
                for _ in range(passed + 1):
                    seen[slot] += 1
                    moving[slot] += moves
                    slot = slot + 1 if slot + 1 < SLOTS else 0
        before = index
    for slot in range(SLOTS):
        at_work[slot] = 1 if moving[slot] > 0 and 10 * moving[slot] >= seen[slot] else 0


@compiled
def _time_at_work(begin: int, end: int, at_work: Ints) -> int:
    """The microseconds of ``[begin, end)`` that lie in the marked quarters of the day."""
    whole = (end - begin) // (SLOTS * SLOT_US)
    total, at = whole * int(at_work[:SLOTS].sum()) * SLOT_US, begin + whole * SLOTS * SLOT_US
    while at < end:
        until = min((at // SLOT_US + 1) * SLOT_US, end)
        if at_work[(at // SLOT_US) % SLOTS]:
            total += until - at
        at = until
    return total


@compiled
def _after_freeze(
    t_us: Ints, value: Ints, flags: Flags, frozen: int, last: int, index: int, per_hour: int, at_work: Ints
) -> bool:
    """Whether a jump makes up for a register that stood still from ``frozen`` to ``last`` while it should have moved.

    The jump is judged over the whole frozen time, of which only the hours at work count, and two more readings must
    agree with it.
    """
    if frozen >= last or not _fits(value[index] - value[last], per_hour, t_us[index] - t_us[frozen]):
        return False
    if not _agree(t_us, value, flags, index, per_hour):
        return False
    _hours_at_work(t_us, value, flags, per_hour, at_work)
    return _fits(value[index] - value[last], per_hour, _time_at_work(t_us[frozen], t_us[index], at_work))


@compiled
def _returns(t_us: Ints, value: Ints, flags: Flags, old: int, frozen: int, index: int, per_hour: int) -> bool:
    """Whether the register is back on the line of ``old`` after a segment in which it showed one lower value only."""
    if old < 0 or flags[frozen] & np.uint32(Q10) == 0 or value[frozen] >= value[old]:
        return False
    return _fits(value[index] - value[old], per_hour, t_us[index] - t_us[old])


@inlined
def _turned(step: int, span: int, per_hour: int, elapsed_us: int) -> bool:
    """Whether a register of known span passed its end: once, within capacity.

    Where capacity allows more than one turn, only a short way past the end is believed (a tenth of the span).
    """
    if step >= 0 or span <= 0 or not _fits(span + step, per_hour, elapsed_us):
        return False
    return 10 * (span + step) <= span or not _fits(span, per_hour, elapsed_us)


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
    if _fits(step, per_hour, elapsed):
        flags[index] |= np.uint32(ACCEPTED)
        return index + 1, index, last, step, -1
    if step < 0:
        back = _back_on_line(t_us, value, flags, last, index, per_hour)
        if back >= 0:
            while index < back:
                flags[index] |= np.uint32(Q09)
                index = _next(flags, index)
            return index, last, before, energy, -1
        on_old_line = before >= 0 and _fits(value[index] - value[before], per_hour, t_us[index] - t_us[before])
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


@compiled
def _plainly(  # one stretch, six answers
    t_us: Ints, value: Ints, flags: Flags, index: int, last: int, before: int, frozen: int, earlier: int,
    per_second: int, longest: int, gap_us: int, until: int,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Accept readings while each plainly continues the line of the last: no fall, no jump, no gap, before ``until``.

    This is the loop in which nearly all readings are judged, so it works with numbers alone: a call that is given
    arrays costs some ten times what a reading does (each array's references are counted at every call). Returned are
    the reading to judge next, and what ``last``, ``before``, ``frozen`` and ``earlier`` of the fold are then.
    """
    waited, known, most = t_us[last] - t_us[before], np.int64(-1), np.int64(0)
    while index < len(value):
        if flags[index] & UNUSABLE != 0:
            index += 1
            continue
        elapsed, step = t_us[index] - t_us[last], value[index] - value[last]
        if elapsed != known:
            known, most = elapsed, per_second * min(elapsed // 1_000_000, longest)
        if step < 0 or step > most or waited >= gap_us or t_us[last] > until:
            break
        flags[index] |= np.uint32(ACCEPTED)
        before, last, waited, index = last, index, elapsed, index + 1
        if step > 0:
            earlier, frozen = frozen, last
    return index, last, before, frozen, earlier


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

    Plain stretches within a day are taken by :func:`_plainly`; here is judged what ends one. ``at_work`` is room for
    the quarters of the day: an array made here would be counted per reading.
    """
    at_work[SLOTS] = 0
    last, before, energy, day, day_from, day_to = -1, -1, 0, -1, 1, 0
    frozen, earlier, old, low = -1, -1, -1, False
    per_second, longest = per_hour // 3600, _longest(per_hour)
    index, count = 0, len(value)
    while index < count:
        if before >= 0 and not low and day_from <= t_us[before]:
            begin, end = before, last
            index, last, before, frozen, earlier = _plainly(
                t_us, value, flags, index, last, before, frozen, earlier, per_second, longest, gap_us, day_to
            )
            if last != end:
                measured[day] += energy + value[before] - value[end]
                measured_us[day] += t_us[before] - t_us[begin]
                energy = value[last] - value[before]
            if index >= count:
                break
        if flags[index] & UNUSABLE != 0:
            index += 1
            continue
        begin, end, waiting, here, undo = before, last, energy, index, -1
        if last < 0:
            flags[index] |= np.uint32(ACCEPTED)
            last, frozen, index = index, index, index + 1
            continue
        step = value[index] - value[last]
        plain = 0 <= step <= per_second * min((t_us[index] - t_us[last]) // 1_000_000, longest)
        if plain and (step == 0 or not low):
            flags[index] |= np.uint32(ACCEPTED)
            before, last, energy, index = last, index, step, index + 1
            if step > 0:
                earlier, frozen = frozen, last
        else:
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
            day_from, day_to = _bounds(days, day)
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
