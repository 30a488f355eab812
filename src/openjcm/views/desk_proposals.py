"""What was proposed for an account of the demonstration, who may answer, and which credits can be proposed?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from openjcm.registry.proposals import Controls

MOST_PROPOSALS = 50
"""Proposals listed on a page, the latest first."""

_PEOPLE = """
    select * from (
      select distinct on (f.account_id, f.representative) f.account_id, f.representative, f.name, f.rights
      from representative_fact f join account a using (account_id) join registry r using (registry_id)
      where r.world = 'demonstration' and (%(account)s::text is null or f.account_id = %(account)s)
      order by f.account_id, f.representative, f.entry_no desc) latest
    where cardinality(rights) > 0
"""
_PROPOSALS = """
    select p.proposal, p.account_id, p.act, p.representative, p.quantity, p.target_account, p.proposal_sha256,
           p.entry_no, j.occurred_on, j.request -> 'request' as request,
           (select s.step from proposal_step s where s.proposal = p.proposal order by s.entry_no desc,
              (s.step = 'executed') desc limit 1) as step,
           (select s.representative from proposal_step s where s.proposal = p.proposal and s.step = 'approved')
             as approved_by,
           (select s.due_at from proposal_step s where s.proposal = p.proposal and s.step = 'approved') as due_at
    from proposal p join journal j using (entry_no) join account a using (account_id)
    join registry r using (registry_id)
    where r.world = 'demonstration'
"""
_FREE = """
    select h.series, lower(h.serials) as first, upper(h.serials) - 1 as last,
           coalesce((select array_agg(array[lower(b.serials), upper(b.serials) - 1] order by lower(b.serials))
             from block_hold b where b.origin_id = h.origin_id and b.serials && h.serials
               and b.released_entry_no is null and b.scope = 'all'), '{}') as held_back
    from holding h join account a using (account_id) join registry r using (registry_id)
    join block_origin o using (origin_id)
    where r.world = 'demonstration' and h.account_id = %s and o.projects = %s and o.vintage = %s
    order by h.series, lower(h.serials) limit 1000
"""
_CONTROLS = """
    select c.four_eyes, c.delay_hours, c.trusted, c.outside, c.most_per_act, c.most_per_day
    from account_control c where c.account_id = %s order by c.entry_no desc limit 1
"""


@dataclass(frozen=True)
class Person:
    """A representative of an account of the demonstration, by the latest fact."""

    account_id: str
    person: str
    name: str
    rights: tuple[str, ...]


@dataclass(frozen=True)
class FreeBlock:
    """A run of serials that an account holds and nothing keeps back."""

    series: str
    first: int
    last: int

    @property
    def quantity(self) -> int:
        """Tonnes."""
        return self.last - self.first + 1

    @property
    def text(self) -> str:
        """The run as printed."""
        return f"JCM-{self.series}-{self.first}" + (f"-{self.last}" if self.last > self.first else "")


@dataclass(frozen=True)
class ShownProposal:
    """A proposal as it stands; ``state`` is open, approved (it waits), rejected, withdrawn or executed."""

    proposal: str
    account_id: str
    act: str
    representative: str
    quantity: int
    target_account: str | None
    product: str
    """SHA-256 of the signed file."""
    entry_no: int
    proposed_on: date
    request: Mapping[str, Any]
    state: str
    approved_by: str | None
    due_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state == "open"


def people(connection: psycopg.Connection[Any], account_id: str | None = None) -> list[Person]:
    """Who acts for the accounts of the demonstration, or for one of them."""
    rows = connection.execute(_PEOPLE + " order by account_id, representative", {"account": account_id})
    return [Person(row.account_id, row.representative, row.name, tuple(row.rights)) for row in rows]


def proposals_of(connection: psycopg.Connection[Any], account_id: str) -> list[ShownProposal]:
    """What was proposed for an account of the demonstration, the latest first."""
    rows = connection.execute(
        _PROPOSALS + " and p.account_id = %s order by p.entry_no desc limit %s", (account_id, MOST_PROPOSALS)
    )
    return [_proposal(row) for row in rows]


def proposals_in(connection: psycopg.Connection[Any], registry_id: str) -> list[ShownProposal]:
    """What was proposed in a registry of the demonstration, the latest first."""
    rows = connection.execute(
        _PROPOSALS + " and a.registry_id = %s order by p.entry_no desc limit %s", (registry_id, MOST_PROPOSALS)
    )
    return [_proposal(row) for row in rows]


def controls(connection: psycopg.Connection[Any], account_id: str) -> Controls:
    """How an account is guarded."""
    row = connection.execute(_CONTROLS, (account_id,)).fetchone()
    if row is None:
        return Controls()
    return Controls(row.four_eyes, row.delay_hours, tuple(row.trusted), row.outside, row.most_per_act, row.most_per_day)


def free_blocks(
    connection: psycopg.Connection[Any], account_id: str, projects: Sequence[str], vintage: str, quantity: int
) -> list[FreeBlock]:
    """The first serials of a project and vintage that the account holds and nothing keeps back, up to ``quantity``.

    Fewer where fewer are free.
    """
    found: list[FreeBlock] = []
    for row in connection.execute(_FREE, (account_id, list(projects), vintage)):
        for first, last in _without(row.first, row.last, row.held_back):
            if quantity <= 0:
                return found
            found.append(FreeBlock(row.series, first, min(last, first + quantity - 1)))
            quantity -= found[-1].quantity
    return found


def _without(first: int, last: int, held_back: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """The runs of first … last that no run of ``held_back``, in order, covers."""
    at = first
    for begin, end in held_back:
        if begin > at:
            yield at, min(begin - 1, last)
        at = max(at, end + 1)
    if at <= last:
        yield at, last


def _proposal(row: Any) -> ShownProposal:
    return ShownProposal(
        row.proposal, row.account_id, row.act, row.representative, row.quantity, row.target_account,
        row.proposal_sha256, row.entry_no, row.occurred_on, row.request, row.step or "open", row.approved_by,
        row.due_at,
    )  # fmt: skip
