"""How long is the journal, does it hold a key, and what does one product say?"""

from __future__ import annotations

import json
from typing import Any

import psycopg

from openjcm.store import journal
from openjcm.store.journal import Receipt


def entries(connection: psycopg.Connection[Any]) -> int:
    """The number of entries of the journal."""
    row = connection.execute("select entry_no from log_head").fetchone()
    return int(row[0]) if row else 0


def receipt(connection: psycopg.Connection[Any], key: str) -> Receipt | None:
    """The receipt of the act that was recorded under this idempotency key, if there is one."""
    found = journal.find(connection, key)
    return found[1] if found else None


def product(connection: psycopg.Connection[Any], sha256: str) -> dict[str, Any]:
    """The data of a product that is canonical JSON.

    Raises:
        KeyError: if there is no such product.
    """
    row = connection.execute("select body from product where sha256 = %s", (sha256,)).fetchone()
    if row is None:
        raise KeyError(sha256)
    found: dict[str, Any] = json.loads(bytes(row[0]))
    return found
