"""Audit of the journal and the transparency log: numbers, hashes, leaves, nodes, checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.log import checkpoint
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import append_nodes, root
from openjcm.refusals import Finding, Refused
from openjcm.store.audit import JournalRow, finding
from openjcm.store.journal import Entry, product_leaf_body, request_hash

Tree = dict[tuple[int, int], bytes]


def check_log(
    connection: psycopg.Connection, journal: Sequence[JournalRow], public_key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    """The journal is complete, its entries are the log's leaves, and the log is what the checkpoints sign."""
    yield from _check_numbers(journal)
    yield from _check_requests(journal)
    leaves = [
        (index, kind, bytes(body), bytes(value), entry_no)
        for index, kind, body, value, entry_no in connection.execute(
            "select leaf_index, kind, body, leaf_hash, entry_no from log_leaf order by leaf_index"
        )
    ]
    yield from _check_head(connection, len(journal), len(leaves))
    yield from _check_leaves(connection, journal, leaves)
    tree = _tree([value for _, _, _, value, _ in leaves])
    yield from _check_nodes(connection, tree)
    yield from _check_checkpoints(connection, tree, len(leaves), public_key)


def _check_numbers(journal: Sequence[JournalRow]) -> Iterator[Finding]:
    before = 0
    for row in journal:
        if row.entry_no != before + 1:
            yield finding("entry_number_missing", before=before, after=row.entry_no)
        before = row.entry_no


def _check_requests(journal: Sequence[JournalRow]) -> Iterator[Finding]:
    for row in journal:
        if request_hash(row.act, row.request) != row.request_sha256:
            yield finding("request_hash_wrong", entry=row.entry_no)


def _check_head(connection: psycopg.Connection, entries: int, leaves: int) -> Iterator[Finding]:
    head = connection.execute("select entry_no, tree_size from log_head").fetchone() or (None, None)
    if head != (entries, leaves):
        yield finding("head_wrong", entry_no=head[0], tree_size=head[1], entries=entries, leaves=leaves)


def _check_leaves(
    connection: psycopg.Connection, journal: Sequence[JournalRow], leaves: Sequence[tuple[int, str, bytes, bytes, int]]
) -> Iterator[Finding]:
    expected = _expected_bodies(connection, journal)
    for place, (index, kind, body, value, entry_no) in enumerate(leaves):
        if index != place:
            yield finding("leaf_wrong", leaf=index, entry=entry_no, what=f"index ≠ {place}")
        if leaf_hash(body) != value:
            yield finding("leaf_wrong", leaf=index, entry=entry_no, what="hash")
        name = expected.pop((kind, body, entry_no), None)
        if name is None:
            yield finding("leaf_wrong", leaf=index, entry=entry_no, what="body")
    for name in expected.values():
        yield finding("leaf_missing", what=name)


def _expected_bodies(
    connection: psycopg.Connection, journal: Sequence[JournalRow]
) -> dict[tuple[str, bytes, int], str]:
    """Every leaf that must stand in the log, by kind, body and entry, with its name."""
    expected = {}
    for row in journal:
        entry = Entry(
            row.entry_no, row.act, row.key, row.request_sha256, row.outcome, row.occurred_on, row.recorded_at, row.actor
        )
        expected["entry", entry.leaf_body(), row.entry_no] = f"entry {row.entry_no}"
    for product_kind, sha256, entry_no in connection.execute(
        "select kind, sha256, entry_no from product union all select 'file', sha256, entry_no from stored_file"
    ):
        body = product_leaf_body(product_kind, sha256, entry_no)
        expected["product", body, entry_no] = f"{product_kind} {sha256}"
    return expected


def _tree(hashes: Sequence[bytes]) -> Tree:
    """The hash of every complete subtree, computed from the leaves alone."""
    tree: Tree = {(0, index): value for index, value in enumerate(hashes)}
    for node in append_nodes(0, hashes, lambda level, index: tree[level, index]):
        tree[node.level, node.node_index] = node.hash
    return tree


def _check_nodes(connection: psycopg.Connection, tree: Tree) -> Iterator[Finding]:
    stored = {
        (level, index): bytes(value)
        for level, index, value in connection.execute("select level, node_index, hash from log_node")
    }
    expected = {place: value for place, value in tree.items() if place[0] > 0}
    for level, index in sorted(stored.keys() | expected.keys()):
        if stored.get((level, index)) != expected.get((level, index)):
            yield finding("node_wrong", level=level, node=index)


def _check_checkpoints(
    connection: psycopg.Connection, tree: Tree, leaves: int, public_key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    sizes = set()
    for size, root_hash, note in connection.execute(
        "select tree_size, root_hash, note from checkpoint order by tree_size"
    ):
        sizes.add(size)
        if size > leaves:
            yield finding("checkpoint_wrong", size=size, what=f"only {leaves} leaves / 葉は {leaves} のみ")
            continue
        right = root(size, lambda level, index: tree[level, index])
        if bytes(root_hash) != right:
            yield finding("checkpoint_wrong", size=size, what="root / ルート")
        if public_key is not None:
            yield from _check_note(note, size, right, public_key)
    if leaves and leaves not in sizes:
        yield finding("checkpoint_wrong", size=leaves, what="missing / なし")


def _check_note(note: str, size: int, right: bytes, public_key: Ed25519PublicKey) -> Iterator[Finding]:
    try:
        said = checkpoint.open(note, public_key)
    except Refused as refused:
        yield finding("checkpoint_wrong", size=size, what=refused.code)
        return
    if (said.size, said.root) != (size, right):
        yield finding("checkpoint_wrong", size=size, what="signed text / 署名された内容")
