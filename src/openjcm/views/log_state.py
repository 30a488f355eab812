"""What does the transparency log say: its checkpoint, its latest leaves, and that it only ever grew?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.log.checkpoint import verifier_key
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import ReadNode, consistency_proof, inclusion_proof, places_of
from openjcm.store.log_tiles import read_nodes


@dataclass(frozen=True)
class Checkpoint:
    """A signed head of the log."""

    tree_size: int
    root_hash: str
    note: str
    signed_at: datetime


@dataclass(frozen=True)
class Leaf:
    """One leaf of the log and the act it belongs to."""

    leaf_index: int
    kind: str
    leaf_hash: str
    body: str
    entry_no: int
    act: str
    recorded_at: datetime
    subject: str


@dataclass(frozen=True)
class Consistency:
    """A proof that the log of the old size is the beginning of the log of the new size."""

    old: Checkpoint
    new: Checkpoint
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Inclusion:
    """A proof that a leaf stands in the log of a checkpoint: the hashes from the leaf to the root, with their side."""

    leaf: Leaf
    checkpoint: Checkpoint
    hashes: tuple[str, ...]


def checkpoint(connection: psycopg.Connection[Any], tree_size: int | None = None) -> Checkpoint | None:
    """The newest checkpoint, or the one of a size; ``None`` if there is none."""
    row = connection.execute(
        """select tree_size, root_hash, note, signed_at from checkpoint
           where %(size)s::bigint is null or tree_size = %(size)s order by tree_size desc limit 1""",
        {"size": tree_size},
    ).fetchone()
    return Checkpoint(row.tree_size, row.root_hash.hex(), row.note, row.signed_at) if row else None


def checkpoint_at_or_before(connection: psycopg.Connection[Any], tree_size: int) -> Checkpoint | None:
    """The newest checkpoint that is not larger than a size."""
    row = connection.execute(
        "select tree_size from checkpoint where tree_size <= %s order by tree_size desc limit 1", (tree_size,)
    ).fetchone()
    return checkpoint(connection, row.tree_size) if row else None


def latest_leaves(connection: psycopg.Connection[Any], limit: int = 20) -> list[Leaf]:
    """The newest leaves."""
    rows = connection.execute(_LEAVES + " order by l.leaf_index desc limit %s", (limit,))
    return [_leaf(row) for row in rows]


def leaf(connection: psycopg.Connection[Any], leaf_index: int) -> Leaf | None:
    """One leaf, or ``None``."""
    row = connection.execute(_LEAVES + " where l.leaf_index = %s", (leaf_index,)).fetchone()
    return _leaf(row) if row else None


def leaf_of_entry(connection: psycopg.Connection[Any], entry_no: int) -> Leaf | None:
    """The leaf of a journal entry itself."""
    row = connection.execute(
        _LEAVES + " where l.entry_no = %s and l.kind = 'entry' order by l.leaf_index limit 1", (entry_no,)
    ).fetchone()
    return _leaf(row) if row else None


def leaf_of_product(connection: psycopg.Connection[Any], entry_no: int, sha256: str) -> Leaf | None:
    """The leaf that fixes a product or file, among those of the entry that made it."""
    rows = connection.execute(
        _LEAVES + " where l.entry_no = %s and l.kind = 'product' order by l.leaf_index", (entry_no,)
    )
    return next((_leaf(row) for row in rows if sha256.encode() in bytes(row.body)), None)


def inclusion(connection: psycopg.Connection[Any], one: Leaf) -> Inclusion | None:
    """The proof that a leaf stands in the newest checkpoint."""
    head = checkpoint(connection)
    if head is None or one.leaf_index >= head.tree_size:
        return None
    index, size = one.leaf_index, head.tree_size
    return Inclusion(one, head, tuple(step.hex() for step in inclusion_hashes(connection, index, size)))


def inclusion_hashes(connection: psycopg.Connection[Any], index: int, size: int) -> list[bytes]:
    """The hashes from leaf ``index`` to the root of ``size`` leaves."""
    return _proved(connection, lambda read: inclusion_proof(index, size, read))


def consistency(connection: psycopg.Connection[Any], old_size: int, new_size: int) -> Consistency | None:
    """The proof between two checkpoints; ``None`` if one of the sizes has no checkpoint."""
    old, new = checkpoint(connection, old_size), checkpoint(connection, new_size)
    if old is None or new is None or old.tree_size > new.tree_size:
        return None
    first, then = old.tree_size, new.tree_size
    steps = _proved(connection, lambda read: consistency_proof(first, then, read))
    return Consistency(old, new, tuple(step.hex() for step in steps))


_LEAVES = """
    select l.leaf_index, l.kind, l.body, l.entry_no, j.act, j.recorded_at,
           coalesce(j.request->>'decision_id', j.request->>'reference', j.request->>'subject', j.request->>'account_id',
                    j.request->>'registry_id', j.request->>'authorization_id', j.request->>'project',
                    j.request->>'name', '') as subject
    from log_leaf l join journal j using (entry_no)
"""


def _leaf(row: Any) -> Leaf:
    return Leaf(
        leaf_index=row.leaf_index,
        kind=row.kind,
        leaf_hash=leaf_hash(bytes(row.body)).hex(),
        body=bytes(row.body).decode("utf-8"),
        entry_no=row.entry_no,
        act=row.act,
        recorded_at=row.recorded_at,
        subject=row.subject,
    )


def leaf_body(one: Leaf) -> dict[str, Any]:
    """The leaf's body as data."""
    body: dict[str, Any] = json.loads(one.body)
    return body


def _proved(connection: psycopg.Connection[Any], proof: Callable[[ReadNode], list[bytes]]) -> list[bytes]:
    """The hashes of a proof: first it is asked which subtrees it needs, then all are read in one query."""
    nodes = read_nodes(connection, places_of(proof))
    return proof(lambda level, index: nodes[level, index])


def log_key(origin: str, public_key: Ed25519PublicKey) -> str:
    """The log's verifier key as printed: name, key id and public key (C2SP signed note)."""
    return verifier_key(origin, public_key)
