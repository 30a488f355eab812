"""Audit of the journal and the transparency log: numbers, hashes, leaves, tiles, checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.log import checkpoint
from openjcm.log.leaf import leaf_hash
from openjcm.log.tiles import Filling
from openjcm.refusals import Finding, Refused, Severity
from openjcm.store.audit import JournalRow, finding
from openjcm.store.journal import Entry, product_leaf_body, request_hash

CLOCKS_DIFFER = timedelta(minutes=10)
"""More than any wait between the clock and the commit, and than what time service corrects."""
Expected = dict[tuple[str, bytes, int], str]
"""Leaves by kind, body and entry, with what they are of."""


def check_log(
    connection: psycopg.Connection, journal: Sequence[JournalRow], public_key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    """The journal is complete, its entries are the log's leaves, and the log is what the checkpoints sign."""
    yield from _check_numbers(journal)
    yield from _check_clock(journal)
    yield from _check_requests(journal)
    growing = _Growing(connection, _expected_bodies(connection, journal))
    tree, signed = growing.tree, 0
    recorded_at = {row.entry_no: row.recorded_at for row in journal}
    for size, root_hash, note, signed_at in _checkpoints(connection):
        yield from growing.to(size)
        signed = size
        if size > tree.size:
            yield finding("checkpoint_wrong", size=size, what=f"only {tree.size} leaves / 葉は {tree.size} のみ")
        else:
            yield from _check_checkpoint(size, root_hash, note, tree.root, public_key)
            if signed_at != recorded_at.get(growing.last_entry):
                yield finding("checkpoint_wrong", size=size, what="time / 時刻")
    yield from growing.to(None)
    if signed < tree.size:
        yield finding("checkpoint_wrong", size=tree.size, what="missing / なし")
    yield from growing.left_over()
    yield from _check_head(connection, len(journal), tree.size, tree.peaks)


def _check_numbers(journal: Sequence[JournalRow]) -> Iterator[Finding]:
    before = 0
    for row in journal:
        if row.entry_no != before + 1:
            yield finding("entry_number_missing", before=before, after=row.entry_no)
        before = row.entry_no


def _check_clock(journal: Sequence[JournalRow]) -> Iterator[Finding]:
    """Entries stand in the order of their commits; one whose clock was far behind is told."""
    newest = journal[0].recorded_at if journal else None
    for row in journal:
        if newest is not None and newest - row.recorded_at > CLOCKS_DIFFER:
            yield finding("clock_went_back", Severity.INFORMS, entry=row.entry_no, at=row.recorded_at, before=newest)
        newest = max(newest or row.recorded_at, row.recorded_at)


def _check_requests(journal: Sequence[JournalRow]) -> Iterator[Finding]:
    for row in journal:
        if request_hash(row.act, row.request) != row.request_sha256:
            yield finding("request_hash_wrong", entry=row.entry_no)


def _check_head(connection: psycopg.Connection, entries: int, leaves: int, peaks: Sequence[bytes]) -> Iterator[Finding]:
    head = connection.execute("select entry_no, tree_size, peaks from log_head").fetchone() or (None, None, b"")
    if head[:2] != (entries, leaves):
        yield finding("head_wrong", entry_no=head[0], tree_size=head[1], entries=entries, leaves=leaves)
    if bytes(head[2]) != b"".join(peaks):
        yield finding("peaks_wrong", leaves=leaves)


def _leaves(connection: psycopg.Connection) -> Iterator[tuple[int, str, bytes, int]]:
    with connection.cursor(name="audit_leaves") as cursor:
        for index, kind, body, entry_no in cursor.execute(
            "select leaf_index, kind, body, entry_no from log_leaf order by leaf_index"
        ):
            yield index, kind, bytes(body), entry_no


def _checkpoints(connection: psycopg.Connection) -> Iterator[tuple[int, bytes, str, datetime]]:
    with connection.cursor(name="audit_checkpoints") as cursor:
        for size, root_hash, note, signed_at in cursor.execute(
            "select tree_size, root_hash, note, signed_at from checkpoint order by tree_size"
        ):
            yield size, bytes(root_hash), note, signed_at


class _Growing:
    """The tree as it grows again from the leaves, compared with what is stored."""

    def __init__(self, connection: psycopg.Connection, expected: Expected) -> None:
        self.tree = Filling()
        self.last_entry = 0
        self.leaves = _leaves(connection)
        self.expected = expected
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
            if self.expected.pop((kind, body, entry_no), None) is None:
                yield finding("leaf_wrong", leaf=index, entry=entry_no, what="body")
            hashes.append(leaf_hash(body))
            self.last_entry = entry_no
        for tile in self.tree.add(hashes):
            found = self.stored.pop((tile.level, tile.number), None)
            if found != (tile.root, sha256(tile.hashes).digest()):
                yield finding("tile_wrong", level=tile.level, tile=tile.number)

    def left_over(self) -> Iterator[Finding]:
        """Name what is stored without being of the tree, and what should be a leaf and is none."""
        for level, number in sorted(self.stored):
            yield finding("tile_wrong", level=level, tile=number)
        for name in self.expected.values():
            yield finding("leaf_missing", what=name)


def _expected_bodies(connection: psycopg.Connection, journal: Sequence[JournalRow]) -> Expected:
    """Every leaf that must stand in the log, by kind, body and entry, with its name."""
    expected: Expected = {}
    for row in journal:
        entry = Entry(
            row.entry_no, row.act, row.key, row.request_sha256, row.outcome, row.occurred_on, row.recorded_at, row.actor
        )
        expected["entry", entry.leaf_body(), row.entry_no] = f"entry {row.entry_no}"
    for product_kind, name, entry_no in connection.execute(
        "select kind, sha256, entry_no from product union all select 'file', sha256, entry_no from stored_file"
    ):
        body = product_leaf_body(product_kind, name, entry_no)
        expected["product", body, entry_no] = f"{product_kind} {name}"
    return expected


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
