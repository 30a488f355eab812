"""Signs from the figures of a meter's days and its steps: whether a rule of plausibility could find anything.

Each function answers for one rule, from what :func:`openjcm.mrv.engine.survey.survey` kept, and may say yes for nothing
but never no where the rule would find something. So most meters need none of the rules' own passes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.jit import compiled
from openjcm.mrv.engine.series import levels
from openjcm.mrv.engine.survey import AFTER_REST, BRIGHT, FLAT, LINE, USUAL

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

STUCK, FROZEN, CLOCK, CEILING, CLIPPING, STRAIGHT, REPEATED, MONOTONY, SPIKES, LEVEL, SIZE = range(11)
"""Bits of the answer, one for each rule of plausibility."""

(
    SOLAR, GENERATION, OF_REGISTER, A_DAY, TELLING, SHORTEST_RUN, SHORTEST_LINE, CLOCK_SECONDS, CLOCK_DAYS, BLOCK_TELLS,
    BLOCKS_OF_DAY, SAMPLE, VARIETY_OF, VARIETY, WINDOW, FEWEST, CHANGE_ABOVE, CHANGE_BELOW, SIZE_DAYS, SIZE_MOST,
    SIZE_LEAST, LIMITS,
) = range(22)  # fmt: skip
"""Places in ``limits``: what is known of the meter, and what its rules ask for at least."""


@compiled
def possible(
    limits: Ints, signs: Ints, daily: Ints, hashes: Hashes, counts: Ints, steps: Ints, noon: Ints, month: Ints
) -> int:
    """Bits of the rules that could find something in a meter; ``noon`` is empty where its place is not known."""
    solar, register, a_day = limits[SOLAR] != 0, limits[OF_REGISTER] != 0, limits[A_DAY]
    found: int = 0
    if register:
        found |= (signs[AFTER_REST] * 4 > signs[USUAL] * 5) << FROZEN
    else:
        found |= (signs[FLAT] >= limits[SHORTEST_RUN]) << STUCK | (limits[GENERATION] != 0) << SPIKES
    found |= (signs[LINE] >= limits[SHORTEST_LINE]) << STRAIGHT
    for parts in (limits[BLOCKS_OF_DAY], 1):
        found |= holds_twice(hashes, counts, parts, limits[BLOCK_TELLS]) << REPEATED
    every = max(len(steps) // limits[SAMPLE], 1)
    found |= may_lack_variety(steps, every, limits[TELLING], limits[VARIETY_OF], limits[VARIETY]) << MONOTONY
    if not solar:
        found |= (limits[GENERATION] == 0) << SIZE
        return found
    found |= (signs[BRIGHT] > 0) << CEILING
    if len(noon):
        found |= off_noon(daily, noon, month, a_day, limits[CLOCK_DAYS], limits[CLOCK_SECONDS]) << CLOCK
    found |= (plateaus(steps, top_of(daily[4])) >= 2) << CLIPPING
    found |= (
        changes_level(daily[4], limits[WINDOW], limits[FEWEST], limits[CHANGE_ABOVE], limits[CHANGE_BELOW]) << LEVEL
    )
    best = best_of(daily, a_day, limits[SIZE_DAYS])
    found |= (best >= limits[SIZE_MOST] or 0 <= best <= limits[SIZE_LEAST]) << SIZE
    return found


@compiled
def top_of(peaks: Ints) -> int:
    """The level that the series reaches on its best days: the ninth tenth of the daily peaks."""
    some = peaks[peaks > 0]
    return nth(some, (len(some) - 1) * 9 // 10) if len(some) else 0


@compiled
def nth(values: Ints, place: int) -> int:
    """The value that would stand at this place if they were in order."""
    found: int = np.partition(values, place)[place]
    return found


@compiled
def off_noon(daily: Ints, noon: Ints, month: Ints, a_day: int, fewest: int, seconds: int) -> bool:
    """Q15: whether in some month the median middle of the working day lies so far off noon."""
    middles, day = np.empty(len(noon), dtype=np.int64), 0
    while day < len(noon):
        one, count = month[day], 0
        while day < len(noon) and month[day] == one:
            first, last = daily[2, day], daily[3, day]
            if daily[5, day] * 10 >= a_day * 4 and first >= 0 and daily[0, day] > 0 and last - first >= 4 * 3600:
                middles[count] = (first + last) // 2 - noon[day]
                count += 1
            day += 1
        if count >= fewest and abs(nth(middles[:count], count // 2)) > seconds:
            return True
    return False


@compiled
def plateaus(steps: Ints, top: int) -> int:
    """Q18: how many times four neighbouring values or more lie close to the top and to each other."""
    if top <= 0:
        return 0
    least, even, found, run = -(-top * 49 // 50), top // 1000, 0, 0
    for index in range(1, len(steps)):
        if steps[index] < least:
            run = 0
            continue
        run = run + 1 if steps[index - 1] >= least and abs(steps[index] - steps[index - 1]) <= even else 0
        found += run == 3
    return found


@compiled
def holds_twice(hashes: Hashes, counts: Ints, parts: int, telling: int) -> bool:
    """Q19: whether two blocks (of so many parts each) that tell enough have the same hash."""
    size = 8
    while size * parts < 2 * len(hashes):
        size *= 2
    table, used = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.bool_)
    for block in range(len(hashes) // parts):
        whole, count = np.uint64(0), 0
        for part in range(block * parts, block * parts + parts):
            whole += hashes[part]
            count += counts[part]
        if count < telling:
            continue
        slot = np.int64(whole >> np.uint64(20)) & (size - 1)
        while used[slot]:
            if table[slot] == whole:
                return True
            slot = (slot + 1) & (size - 1)
        table[slot], used[slot] = whole, True
    return False


@compiled
def may_lack_variety(steps: Ints, every: int, least: int, enough: int, variety: int) -> bool:
    """Q19: whether the values of a sample could spread like fewer than ``variety`` equally frequent ones.

    No value occurs more often than the values in the fullest of 512 bins by their hash, and n values of which each
    occurs m times at most spread like n ÷ m at least.
    """
    top = 0
    for index in range(0, len(steps), every):
        top = max(top, steps[index])
    bins, count, most = np.zeros(512, dtype=np.int64), 0, 0
    for index in range(0, len(steps), every):
        step = steps[index]
        if step > least and step * 50 < top * 49:
            place = (np.uint64(step) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(55)
            bins[place] += 1
            most, count = max(most, bins[place]), count + 1
    return count >= enough and count < variety * most


@compiled
def changes_level(peaks: Ints, window: int, fewest: int, above: int, below: int) -> bool:
    """Q32: whether the levels of the days before and after some day differ by the factor ``above ÷ below``."""
    found, counts = np.zeros(len(peaks) + window, dtype=np.int64), np.zeros(len(peaks) + window, dtype=np.int64)
    levels(peaks, window, fewest, found, counts)
    for day in range(len(peaks)):
        before, after = found[day], found[window + day]
        least = min(before, after) // below
        if least > 0 and max(before, after) // above >= least:
            return True
    return False


@compiled
def best_of(daily: Ints, a_day: int, fewest: int) -> int:
    """Q33: the energy of the ninth tenth of the days of which a quarter or more is there, or -1 for too few."""
    whole = daily[0][daily[5] * 4 >= a_day]
    return nth(whole, (len(whole) - 1) * 9 // 10) if len(whole) >= fewest else -1
