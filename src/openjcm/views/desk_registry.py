"""What keeps accounts of a registry of the demonstration from moving credits, and what was recorded last?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

MOST_ROWS = 100
"""Rows listed on a page, the latest first."""

_BARS = """
    select b.account_id, b.ground, b.sends, b.receives, b.since, b.until, b.reference
    from account_bar b join account a using (account_id) join registry r using (registry_id)
    where r.world = 'demonstration' and a.registry_id = %s and b.lifted_entry_no is null
    order by b.entry_no desc limit %s
"""
_ENTRIES = """
    select m.entry_no, m.kind, m.source_account, m.target_account, m.occurred_on,
           sum(upper(m.serials) - lower(m.serials))::bigint as quantity
    from (select * from movement where registry_id = %s order by occurred_on desc, entry_no desc limit 500) m
    join registry r using (registry_id) where r.world = 'demonstration'
    group by 1, 2, 3, 4, 5 order by m.entry_no desc limit %s
"""


@dataclass(frozen=True)
class AccountBar:
    """What keeps an account from sending or receiving."""

    account_id: str
    ground: str
    sends: bool
    receives: bool
    since: date
    until: date | None
    reference: str


@dataclass(frozen=True)
class MovedTogether:
    """What one entry moved from one account to another."""

    entry_no: int
    kind: str
    source_account: str | None
    target_account: str
    occurred_on: date
    quantity: int


def account_bars(connection: psycopg.Connection[Any], registry_id: str) -> list[AccountBar]:
    """The suspensions, orders and closures of accounts of a registry of the demonstration."""
    rows = connection.execute(_BARS, (registry_id, MOST_ROWS))
    return [
        AccountBar(row.account_id, row.ground, row.sends, row.receives, row.since, row.until, row.reference)
        for row in rows
    ]


def last_entries(connection: psycopg.Connection[Any], registry_id: str) -> list[MovedTogether]:
    """What was moved last in a registry of the demonstration."""
    rows = connection.execute(_ENTRIES, (registry_id, 20))
    return [
        MovedTogether(row.entry_no, row.kind, row.source_account, row.target_account, row.occurred_on, row.quantity)
        for row in rows
    ]
