"""What did the Joint Committees decide, on which side was it issued, and who says so?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg


@dataclass(frozen=True)
class Side:
    """One side of a decision. ``amount`` is ``None`` when it is not known; ``state`` is ``not_applicable`` for zero."""

    party: str
    amount: int | None
    state: str
    issued_on: date | None
    to_government: int | None
    entry_no: int


@dataclass(frozen=True)
class Decision:
    """A decision to issue, with its two sides and its provenance."""

    decision_id: str
    world: str
    projects: tuple[str, ...]
    monitoring_start: date | None
    monitoring_end: date | None
    decided_on: date
    total: int | None
    host_party: str
    host: Side | None
    japan: Side | None
    source: str
    grade: str
    report_sha256: str | None
    vintages: tuple[str, ...]
    entry_no: int


@dataclass(frozen=True)
class Year:
    """What was decided in one calendar year: known tonnes, and how many decisions have an unknown amount."""

    year: int
    tonnes: int
    known: int
    unknown: int


_SELECT = """
    select d.decision_id, d.world, d.projects, lower(d.monitoring_period) as starts,
           upper(d.monitoring_period) - 1 as ends, d.decided_on, d.total, d.report_sha256, d.entry_no,
           (select array_agg(distinct h.vintage) from side_issuance_share h
            where h.decision_id = d.decision_id) as vintages,
           coalesce(j.request->>'source', '') as source, coalesce(j.request->>'grade', 'unknown') as grade,
           (select jsonb_agg(jsonb_build_array(s.side, s.notified, s.state, s.issued_on, s.entry_no, (
                select sum(h.quantity) from side_issuance_share h join account a using (account_id)
                where h.decision_id = s.decision_id and h.side = s.side and a.account_type = 'government_holding'
            )) order by s.side) from side_issuance s where s.decision_id = d.decision_id) as sides
    from issuance_decision d join journal j on j.entry_no = d.entry_no
"""


def decisions(
    connection: psycopg.Connection[Any],
    *,
    world: str = "public",
    project: str | None = None,
    limit: int | None = None,
) -> list[Decision]:
    """Decisions of one world, latest first; of one project if it is named."""
    rows = connection.execute(
        _SELECT
        + """ where d.world = %(world)s and (%(project)s::text is null or %(project)s = any (d.projects))
              order by d.decided_on desc, d.decision_id limit %(limit)s""",
        {"world": world, "project": project, "limit": limit},
    )
    return [_decision(row) for row in rows]


def decision(connection: psycopg.Connection[Any], decision_id: str) -> Decision | None:
    """One decision of either world, or ``None``."""
    row = connection.execute(_SELECT + " where d.decision_id = %s", (decision_id,)).fetchone()
    return _decision(row) if row else None


def by_year(connection: psycopg.Connection[Any]) -> list[Year]:
    """The public decisions by calendar year, years without any included."""
    rows = connection.execute(
        """with counted as (
               select extract(year from decided_on)::int as year, coalesce(sum(total), 0)::bigint as tonnes,
                      count(total) as known, count(*) - count(total) as unknown
               from issuance_decision where world = 'public' group by 1)
           select year, coalesce(tonnes, 0) as tonnes, coalesce(known, 0) as known, coalesce(unknown, 0) as unknown
           from generate_series((select min(year) from counted), (select max(year) from counted)) as year
           left join counted using (year) order by year"""
    )
    return [Year(row.year, row.tonnes, row.known, row.unknown) for row in rows]


def _decision(row: Any) -> Decision:
    sides = [_side(side) for side in row.sides or []]
    japan = next((side for side in sides if side.party == "JPN"), None)
    host = next((side for side in sides if side.party != "JPN"), None)
    return Decision(
        decision_id=row.decision_id,
        world=row.world,
        projects=tuple(row.projects),
        monitoring_start=row.starts,
        monitoring_end=row.ends,
        decided_on=row.decided_on,
        total=row.total,
        host_party=host.party if host else "",
        host=host,
        japan=japan,
        source=row.source,
        grade=row.grade,
        report_sha256=row.report_sha256,
        vintages=tuple(one for one in row.vintages or () if one != "unknown"),
        entry_no=row.entry_no,
    )


def _side(side: list[Any]) -> Side:
    party, amount, state, issued_on, entry_no, to_government = side
    return Side(
        party=party,
        amount=amount,
        state=state,
        issued_on=date.fromisoformat(issued_on) if issued_on else None,
        to_government=int(to_government) if to_government is not None else None,
        entry_no=entry_no,
    )
