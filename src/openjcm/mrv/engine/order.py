"""Put readings into the order meter, time, value, status, row: a counting sort by meter, then each meter by itself.

A meter's readings mostly stand in time already, with a late one now and then, so each meter is put right by moving what
is out of place. Where that would take long (a file in no order at all) the meter is sorted from scratch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.jit import compiled, inlined

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Bytes = NDArray[np.uint8]
BLOCK = 64
"""Readings that are looked at together."""
MOVES = 24
"""So many moves per reading are cheaper than sorting the meter from scratch."""


def sorted_places(codes: Codes, t_us: Ints, value: Ints, status: Bytes, row: Ints, meters: int) -> Ints:
    """The places of the readings in the order meter (its code), time, value, status, row; ``meters`` codes in all."""
    edges = np.zeros(meters + 1, dtype=np.int64)
    places = np.empty(len(codes), dtype=np.int64)
    group(codes, edges, places)
    for code in np.flatnonzero(settle(edges, places, t_us, value, status, row)):
        part = places[edges[code] : edges[code + 1]]
        part.sort()
        part[:] = part[np.lexsort((row[part], status[part], value[part], t_us[part]))]
    return places


@compiled
def group(codes: Codes, edges: Ints, places: Ints) -> None:
    """Fill ``places`` with the places of each code one after another, and ``edges`` with where each code begins."""
    for code in codes:
        edges[code + 1] += 1
    for code in range(1, len(edges)):
        edges[code] += edges[code - 1]
    filled = edges[:-1].copy()
    for place in range(len(codes)):
        code = codes[place]
        places[filled[code]] = place
        filled[code] += 1


@compiled
def scatter(
    part_of: Codes, code: Codes, t_us: Ints, value: Ints, row: Ints, status: Bytes, cursor: Ints,
    code_out: Codes, t_out: Ints, value_out: Ints, row_out: Ints, status_out: Bytes,
) -> None:  # fmt: skip
    """Lay readings out by part (``part_of`` a meter's code) in one pass; ``cursor`` is where each part goes on."""
    for place in range(len(code)):
        part = part_of[code[place]]
        to = cursor[part]
        cursor[part] = to + 1
        code_out[to] = code[place]
        t_out[to] = t_us[place]
        value_out[to] = value[place]
        row_out[to] = row[place]
        status_out[to] = status[place]


@inlined
def _follows(t_us: Ints, value: Ints, status: Bytes, row: Ints, one: int, other: int) -> bool:
    """Whether ``one`` stands after ``other`` in the order of a meter's readings."""
    if t_us[one] != t_us[other]:
        return bool(t_us[one] > t_us[other])
    if value[one] != value[other]:
        return bool(value[one] > value[other])
    if status[one] != status[other]:
        return bool(status[one] > status[other])
    return bool(row[one] > row[other])


@compiled
def settle(edges: Ints, places: Ints, t_us: Ints, value: Ints, status: Bytes, row: Ints) -> NDArray[np.bool_]:
    """Put each group in order, but for the meter, by moving; true for the groups where that would take too long."""
    given_up = np.zeros(len(edges) - 1, dtype=np.bool_)
    for code in range(len(edges) - 1):
        left = MOVES * (edges[code + 1] - edges[code])
        for at in range(edges[code] + 1, edges[code + 1]):
            moved, to = places[at], at
            while to > edges[code]:
                before = places[to - 1]
                if not _follows(t_us, value, status, row, before, moved):
                    break
                places[to] = before
                to -= 1
            places[to] = moved
            left -= at - to
            if left < 0:
                given_up[code] = True
                break
    return given_up


@compiled
def rises(row: Ints) -> bool:
    """Whether each number is greater than the one before."""
    back = 0
    for index in range(1, len(row)):  # to the end in any case: so the compiler takes several at once
        back += row[index] <= row[index - 1]
    return back == 0


@compiled
def next_not_later(t_us: Ints, start: int) -> int:
    """The place from ``start`` on after which time does not go on, or the last place."""
    count = len(t_us)
    while start < count - 1:
        until, still = min(start + BLOCK, count - 1), 0
        for index in range(start, until):  # to the end in any case, as above
            still += t_us[index] >= t_us[index + 1]
        if still:
            while t_us[start] < t_us[start + 1]:
                start += 1
            return start
        start = until
    return start


def in_order(codes: Codes, t_us: Ints, value: Ints, status: Bytes, row: Ints) -> bool:
    """Whether the readings already stand in the order meter (its code), time, value, status, row."""
    if (codes[1:] < codes[:-1]).any():
        return False
    edges = np.append(np.flatnonzero(np.diff(codes, prepend=-1)), len(codes))
    return meters_in_order(edges, t_us, value, status, row)


@compiled
def meters_in_order(edges: Ints, t_us: Ints, value: Ints, status: Bytes, row: Ints) -> bool:
    """Whether the readings of each meter, which begin at ``edges``, stand in the order time, value, status, row."""
    for meter in range(len(edges) - 1):
        times, begin = t_us[edges[meter] : edges[meter + 1]], edges[meter]
        at = next_not_later(times, 0)
        while at < len(times) - 1:
            if _follows(t_us, value, status, row, begin + at, begin + at + 1):
                return False
            at = next_not_later(times, at + 1)
    return True
