"""The rows that should stand in a table beside those that do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from openjcm.canonical import canonical_bytes
from openjcm.refusals import Finding
from openjcm.store.audit import finding

Placed = tuple[Any, object]
"""Where a row stands in the order of its table, and the row. Of one table all places can be compared."""


class Comparison:
    """A table that is compared while the journal is read.

    If what is expected comes in the order of the table, no more is in memory than what differs; the answer does not
    depend on the order.
    """

    def __init__(self, table: str, actual: Iterable[Placed]) -> None:
        self.table = table
        self._actual = iter(actual)
        self._next = next(self._actual, None)
        self._lacking: Counter[bytes] = Counter()
        """How many of a row are expected more than there are; never zero."""

    def expect(self, place: Any, row: object) -> None:
        """A row that should stand there."""
        self._count(row, 1)
        while self._next is not None and self._next[0] <= place:
            self._read()

    def differences(self) -> Iterator[Finding]:
        """What the table lacks and what it has too much, after all that is expected."""
        while self._next is not None:
            self._read()
        for row in sorted(row for row, lacking in self._lacking.items() if lacking > 0):
            yield finding("row_missing", table=self.table, entry=_entry_no(row), row=row.decode()[:400])
        for row in sorted(row for row, lacking in self._lacking.items() if lacking < 0):
            yield finding("row_not_from_journal", table=self.table, row=row.decode()[:400])

    def _read(self) -> None:
        assert self._next is not None
        self._count(self._next[1], -1)
        self._next = next(self._actual, None)

    def _count(self, row: object, step: int) -> None:
        named = canonical_bytes(row)
        left = self._lacking.pop(named, 0) + step
        if left:
            self._lacking[named] = left


def compared(table: str, expected: Iterable[object], actual: Iterable[object]) -> Iterator[Finding]:
    """A small table and all that should stand in it."""
    comparison = Comparison(table, ((0, row) for row in actual))
    for row in expected:
        comparison.expect(0, row)
    yield from comparison.differences()


def _entry_no(row: bytes) -> str:
    _, _, rest = row.decode().partition('"entry_no":')
    return rest.split(",")[0].rstrip("}") or "–"
