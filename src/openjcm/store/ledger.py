"""The ledger in the database: reads and locks holdings for the pure function, and writes what it decided.

Correctness rests on row locks taken in one order (series, then serials); the exclusion constraints and triggers of
the schema promise the same a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from psycopg.types.range import Range

from openjcm.registry.accounts import Account, AccountType, Kind
from openjcm.registry.gate import AuthorizationOnFile
from openjcm.registry.ledger import Holding, Holdings, Movement, Origin
from openjcm.registry.serials import Block, Series, Vintage


def block_of(series: str, serials: Range[int]) -> Block:
    """The block of a row; the database's ranges exclude their upper end."""
    assert serials.lower is not None and serials.upper is not None
    return Block(Series.parse(series), serials.lower, serials.upper - 1)


def range_of(block: Block) -> Range[int]:
    """The serials of a block as a range of the database."""
    return Range(block.first, block.last + 1, "[)")


def read_account(connection: psycopg.Connection, account_id: str) -> Account | None:
    """The account of that id, or ``None``."""
    return read_accounts(connection, [account_id]).get(account_id)


def read_accounts(connection: psycopg.Connection, account_ids: Iterable[str]) -> dict[str, Account]:
    """The accounts that exist among those ids."""
    rows = connection.execute(
        "select account_id, registry_id, account_type, opened_on from account where account_id = any(%s)",
        [list(account_ids)],
    )
    return {row[0]: Account(row[0], row[1], AccountType(row[2]), row[3]) for row in rows}


_LOCK_ORIGINS = """
    select o.origin_id from block_origin o
    where exists (select 1 from unnest(%s::text[], %s::int8range[]) as asked (series, serials)
                  where asked.series = o.series and asked.serials && o.serials)
    order by o.series, lower(o.serials) for no key update
"""
_READ_HOLDINGS = """
    select h.series, h.serials, h.since, h.account_id, a.registry_id, a.account_type, a.opened_on, h.origin_id
    from holding h join account a using (account_id)
    where exists (select 1 from unnest(%s::text[], %s::int8range[]) as asked (series, serials)
                  where asked.series = h.series and asked.serials && h.serials)
"""


def lock_holdings(connection: psycopg.Connection, blocks: Sequence[Block]) -> Holdings:
    """The holdings that share serials with the blocks, locked until the transaction ends.

    The lock is on the rows of the issuances that the serials come from, because those rows never change: a lock on
    the holdings themselves would be lost when another writer splits the block meanwhile, and the statement that
    waited would see neither the old row nor the new ones. Taken in the order of the serials, it cannot deadlock.
    """
    asked = [[str(block.series) for block in blocks], [range_of(block) for block in blocks]]
    connection.execute(_LOCK_ORIGINS, asked)
    rows = connection.execute(_READ_HOLDINGS, asked).fetchall()
    origins = _read_origins(connection, {row[7] for row in rows})
    return Holdings(
        Holding(block_of(row[0], row[1]), Account(row[3], row[4], AccountType(row[5]), row[6]), row[2], origins[row[7]])
        for row in rows
    )


_ORIGINS = """
    select o.origin_id, o.series, o.serials, o.registry_id, o.decision_id, o.issued_on, o.vintage,
           d.monitoring_period, g.party, array(select distinct p.host_party from project p
                                               where p.reference = any(o.projects) order by 1)
    from block_origin o join issuance_decision d using (decision_id) join registry g using (registry_id)
    where o.origin_id = any(%s)
"""


def _read_origins(connection: psycopg.Connection, origin_ids: Iterable[int]) -> dict[int, Origin]:
    origins = {}
    for (
        origin_id,
        series,
        serials,
        registry_id,
        decision_id,
        issued_on,
        vintage,
        period,
        party,
        hosts,
    ) in connection.execute(_ORIGINS, [list(origin_ids)]):
        first, last = years_of(vintage, period)
        parties = tuple(sorted({"JPN", party, *hosts}))
        origins[origin_id] = Origin(
            origin_id, block_of(series, serials), registry_id, decision_id, issued_on, parties, first, last
        )
    return origins


def years_of(vintage: str, period: Range[date] | None) -> tuple[int | None, int | None]:
    """The first and last year in which the reductions may have happened: by vintage, else by monitoring period."""
    known = Vintage.parse(vintage)
    if known.first_year is not None or period is None or period.lower is None or period.upper is None:
        return known.first_year, known.last_year
    return period.lower.year, date.fromordinal(period.upper.toordinal() - 1).year


def read_authorizations(
    connection: psycopg.Connection, world: str, parties: Sequence[str]
) -> tuple[AuthorizationOnFile, ...]:
    """Every version of every authorization of those Parties in that world."""
    rows = connection.execute(
        "select a.party, a.authorization_id, a.version, a.authorized_on, convert_from(p.body, 'UTF8')::jsonb"
        " from party_authorization a join product p on p.sha256 = a.body_sha256"
        " where a.world = %s and a.party = any(%s) order by 1, 2, 3",
        [world, list(parties)],
    )
    return tuple(authorization_of(*row) for row in rows)


def authorization_of(
    party: str, authorization_id: str, version: int, authorized_on: date, body: Mapping[str, Any]
) -> AuthorizationOnFile:
    """The version as the gate sees it, from the fields that were recorded."""
    vintages = body["vintages"] or {}
    return AuthorizationOnFile(
        party,
        authorization_id,
        version,
        authorized_on,
        tuple(body["purposes"]),
        tuple(body["projects"]),
        vintages.get("first"),
        vintages.get("last"),
    )


def next_serials(connection: psycopg.Connection, series: Iterable[str]) -> dict[str, int]:
    """The number that the next issuance of each series begins with."""
    wanted = list(series)
    rows = connection.execute(
        "select series, max(upper(serials)) from block_origin where series = any(%s) group by series", [wanted]
    )
    return dict.fromkeys(wanted, 1) | dict(rows.fetchall())


_INSERT_MOVEMENTS = """
    insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,
                          occurred_on, details)
    select %s, kind, registry_id, series, serials, origin_id, source_account, target_account, occurred_on, %s
    from unnest(%s::text[], %s::text[], %s::text[], %s::int8range[], %s::bigint[], %s::text[], %s::text[], %s::date[])
      as moved (kind, registry_id, series, serials, origin_id, source_account, target_account, occurred_on)
"""
_TAKE_OUT = """
    delete from holding h using unnest(%s::text[], %s::int8range[]) as moved (series, serials)
    where moved.series = h.series and moved.serials && h.serials
    returning h.series, h.serials, h.account_id, h.origin_id, h.since_entry_no, h.since
"""
_PUT_IN = """
    insert into holding (series, serials, account_id, origin_id, since_entry_no, since)
    select * from unnest(%s::text[], %s::int8range[], %s::text[], %s::bigint[], %s::bigint[], %s::date[])
"""


def write_movements(
    connection: psycopg.Connection, entry_no: int, moved: Sequence[Movement], details: Mapping[str, object]
) -> None:
    """Write the movements and bring the holdings to where they lead: what is left of a split block stays as it was."""
    registries = [item.target.registry_id for item in moved]
    series, ranges = [str(item.block.series) for item in moved], [range_of(item.block) for item in moved]
    origins, targets = [item.origin.origin_id for item in moved], [item.target.account_id for item in moved]
    days = [item.occurred_on for item in moved]
    connection.execute(
        _INSERT_MOVEMENTS,
        [
            entry_no, Jsonb(dict(details)), [item.kind.value for item in moved], registries, series, ranges, origins,
            [item.source.account_id if item.source else None for item in moved], targets, days,
        ],
    )  # fmt: skip
    new = list(zip(series, ranges, targets, origins, [entry_no] * len(moved), days, strict=True))
    if any(item.kind is not Kind.ISSUE for item in moved):
        taken = connection.execute(_TAKE_OUT, [series, ranges])
        new += [rest for row in taken for rest in _left_of(row, moved)]
    connection.execute(_PUT_IN, [list(column) for column in zip(*new, strict=True)])


def _left_of(row: tuple[Any, ...], moved: Sequence[Movement]) -> list[tuple[Any, ...]]:
    """What the movements leave of a holding, as rows."""
    pieces = [block_of(row[0], row[1])]
    for item in moved:
        pieces = [rest for piece in pieces for rest in piece.without(item.block)]
    return [(row[0], range_of(piece), *row[2:]) for piece in pieces]
