"""Audit of the sums that pages show: by account, and by registry, year and kind, added up again from the replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg

from openjcm.refusals import Finding
from openjcm.registry.ledger import Movement
from openjcm.store.audit_comparison import compared

Key = tuple[str, int, str]
"""Registry, year and kind."""


class Sums:
    """What the tables of sums should say."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._tonnes: Counter[Key] = Counter()
        self._entries: Counter[Key] = Counter()
        self._last: dict[Key, int] = {}

    def add(self, item: Movement, entry_no: int) -> None:
        """A movement; those of an entry come one after the other."""
        self._held[item.target.account_id] += item.block.quantity
        if item.source is not None:
            self._held[item.source.account_id] -= item.block.quantity
        key = item.registry_id, item.occurred_on.year, item.kind.value
        self._tonnes[key] += item.block.quantity
        self._entries[key] += self._last.get(key) != entry_no
        self._last[key] = entry_no

    def differences(self, connection: psycopg.Connection) -> Iterator[Finding]:
        """What stands in the tables otherwise."""
        rows = connection.execute("select account_id, quantity from account_sum").fetchall()
        yield from compared(
            "account_sum",
            [{"account": account, "quantity": quantity} for account, quantity in self._held.items()],
            [{"account": account, "quantity": quantity} for account, quantity in rows],
        )
        query = "select registry_id, year, kind, transactions, quantity from registry_year"
        yield from compared(
            "registry_year",
            [_year(*key, self._entries[key], quantity) for key, quantity in self._tonnes.items()],
            [_year(*row) for row in connection.execute(query)],
        )


def _year(registry: str, year: int, kind: str, transactions: int, quantity: int) -> dict[str, Any]:
    return {
        "registry": registry, "year": year, "kind": kind, "transactions": transactions, "quantity": quantity,
    }  # fmt: skip
