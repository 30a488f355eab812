"""How does the exchange with each partner stand: what was sent and acknowledged, what came, what was compared?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

SHOWN = 50
"""Differences and held blocks of one comparison that are shown; the report names more."""


@dataclass(frozen=True)
class Exchange:
    """The exchange with one partner."""

    partner: str
    in_force: bool
    address: str
    keeps: tuple[str, ...]
    sent: int
    """Notices in the outbox."""
    acknowledged: int
    attempts: int
    next_attempt_at: datetime | None
    last_error: str
    received: int
    received_on: date | None
    """The day on which the newest notice came."""

    @property
    def demonstration(self) -> bool:
        """Whether all registries that it keeps are of the demonstration."""
        return all(name.endswith("-demonstration") for name in self.keeps)

    @property
    def left(self) -> int:
        """Notices that the partner has not acknowledged."""
        return self.sent - self.acknowledged


_EXCHANGES = """
    select p.partner, f.partner is not null, p.address, p.keeps,
      coalesce((select max(sequence) from notice_out o where o.partner = p.partner), 0),
      coalesce(d.acknowledged, 0), coalesce(d.attempts, 0), d.next_attempt_at, coalesce(d.last_error, ''),
      coalesce((select max(sequence) from notice_in i where i.partner = p.partner), 0),
      (select j.occurred_on from notice_in i join journal j using (entry_no) where i.partner = p.partner
        order by i.sequence desc limit 1)
    from (select distinct on (partner) * from partner order by partner, version desc) p
    left join partner_in_force f using (partner) left join notice_delivery d using (partner)
    order by p.partner
"""


def exchanges(connection: psycopg.Connection[Any]) -> list[Exchange]:
    """Every partner that was ever registered."""
    rows = connection.cursor(row_factory=tuple_row).execute(_EXCHANGES).fetchall()
    return [Exchange(row[0], row[1], row[2], tuple(row[3]), *row[4:]) for row in rows]


@dataclass(frozen=True)
class Comparison:
    """The newest comparison of the books with those of a partner."""

    partner: str
    entry_no: int
    recorded_at: datetime
    on_day: date | None
    """The day at whose end the books were compared; ``None``: the moment."""
    differences: int
    """Those that no notice under way explains: they hold their credits back from international acts."""
    under_way: int
    tonnes: int
    report_sha256: str
    named: Sequence[dict[str, Any]]
    """The first differences, as the report names them (:meth:`openjcm.registry.reconciliation.Difference.as_data`)."""
    held: Sequence[str]
    """The first blocks that the comparison holds back, as long as they are."""


_NEWEST = f"""
    select r.partner, r.entry_no, j.recorded_at, r.on_day, r.differences, r.under_way,
      (report.body ->> 'tonnes')::bigint, r.report_sha256,
      jsonb_path_query_array(report.body, '$.named[0 to {SHOWN - 1}]'),
      array(select 'JCM-' || h.series || '-' || lower(h.serials) || '-' || upper(h.serials) - 1 from block_hold h
        where h.reference = r.report_sha256 and h.ground = 'difference' and h.released_entry_no is null
        order by h.series, h.serials limit {SHOWN})
    from (select distinct on (partner) * from reconciliation order by partner, entry_no desc) r
    join journal j using (entry_no) join product p on p.sha256 = r.report_sha256
    cross join lateral (select convert_from(p.body, 'UTF8')::jsonb as body) report
"""  # noqa: S608 - nothing but a number of this module is put in


def comparisons(connection: psycopg.Connection[Any]) -> dict[str, Comparison]:
    """The newest comparison with each partner."""
    rows = connection.cursor(row_factory=tuple_row).execute(_NEWEST).fetchall()
    return {row[0]: Comparison(*row) for row in rows}
