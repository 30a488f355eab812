"""Writes ``src/openjcm/store/schema.txt`` from the migrations: what the audit compares the schema of a database with.

python tools/document_schema.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from openjcm.store.audit_schema import SHAPE_FILE, shape
from openjcm.store.database import connect, migrate
from openjcm.store.server import Server

FILE = Path(__file__).parent.parent / "src" / "openjcm" / "store" / SHAPE_FILE


def main() -> None:
    """Migrate an empty database and write down its shape."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        migrate(server.url)
        with connect(server.url) as connection:
            lines = sorted(shape(connection))
    FILE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
