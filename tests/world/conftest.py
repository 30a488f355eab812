"""One database with the public record in it, shared by the tests of a module: they only read it, or add to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from databases import drop_database
from openjcm.commands import Office
from openjcm.commands.office import log_key
from openjcm.store.files import FileStore
from openjcm.store.journal import Signer
from openjcm.store.server import Server


def make_office(url: str, folder: Path) -> Office:
    """An office with a file store and a log key of its own."""
    return Office(url, FileStore(folder / "files"), Signer("openjcm.test/world", log_key(folder / "log.key")))


@pytest.fixture(scope="module")
def world_office(database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office on a database of the module's own, empty at first."""
    folder = tmp_path_factory.mktemp("world")
    name = f"world_{folder.name.replace('-', '_')}"
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        connection.execute(f"create database {name} template openjcm_template")
    office = make_office(urlunsplit(urlsplit(database_server.url)._replace(path=f"/{name}")), folder)
    yield office
    office.close()
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        drop_database(connection, name)


@pytest.fixture
def fresh_office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office on an empty database of the test's own."""
    office = make_office(database_url, tmp_path)
    yield office
    office.close()
