"""Connections to PostgreSQL, and the migrations that make its schema.

Migrations are forward only. Each is applied once, in order, in its own transaction, under one advisory lock, and its
checksum is kept: a file that was edited after it landed is refused rather than half-trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import psycopg

from openjcm.canonical import sha256_hex
from openjcm.refusals import refusal

MIGRATION_LOCK = 7_151_403_011
"""The advisory lock that one migrating process holds (any constant number)."""

MIGRATION_CHANGED = refusal(
    "migration_changed",
    en="The migration {name} was changed after it was applied to this database.",
    ja="移行 {name} は、このデータベースに適用された後に変更されています。",
    remedy_en="Restore the file as it was, and put the change into a further migration.",
    remedy_ja="ファイルを元に戻し、変更は新しい移行ファイルとして追加してください。",
    clause="OpenJCM: migrations are forward only",
    status=500,
)
DATABASE_IS_NEWER = refusal(
    "database_is_newer",
    en="The database has the migration {name}, which this program does not know.",
    ja="データベースには、このプログラムが知らない移行 {name} が適用されています。",
    remedy_en="Run the version of the program that made it, or a later one.",
    remedy_ja="その移行を適用した版以降のプログラムを使用してください。",
    clause="OpenJCM: migrations are forward only",
    status=500,
)


def connect(url: str, *, read_only: bool = False) -> psycopg.Connection:
    """A connection in UTC, not autocommitting, READ COMMITTED; ``read_only`` refuses every write on it."""
    options = "-c timezone=UTC -c default_transaction_isolation=read\\ committed"
    if read_only:
        options += " -c default_transaction_read_only=on"
    return psycopg.connect(url, options=options, application_name="openjcm")


@dataclass(frozen=True)
class Migration:
    """One file of SQL."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return sha256_hex(self.sql.encode())


def migrations() -> list[Migration]:
    """The migrations of this program, in order of their numbers."""
    folder = resources.files("openjcm.store") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [Migration(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")) for file in files]


def migrate(url: str) -> list[str]:
    """Bring the database up to date; gives the names of the migrations applied now. Safe to call from many processes.

    Raises:
        Refused: ``migration_changed``, ``database_is_newer``; nothing is applied then.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        connection.execute(
            "create table if not exists schema_migration"
            " (name text primary key, checksum text not null, applied_at timestamptz not null default now())"
        )
        known = migrations()
        done: dict[str, str] = dict(
            connection.execute("select name, checksum from schema_migration order by name").fetchall()
        )
        _compare(known, done)
        pending = [migration for migration in known if migration.name not in done]
        for migration in pending:
            with connection.transaction():
                connection.execute(migration.sql.encode())
                connection.execute(
                    "insert into schema_migration (name, checksum) values (%s, %s)",
                    [migration.name, migration.checksum],
                )
    return [migration.name for migration in pending]


def _compare(known: list[Migration], done: dict[str, str]) -> None:
    checksums = {migration.name: migration.checksum for migration in known}
    for name, checksum in done.items():
        if name not in checksums:
            raise DATABASE_IS_NEWER(name=name)
        if checksums[name] != checksum:
            raise MIGRATION_CHANGED(name=name)
