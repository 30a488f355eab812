"""Audit of the journal and the transparency log: numbers, hashes, leaves, tiles, checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import LiteralString

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.log import checkpoint
from openjcm.log.leaf import leaf_hash
from openjcm.log.tiles import Filling
from openjcm.refusals import Finding, Refused, Severity
from openjcm.store.audit import JournalRow, finding, stream
from openjcm.store.journal import Entry, product_leaf_body, request_hash

CLOCKS_DIFFER = timedelta(minutes=10)
"""More than any wait between the clock and the commit, and than what time service corrects."""


def check_log(
    connection: psycopg.Connection, journal: Iterable[JournalRow], public_key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    """The journal is complete, its entries are the log's leaves, and the log is what the checkpoints sign."""
    entries = _Entries(connection, journal)
    growing = _Growing(connection, entries)
    tree, signed = growing.tree, 0
    for size, root_hash, note, signed_at in _checkpoints(connection):
        yield from growing.to(size)
        signed = size
        if size > tree.size:
            yield finding("checkpoint_wrong", size=size, what=f"only {tree.size} leaves / 葉は {tree.size} のみ")
        else:
            yield from _check_checkpoint(size, root_hash, note, tree.root, public_key)
            if signed_at != entries.recorded_at(growing.last_entry):
                yield finding("checkpoint_wrong", size=size, what="time / 時刻")
    yield from growing.to(None)
    if signed < tree.size:
        yield finding("checkpoint_wrong", size=tree.size, what="missing / なし")
    yield from growing.left_over()
    yield from _check_head(connection, entries.count, tree.size, tree.peaks)


class _Entries:
    """The entries and the leaves that they should have, read along with the log: what the log does not have yet, and
    what is wrong with the entries themselves."""

    def __init__(self, connection: psycopg.Connection, journal: Iterable[JournalRow]) -> None:
        self.count = 0
        self.wrong: list[Finding] = []
        """Not told yet."""
        self.leaves: dict[tuple[str, bytes, int], str] = {}
        """Leaves that the log has not had so far, by kind, body and entry, with what they are of."""
        self._rows = iter(journal)
        self._products = stream(connection, _PRODUCTS)
        self._product = next(self._products, None)
        self._last: JournalRow | None = None
        self._newest: datetime | None = None

    def take(self, kind: str, body: bytes, entry_no: int) -> bool:
        """Whether the log should have this leaf of the entry, and has not had it."""
        self.read(entry_no)
        return self.leaves.pop((kind, body, entry_no), None) is not None

    def recorded_at(self, entry_no: int) -> datetime | None:
        """When an entry was recorded, of which a leaf was taken last."""
        return self._last.recorded_at if self._last is not None and self._last.entry_no == entry_no else None

    def read(self, entry_no: int | None) -> None:
        """Go on to an entry, or to the end."""
        while entry_no is None or self._last is None or self._last.entry_no < entry_no:
            row = next(self._rows, None)
            if row is None:
                break
            self.wrong += self._looked_at(row)
            self.leaves["entry", _leaf_body(row), row.entry_no] = f"entry {row.entry_no}"
            self.count, self._last = self.count + 1, row
            self._newest = max(self._newest or row.recorded_at, row.recorded_at)
        while self._product is not None and (entry_no is None or self._product[2] <= entry_no):
            kind, name, of = self._product
            self.leaves["product", product_leaf_body(kind, name, of), of] = f"{kind} {name}"
            self._product = next(self._products, None)

    def told(self) -> list[Finding]:
        """What was found wrong since the last time."""
        told, self.wrong = self.wrong, []
        return told

    def _looked_at(self, row: JournalRow) -> Iterator[Finding]:
        before = self._last.entry_no if self._last is not None else 0
        if row.entry_no != before + 1:
            yield finding("entry_number_missing", before=before, after=row.entry_no)
        newest = self._newest
        # Entries stand in the order of their commits; one whose clock was far behind is told.
        if newest is not None and newest - row.recorded_at > CLOCKS_DIFFER:
            yield finding("clock_went_back", Severity.INFORMS, entry=row.entry_no, at=row.recorded_at, before=newest)
        if request_hash(row.act, row.request) != row.request_sha256:
            yield finding("request_hash_wrong", entry=row.entry_no)


_PRODUCTS: LiteralString = """
    select kind, sha256, entry_no from product union all select 'file', sha256, entry_no from stored_file order by 3
"""


def _leaf_body(row: JournalRow) -> bytes:
    return Entry(
        row.entry_no, row.act, row.key, row.request_sha256, row.outcome, row.occurred_on, row.recorded_at, row.actor
    ).leaf_body()


def _check_head(connection: psycopg.Connection, entries: int, leaves: int, peaks: Sequence[bytes]) -> Iterator[Finding]:
    head = connection.execute("select entry_no, tree_size, peaks from log_head").fetchone() or (None, None, b"")
    if head[:2] != (entries, leaves):
        yield finding("head_wrong", entry_no=head[0], tree_size=head[1], entries=entries, leaves=leaves)
    if bytes(head[2]) != b"".join(peaks):
        yield finding("peaks_wrong", leaves=leaves)


def _leaves(connection: psycopg.Connection) -> Iterator[tuple[int, str, bytes, int]]:
    query: LiteralString = "select leaf_index, kind, body, entry_no from log_leaf order by leaf_index"
    for index, kind, body, entry_no in stream(connection, query):
        yield index, kind, bytes(body), entry_no


def _checkpoints(connection: psycopg.Connection) -> Iterator[tuple[int, bytes, str, datetime]]:
    query: LiteralString = "select tree_size, root_hash, note, signed_at from checkpoint order by tree_size"
    for size, root_hash, note, signed_at in stream(connection, query):
        yield size, bytes(root_hash), note, signed_at


class _Growing:
    """The tree as it grows again from the leaves, compared with what is stored."""

    def __init__(self, connection: psycopg.Connection, entries: _Entries) -> None:
        self.tree = Filling()
        self.last_entry = 0
        self.leaves = _leaves(connection)
        self.entries = entries
        self.stored = {
            (level, number): (bytes(root), bytes(digest))
            for level, number, root, digest in connection.execute(
                "select level, tile_index, root, sha256(hashes) from log_tile"
            )
        }

    def to(self, size: int | None) -> Iterator[Finding]:
        """Add the leaves up to a size, or all, and name each leaf and each tile that is not what it should be."""
        hashes: list[bytes] = []
        for index, kind, body, entry_no in islice(self.leaves, None if size is None else size - self.tree.size):
            place = self.tree.size + len(hashes)
            if index != place:
                yield finding("leaf_wrong", leaf=index, entry=entry_no, what=f"index ≠ {place}")
            if not self.entries.take(kind, body, entry_no):
                yield finding("leaf_wrong", leaf=index, entry=entry_no, what="body")
            hashes.append(leaf_hash(body))
            self.last_entry = entry_no
        yield from self.entries.told()
        for tile in self.tree.add(hashes):
            found = self.stored.pop((tile.level, tile.number), None)
            if found != (tile.root, sha256(tile.hashes).digest()):
                yield finding("tile_wrong", level=tile.level, tile=tile.number)

    def left_over(self) -> Iterator[Finding]:
        """Name what is stored without being of the tree, and what should be a leaf and is none."""
        for level, number in sorted(self.stored):
            yield finding("tile_wrong", level=level, tile=number)
        self.entries.read(None)
        yield from self.entries.told()
        for name in self.entries.leaves.values():
            yield finding("leaf_missing", what=name)


def _check_checkpoint(
    size: int, root_hash: bytes, note: str, right: bytes, public_key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    if root_hash != right:
        yield finding("checkpoint_wrong", size=size, what="root / ルート")
    if public_key is not None:
        yield from _check_note(note, size, right, public_key)


def _check_note(note: str, size: int, right: bytes, public_key: Ed25519PublicKey) -> Iterator[Finding]:
    try:
        said = checkpoint.open(note, public_key)
    except Refused as refused:
        yield finding("checkpoint_wrong", size=size, what=refused.code)
        return
    if (said.size, said.root) != (size, right):
        yield finding("checkpoint_wrong", size=size, what="signed text / 署名された内容")
