"""What does one account of the demonstration hold, by project and vintage, and what came in and went out?

The desk is for the demonstration world alone: whose account it is comes from a role that anyone may take there, so no
question here answers for an account of another world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

MOST_MOVEMENTS = 100
"""Movements listed on a page, the latest first."""
MOST_GROUPS = 400
"""Groups of project and vintage listed on a page."""

_ACCOUNTS = """
    select a.account_id, a.registry_id, r.party, a.account_type, a.holder, a.opened_on
    from account a join registry r using (registry_id) where r.world = 'demonstration'
"""
_HELD = """
    select o.projects, o.vintage, sum(upper(h.serials) - lower(h.serials))::bigint as quantity, count(*) as blocks,
           min(h.since) as since
    from account a join registry r using (registry_id) join holding h using (account_id)
    join block_origin o using (origin_id)
    where r.world = 'demonstration' and a.account_id = %s
    group by o.projects, o.vintage order by o.projects, o.vintage limit %s
"""
_MOVEMENTS = """
    select m.entry_no, m.kind, m.series, lower(m.serials) as first, upper(m.serials) - 1 as last, m.source_account,
           m.target_account, m.occurred_on
    from account a join registry r using (registry_id) cross join lateral (
      (select * from movement t where t.target_account = a.account_id order by t.entry_no desc limit %s)
      union all
      (select * from movement s where s.source_account = a.account_id order by s.entry_no desc limit %s)) m
    where r.world = 'demonstration' and a.account_id = %s
    order by m.entry_no desc, m.series, lower(m.serials) limit %s
"""


@dataclass(frozen=True)
class DeskAccount:
    """An account of the demonstration world."""

    account_id: str
    registry_id: str
    party: str
    account_type: str
    holder: str
    opened_on: date

    @property
    def is_holding(self) -> bool:
        """Whether credits can be given away from it by its holder."""
        return self.account_type in {"government_holding", "entity_holding"}


@dataclass(frozen=True)
class HeldGroup:
    """What an account holds of one project and vintage, in tonnes and blocks."""

    projects: tuple[str, ...]
    vintage: str
    quantity: int
    blocks: int
    since: date


@dataclass(frozen=True)
class AccountMovement:
    """One block that came into an account or left it."""

    entry_no: int
    kind: str
    series: str
    first: int
    last: int
    source_account: str | None
    target_account: str
    occurred_on: date

    @property
    def quantity(self) -> int:
        """Tonnes."""
        return self.last - self.first + 1

    @property
    def text(self) -> str:
        """The run as printed."""
        return f"JCM-{self.series}-{self.first}" + (f"-{self.last}" if self.last > self.first else "")

    @property
    def first_serial(self) -> str:
        """Its first serial."""
        return f"JCM-{self.series}-{self.first}"


def desk_accounts(connection: psycopg.Connection[Any]) -> list[DeskAccount]:
    """The accounts of the demonstration world, by registry."""
    rows = connection.execute(_ACCOUNTS + " order by r.party <> 'JPN', a.account_id")
    return [_account(row) for row in rows]


def desk_account(connection: psycopg.Connection[Any], account_id: str) -> DeskAccount | None:
    """One account of the demonstration world; ``None`` for any other."""
    row = connection.execute(_ACCOUNTS + " and a.account_id = %s", (account_id,)).fetchone()
    return _account(row) if row else None


def held_groups(connection: psycopg.Connection[Any], account_id: str) -> list[HeldGroup]:
    """What an account of the demonstration holds now, by project and vintage."""
    rows = connection.execute(_HELD, (account_id, MOST_GROUPS))
    return [HeldGroup(tuple(row.projects), row.vintage, row.quantity, row.blocks, row.since) for row in rows]


def account_movements(connection: psycopg.Connection[Any], account_id: str) -> list[AccountMovement]:
    """What came into an account of the demonstration and left it, the latest first."""
    rows = connection.execute(_MOVEMENTS, (MOST_MOVEMENTS, MOST_MOVEMENTS, account_id, MOST_MOVEMENTS))
    return [
        AccountMovement(
            row.entry_no, row.kind, row.series, row.first, row.last, row.source_account, row.target_account,
            row.occurred_on,
        )
        for row in rows
    ]  # fmt: skip


def held_tonnes(groups: Sequence[HeldGroup]) -> int:
    """All tonnes of the groups."""
    return sum(group.quantity for group in groups)


def _account(row: Any) -> DeskAccount:
    return DeskAccount(row.account_id, row.registry_id, row.party, row.account_type, row.holder, row.opened_on)
