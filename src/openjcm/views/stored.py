"""What lies behind a hash: a frozen product, or a file that its owner made public?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass(frozen=True)
class StoredFile:
    """What the database says of a file; its bytes lie in the file store under the same hash."""

    sha256: str
    size_bytes: int
    media_type: str
    name: str
    is_public: bool
    entry_no: int


def product_bytes(connection: psycopg.Connection[Any], sha256: str) -> tuple[str, bytes] | None:
    """Kind and canonical JSON of a product, or ``None``."""
    row = connection.execute("select kind, body from product where sha256 = %s", (sha256,)).fetchone()
    return (row.kind, bytes(row.body)) if row else None


def stored_file(connection: psycopg.Connection[Any], sha256: str) -> StoredFile | None:
    """What is known of a stored file, or ``None``."""
    row = connection.execute(
        "select sha256, size_bytes, media_type, name, is_public, entry_no from stored_file where sha256 = %s", (sha256,)
    ).fetchone()
    return (
        StoredFile(row.sha256, row.size_bytes, row.media_type, row.name, row.is_public, row.entry_no) if row else None
    )
