"""How do the gateways stand? What is kept apart, and why? And which signed batches does a project hold?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.rows import tuple_row

from openjcm.mrv.batch import line_of
from openjcm.mrv.batch_rules import BATCH_RULES, found
from openjcm.refusals import Finding


def _moment(utc_us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=utc_us)


@dataclass(frozen=True)
class KeyState:
    """One key of a gateway: how far its chain has come, what waits, what is kept apart, and when it last spoke."""

    project: str
    gateway: str
    key_id: str
    revoked: bool
    next_sequence: int
    waiting: int
    quarantined: int
    last_us: int | None
    world: str

    @property
    def newest(self) -> datetime | None:
        """The time of the newest reading; ``None`` where nothing came."""
        return None if self.last_us is None else _moment(self.last_us)


_KEYS: LiteralString = """
    select g.project, g.gateway_id, k.key_id, exists (select 1 from gateway_key_revocation r where r.key_id = k.key_id),
      c.next_sequence, c.waiting,
      (select count(*) from batch b where b.key_no = k.entry_no and b.status = 'quarantined')
      + (select count(*) from batch b join batch_release r using (batch_no)
         where b.key_no = k.entry_no and b.status = 'held' and r.status = 'quarantined'),
      (select max(last_us) from batch b where b.key_no = k.entry_no),
      (select world from project p where p.reference = g.project)
    from gateway g join gateway_key k using (gateway_id) join batch_chain c on c.key_no = k.entry_no
    where %s::text is null or g.project = %s
    order by 1, 2, k.entry_no limit %s offset %s
"""


def keys(
    connection: psycopg.Connection[Any], project: str | None = None, most: int = 10_000, after: int = 0
) -> list[KeyState]:
    """The keys of all gateways, or of one project's, so many after so many."""
    cursor = connection.cursor(row_factory=tuple_row)
    return [KeyState(*row) for row in cursor.execute(_KEYS, [project, project, most, after])]


def count_of_keys(connection: psycopg.Connection[Any], project: str | None = None) -> int:
    """How many keys the gateways have."""
    query: LiteralString = (
        "select count(*) from gateway g join gateway_key k using (gateway_id) where %s::text is null or g.project = %s"
    )
    row = connection.cursor(row_factory=tuple_row).execute(query, [project, project]).fetchone()
    return row[0] if row else 0


@dataclass(frozen=True)
class KeptApart:
    """A batch that counts nowhere: number, name and the finding. A stray has no gateway and no number."""

    gateway: str
    sequence: int
    sha256: str
    received_us: int
    finding: Finding

    @property
    def received(self) -> datetime:
        """When it came."""
        return _moment(self.received_us)


_APART: LiteralString = """
    select k.gateway_id, b.sequence, encode(b.sha256, 'hex'), b.received_us, coalesce(r.rule, b.rule),
      coalesce(r.facts, b.facts), b.batch_no
    from batch b join gateway_key k on k.entry_no = b.key_no left join batch_release r using (batch_no)
    where b.status = 'quarantined' or (b.status = 'held' and r.status is distinct from 'accepted')
    order by b.batch_no desc limit %s
"""
_STRAYS: LiteralString = """
    select '', 0, encode(sha256, 'hex'), received_us, rule, facts, 0 from stray_batch order by received_us desc limit %s
"""


def kept_apart(connection: psycopg.Connection[Any], most: int = 50) -> list[KeptApart]:
    """The newest batches that wait or are kept apart, then the newest strays."""
    cursor = connection.cursor(row_factory=tuple_row)
    rows = [*cursor.execute(_APART, [most]).fetchall(), *cursor.execute(_STRAYS, [most]).fetchall()]
    return [KeptApart(row[0], row[1], row[2], row[3], found(row[4], **row[5])) for row in rows if row[4] in BATCH_RULES]


_LINES: LiteralString = """
    with part as (
      select x ->> 'key_id' as key_id, (x ->> 'first')::bigint as first, (x ->> 'last')::bigint as last
      from jsonb_array_elements(%s::jsonb) x
    )
    select k.key_id, b.payload, b.signature
    from part join gateway_key k using (key_id) join batch b on b.key_no = k.entry_no
    where b.sequence between part.first and part.last
    order by k.key_id, b.sequence
"""


def lines_of_set(connection: psycopg.Connection[Any], keys_of_set: str) -> Iterator[str]:
    """The signed lines of the chains that a batch set names (its ``keys``, as JSON), from first to last of each key."""
    with connection.cursor(name="live_lines", row_factory=tuple_row) as cursor:
        for key_id, payload, signature in cursor.execute(_LINES, [keys_of_set]):
            yield line_of(key_id, bytes(payload), bytes(signature))
