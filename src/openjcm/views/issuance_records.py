"""Which records of issuances are kept as statements only: sums over projects, and decisions without an exact day?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from openjcm.views.statements import Field, subjects


@dataclass(frozen=True)
class Record:
    """A record of an issuance as sources state it, which the ledger does not repeat."""

    subject: str
    said: dict[str, Field]

    def value(self, name: str) -> Any:
        """The best known value of a field, or ``None``."""
        return self.said[name].best.value if name in self.said else None

    @property
    def aggregate(self) -> bool:
        """Whether it sums several projects; such a sum is never added to its parts."""
        return bool(self.value("aggregate"))

    @property
    def grade(self) -> str:
        """The grade of its total."""
        return self.said["total"].best.grade if "total" in self.said else "unknown"

    @property
    def source(self) -> str:
        """Who says it."""
        first = next(iter(self.said.values()), None)
        return first.best.source if first else ""


def not_replayed(connection: psycopg.Connection[Any]) -> list[Record]:
    """Issuance records that stand beside the decisions of the ledger."""
    decided = {
        row.decision_id
        for row in connection.execute("select decision_id from issuance_decision where world = 'public'")
    }
    return [
        Record(subject, said) for subject, said in subjects(connection, "issuance").items() if subject not in decided
    ]
