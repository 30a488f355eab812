"""The fold over a meter whose register, ratio or instrument changed: each stretch by its own facts, joined exactly.

A replacement with its end and start index is two measured steps: from the last reading of the old instrument to its end
index, and from the start index of the new one to its first reading. Each index enters the fold as a reading of its own.
The recorded time says which readings belong to which instrument; between the two nearest of them the change is placed
where both steps have the same mean power, since clocks and works records agree to minutes at best. A record
that the readings contradict (an index below a reading, or more than capacity allows) is no evidence: the energy across
is nothing, and the first reading after it carries Q10.

Across a change of ratio without an index, the whole step counts by the ratio that is careful: the lower for generation,
the higher for consumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.flags import ACCEPTED, Q07, Q10, Q24, UNUSABLE
from openjcm.mrv.lines import Sums, divided
from openjcm.mrv.meters import Meter
from openjcm.mrv.timeline import Segment

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]
FAR = 1 << 60


def changes(segments: Sequence[Segment]) -> bool:
    """Whether a meter's readings need more than the plan's own figures."""
    special = (item.facts.ratio != 1 or (item.facts.register_span or _NONE).in_wh for item in segments)
    return len(segments) > 1 or any(special)


@dataclass(frozen=True)
class _NoSpan:
    in_wh: bool = False


_NONE = _NoSpan()


@dataclass(frozen=True)
class Measures:
    """What the fold needs beside readings: Wh per least unit, the most power in W, how long a gap is, the days."""

    scale: Fraction
    most_w: Fraction
    gap_us: int
    starts: Ints
    at_work: Ints


@dataclass(frozen=True)
class Register:
    """The readings of one register in time order, with their flags (set in place)."""

    t_us: Ints
    value: Ints
    flags: Flags

    def usable(self, first: int, last: int) -> Ints:
        """The places between two that no rule has taken out."""
        found: Ints = np.flatnonzero((self.flags[first:last] & np.uint32(UNUSABLE)) == 0) + first
        return found


def fold_segments(meter: Meter, register: Register, segments: Sequence[Segment], sums: Sums, known: Measures) -> None:
    """Judge a register stretch by stretch and add what stands to ``sums`` (least units of primary energy)."""

    generation = meter.direction == "generation"
    pairs = list(pairwise(segments))
    cuts = [0, *(_cut(register, *pair, generation, known.scale) for pair in pairs), len(register.value)]
    cuts = [max(cuts[: place + 1]) for place in range(len(cuts))]
    joints: list[Joint] = []
    for place, pair in enumerate(pairs):
        old = _reading(register, cuts[place], cuts[place + 1], -1) or (joints[-1].new if joints else None)
        new = _reading(register, cuts[place + 1], cuts[place + 2], 0)
        joints.append(_joint(old, new, *pair, generation, known.scale))
    for place, segment in enumerate(segments):
        first, last = cuts[place], cuts[place + 1]
        span = segment.facts.register_span.least_units(known.scale) if segment.facts.register_span else 0
        part = Register(register.t_us[first:last], register.value[first:last], register.flags[first:last])
        if span:
            part.flags[(part.value >= span) & (part.flags == 0)] |= np.uint32(Q24)
        before = joints[place - 1].new if place else None
        after = joints[place].old if place < len(joints) else None
        taken = _fold_part(part, before, after, span, segment.facts.ratio, meter, sums, known)
        if place and len(part.usable(0, last - first)):
            _mark_joint(part, joints[place - 1])
        if not taken:
            joints[place] = Joint(None, None, proven=False)


Reading = tuple[int, int] | None


@dataclass(frozen=True)
class Joint:
    """What is read at a change by the instrument before and by the one after (time, least units).

    ``proven`` says whether the energy across stands, or there is none to prove.
    """

    old: Reading
    new: Reading
    proven: bool = True


def _mark_joint(part: Register, joint: Joint) -> None:
    """Q07 on the first reading after a change; Q10 as well where nothing proves the energy across."""
    first = int(part.usable(0, len(part.value))[0])
    part.flags[first] |= np.uint32(Q07 if joint.proven else Q07 | Q10)


def _fold_part(
    part: Register, before: Reading, after: Reading, span: int, ratio: Fraction, meter: Meter, sums: Sums,
    known: Measures,
) -> bool:  # fmt: skip
    """Fold one stretch with what was read at its two ends; gives whether the reading at its end was accepted."""
    from openjcm.mrv.engine import local

    ends = ([before] if before else [], [after] if after else [])
    t_us, value = (
        np.concatenate(([item[at] for item in ends[0]], column, [item[at] for item in ends[1]])).astype(np.int64)
        for at, column in ((0, part.t_us), (1, part.value))
    )
    flags = np.concatenate(([0] * len(ends[0]), part.flags, [0] * len(ends[1]))).astype(np.uint32)
    most = known.most_w / known.scale / ratio
    own = Sums.empty(len(known.starts) - 1)
    local.fold_register(
        t_us, value, flags, known.starts, -(-most.numerator // most.denominator), span, known.gap_us,
        own.measured, own.measured_us, own.bridged, own.bridged_us, known.at_work,
    )  # fmt: skip
    begin = len(ends[0])
    part.flags[:] = flags[begin : begin + len(part.value)]
    for name in ("measured", "bridged"):
        getattr(sums, name)[:] += in_primary(getattr(own, name), ratio, meter)
        getattr(sums, f"{name}_us")[:] += getattr(own, f"{name}_us")
    return not ends[1] or bool(flags[-1] & np.uint32(ACCEPTED))


def in_primary(energy: Ints, ratio: Fraction, meter: Meter) -> Ints:
    """Register units as primary energy: times the ratio, whole, to the careful side."""
    if meter.direction == "generation":
        return divided(energy, ratio.numerator, ratio.denominator)
    return -divided(-energy, ratio.numerator, ratio.denominator)


def _cut(register: Register, before: Segment, after: Segment, generation: bool, scale: Fraction) -> int:
    """The place of the first reading after a change.

    On a day without a stated time the readings decide: a register falls where it was replaced. Where they cannot (a
    ratio without an index), the whole day counts by the careful one.
    """
    first, last = (int(np.searchsorted(register.t_us, at)) for at in (after.begin_us, after.begin_latest_us))
    if after.end_wh is None or after.start_wh is None:
        careful = min if generation else max
        return last if careful(before.facts.ratio, after.facts.ratio) != after.facts.ratio else first
    places = register.usable(max(first - 1, 0), len(register.value))
    places = places[: int(np.searchsorted(places, last)) + 1]
    if len(places) < 2:
        return first
    end, start = _whole(after.end_wh / scale, down=generation), _whole(after.start_wh / scale, down=not generation)
    value = register.value[places]
    left, right = end - value[:-1], value[1:] - start
    cost = np.where((left < 0) | (right < 0), FAR, left + right)
    falls = np.diff(value) < 0
    if falls.any():
        cost[~falls] = 2 * FAR
    return int(places[int(np.argmin(cost)) + 1])


def _reading(register: Register, first: int, last: int, which: int) -> Reading:
    """The first (0) or the last (-1) usable reading between two places."""
    places = register.usable(first, last)
    return (int(register.t_us[places[which]]), int(register.value[places[which]])) if len(places) else None


def _joint(old: Reading, new: Reading, before: Segment, after: Segment, generation: bool, scale: Fraction) -> Joint:
    """What is read at a change, if it proves the energy across. ``old`` and ``new`` are the readings beside it."""
    if after.end_wh is None or after.start_wh is None:
        if old is None or new is None:
            return Joint(None, None)
        ends_there = before.facts.ratio == after.facts.ratio or new[0] == after.begin_us
        careful = (before.facts.ratio < after.facts.ratio) == generation
        return Joint(new, None) if ends_there or careful else Joint(None, old)
    end = _whole(after.end_wh / scale, down=generation)
    start = _whole(after.start_wh / scale, down=not generation)
    left, right = end - old[1] if old else 0, new[1] - start if new else 0
    if left < 0 or right < 0:
        return Joint(None, None, proven=False)
    if old is None or new is None:
        at = after.begin_latest_us if old else after.begin_us
        known = old is not None or after.begin_us == after.begin_latest_us
        return Joint((at, end), (at, start)) if known else Joint(None, None)
    whole = left * before.facts.ratio + right * after.facts.ratio
    at = old[0] + int((new[0] - old[0]) * left * before.facts.ratio / whole) if whole else old[0]
    return Joint((at, end), (at, start))


def _whole(value: Fraction, *, down: bool) -> int:
    return value.numerator // value.denominator if down else -(-value.numerator // value.denominator)


def scaled_values(meter: Meter, t_us: Ints, value: Ints, segments: Sequence[Segment]) -> Ints:
    """Interval values as primary energy or power, each by the ratio of its stretch.

    Where a ratio changed on a day without a stated time, that day counts by the careful one of the two.
    """
    out = value.copy()
    for place, segment in enumerate(segments):
        ratio, begin = segment.facts.ratio, segment.begin_us
        if place and segment.begin_latest_us > begin:
            careful = min if meter.direction == "generation" else max
            if careful(ratio, segments[place - 1].facts.ratio) != ratio:
                begin = segment.begin_latest_us
        here = slice(int(np.searchsorted(t_us, begin)), len(t_us))
        out[here] = in_primary(value[here], ratio, meter)
    return out
