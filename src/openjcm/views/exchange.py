"""How does the exchange with each partner stand: what was sent and acknowledged, what came, what was compared?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg


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
    rows = connection.execute(_EXCHANGES).fetchall()
    return [Exchange(row[0], row[1], row[2], tuple(row[3]), *row[4:]) for row in rows]
