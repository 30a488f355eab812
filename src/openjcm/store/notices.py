"""Partners, outbox, inbox and mirror in the database. Everything is read and written for sets of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from openjcm.canonical import sha256_hex
from openjcm.registry.mirror import Run
from openjcm.registry.noticed import Around, Body, Entry, Trigger, bodies, concerns, executed_in, may_be_reported
from openjcm.registry.notices import FORMAT, NO_NOTICE, Notice, Ranged, Reported
from openjcm.store.columns import column, columns_of

FILES = "files"
"""The address of a partner with whom messages are exchanged as files only."""


@dataclass(frozen=True)
class Partner:
    """Another installation, in force."""

    partner: str
    version: int
    our_name: str
    address: str
    notice_key: str
    log_key: str | None
    keeps: tuple[str, ...]
    entry_no: int


def partners(connection: psycopg.Connection) -> list[Partner]:
    """The partners in force."""
    rows = connection.execute(
        "select partner, version, our_name, address, notice_key, log_key, keeps, entry_no from partner_in_force"
        " order by partner"
    )
    return [Partner(row[0], row[1], row[2], row[3], row[4], row[5], tuple(row[6]), row[7]) for row in rows]


def partner_named(connection: psycopg.Connection, name: str) -> Partner | None:
    """The partner of that name, if it is in force."""
    return next((one for one in partners(connection) if one.partner == name), None)


def kept_by(connection: psycopg.Connection, registry_id: str) -> str | None:
    """The partner in force that keeps the registry."""
    row = connection.execute(
        "select partner from partner_in_force where %s = any(keeps) limit 1", [registry_id]
    ).fetchone()
    return str(row[0]) if row else None


# The chains -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a chain ends: the number of its newest notice and that one's name."""

    sequence: int = 0
    head: str = NO_NOTICE


def outbox_place(connection: psycopg.Connection, partner: str) -> Place:
    """Where the outbox of a partner ends."""
    row = connection.execute(
        "select sequence, sha256 from notice_out where partner = %s order by sequence desc limit 1", [partner]
    ).fetchone()
    return Place(*row) if row else Place()


def inbox_place(connection: psycopg.Connection, partner: str) -> Place:
    """Where the inbox of a partner ends."""
    row = connection.execute(
        "select sequence, sha256 from notice_in where partner = %s order by sequence desc limit 1", [partner]
    ).fetchone()
    return Place(*row) if row else Place()


# Outbox ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """An entry with its leaf, to be reported."""

    entry: Entry
    leaf_index: int
    leaf_hash: str


def around(connection: psycopg.Connection, entries: Iterable[Entry], trigger: Trigger) -> Around:
    """What the journal says of what the entries name."""
    projects: set[str] = set()
    accounts: set[str] = set()
    for entry in map(executed_in, entries):
        projects.update(entry.request.get("projects", ()))
        for item in entry.outcome.get("blocks", ()):
            text = item if isinstance(item, str) else item["block"]
            projects.update(text.split("-")[2].split("."))
            if not isinstance(item, str):
                accounts.add(item["account_id"])
        if target := entry.outcome.get("target_account"):
            accounts.add(target)
    hosts = connection.execute("select reference, host_party from project where reference = any(%s)", [list(projects)])
    types = connection.execute(
        "select account_id, account_type from account where account_id = any(%s)", [list(accounts)]
    )
    registries = frozenset(row[0] for row in connection.execute("select registry_id from registry"))
    return Around(dict(hosts.fetchall()), dict(types.fetchall()), registries, trigger)


def notice_for(partner: Partner, body: Body, leaf: Leaf, place: Place) -> Notice:
    """The next notice to a partner."""
    ranges = tuple(
        Ranged(block=str(block), quantity=block.quantity, registry=registry, state=state)
        for block, registry, state in body.ranges
    )
    return Notice(
        format=FORMAT, sender=partner.our_name, recipient=partner.partner, sequence=place.sequence + 1,
        previous=place.head, kind=body.kind, world=body.world,  # type: ignore[arg-type]
        reported=Reported(entry_no=leaf.entry.entry_no, leaf_index=leaf.leaf_index, leaf_hash=leaf.leaf_hash),
        occurred_on=executed_in(leaf.entry).occurred_on.isoformat(), ranges=ranges,
        sum=sum(item.quantity for item in ranges), facts=dict(body.facts),
    )  # fmt: skip


_INSERT_OUT = f"""
    insert into notice_out (partner, sequence, sha256, kind, payload, entry_no)
    select partner, sequence, sha256, kind, convert_to(payload, 'UTF8'), entry_no
    from {columns_of("text", "bigint", "text", "text", "text", "bigint")}
      as new (partner, sequence, sha256, kind, payload, entry_no) order by partner, sequence
"""  # noqa: S608 - our own constants


def write_outbox(
    connection: psycopg.Connection, to: Sequence[Partner], leaves: Sequence[Leaf], trigger: Trigger
) -> None:
    """Write what the entries have to say to each partner, in the transaction that wrote the entries."""
    known = around(connection, [leaf.entry for leaf in leaves], trigger)
    said = [(leaf, body) for leaf in leaves for body in bodies(leaf.entry, known)]
    rows: list[tuple[Any, ...]] = []
    for partner in to:
        place = outbox_place(connection, partner.partner)
        for leaf, body in said:
            if concerns(body, partner.keeps):
                payload = notice_for(partner, body, leaf, place).payload
                place = Place(place.sequence + 1, sha256_hex(payload))
                rows.append(
                    (partner.partner, place.sequence, place.head, body.kind, payload.decode(), leaf.entry.entry_no)
                )
    if rows:
        connection.execute(_INSERT_OUT.encode(), [column(row[at] for row in rows) for at in range(6)])


_BACKLOG = """
    select j.entry_no, j.act, j.request, j.outcome, j.occurred_on, j.idempotency_key from journal j
    where j.entry_no < %s and j.act <> 'transfer'
      and (j.act in ('decide_issuance', 'record_authorization') or jsonb_exists_any(j.outcome, '{blocks,executed}'))
      and not exists (select 1 from notice_out o where o.partner = %s and o.entry_no = j.entry_no)
    order by j.entry_no
"""


def write_backlog(connection: psycopg.Connection, partner: Partner, trigger: Trigger) -> None:
    """Tell a partner what was recorded before it came, so that its mirror begins with the first issuance."""
    from openjcm.store import journal

    found = connection.execute(_BACKLOG, [partner.entry_no, partner.partner]).fetchall()
    receipts = journal.find_all(connection, [row[5] for row in found])
    leaves = [
        Leaf(Entry(*row[:5]), receipts[row[5]][1].leaf_index, receipts[row[5]][1].leaf_hash)
        for row in found
        if may_be_reported(row[1], row[3])
    ]
    write_outbox(connection, [partner], leaves, trigger)


def outstanding(connection: psycopg.Connection, partner: str, after: int, most: int) -> list[tuple[int, bytes]]:
    """The next notices for a partner: number and payload."""
    rows = connection.execute(
        "select sequence, payload from notice_out where partner = %s and sequence > %s order by sequence limit %s",
        [partner, after, most],
    )
    return [(row[0], bytes(row[1])) for row in rows]


# Mirror ---------------------------------------------------------------------------------------------------------------

_MIRRORED = f"""
    select distinct m.series, lower(m.serials), upper(m.serials) - 1, m.registry_id, m.state, m.issued_on, m.since,
           m.purpose
    from {columns_of("text", "bigint", "bigint")} as asked (series, first, last)
    cross join lateral (
      select * from mirror_holding h where h.partner = %s and h.series = asked.series and lower(h.serials) between
        coalesce((select lower(b.serials) from mirror_holding b where b.partner = h.partner
           and b.series = asked.series and lower(b.serials) <= asked.first order by lower(b.serials) desc limit 1),
           asked.first) and asked.last) m
    where upper(m.serials) > asked.first
    order by 1, 2
"""  # noqa: S608 - our own constants
_UNMIRROR = f"""
    delete from mirror_holding h using {columns_of("text", "bigint")} as gone (series, first)
    where h.partner = %s and h.series = gone.series and lower(h.serials) = gone.first
"""  # noqa: S608 - our own constants
_MIRROR = f"""
    insert into mirror_holding (partner, series, serials, registry_id, state, issued_on, since, purpose)
    select %s, series, int8range(first, last, '[]'), registry, state, issued_on, since, coalesce(purpose, '')
    from {columns_of("text", "bigint", "bigint", "text", "text", "date", "date", "text")}
      as run (series, first, last, registry, state, issued_on, since, purpose)
"""  # noqa: S608 - our own constants


def mirrored(connection: psycopg.Connection, partner: str, runs: Sequence[Run]) -> list[Run]:
    """What is in the mirror of the serials of those runs."""
    if not runs:
        return []
    rows = connection.execute(
        _MIRRORED.encode(),
        [
            column(run.series for run in runs),
            column(run.first for run in runs),
            column(run.last for run in runs),
            partner,
        ],
    )
    return [_run(row) for row in rows]


def _run(row: Sequence[Any]) -> Run:
    issued: date | None = row[5]
    return Run(row[0], row[1], row[2], row[3], row[4], issued.isoformat() if issued else "", row[6].isoformat(), row[7])


def write_mirror(connection: psycopg.Connection, partner: str, gone: Sequence[Run], new: Sequence[Run]) -> None:
    """Put runs in the place of others."""
    if gone:
        columns = [column(run.series for run in gone), column(run.first for run in gone)]
        connection.execute(_UNMIRROR.encode(), [*columns, partner])
    if new:
        connection.execute(
            _MIRROR.encode(),
            [
                partner,
                column(run.series for run in new),
                column(run.first for run in new),
                column(run.last for run in new),
                column(run.registry for run in new),
                column(run.state for run in new),
                column(run.issued_on or None for run in new),
                column(run.since for run in new),
                column(run.purpose or None for run in new),
            ],
        )


def whole_mirror(connection: psycopg.Connection, partner: str) -> list[Run]:
    """Everything in the mirror of a partner."""
    rows = connection.execute(
        "select series, lower(serials), upper(serials) - 1, registry_id, state, issued_on, since, purpose"
        " from mirror_holding where partner = %s order by 1, 2",
        [partner],
    )
    return [_run(row) for row in rows]
