"""Series that repeat themselves or each other, or that hold too few different values (Q19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.plausibility.series import Ints, Seen, Series

TELLING = 8
"""So many values that differ from the one before must a block hold to prove anything by being equal to another."""
COARSE = 50
"""A series that never shows more than so many of its least units may well repeat itself."""
PARTS, FINE = 8, 500
"""Parts of a day that are compared where a series shows at least so many of its least units."""
VARIETY_OF = 1000
LEAST_VARIETY = 24
"""A thousand values spread like fewer than so many equally frequent ones are not measured."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """The hashes of a meter's days, or parts of days, that hold enough to tell, by their place in the period."""

    hashes: NDArray[np.uint64]
    telling: NDArray[np.bool_]
    edges: Ints


def blocks_of(series: Series, parts: int) -> Blocks:
    """The blocks of a series: whole local days (``parts`` 1) or equal parts of them."""
    from openjcm.mrv.engine import series as engine

    edges = series.starts
    if parts > 1:
        length = np.diff(edges) // parts
        edges = np.append((edges[:-1, None] + length[:, None] * np.arange(parts)).ravel(), edges[-1])
    hashes = np.zeros(len(edges) - 1, dtype=np.uint64)
    counts = np.zeros(len(edges) - 1, dtype=np.int64)
    engine.block_hashes(series.begin, series.step, edges, max(series.full // 200, COARSE), hashes, counts)
    return Blocks(hashes, counts >= TELLING, edges)


def repeated(series: Series) -> Iterator[Seen]:
    """Q19: days, or parts of a day, that equal another value by value."""
    if not len(series):
        return
    for parts in (1, PARTS):
        if parts > 1 and (series.a_day < PARTS * TELLING or series.top < FINE):
            continue
        blocks = blocks_of(series, parts)
        same = _again(blocks)
        if same.any():
            block = np.searchsorted(blocks.edges, series.begin, side="right") - 1
            inside = (block >= 0) & (block < len(same)) & (series.step > series.full // 200)
            marks = inside & same[np.clip(block, 0, len(same) - 1)]
            yield Seen(
                "Q19",
                series.place[marks],
                "elsewhere" if not series.meter.solar else "part" if parts > 1 else "",
                (("blocks", str(int(same.sum()))),),
            )
            return


def _again(blocks: Blocks) -> NDArray[np.bool_]:
    """The telling blocks whose hash occurs more than once."""
    same: NDArray[np.bool_] = np.zeros(len(blocks.hashes), dtype=np.bool_)
    told = np.flatnonzero(blocks.telling)
    order = told[np.argsort(blocks.hashes[told], kind="stable")]
    equal = np.flatnonzero(blocks.hashes[order[1:]] == blocks.hashes[order[:-1]])
    same[order[equal]] = True
    same[order[equal + 1]] = True
    return same


def monotony(series: Series) -> Iterator[Seen]:
    """Q19: a thousand values or more that spread like a handful: two values picked at random agree too often.

    Values within a fiftieth of the top are left out (a plateau repeats itself), and so are small ones.
    """
    step = series.step[(series.step > max(series.full // 200, COARSE)) & (series.step * 50 < series.top * 49)]
    if len(step) < VARIETY_OF or int(step.max()) - int(step.min()) < 20 * COARSE:
        return
    from openjcm.mrv.engine import series as engine

    if engine.most_in_one_bin(step) * LEAST_VARIETY <= len(step):
        return  # no value is so frequent that the variety could be less
    _, counts = np.unique(step, return_counts=True)
    variety = len(step) ** 2 // int((counts.astype(object) ** 2).sum())
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
