"""Migrations: once, in order, under a lock, and never edited afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from openjcm.refusals import Refused
from openjcm.store import database


@pytest.mark.both_engines
def test_many_may_migrate_at_once(empty_database_url: str) -> None:
    """Of several starters one migrates; the others find nothing to do."""
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda _: database.migrate(empty_database_url), range(4)))
    names = [migration.name for migration in database.migrations()]
    assert sorted(map(len, applied)) == [0, 0, 0, len(names)]
    assert names == sorted(names) and names[0].startswith("0001")
    assert database.migrate(empty_database_url) == []


def test_an_edited_migration_is_refused(database_url: str) -> None:
    """The checksum of a landed migration is kept."""
    with psycopg.connect(database_url) as connection:
        connection.execute("update schema_migration set checksum = 'edited' where name like '0001%'")
    with pytest.raises(Refused) as caught:
        database.migrate(database_url)
    assert caught.value.code == "migration_changed"


def test_a_newer_database_is_refused(database_url: str) -> None:
    """An older program does not touch a newer database."""
    with psycopg.connect(database_url) as connection:
        connection.execute("insert into schema_migration (name, checksum) values ('9999_future', 'x')")
    with pytest.raises(Refused) as caught:
        database.migrate(database_url)
    assert caught.value.code == "database_is_newer"


def test_a_failed_migration_leaves_nothing(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each migration is one transaction."""
    broken = [database.Migration("0001_broken", "create table one (a int); select 1/0;")]
    monkeypatch.setattr(database, "migrations", lambda: broken)
    with pytest.raises(psycopg.errors.DivisionByZero):
        database.migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select to_regclass('one')").fetchone() == (None,)


def test_a_reading_connection_cannot_write(database_url: str) -> None:
    """``read_only`` refuses every write."""
    with (
        database.connect(database_url, read_only=True) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("insert into registry values ('JPN', 'JPN', 'public', 1)")
