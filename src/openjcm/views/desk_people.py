"""Who acts for an account of the demonstration, and which of its credits can be proposed?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

_PEOPLE = """
    select * from (
      select distinct on (f.account_id, f.representative) f.account_id, f.representative, f.name, f.rights
      from representative_fact f join account a using (account_id) join registry r using (registry_id)
      where r.world = 'demonstration' and (%(account)s::text is null or f.account_id = %(account)s)
      order by f.account_id, f.representative, f.entry_no desc) latest
    where cardinality(rights) > 0
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


def people(connection: psycopg.Connection[Any], account_id: str | None = None) -> list[Person]:
    """Who acts for the accounts of the demonstration, or for one of them."""
    rows = connection.execute(_PEOPLE + " order by account_id, representative", {"account": account_id})
    return [Person(row.account_id, row.representative, row.name, tuple(row.rights)) for row in rows]


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
