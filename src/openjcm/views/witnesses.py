"""Who watches whom: logs witnessed here, co-signatures of others on this log, and logs that told two stories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from openjcm.log.cosignature import with_lines
from openjcm.store.witness import Witnessed, all_newest_witnessed, cosignature_lines
from openjcm.views.proof import checkpoint_at, newest_checkpoint


@dataclass(frozen=True)
class Cosigned:
    """The newest checkpoint of this log that a witness co-signed."""

    witness: str
    tree_size: int
    received_at: datetime


@dataclass(frozen=True)
class SplitView:
    """A log that told two stories."""

    origin: str
    smaller: int
    larger: int
    evidence_sha256: str
    entry_no: int
    recorded_at: datetime


@dataclass(frozen=True)
class Witnesses:
    """Everything about witnesses at one moment."""

    tree_size: int
    watched: tuple[Witnessed, ...]
    cosigned: tuple[Cosigned, ...]
    split_views: tuple[SplitView, ...]


def witnesses(connection: psycopg.Connection[Any]) -> Witnesses:
    """Who watches whom now."""
    cursor = connection.cursor(row_factory=tuple_row)
    cosigned = cursor.execute(
        "select distinct on (witness) witness, tree_size, received_at from cosignature order by witness, tree_size desc"
    ).fetchall()
    split = cursor.execute(
        "select s.origin, s.smaller, s.larger, s.evidence_sha256, s.entry_no, j.recorded_at"
        " from split_view s join journal j using (entry_no) order by s.entry_no"
    ).fetchall()
    return Witnesses(
        newest_checkpoint(connection)[0],
        tuple(all_newest_witnessed(connection)),
        tuple(Cosigned(*row) for row in cosigned),
        tuple(SplitView(*row) for row in split),
    )


def published_note(connection: psycopg.Connection[Any]) -> tuple[int, str]:
    """Size and note of the newest checkpoint, with the co-signatures that it has."""
    size, note = newest_checkpoint(connection)
    return size, with_lines(note, cosignature_lines(connection, size)) if size else ""


def cosigned_note(connection: psycopg.Connection[Any]) -> str | None:
    """The newest checkpoint of this log that a witness co-signed, with its co-signatures; ``None`` if there is none."""
    row = connection.cursor(row_factory=tuple_row).execute("select max(tree_size) from cosignature").fetchone()
    if row is None or row[0] is None:
        return None
    return with_lines(checkpoint_at(connection, row[0]), cosignature_lines(connection, row[0]))
