"""Runs of serials of one series, none sharing a serial with another, found by where they begin."""

from __future__ import annotations

from bisect import bisect_right
from typing import Generic, TypeVar

from openjcm.registry.serials import Block

T = TypeVar("T")


class Runs(Generic[T]):
    """Blocks of one series in order of their serials, each with what belongs to it."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._items: list[tuple[Block, T]] = []

    def on(self, block: Block) -> list[tuple[Block, T]]:
        """The runs that share a serial with the block."""
        start, end = self._place(block)
        return self._items[start:end]

    def put(self, block: Block, value: T) -> None:
        """Add a run, which shares no serial with those that are there."""
        place = bisect_right(self._firsts, block.first)
        self._firsts.insert(place, block.first)
        self._items.insert(place, (block, value))

    def cut(self, block: Block) -> None:
        """Take the serials of a block out; what is left of a run keeps what belongs to it."""
        start, end = self._place(block)
        rest = [(part, value) for run, value in self._items[start:end] for part in run.without(block)]
        self._firsts[start:end] = [run.first for run, _ in rest]
        self._items[start:end] = rest

    def all(self) -> list[tuple[Block, T]]:
        """All runs, in order."""
        return list(self._items)

    def _place(self, block: Block) -> tuple[int, int]:
        start = bisect_right(self._firsts, block.first)
        if start and self._items[start - 1][0].last >= block.first:
            start -= 1
        return start, bisect_right(self._firsts, block.last, start)
