"""The ledger in the database: reads and locks holdings for the pure function, and writes what it decided.

Correctness rests on row locks taken in one order (series, then serials); the keys and triggers of the schema promise
the same a second time. Everything is done for sets of rows: an entry of a thousand blocks, and a thousand entries,
take the same few statements.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import psycopg
from psycopg.types.range import Range

from openjcm.canonical import canonical_text
from openjcm.registry.accounts import Account, AccountType, Bar, BarGround, Kind
from openjcm.registry.gate import AuthorizationOnFile
from openjcm.registry.holds import Ground, Hold, Scope
from openjcm.registry.ledger import Holding, Holdings, Movement, Origin
from openjcm.registry.serials import Block, Series, Vintage
from openjcm.store.columns import column, columns_of


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
    return accounts_of(connection, ask_accounts(connection, account_ids))


def ask_accounts(connection: psycopg.Connection, account_ids: Iterable[str]) -> psycopg.Cursor:
    """The question for those accounts, whose answer :func:`accounts_of` reads."""
    return connection.execute(
        "select account_id, registry_id, account_type, opened_on,"
        " (select exists (select from account_bar) or exists (select from account_control))"
        " from account where account_id = any(%s)",
        [list(account_ids)],
    )


def accounts_of(connection: psycopg.Connection, answer: psycopg.Cursor) -> dict[str, Account]:
    """The accounts that were found."""
    rows = answer.fetchall()
    stand = read_standing(connection, [row[0] for row in rows if row[4]])
    return {row[0]: Account(row[0], row[1], AccountType(row[2]), row[3], *stand(row[0])) for row in rows}


# A book of today holds a hundred issuances and a book of tomorrow a hundred thousand; each table is asked key by key,
# by laterals that the planner cannot turn into a join that reads the whole of it.
_FIND_ORIGINS = """
    select o.origin_id, o.series, o.serials from block_origin o
    where o.origin_id = any(array(
      select found.origin_id from unnest(%s::text[], %s::int8range[]) as asked (series, serials) cross join lateral (
        select b.origin_id from block_origin b where b.series = asked.series and b.serials && asked.serials
        offset 0) found))
    order by o.series, lower(o.serials)
"""
_LOCK_ORIGINS = f"{_FIND_ORIGINS} for no key update of o"
_READ_HOLDINGS = f"""
    select distinct on (h.origin_id, lower(h.serials))
           h.series, h.serials, h.since, h.account_id, a.registry_id, a.account_type, a.opened_on, h.origin_id,
           h.since_entry_no, (select exists (select from account_bar) or exists (select from account_control)),
           (select exists (select from block_hold where released_entry_no is null))
    from {columns_of("bigint", "bigint", "bigint")} as asked (origin_id, first, last)
    cross join lateral (
      select * from holding h where h.origin_id = asked.origin_id and lower(h.serials) between
        (select lower(b.serials) from holding b where b.origin_id = asked.origin_id
           and lower(b.serials) <= asked.first order by lower(b.serials) desc limit 1) and asked.last offset 0) h
    cross join lateral (select * from account b where b.account_id = h.account_id offset 0) a
"""  # noqa: S608 - our own constants


def lock_holdings(connection: psycopg.Connection, blocks: Sequence[Block]) -> Holdings:
    """The holdings that share serials with the blocks, locked until the transaction ends.

    The lock is on the rows of the issuances that the serials come from, because those rows never change: a lock on
    the holdings themselves would be lost when another writer splits the block meanwhile, and the statement that
    waited would see neither the old row nor the new ones. Taken in the order of the serials, it cannot deadlock.
    """
    return holdings_of(connection, blocks, lock_issuances(connection, blocks))


def lock_issuances(connection: psycopg.Connection, blocks: Sequence[Block]) -> psycopg.Cursor:
    """Lock what :func:`lock_holdings` locks; :func:`holdings_of` reads on from the answer."""
    return _origins_of(connection, _LOCK_ORIGINS, blocks)


def read_holdings(connection: psycopg.Connection, blocks: Sequence[Block]) -> Holdings:
    """The holdings that share serials with the blocks, as a snapshot sees them."""
    return holdings_of(connection, blocks, _origins_of(connection, _FIND_ORIGINS, blocks))


def _origins_of(connection: psycopg.Connection, query: str, blocks: Sequence[Block]) -> psycopg.Cursor:
    spans = _spans(blocks)
    ranges = [Range(first, last + 1, "[)") for first, last in spans.values()]
    return connection.execute(query.encode(), [list(map(str, spans)), ranges])


def holdings_of(connection: psycopg.Connection, blocks: Sequence[Block], answer: psycopg.Cursor) -> Holdings:
    """The holdings that share serials with the blocks, which come from the issuances found."""
    found = answer.fetchall()
    asked = _asked_of(blocks, found)
    held = connection.execute(_READ_HOLDINGS.encode(), asked)
    details = connection.execute(_ORIGINS, [[row[0] for row in found]])
    rows, origins = held.fetchall(), _origins_in(details)
    stand = read_standing(connection, {row[3] for row in rows if row[9]})
    accounts = {row[3]: Account(row[3], row[4], AccountType(row[5]), row[6], *stand(row[3])) for row in rows}
    return Holdings(
        (Holding(block_of(row[0], row[1]), accounts[row[3]], row[2], origins[row[7]], row[8]) for row in rows),
        read_holds(connection, asked) if any(row[10] for row in rows) else (),
    )


_READ_HOLDS = f"""
    select distinct h.hold_id, h.series, h.serials, h.scope, h.ground, h.reference
    from {columns_of("bigint", "bigint", "bigint")} as asked (origin_id, first, last) cross join lateral (
      select * from block_hold b where b.origin_id = asked.origin_id
        and b.serials && int8range(asked.first, asked.last, '[]') and b.released_entry_no is null offset 0) h
"""  # noqa: S608 - our own constants


def read_holds(connection: psycopg.Connection, asked: Sequence[str]) -> list[Hold]:
    """The holds in force on what is asked for: columns of origin, first and last serial."""
    rows = connection.execute(_READ_HOLDS.encode(), asked)
    return [Hold(row[0], block_of(row[1], row[2]), Scope(row[3]), Ground(row[4]), row[5]) for row in rows]


def read_standing(
    connection: psycopg.Connection, account_ids: Collection[str]
) -> Callable[[str], tuple[tuple[Bar, ...], bool]]:
    """For each account: what keeps, or kept, it from sending or receiving, in order; and whether it has four eyes."""
    bars: dict[str, tuple[Bar, ...]] = {}
    if not account_ids:
        return lambda _: ((), False)
    for account_id, ground, *rest in connection.execute(
        "select account_id, ground, sends, receives, since, until, lifted_on from account_bar"
        " where account_id = any(%s) order by entry_no",
        [list(account_ids)],
    ):
        bars[account_id] = (*bars.get(account_id, ()), Bar(BarGround(ground), *rest))
    rows = connection.execute(
        "select distinct on (account_id) account_id, four_eyes from account_control where account_id = any(%s)"
        " order by account_id, entry_no desc",
        [list(account_ids)],
    )
    four_eyes: dict[str, bool] = dict(rows.fetchall())
    return lambda account_id: (bars.get(account_id, ()), four_eyes.get(account_id, False))


def _spans(blocks: Sequence[Block]) -> dict[Series, tuple[int, int]]:
    """For each series the first and last serial asked for."""
    spans: dict[Series, tuple[int, int]] = {}
    for block in blocks:
        first, last = spans.get(block.series, (block.first, block.last))
        spans[block.series] = (min(first, block.first), max(last, block.last))
    return spans


def _asked_of(blocks: Sequence[Block], origins: Iterable[tuple[Any, ...]]) -> list[str]:
    """The blocks cut along the issuances that they come from: columns of origin, first and last serial."""
    by_series: dict[str, list[tuple[int, int, int]]] = {}
    for origin_id, series, serials in origins:
        by_series.setdefault(series, []).append((serials.lower, serials.upper - 1, origin_id))
    cut = [
        (origin_id, max(first, block.first), min(last, block.last))
        for block in blocks
        for first, last, origin_id in by_series.get(str(block.series), ())
        if first <= block.last and block.first <= last
    ]
    return [column(item[place] for item in cut) for place in range(3)]


_ORIGINS = """
    select o.origin_id, o.series, o.serials, o.registry_id, o.decision_id, o.issued_on, o.vintage,
           d.monitoring_period, g.party, array(select distinct p.host_party from project p
                                               where p.reference = any(o.projects) order by 1)
    from unnest(%s::bigint[]) as asked (origin_id)
    cross join lateral (select * from block_origin b where b.origin_id = asked.origin_id offset 0) o
    cross join lateral (select * from issuance_decision b where b.decision_id = o.decision_id offset 0) d
    join registry g using (registry_id)
"""


def _read_origins(connection: psycopg.Connection, origin_ids: Iterable[int]) -> dict[int, Origin]:
    return _origins_in(connection.execute(_ORIGINS, [list(origin_ids)]))


def _origins_in(answer: psycopg.Cursor) -> dict[int, Origin]:
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
    ) in answer:
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


_INSERT_HOLDS = f"""
    insert into block_hold (hold_id, origin_id, series, serials, scope, ground, reference, placed_on, entry_no)
    select hold_id, origin_id, series, int8range(first, last, '[]'), scope, ground, reference, %s, %s
    from {columns_of("text", "bigint", "text", "bigint", "bigint", "text", "text", "text")}
      as hold (hold_id, origin_id, series, first, last, scope, ground, reference)
"""  # noqa: S608 - our own constants


def write_holds(
    connection: psycopg.Connection, entry_no: int, holds: Sequence[tuple[Origin, Hold]], placed_on: date
) -> None:
    """Write the holds that an entry places."""
    items = [hold for _, hold in holds]
    connection.execute(
        _INSERT_HOLDS.encode(),
        [
            placed_on,
            entry_no,
            column(item.hold_id for item in items),
            column(origin.origin_id for origin, _ in holds),
            column(item.block.series for item in items),
            column(item.block.first for item in items),
            column(item.block.last for item in items),
            column(item.scope.value for item in items),
            column(item.ground.value for item in items),
            column(item.reference for item in items),
        ],
    )


def release_holds(connection: psycopg.Connection, entry_no: int, hold_ids: Sequence[str]) -> None:
    """End holds with an entry."""
    connection.execute(
        "update block_hold set released_entry_no = %s where hold_id = any(%s) and released_entry_no is null",
        [entry_no, list(hold_ids)],
    )


_MOVEMENTS_OF = """
    select m.kind, m.series, m.serials, m.origin_id, m.source_account, m.target_account, m.occurred_on
    from movement m where m.entry_no = %s order by m.movement_id
"""


def read_movements(connection: psycopg.Connection, entry_no: int) -> tuple[Movement, ...]:
    """What an entry moved."""
    rows = connection.execute(_MOVEMENTS_OF, [entry_no]).fetchall()
    accounts = read_accounts(connection, {name for row in rows for name in row[4:6] if name})
    origins = _read_origins(connection, {row[3] for row in rows})
    return tuple(
        Movement(
            Kind(row[0]), block_of(row[1], row[2]), origins[row[3]], accounts[row[4]] if row[4] else None,
            accounts[row[5]], row[6], entry_no,
        )
        for row in rows
    )  # fmt: skip


def blocks_in_account(connection: psycopg.Connection, account_id: str, project: str | None) -> list[Holding]:
    """What an account holds, of one project if it is named; nothing is locked."""
    rows = connection.execute(
        "select h.series, h.serials, h.since, h.origin_id, h.since_entry_no"
        " from holding h join block_origin o using (origin_id)"
        " where h.account_id = %s and (%s::text is null or o.projects @> array[%s::text])",
        [account_id, project, project],
    ).fetchall()
    account = read_accounts(connection, [account_id])[account_id]
    origins = _read_origins(connection, {row[3] for row in rows})
    return [Holding(block_of(row[0], row[1]), account, row[2], origins[row[3]], row[4]) for row in rows]


def next_serials(connection: psycopg.Connection, series: Iterable[str]) -> dict[str, int]:
    """The number that the next issuance of each series begins with."""
    wanted = list(series)
    rows = connection.execute(
        "select series, max(upper(serials)) from block_origin where series = any(%s) group by series", [wanted]
    )
    return dict.fromkeys(wanted, 1) | dict(rows.fetchall())


_WRITE_MOVES = f"select write_moves({', '.join(['%s'] * 21)})".encode()


class Moved(NamedTuple):
    """A movement as it is written: its entry, and the details that its act keeps (canonical JSON)."""

    entry_no: int
    movement: Movement
    details: str
    from_entry_no: int | None
    """The entry that had brought the block to its source; ``None`` for an issuance."""


def write_movements(
    connection: psycopg.Connection,
    entry_no: int,
    before: Holdings,
    moved: Sequence[Movement],
    details: Mapping[str, object],
) -> None:
    """Write one entry's movements and bring the locked holdings to where they lead."""
    text = canonical_text(details)
    rows = [Moved(entry_no, item, text, brought_by(before, item)) for item in moved]
    write_moves(connection, moves_of(rows, list(before), before.after(moved, entry_no)))


def brought_by(before: Holdings, item: Movement) -> int | None:
    """The entry that had brought the block to the account it leaves; ``None`` for an issuance."""
    return before.overlapping(item.block)[0].cause if item.source is not None else None


def moves_of(rows: Sequence[Moved], before: Sequence[Holding], after: Holdings) -> list[str]:
    """The movements of any number of entries and what they change of the holdings, as columns to be written."""
    moved = [row.movement for row in rows]
    # What no movement touched is the very same object before and after.
    stays = set(map(id, before)) & set(map(id, after))
    gone = [item for item in before if id(item) not in stays]
    new = [item for item in after if id(item) not in stays]
    return [
        column(row.entry_no for row in rows),
        column(item.kind.value for item in moved),
        column(item.registry_id for item in moved),
        column(item.block.series for item in moved),
        column(item.block.first for item in moved),
        column(item.block.last for item in moved),
        column(item.origin.origin_id for item in moved),
        column(item.source.account_id if item.source else None for item in moved),
        column(item.target.account_id for item in moved),
        column(item.occurred_on for item in moved),
        column(row.details for row in rows),
        column(row.from_entry_no for row in rows),
        column(item.origin.origin_id for item in gone),
        column(item.block.first for item in gone),
        column(item.block.series for item in new),
        column(item.block.first for item in new),
        column(item.block.last for item in new),
        column(item.account.account_id for item in new),
        column(item.origin.origin_id for item in new),
        column(item.cause for item in new),
        column(item.since for item in new),
    ]


def write_moves(connection: psycopg.Connection, columns: Sequence[str]) -> None:
    """Write movements and what they change of the holdings, in one call."""
    connection.execute(_WRITE_MOVES, columns)
