"""What stands against the reversal of a project's tonnes: phases of the site, what is in reserve, what escaped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg


@dataclass(frozen=True)
class Phase:
    """A phase of a storage site from its first day on, with who says so."""

    name: str
    since: date
    source: str
    grade: str


@dataclass(frozen=True)
class Escape:
    """Tonnes that escaped, and how many of them are made good in each way."""

    reversal_id: str
    found_on: date
    phase: str | None
    tonnes: int
    deducted: int
    """From the reductions of the period."""
    covered: int
    """From the reserve or buffer."""
    replaced: int
    """By credits of the participants."""

    @property
    def left(self) -> int:
        """Tonnes not made good yet."""
        return self.tonnes - self.deducted - self.covered - self.replaced


@dataclass(frozen=True)
class Storage:
    """All of it for one project."""

    phases: tuple[Phase, ...]
    reserved: int
    """Its credits in reserve and buffer accounts."""
    escapes: tuple[Escape, ...]


_ESCAPES = """
    select r.reversal_id, r.found_on, r.phase, r.tonnes,
      coalesce(sum(s.tonnes) filter (where s.how = 'deducted'), 0)::bigint as deducted,
      coalesce(sum(s.tonnes) filter (where s.how = 'reserve'), 0)::bigint as covered,
      coalesce(sum(s.tonnes) filter (where s.how = 'replaced'), 0)::bigint as replaced
    from reversal r left join reversal_settlement s using (reversal_id)
    where r.project = %s group by r.reversal_id order by r.found_on, r.reversal_id
"""
_RESERVED = """
    select coalesce(sum(upper(h.serials) - lower(h.serials)), 0)::bigint as tonnes
    from account a join holding h using (account_id) join block_origin o using (origin_id)
    where a.account_type in ('reserve', 'buffer') and o.projects @> array[%s::text]
"""


def storage(connection: psycopg.Connection[Any], project: str) -> Storage | None:
    """What stands against reversal; ``None`` for a project that stores nothing."""
    phases = tuple(
        Phase(row.phase, row.since, row.source, row.grade)
        for row in connection.execute(
            "select phase, since, source, grade from storage_phase where project = %s order by since", (project,)
        )
    )
    escapes = tuple(
        Escape(row.reversal_id, row.found_on, row.phase, row.tonnes, row.deducted, row.covered, row.replaced)
        for row in connection.execute(_ESCAPES, (project,))
    )
    if not phases and not escapes:
        return None
    reserved = connection.execute(_RESERVED, (project,)).fetchone()
    assert reserved is not None, "a sum is one row"
    return Storage(phases, reserved.tonnes, escapes)
