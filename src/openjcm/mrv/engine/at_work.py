"""What capacity allows in a time, and at which hours of the day a register is at work, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.flags import UNUSABLE
from openjcm.mrv.engine.jit import compiled, inlined

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]


@inlined
def longest_of(per_hour: int) -> int:
    """Seconds after which capacity allows any step at all: no step is 4 × 10^18, and no product passes 2^63."""
    return 4 * 10**18 // (per_hour // 3600 + 1)


@inlined
def most_in(per_hour: int, elapsed_us: int) -> int:
    """The greatest step that capacity allows in a time (least units; one unit more, for the register's own step)."""
    seconds = min(elapsed_us // 1_000_000, longest_of(per_hour))
    return (per_hour // 3600) * seconds + ((per_hour % 3600) * seconds) // 3600 + 1


@inlined
def fits(step: int, per_hour: int, elapsed_us: int) -> bool:
    """Whether capacity allows a step in a time."""
    return 0 <= step <= most_in(per_hour, elapsed_us)


SLOT_US = 900_000_000
"""The day is seen in quarters of an hour of UTC, to tell when a meter is at work."""
SLOTS = 96


@compiled
def hours_at_work(t_us: Ints, value: Ints, flags: Flags, per_hour: int, at_work: Ints) -> None:
    """Mark in which quarters of the day the register usually moves: over 1 % of capacity in a tenth of the readings.

    A flat stretch counts as a freeze only there. A solar register rests all night; the night lends no room to a jump.
    The answer is the same wherever in the fold it is asked for, so it is made once (the last place says whether).
    """
    if at_work[SLOTS] != 0:
        return
    at_work[SLOTS] = 1
    moving, seen = np.zeros((SLOTS, SLOTS), dtype=np.int64), np.zeros((SLOTS, SLOTS), dtype=np.int64)
    before, known, most, passed, after = -1, -1, 0, 0, 0
    for index in range(len(value)):
        if flags[index] & UNUSABLE != 0:
            continue
        if before < 0:
            after = (t_us[index] // SLOT_US) % SLOTS
        else:
            step, elapsed = value[index] - value[before], t_us[index] - t_us[before]
            if elapsed != known:
                known, most, passed = elapsed, most_in(per_hour, elapsed), min(elapsed // SLOT_US, SLOTS - 1)
            slot, after = after, after + 1
            if elapsed != SLOT_US or after == SLOTS:
                after = (t_us[index] // SLOT_US) % SLOTS
            if 0 <= step <= most:
                seen[passed, slot] += 1
                if step > 0 and (step > 10**16 or 100 * step > most):
                    moving[passed, slot] += 1
        before = index
    for passed in range(SLOTS - 2, -1, -1):  # from steps that take so long to those that take so long or longer
        moving[passed], seen[passed] = moving[passed] + moving[passed + 1], seen[passed] + seen[passed + 1]
    for slot in range(SLOTS):
        works, all_steps = 0, 0
        for back in range(SLOTS):  # those that began so many quarters earlier and are not over
            works += moving[back, slot - back]
            all_steps += seen[back, slot - back]
        at_work[slot] = 1 if works > 0 and 10 * works >= all_steps else 0


@compiled
def time_at_work(begin: int, end: int, at_work: Ints) -> int:
    """The microseconds of ``[begin, end)`` that lie in the marked quarters of the day."""
    whole = (end - begin) // (SLOTS * SLOT_US)
    total, at = whole * int(at_work[:SLOTS].sum()) * SLOT_US, begin + whole * SLOTS * SLOT_US
    while at < end:
        until = min((at // SLOT_US + 1) * SLOT_US, end)
        if at_work[(at // SLOT_US) % SLOTS]:
            total += until - at
        at = until
    return total
