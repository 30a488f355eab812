"""For which Parties and years is there anything to report under Article 6?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass(frozen=True)
class PartyYear:
    """A Party and a year in which its world had authorizations or movements."""

    world: str
    party: str
    year: int


def aef_years(connection: psycopg.Connection[Any]) -> list[PartyYear]:
    """Party and year of every authorization, and of every movement since the Parties' first authorization."""
    rows = connection.execute(
        """with first as (select world, min(authorized_on) as day from party_authorization group by 1),
                parties as (select distinct world, party from party_authorization)
           select world, party, extract(year from authorized_on)::int as year from party_authorization
           union
           select p.world, p.party, extract(year from m.occurred_on)::int
           from movement m join registry r using (registry_id)
           join first on first.world = r.world and m.occurred_on >= first.day
           join parties p on p.world = r.world
           order by 1 desc, 2, 3"""
    )
    return [PartyYear(row.world, row.party, row.year) for row in rows]
