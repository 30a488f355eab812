"""Rows of the witness: checkpoints of other logs seen and co-signed here, and co-signatures of others on this log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import tuple_row

from openjcm.log import cosignature
from openjcm.log.checkpoint import ED25519, Checkpoint, read_verifier_key


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint of another log that was co-signed here."""

    origin: str
    tree_size: int
    root_hash: bytes
    note: str
    log_key: str
    proof: bytes
    cosignature: str
    seen_at: datetime

    @property
    def checkpoint(self) -> Checkpoint:
        """What it says."""
        return Checkpoint(self.origin, self.tree_size, self.root_hash)

    @property
    def origin_hash(self) -> str:
        """How a witness names a log in a path. C2SP ``tlog-witness``."""
        return hashlib.sha256(self.origin.encode()).hexdigest()

    @property
    def cosigned(self) -> str:
        """The note with the log's signature and this witness's, as a witness publishes it. C2SP ``tlog-witness``."""
        text = self.note.rpartition("\n\n")[0] + "\n\n"
        own = cosignature.lines_of(self.note, read_verifier_key(self.log_key), ED25519)
        return cosignature.with_lines(text, [*own, self.cosignature])


_ALL: LiteralString = (
    "select origin, tree_size, root_hash, note, log_key, proof, cosignature, seen_at from witnessed_checkpoint"
)


def newest_witnessed(connection: psycopg.Connection[Any], origin: str) -> Witnessed | None:
    """The largest checkpoint of a log that was co-signed here."""
    row = _rows(connection, _ALL + " where origin = %s order by tree_size desc limit 1", [origin]).fetchone()
    return _witnessed(row) if row else None


def all_newest_witnessed(connection: psycopg.Connection[Any]) -> list[Witnessed]:
    """The largest checkpoint of every log that this installation is a witness of."""
    newest = " where (origin, tree_size) in (select origin, max(tree_size) from witnessed_checkpoint group by origin)"
    return [_witnessed(row) for row in _rows(connection, _ALL + newest + " order by origin", [])]


def every_witnessed(connection: psycopg.Connection[Any]) -> list[Witnessed]:
    """Every checkpoint co-signed here, log by log, in the order of its growth."""
    return [_witnessed(row) for row in _rows(connection, _ALL + " order by origin, tree_size", [])]


def lock_log(connection: psycopg.Connection[Any], origin: str) -> None:
    """One witness of a log at a time, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('witness ' || %s, 0))", [origin])


def write_witnessed(connection: psycopg.Connection[Any], one: Witnessed) -> None:
    """Keep a checkpoint that was found to continue the one before."""
    connection.execute(
        "insert into witnessed_checkpoint (origin, tree_size, root_hash, note, log_key, proof, cosignature, seen_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [one.origin, one.tree_size, one.root_hash, one.note, one.log_key, one.proof, one.cosignature, one.seen_at],
    )


def write_cosignature(
    connection: psycopg.Connection[Any], tree_size: int, witness: str, witness_key: str, line: str, at: datetime
) -> bool:
    """Keep a co-signature on a checkpoint of this log; ``False`` if one of this witness is kept already."""
    written = connection.execute(
        "insert into cosignature (tree_size, witness, witness_key, line, received_at) values (%s, %s, %s, %s, %s)"
        " on conflict do nothing",
        [tree_size, witness, witness_key, line, at],
    )
    return written.rowcount > 0


def cosignature_lines(connection: psycopg.Connection[Any], tree_size: int) -> list[str]:
    """The signature lines of witnesses on the checkpoint of that size."""
    rows = _rows(connection, "select line from cosignature where tree_size = %s order by witness", [tree_size])
    return [row[0] for row in rows]


def has_split_view(connection: psycopg.Connection[Any], origin: str) -> bool:
    """Whether it is on record that this log told two stories."""
    return _rows(connection, "select 1 from split_view where origin = %s limit 1", [origin]).fetchone() is not None


def _rows(
    connection: psycopg.Connection[Any], query: LiteralString, values: Sequence[object]
) -> psycopg.Cursor[tuple[Any, ...]]:
    return connection.cursor(row_factory=tuple_row).execute(query, values)


def _witnessed(row: Sequence[Any]) -> Witnessed:
    return Witnessed(row[0], row[1], bytes(row[2]), row[3], row[4], bytes(row[5]), row[6], row[7])
