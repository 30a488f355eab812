"""One pass over the plain steps of a judged meter for all rules of plausibility: figures by day, and what is possible.

After the fold has said which readings count, this pass walks over the steps between them once. It keeps a small state
per rule: figures and hashes by day, which the rules use as they are, and for each rule a *sign*: a number that
says whether the rule could find anything at all. The rules themselves stay where they are told, in
``openjcm.mrv.plausibility``; they run where their sign does not exclude them. A sign may be raised for nothing, which
costs time, and is never missing where a rule would find something, which tests hold against the rules.

State is kept in plain numbers, and what is written once per reading is inlined, since a call that is given arrays costs
more than the reading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.jit import compiled, inlined
from openjcm.mrv.engine.local import ACCEPTED, Q07, Q08, Q10, Q12, Q26
from openjcm.mrv.engine.sky import DAY_US, MARGIN, rough_wave

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

BROKEN = Q07 | Q08 | Q10 | Q12 | Q26
"""Flags at which a register's step is no plain difference."""
HOUR_US = 3_600_000_000
FOREVER = 2**62

(REGISTER, USUAL_US, APART_US, WORK, SHIFT, REPEATS, TELLING, SLOPE, RESTING, SUNNY, NIGHT, FIRST_US, KNOWN) = range(13)
"""Places in ``known``, what the pass knows of the meter: whether it is a register, the usual length of a step, how far
neighbours lie apart at most, the step over which it is at work, bits of energy left away in moments, the value over
which repeating one and being equal to another day tell something, the least slope of a straight line, steps of nothing
before a jump, whether the sun's place is known, what is impossible at night (of a register: a second), and where the
tables of the sun begin."""

STEPS, FLAT, LINE, USUAL, AFTER_REST, DARK, BRIGHT, SIGNS = range(8)
"""Places in ``signs``: the number of steps, the longest run of one value, the longest line, the greatest step after work
and after rest, steps impossible at night without daylight, and hours that come near the clear sky."""

SHARES = 256
"""Steps of a share of full power in the table of heights that surely allow it."""


@inlined
def _line(run: int, move: int, bend: int, slope: int, near: bool) -> int:
    """How many values may lie on a straight line that ends here, given how many did at the value before.

    On a line (``engine.series.straight_runs``) neighbouring slopes differ by three units at most, and the first two
    values differ by ``slope`` or more.
    """
    if not near:
        return 0
    if run >= 2 and abs(bend) <= 3:
        return run + 1
    return 2 if abs(move) >= slope else 0


@inlined
def _mixed(step: int, offset: int) -> int:
    """The hash of a value at its time of the day."""
    mixed = (np.uint64(step) * np.uint64(0x9E3779B97F4A7C15)) ^ (np.uint64(offset) * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(32))


@inlined
def _is_bright(
    energy: int, time: int, begin: int, end: int, rate: float, first_us: int, wave: Floats, least: Floats
) -> bool:  # fmt: skip
    """Whether an hour shows so much that only a look at the sun's exact place can tell it from too much."""
    full = rate * time
    if time * 10 < HOUR_US * 9 or energy * 50 <= full:
        return False
    share = int(energy / full * SHARES) + 1
    since = (begin + end) // 2 - first_us
    day = since // DAY_US
    if share >= len(least) or day < 0 or day >= wave.shape[1]:
        return True
    height = rough_wave((since - day * DAY_US) / DAY_US, wave[0, day], wave[1, day], wave[2, day])
    return bool(height < least[share] + MARGIN)


@inlined
def _add_to_day(
    daily: Ints, day: int, step: int, since: int, seconds: int, work: int, shift: int
) -> None:  # fmt: skip
    """Add a step over nothing to the figures of its day (``engine.series.daily``)."""
    energy = step >> shift
    daily[0, day] += energy
    daily[1, day] += energy * (since + seconds // 2)
    daily[4, day] = max(daily[4, day], step)
    if step > work:
        if daily[2, day] < 0:
            daily[2, day] = since
        daily[3, day] = since + seconds


@inlined
def _day_of(at: int, day: int, edges: Ints) -> tuple[int, int]:
    """The local day of an instant that is not before ``day``, or -1 after the last, and when it ends."""
    day = max(day, 0)
    while day < len(edges) - 1 and at >= edges[day + 1]:
        day += 1
    return (day, edges[day + 1]) if day < len(edges) - 1 else (-1, FOREVER)


@inlined
def _block_of(at: int, day: int, edges: Ints, parts: int) -> tuple[int, int]:
    """The part of a day in which an instant lies (counted over all days), and when it ends."""
    length = (edges[day + 1] - edges[day]) // parts
    part = min((at - edges[day]) // length, parts - 1)
    return day * parts + part, edges[day] + (part + 1) * length if part + 1 < parts else edges[day + 1]


@inlined
def _note(bright: Ints, row: int, energy: int, time: int, begin: int, end: int, first: int, last: int) -> None:
    """Keep an hour that comes near the clear sky."""
    bright[row, 0], bright[row, 1], bright[row, 2] = energy, time, begin
    bright[row, 3], bright[row, 4], bright[row, 5] = end, first, last


@compiled
def survey(
    t_us: Ints, value: Ints, flags: Flags, edges: Ints, known: Ints, rate: float, light: Ints, wave: Floats,
    least: Floats, daily: Ints, hashes: Hashes, counts: Ints, steps: Ints, bright: Ints, signs: Ints,
) -> None:  # fmt: skip
    """Walk over the steps of a meter and fill the last six arrays: figures and hashes by day, steps, hours, and signs.

    ``t_us`` holds instants of a register's readings or begins of intervals, ``edges`` the begins of the local days and
    the end of the last, ``rate`` what capacity gives in a microsecond. ``light`` are times at which the sun is surely
    up, ``wave`` its course by day, ``least`` the heights that surely allow a share of full power. A row of ``bright`` is
    an hour that comes near the clear sky: its energy, time, begin, end, first step, and the one after its last.
    """
    register, apart, shift, sunny = known[REGISTER] != 0, known[APART_US], known[SHIFT], known[SUNNY] != 0
    first_us, parts = known[FIRST_US], len(hashes) // (len(edges) - 1)
    before, count, at, step, move, flat, run, rest, lamp = -1, 0, 0, 0, 0, 0, 0, 0, 0
    line, usual, after_rest, longest, dark, hours = 0, 0, 0, 0, 0, 0
    slope, resting, repeats, telling, work = known[SLOPE], known[RESTING], known[REPEATS], known[TELLING], known[WORK]
    known_length, seconds, night = np.int64(-1), np.int64(0), np.int64(0)
    day, until, block, block_until, told = -1, edges[0], 0, np.int64(0), np.int64(-1)
    hour_until, hour_energy, hour_time, hour_from, hour_to, hour_first = -FOREVER, 0, 0, 0, 0, 0
    daily[2:4, :] = -1
    for index in range(len(value)):
        flag = flags[index]
        if flag & np.uint32(ACCEPTED) == 0:
            continue
        earlier, before = before, index
        if register and (earlier < 0 or flag & np.uint32(BROKEN) != 0):
            continue
        at_before, step_before, move_before = at, step, move
        if register:
            at, step, length = t_us[earlier], value[index] - value[earlier], t_us[index] - t_us[earlier]
            move = step
        else:
            at, step, length = t_us[index], value[index], known[USUAL_US]
            move = step - step_before
        if length != known_length:
            known_length, seconds = length, length // 1_000_000
            night = known[NIGHT] * seconds if register else known[NIGHT]
        near = count > 0 and at - at_before <= apart
        steps[count] = step
        count += 1
        run = _line(run, move, move - move_before, slope, near)
        line = max(line, run)
        if register:
            rest = rest if near else 0
            if step != 0 and rest >= resting:
                after_rest = max(after_rest, step)
            elif step != 0:
                usual = max(usual, step)
            rest = rest + 1 if step == 0 else 0
        else:
            flat = flat + 1 if near and step == step_before else 1
            if step > repeats:
                longest = max(longest, flat)
        if at >= hour_until:
            if sunny and hour_energy > 0 and _is_bright(
                hour_energy, hour_time, hour_from, hour_to, rate, first_us, wave, least
            ):  # fmt: skip
                _note(bright, hours, hour_energy, hour_time, hour_from, hour_to, hour_first, count - 1)
                hours += 1
            hour_until, hour_energy, hour_time, hour_from = (at // HOUR_US + 1) * HOUR_US, 0, 0, at
            hour_first = count - 1
        hour_energy, hour_time, hour_to = hour_energy + step, hour_time + length, at + length
        if sunny and step > night:
            look = at + length if register else at + length // 2
            while lamp < light.shape[1] - 1 and light[1, lamp] < look:
                lamp += 1
            dark += not light[0, lamp] <= look <= light[1, lamp]
        if at >= until:
            day, until = _day_of(at, day, edges)
            block_until, told = np.int64(0), np.int64(-1)
        if day < 0:
            continue
        daily[5, day] += 1
        if step <= 0:
            continue
        since = (at - edges[day]) // 1_000_000
        _add_to_day(daily, day, step, since, seconds, work, shift)
        if step > telling:
            if at >= block_until:
                block, block_until = _block_of(at, day, edges, parts)
            hashes[block] += _mixed(step, at - edges[day])
            counts[block] += step != told
            told = step
    if sunny and hour_energy > 0 and _is_bright(
        hour_energy, hour_time, hour_from, hour_to, rate, first_us, wave, least
    ):  # fmt: skip
        _note(bright, hours, hour_energy, hour_time, hour_from, hour_to, hour_first, count)
        hours += 1
    signs[STEPS], signs[FLAT], signs[LINE], signs[USUAL], signs[AFTER_REST] = count, longest, line, usual, after_rest
    signs[DARK], signs[BRIGHT] = dark, hours
