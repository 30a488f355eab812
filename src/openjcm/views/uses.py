"""Which credits of a registry were retired and cancelled, entry by entry, latest first?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

PAGE = 50


@dataclass(frozen=True)
class Use:
    """One retirement or cancellation; each has its certificate."""

    entry_no: int
    kind: str
    occurred_on: date
    holder: str
    account_type: str
    quantity: int
    projects: tuple[str, ...]
    vintages: tuple[str, ...]
    purpose: str | None
    used_for_year: int | None
    serves: str | None
    corrected: bool
    """Whether it was a mistake that a later entry took back."""


# The entries of a page are found in the index of what was used; then the movements of those entries.
_USES = """
    with latest as (
      select distinct m.entry_no from movement m
      where m.registry_id = %(registry)s and m.kind in ('retire', 'cancel', 'reversal')
        and (%(before)s::bigint is null or m.entry_no < %(before)s::bigint)
      order by m.entry_no desc limit %(limit)s)
    select m.entry_no, min(m.kind) as kind, min(m.occurred_on) as occurred_on, min(a.holder) as holder,
           min(a.account_type) as account_type, sum(upper(m.serials) - lower(m.serials))::bigint as quantity,
           array_agg(distinct project) as projects, array_agg(distinct o.vintage) as vintages,
           min(m.details ->> 'purpose') as purpose, min(m.details ->> 'used_for_year')::int as used_for_year,
           min(m.details ->> 'serves') as serves,
           exists (select from correction c where c.corrects = m.entry_no) as corrected
    from latest join movement m using (entry_no) join block_origin o using (origin_id)
      join account a on a.account_id = m.source_account
      cross join lateral (select string_agg(one, '.') as project from unnest(o.projects) as one) p
    group by m.entry_no order by m.entry_no desc
"""


def uses(
    connection: psycopg.Connection[Any], registry_id: str, before: int | None = None, limit: int = PAGE
) -> tuple[list[Use], int | None]:
    """A page of retirements and cancellations, and the entry before which the next page begins (``None``: the last)."""
    rows = connection.execute(_USES, {"registry": registry_id, "before": before, "limit": limit + 1}).fetchall()
    found = [
        Use(
            row.entry_no, row.kind, row.occurred_on, row.holder, row.account_type, row.quantity, tuple(row.projects),
            tuple(row.vintages), row.purpose, row.used_for_year, row.serves, row.corrected,
        )
        for row in rows[:limit]
    ]  # fmt: skip
    return found, found[-1].entry_no if len(rows) > limit else None
