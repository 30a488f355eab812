"""One database with both worlds in it, loaded once for the tests of this folder that only read."""

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
from openjcm.world import demonstration, public_record
from openjcm.world.load import load


@pytest.fixture(scope="session")
def both_worlds(database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose journal holds the public record and the demonstration."""
    folder: Path = tmp_path_factory.mktemp("both")
    name = f"both_{folder.parent.name.replace('-', '_')}"
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        connection.execute(f"create database {name} template openjcm_template")
    url = urlunsplit(urlsplit(database_server.url)._replace(path=f"/{name}"))
    office = Office(
        url,
        FileStore(folder / "files"),
        Signer("openjcm.test/log", log_key(folder / "keys" / "log.key")),
        data_dir=folder,
    )
    load(office, public_record.planned())
    demonstration.load_demonstration(office)
    yield office
    office.close()
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        drop_database(connection, name)
