"""Series that repeat themselves or each other, or that hold too few different values (Q19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.plausibility.series import COARSE, PARTS, Seen, Series

TELLING = 8
"""So many values that differ from the one before must a block hold to prove anything by being equal to another."""
FINE = 500
"""Parts of a day are compared where a series shows at least so many of its least units."""
VARIETY_OF, SAMPLE = 500, 4_000
LEAST_VARIETY = 24
"""Values that spread like fewer than so many equally frequent ones are not measured."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """The hashes of a meter's days, or parts of days, and which of them hold enough to tell."""

    hashes: NDArray[np.uint64]
    telling: NDArray[np.bool_]


def blocks_of(series: Series) -> tuple[Blocks, Blocks]:
    """The whole local days of a series, and their equal parts."""
    hashes, counts = series.walk.hashes, series.walk.counts
    days = hashes.reshape(-1, PARTS).sum(axis=1, dtype=np.uint64)
    whole = Blocks(days, counts.reshape(-1, PARTS).sum(axis=1) >= TELLING)
    return whole, Blocks(hashes, counts >= TELLING)


def repeated(series: Series) -> Iterator[Seen]:
    """Q19: days, or parts of a day, that equal another value by value."""
    whole, fine = blocks_of(series)
    for parts, blocks in ((1, whole), (PARTS, fine)):
        if parts > 1 and (series.a_day < PARTS * TELLING or int(series.step.max()) < FINE):
            continue
        same = _again(blocks)
        if not same.any():
            continue
        edges = series.starts
        if parts > 1:
            length = np.diff(edges) // parts
            edges = np.append((edges[:-1, None] + length[:, None] * np.arange(parts)).ravel(), edges[-1])
        block = np.searchsorted(edges, series.begin, side="right") - 1
        inside = (block >= 0) & (block < len(same)) & (series.step > series.full // 200)
        marks = inside & same[np.clip(block, 0, len(same) - 1)]
        variant = "elsewhere" if not series.meter.solar else "part" if parts > 1 else ""
        yield Seen("Q19", series.place[marks], variant, (("blocks", str(int(same.sum()))),))
        return


def _again(blocks: Blocks) -> NDArray[np.bool_]:
    """The telling blocks whose hash occurs more than once."""
    same: NDArray[np.bool_] = np.zeros(len(blocks.hashes), dtype=np.bool_)
    told = np.flatnonzero(blocks.telling)
    ordered = np.sort(blocks.hashes[told])
    if not (ordered[1:] == ordered[:-1]).any():
        return same
    order = told[np.argsort(blocks.hashes[told], kind="stable")]
    equal = np.flatnonzero(blocks.hashes[order[1:]] == blocks.hashes[order[:-1]])
    same[order[equal]] = True
    same[order[equal + 1]] = True
    return same


def monotony(series: Series) -> Iterator[Seen]:
    """Q19: many values that spread like a handful: two values picked at random agree too often.

    Values within a fiftieth of the top are left out (a plateau repeats itself), and so are small ones. Of a long series
    every so many-th value is looked at.
    """
    sample = series.step[:: max(len(series) // SAMPLE, 1)]
    top = int(sample.max(initial=0))
    sample = np.sort(sample[(sample > series.telling) & (sample * 50 < top * 49)])
    if len(sample) < VARIETY_OF or int(sample[-1]) - int(sample[0]) < 20 * COARSE:
        return
    counts = np.diff(np.flatnonzero(np.diff(sample, prepend=-1, append=2**62)))
    variety = len(sample) ** 2 // int((counts * counts).sum())
    if variety < LEAST_VARIETY:
        yield Seen("Q19", series.place[series.step > 0], "monotony", (("variety", str(variety)),))


def clones(names: Sequence[str], fleet: Sequence[Blocks]) -> dict[str, tuple[list[int], list[str]]]:
    """Q19: whole days of one meter that equal the same days of another: by meter the days, and whose they equal."""
    if len(fleet) < 2:
        return {}
    hashes = np.concatenate([blocks.hashes for blocks in fleet])
    meter = np.repeat(np.arange(len(fleet)), [len(blocks.hashes) for blocks in fleet])
    day = np.concatenate([np.arange(len(blocks.hashes)) for blocks in fleet])
    told = np.flatnonzero(np.concatenate([blocks.telling for blocks in fleet]))
    order = told[np.lexsort((meter[told], hashes[told], day[told]))]
    equal = np.flatnonzero((hashes[order[1:]] == hashes[order[:-1]]) & (day[order[1:]] == day[order[:-1]]))
    days: dict[str, set[int]] = defaultdict(set)
    others: dict[str, set[str]] = defaultdict(set)
    for one, other in zip(order[equal].tolist(), order[equal + 1].tolist(), strict=True):
        for mine, theirs in ((one, other), (other, one)):
            days[names[meter[mine]]].add(int(day[mine]))
            others[names[meter[mine]]].add(names[meter[theirs]])
    return {name: (sorted(days[name]), sorted(others[name])) for name in sorted(days)}
