"""What the Article 6 reports are made from: the registries' movements and the Parties' authorizations of one world."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from openjcm.article6.actions import LedgerAction
from openjcm.article6.authorization import Authorization
from openjcm.registry.serials import Block, Series, Vintage


@dataclass(frozen=True)
class Article6Entries:
    """The movements and authorizations of one world, in the order of the journal."""

    world: str
    movements: tuple[LedgerAction, ...]
    authorizations: tuple[Authorization, ...]


_MOVEMENTS = """
    select m.entry_no, m.movement_id, m.kind, g.party, m.series, m.occurred_on, m.details, o.decision_id,
           lower(m.serials) as first, upper(m.serials) - 1 as last,
           sg.party as source_party, tg.party as target_party,
           extract(year from lower(d.monitoring_period))::int as first_year,
           extract(year from upper(d.monitoring_period) - 1)::int as last_year,
           (select min(p.host_party) from project p where p.reference = any(o.projects)) as host
    from movement m
      join registry g using (registry_id)
      join block_origin o using (origin_id)
      join issuance_decision d using (decision_id)
      join account t on t.account_id = m.target_account join registry tg on tg.registry_id = t.registry_id
      left join account s on s.account_id = m.source_account left join registry sg on sg.registry_id = s.registry_id
    where g.world = %s
    order by m.entry_no, m.movement_id
"""

_AUTHORIZATIONS = """
    select a.entry_no, p.body from party_authorization a join product p on p.sha256 = a.body_sha256
    where a.world = %s order by a.entry_no, a.party, a.authorization_id, a.version
"""


def article6_entries(connection: psycopg.Connection[Any], world: str) -> Article6Entries:
    """Everything in one world (``public`` or ``demonstration``) that Article 6 looks at."""
    cursor = connection.cursor(row_factory=namedtuple_row)
    movements = tuple(_movement(row) for row in cursor.execute(_MOVEMENTS, [world]).fetchall())
    return Article6Entries(world, movements, authorizations(connection, world))


def authorizations(connection: psycopg.Connection[Any], world: str) -> tuple[Authorization, ...]:
    """Every version of every authorization of one world, in the order of the journal."""
    cursor = connection.cursor(row_factory=namedtuple_row)
    rows: list[Any] = cursor.execute(_AUTHORIZATIONS, [world]).fetchall()
    return tuple(Authorization.from_body(json.loads(bytes(row.body)), row.entry_no) for row in rows)


def _movement(row: Any) -> LedgerAction:
    return LedgerAction(
        entry_no=row.entry_no,
        position=row.movement_id,
        kind=row.kind,
        registry_party=row.party,
        block=Block(Series.parse(row.series), row.first, row.last),
        host=row.host,
        occurred_on=row.occurred_on,
        target_party=row.target_party,
        source_party=row.source_party,
        used_for_year=row.details.get("used_for_year"),
        purpose=row.details.get("purpose"),
        reason=row.details.get("reason"),
        decision_id=row.decision_id,
        corrects=row.details.get("corrects") if row.kind == "correction" else None,
        monitored=Vintage(row.first_year, row.last_year),
    )
