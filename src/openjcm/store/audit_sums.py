"""Audit of the sums that pages show: by account, and by registry, year and kind, added up again from the replay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from openjcm.registry.ledger import Movement

Row = dict[str, Any]
Compared = tuple[str, list[Row], list[Row]]
"""Name of a table, the rows that the replay gives, the rows that stand in it."""


def sums(connection: psycopg.Connection, moved: Sequence[tuple[Movement, Row]]) -> Iterator[Compared]:
    """The tables of sums, each with what it should say and what it says."""
    held: Counter[str] = Counter()
    tonnes: Counter[tuple[str, int, str]] = Counter()
    entries: defaultdict[tuple[str, int, str], set[int]] = defaultdict(set)
    for item, _ in moved:
        held[item.target.account_id] += item.block.quantity
        if item.source is not None:
            held[item.source.account_id] -= item.block.quantity
        key = item.registry_id, item.occurred_on.year, item.kind.value
        tonnes[key] += item.block.quantity
        entries[key].add(item.cause)
    rows = connection.execute("select account_id, quantity from account_sum").fetchall()
    yield (
        "account_sum",
        [{"account": account, "quantity": quantity} for account, quantity in held.items()],
        [{"account": row[0], "quantity": row[1]} for row in rows],
    )
    rows = connection.execute("select registry_id, year, kind, transactions, quantity from registry_year").fetchall()
    yield (
        "registry_year",
        [_year(*key, len(entries[key]), quantity) for key, quantity in tonnes.items()],
        [_year(*row) for row in rows],
    )


def _year(registry: str, year: int, kind: str, transactions: int, quantity: int) -> Row:
    return {
        "registry": registry, "year": year, "kind": kind, "transactions": transactions, "quantity": quantity,
    }  # fmt: skip
