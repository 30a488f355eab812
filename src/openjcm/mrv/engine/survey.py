"""One pass over the plain steps of a judged meter for all rules of plausibility: figures by day, and what is possible.

After the fold has said which readings count, this pass walks over the steps between them once. Each rule has a small
state of its own that the loop hands on from step to step: figures and hashes by day, which the rules use as they are;
candidates, at which a rule must look closely; and *signs*, which say whether a rule could find anything at all. The
rules themselves stay where they are told, in ``openjcm.mrv.plausibility``, and run where their sign allows it
(``engine.signs``). A sign may be raised for nothing, which costs time, and is never missing where a rule would find
something; tests hold that against the rules.

States are plain numbers, and what is done at every step is inlined: a call that is given arrays costs more than a step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.flags import ACCEPTED, Q07, Q08, Q10, Q12, Q26
from openjcm.mrv.engine.jit import compiled, inlined
from openjcm.mrv.engine.sky import DAY_US, MARGIN, rough_wave

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

BROKEN = Q07 | Q08 | Q10 | Q12 | Q26
"""Flags at which a register's step is no plain difference."""
HOUR_US = 3_600_000_000
FOREVER = 2**62
FULL = 1.06
"""Shares of full power up to this are surely allowed while the sun stands high; the fold lets hardly more through."""
SHARES = 256
"""Steps of a share of full power in the table of heights that surely allow it."""


class Known(NamedTuple):
    """What the walk knows of a meter, in least units and microseconds."""

    register: int
    """1 for a cumulative register, 0 for interval values."""
    usual_us: int
    apart_us: int
    """How long a step usually is, and how far the begins of neighbours lie apart at most."""
    work: int
    """Over this step the meter is at work."""
    shift: int
    """Bits of the energy that are left away in moments."""
    repeats: int
    telling: int
    """Over these values, repeating one, and being equal to another day, tell something."""
    slope: int
    """The least slope of a straight line."""
    resting: int
    """Steps of nothing after which a register that moves on may make up for them."""
    sunny: int
    """Whether the sun over the meter is known."""
    night: int
    """What is impossible at night: of a register in a second, else in an interval."""


class Sky(NamedTuple):
    """The sun over a place, shared by all meters there."""

    first_us: int
    """Where ``wave`` begins."""
    light: Ints
    """When the sun is surely up (rows: from, until)."""
    high: Ints
    """When a clear sky surely allows full power."""
    wave: Floats
    """The sun's course by day (``sky.rough_wave``)."""
    least: Floats
    """By share of full power: the height from which on a clear sky surely allows it."""


class Walk(NamedTuple):
    """What the walk leaves."""

    daily: Ints
    """By day, as rows: energy, moment, first and last time at work (or -1), peak, and number of steps.

    The moment is energy × seconds from the day's begin to the middle of the step, both without the last ``shift`` bits
    of the energy.
    """
    hashes: Hashes
    """Of each part of each day: the values that tell something, with when in the day they stand. They can be added."""
    counts: Ints
    """How many such values there are that do not repeat the one before, since a plateau proves nothing."""
    steps: Ints
    dark: Ints
    """Steps that are impossible at night and not surely by day: the reading's place and that of the one before."""
    bright: Ints
    """Hours near the clear sky: energy, time, begin, end, first step, and the one after the last."""
    signs: Ints


Figures = tuple[int, int, int, int, int, int]
"""As in ``Walk.daily``."""
Hour = tuple[int, int, int, int, int, int]
"""When it ends, energy, time, begin of its first step, end of its last, and the place of the first."""
Window = tuple[int, int, int]
"""Number, begin, end."""
NEW_DAY = (0, 0, -1, -1, 0, 0)
NEW = ((0, 0), (0, 0, 0), (0, 0), (-FOREVER, 0, 0, 0, 0, 0), NEW_DAY, (0, 0), -1, 0, 0)
"""The states at the beginning: line, rest, flat, hour, figures of the day, its part, value told last, and counts."""

STEPS, DARK, BRIGHT, FLAT, LINE, USUAL, AFTER_REST, SIGNS = range(8)
"""Places in ``signs``: numbers of steps, dark steps and bright hours; the longest run of one value and the longest
line; the greatest step after work and after rest."""


@inlined
def _line(state: tuple[int, int], move: int, bend: int, slope: int, near: bool) -> tuple[int, int]:
    """Q19: how many values may lie on a straight line that ends here, and at most so far.

    On a line (``engine.series.straight_runs``) neighbouring slopes differ by three units at most, and the first two
    values differ by ``slope`` or more.
    """
    run = state[0] + 1 if near and state[0] >= 2 and abs(bend) <= 3 else 2 if near and abs(move) >= slope else 0
    return run, max(state[1], run)


@inlined
def _rest(state: tuple[int, int, int], step: int, resting: int, near: bool) -> tuple[int, int, int]:
    """Q12: steps of nothing before this one, the greatest step so far that came after work, and after rest."""
    rest, usual, after = state[0] if near else 0, state[1], state[2]
    if step == 0:
        return rest + 1, usual, after
    return (0, max(usual, step), after) if rest < resting else (0, usual, max(after, step))


@inlined
def _flat(state: tuple[int, int], same: bool, counts: bool) -> tuple[int, int]:
    """Q12: how many equal values end here, and at most so far of those that count."""
    run = state[0] + 1 if same else 1
    return run, max(state[1], run) if counts else state[1]


@inlined
def _window(at: int, number: int, windows: Ints) -> Window:
    """The first of the windows (rows: from, until) from ``number`` on that is not over: its number, begin and end."""
    while number < windows.shape[1] - 1 and windows[1, number] < at:
        number += 1
    over = windows[1, number] < at
    return number, FOREVER if over else windows[0, number], FOREVER if over else windows[1, number]


@inlined
def _near_the_sky(hour: Hour, rate: float, noon: Window, sky: Sky) -> bool:
    """Q16: whether an hour shows so much that only a look at the sun's exact place can tell it from too much."""
    _, energy, time, begin, end, _ = hour
    full = rate * time
    if (
        time * 10 < HOUR_US * 9
        or energy * 50 <= full
        or (noon[1] <= begin and end <= noon[2] and energy <= FULL * full)
    ):
        return False
    share, since = int(energy / full * SHARES) + 1, (begin + end) // 2 - sky.first_us
    day = since // DAY_US
    if share >= len(sky.least) or day < 0 or day >= sky.wave.shape[1]:
        return True
    height = rough_wave((since - day * DAY_US) / DAY_US, sky.wave[0, day], sky.wave[1, day], sky.wave[2, day])
    return bool(height < sky.least[share] + MARGIN)


@inlined
def _note(hour: Hour, last: int, row: int, bright: Ints) -> int:
    """Keep an hour that comes near the clear sky; returned is where the next is kept."""
    if row < len(bright):
        for which in range(5):
            bright[row, which] = hour[which + 1]
        bright[row, 5] = last
    return row + 1


@inlined
def _remember(index: int, last: int, row: int, dark: Ints) -> int:
    """Keep a step that is impossible at night; returned is where the next is kept."""
    if row < len(dark):
        dark[row, 0], dark[row, 1] = index, last
    return row + 1


@inlined
def _day_of(at: int, day: int, edges: Ints) -> Window:
    """The local day of an instant that is not before ``day``, or -1 after the last, and when it begins and ends."""
    day = max(day, 0)
    while day < len(edges) - 1 and at >= edges[day + 1]:
        day += 1
    return (day, edges[day], edges[day + 1]) if day < len(edges) - 1 else (-1, FOREVER, FOREVER)


@inlined
def _figures(
    state: Figures, step: int, since: int, seconds: int, work: int, shift: int
) -> Figures:  # fmt: skip
    """The figures of a day (``Walk.daily``) with one more step."""
    energy, moment, first, last, peak, number = state
    if step <= 0:
        return energy, moment, first, last, peak, number + 1
    middle = since + seconds // 2
    if step > work:
        first, last = since if first < 0 else first, since + seconds
    return energy + (step >> shift), moment + (step >> shift) * middle, first, last, max(peak, step), number + 1


@inlined
def _keep(figures: Figures, day: int, daily: Ints) -> None:
    """Keep the figures of a day, if it is one of the period."""
    if day >= 0:
        for which in range(6):
            daily[which, day] = figures[which]


@inlined
def _block(since_us: int, day: Window, parts: int) -> tuple[int, int]:
    """The part of the day in which an instant lies (counted over all days), and when it ends (from the day's begin)."""
    length = (day[2] - day[1]) // parts
    part = min(since_us // length, parts - 1)
    return day[0] * parts + part, (part + 1) * length if part + 1 < parts else FOREVER


@inlined
def _mixed(step: int, since_us: int) -> np.uint64:
    """The hash of a value at its time of the day."""
    mixed = (np.uint64(step) * np.uint64(0x9E3779B97F4A7C15)) ^ (np.uint64(since_us) * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(32))


@compiled
def survey(  # noqa: PLR0912, PLR0915 - one pass for all rules
    t_us: Ints, value: Ints, flags: Flags, edges: Ints, known: Known, rate: float, sky: Sky, out: Walk
) -> None:  # fmt: skip
    """Walk over the steps of a meter once and fill ``out``: each rule hands its state on from step to step.

    ``t_us`` holds instants of a register's readings or begins of intervals, ``edges`` the begins of the local days and
    the end of the last, ``rate`` is what capacity gives in a microsecond.
    """
    register, usual_us, apart, work, shift, repeats, telling, slope, resting, sunny, night_rate = known
    before, count, at, step, move, now, shown, known_length, seconds, night = -1, 0, 0, 0, 0, 0, 0, -1, 0, 0
    line, rest, flat, hour, figures, block, told, darks, hours = NEW
    day, parts = (-1, 0, edges[0]), len(out.hashes) // (len(edges) - 1)
    lamp, noon = _window(-FOREVER, 0, sky.light), _window(-FOREVER, 0, sky.high)
    out.daily[2:4, :] = -1
    for index in range(len(value)):
        if flags[index] & np.uint32(ACCEPTED) == 0:
            continue
        last, then, showed, before, now, shown = before, now, shown, index, t_us[index], value[index]
        if register and (last < 0 or flags[index] & np.uint32(BROKEN) != 0):
            continue
        at_before, step_before, move_before = at, step, move
        at, step, length = (then, shown - showed, now - then) if register else (now, shown, usual_us)
        move, near = step if register else step - step_before, count > 0 and at - at_before <= apart
        out.steps[count], count = step, count + 1
        if register and step == 0 and near and line[0] < 2 and at < min(hour[0], day[2]):  # at night nothing is new
            line, rest = (0, line[1]), (rest[0] + 1, rest[1], rest[2])
            hour = (hour[0], hour[1], hour[2] + length, hour[3], now, hour[5])
            figures = (figures[0], figures[1], figures[2], figures[3], figures[4], figures[5] + 1)
            continue
        if length != known_length:
            known_length, seconds = length, length // 1_000_000
            night = night_rate * seconds if register else night_rate
        line = _line(line, move, move - move_before, slope, near)
        rest = _rest(rest, step, resting, near) if register else rest
        flat = flat if register else _flat(flat, near and step == step_before, step > repeats)
        if sunny:
            if at >= hour[0]:
                noon = _window(hour[3], noon[0], sky.high) if hour[3] > noon[2] else noon
                if hour[1] > 0 and _near_the_sky(hour, rate, noon, sky):
                    hours = _note(hour, count - 1, hours, out.bright)
                hour = ((at // HOUR_US + 1) * HOUR_US, 0, 0, at, 0, count - 1)
            hour = (hour[0], hour[1] + step, hour[2] + length, hour[3], at + length, hour[5])
            look = at + length if register else at + length // 2
            lamp = _window(look, lamp[0], sky.light) if look > lamp[2] else lamp
            if step > night and look < lamp[1]:
                darks = _remember(index, last, darks, out.dark)
        if at >= day[2]:
            _keep(figures, day[0], out.daily)
            day, figures, block, told = _day_of(at, day[0], edges), NEW_DAY, (0, 0), -1
        figures = _figures(figures, step, (at - day[1]) // 1_000_000, seconds, work, shift)
        if step > telling and day[0] >= 0:
            block = _block(at - day[1], day, parts) if at - day[1] >= block[1] else block
            out.hashes[block[0]] += _mixed(step, at - day[1])
            out.counts[block[0]] += step != told
            told = step
    if sunny and hour[1] > 0 and _near_the_sky(hour, rate, noon, sky):
        hours = _note(hour, count, hours, out.bright)
    _keep(figures, day[0], out.daily)
    for which, sign in enumerate((count, darks, hours, flat[1], line[1], rest[1], rest[2])):
        out.signs[which] = sign
