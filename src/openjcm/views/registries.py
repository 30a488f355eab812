"""What does a registry make public: account holders, amounts per type of account, transactions by year?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

ACCOUNT_TYPES = (
    "government_holding", "entity_holding", "holder_not_stated", "reserve", "buffer", "retirement", "cancellation",
)  # fmt: skip
KINDS = (
    "issue", "transfer", "retire", "cancel", "reserve", "release", "reversal", "international_transfer", "acquisition",
    "correction",
)  # fmt: skip


@dataclass(frozen=True)
class Registry:
    """A registry with the tonnes that were ever issued in it, those held, retired and cancelled."""

    registry_id: str
    party: str
    world: str
    opened_on: date
    accounts: int
    issued: int
    by_type: dict[str, int]
    not_issued_decisions: int
    last_entry_on: date | None


@dataclass(frozen=True)
class Account:
    """An account and what lies in it."""

    account_id: str
    account_type: str
    holder: str
    opened_on: date
    held: int


@dataclass(frozen=True)
class YearOfKind:
    """All movements of one kind in one calendar year."""

    year: int
    kind: str
    transactions: int
    quantity: int


@dataclass(frozen=True)
class HeldBlock:
    """A run of serials that lies in one account."""

    series: str
    first: int
    last: int
    projects: tuple[str, ...]
    vintage: str
    account_id: str
    since: date

    @property
    def quantity(self) -> int:
        """Tonnes."""
        return self.last - self.first + 1

    @property
    def text(self) -> str:
        """The run as printed."""
        return f"JCM-{self.series}-{self.first}-{self.last}"

    @property
    def first_serial(self) -> str:
        """Its first serial."""
        return f"JCM-{self.series}-{self.first}"


_REGISTRIES = """
    select r.registry_id, r.party, r.world, j.occurred_on as opened,
           (select count(*) from account a where a.registry_id = r.registry_id) as accounts,
           (select coalesce(sum(y.quantity), 0)::bigint from registry_year y
            where y.registry_id = r.registry_id and y.kind = 'issue') as issued,
           (select jsonb_object_agg(t.account_type, t.held) from (
                select a.account_type, coalesce(sum(s.quantity), 0)::bigint as held
                from account a left join account_sum s using (account_id) where a.registry_id = r.registry_id
                group by 1) t
           ) as by_type,
           (select count(*) from side_issuance s join issuance_decision d using (decision_id)
            where s.side = r.party and d.world = r.world and s.state = 'notified') as pending,
           (select m.occurred_on from movement m where m.registry_id = r.registry_id
            order by m.occurred_on desc limit 1) as latest
    from registry r join journal j on j.entry_no = r.entry_no
"""


def registries(connection: psycopg.Connection[Any]) -> list[Registry]:
    """Every registry, Japan's first, the demonstration's last."""
    rows = connection.execute(_REGISTRIES + " order by r.world = 'demonstration', r.party <> 'JPN', r.party")
    return [_registry(row) for row in rows]


def registry(connection: psycopg.Connection[Any], registry_id: str) -> Registry | None:
    """One registry, or ``None``."""
    row = connection.execute(_REGISTRIES + " where r.registry_id = %s", (registry_id,)).fetchone()
    return _registry(row) if row else None


def accounts(connection: psycopg.Connection[Any], registry_id: str) -> list[Account]:
    """The accounts of a registry with their holders and amounts."""
    rows = connection.execute(
        """select a.account_id, a.account_type, holder_of(a.account_id) as holder, a.opened_on,
                  coalesce(s.quantity, 0) as held
           from account a left join account_sum s using (account_id) where a.registry_id = %s
           order by array_position(%s::text[], a.account_type), a.account_id""",
        (registry_id, list(ACCOUNT_TYPES)),
    )
    return [Account(row.account_id, row.account_type, row.holder, row.opened_on, row.held) for row in rows]


def account_named(connection: psycopg.Connection[Any], account_id: str) -> Account | None:
    """One account, or ``None``."""
    row = connection.execute(
        """select a.account_id, a.account_type, a.holder, a.opened_on, coalesce(s.quantity, 0) as held
           from account a left join account_sum s using (account_id) where a.account_id = %s""",
        (account_id,),
    ).fetchone()
    return Account(row.account_id, row.account_type, row.holder, row.opened_on, row.held) if row else None


def transactions(connection: psycopg.Connection[Any], registry_id: str) -> list[YearOfKind]:
    """Transactions of a registry by calendar year and kind. One act on several blocks is one transaction."""
    rows = connection.execute(
        """select year, kind, transactions, quantity from registry_year where registry_id = %(registry)s
           union all
           select extract(year from m.occurred_on)::int, 'acquisition', count(distinct m.entry_no),
                  sum(upper(m.serials) - lower(m.serials))::bigint
           from movement m join account t on t.account_id = m.target_account
           where m.kind = 'international_transfer' and t.registry_id = %(registry)s group by 1
           order by year desc, kind""",
        {"registry": registry_id},
    )
    return [YearOfKind(row.year, row.kind, row.transactions, row.quantity) for row in rows]


def holdings(
    connection: psycopg.Connection[Any], registry_id: str | None = None, project: str | None = None, limit: int = 500
) -> list[HeldBlock]:
    """Blocks as they are held now, of one registry or one project."""
    rows = connection.execute(
        """select h.series, lower(h.serials) as first, upper(h.serials) - 1 as last, o.projects, o.vintage,
                  h.account_id, h.since
           from (select * from block_origin
                 where (%(registry)s::text is null or registry_id = %(registry)s or exists (
                     select from movement m join account t on t.account_id = m.target_account
                     where m.kind = 'international_transfer' and m.origin_id = block_origin.origin_id
                       and t.registry_id = %(registry)s))
                   and (%(project)s::text is null or projects @> array[%(project)s::text])
                 order by series, lower(serials)) o
             cross join lateral (select * from holding h where h.origin_id = o.origin_id
                                 and (%(registry)s::text is null or exists (select from account a
                                   where a.account_id = h.account_id and a.registry_id = %(registry)s))
                                 order by lower(h.serials) limit %(limit)s) h
           limit %(limit)s""",
        {"registry": registry_id, "project": project, "limit": limit},
    )
    return [
        HeldBlock(row.series, row.first, row.last, tuple(row.projects), row.vintage, row.account_id, row.since)
        for row in rows
    ]


def _registry(row: Any) -> Registry:
    return Registry(
        registry_id=row.registry_id,
        party=row.party,
        world=row.world,
        opened_on=row.opened,
        accounts=row.accounts,
        issued=row.issued,
        by_type={name: int(held) for name, held in (row.by_type or {}).items()},
        not_issued_decisions=row.pending,
        last_entry_on=row.latest,
    )
