"""What the tests share: real databases, and a real browser.

``database_url``   a fresh migrated database of its own for each test (a copy of a template, some 50 ms)
``database_server``  the server that holds it; do not kill that one, make your own with ``own_server``
``own_server``     a server for one test alone, to be killed at will
``chromium_path``  the browser; where none can be had, the test fails

Tests run on the embedded PostgreSQL. Those marked ``both_engines`` run on Debian's as well, where it is installed.
Each pytest-xdist worker has its own servers.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from databases import drop_database
from openjcm.store.server import Engine, Server, binaries_of
from two_offices import Side, two_sides

ROOT = Path(__file__).parent.parent
TEMPLATE = "openjcm_template"
_numbers = count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the engines of each test that uses a database."""
    if "database_engine" not in metafunc.fixturenames:
        return
    both = metafunc.definition.get_closest_marker("both_engines") is not None
    engines = ["embedded", "debian"] if both and binaries_of("debian") else ["embedded"]
    ids = [{"embedded": "embedded", "debian": "debian15"}[engine] for engine in engines]
    metafunc.parametrize("database_engine", engines, indirect=True, scope="session", ids=ids)


@pytest.fixture(scope="session")
def database_engine(request: pytest.FixtureRequest) -> Engine:
    """Whose PostgreSQL the test runs on: ``embedded`` or ``debian``."""
    return request.param


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Engine], Server]]:
    """The running server of an engine, with the migrated template database; started at the first request."""
    running: dict[Engine, Server] = {}

    def server_of(engine: Engine) -> Server:
        if engine not in running:
            server = Server(tmp_path_factory.mktemp(f"database-{engine}"), _binaries(engine), settings=QUICK)
            server.start()
            running[engine] = server
            _make_template(server)
        return running[engine]

    yield server_of
    for server in running.values():
        server.leave()


QUICK = {"fsync": "off", "full_page_writes": "off"}
"""A test survives no power cut. Tests of recovery make their own server, with the settings of production."""


def _binaries(engine: Engine) -> Path:
    found = binaries_of(engine)
    assert found is not None, f"no PostgreSQL binaries of engine {engine}"
    return found


def _make_template(server: Server) -> None:
    from openjcm.store.database import migrate

    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"create database {TEMPLATE}")
    migrate(_with_database(server.url, TEMPLATE))


def _with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def database_server(database_engine: Engine, servers: Callable[[Engine], Server]) -> Server:
    """The server of the engine, shared by the tests of one worker."""
    return servers(database_engine)


@pytest.fixture
def empty_database_url(database_server: Server) -> Iterator[str]:
    """The address of a database of its own without any table, dropped afterwards."""
    yield from _database(database_server, "template1")


@pytest.fixture
def database_url(database_server: Server) -> Iterator[str]:
    """The address of a fresh migrated database of its own, dropped afterwards."""
    yield from _database(database_server, TEMPLATE)


@pytest.fixture
def second_database_url(database_server: Server) -> Iterator[str]:
    """A second such database, beside the first."""
    yield from _database(database_server, TEMPLATE)


@pytest.fixture
def sides(database_url: str, second_database_url: str, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    """Two installations that know each other: Japan's and Mongolia's."""
    japan, mongolia = two_sides(database_url, second_database_url, tmp_path)
    yield japan, mongolia
    japan.close()
    mongolia.close()


def _database(server: Server, template: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    yield _with_database(server.url, name)
    with psycopg.connect(server.url, autocommit=True) as connection:
        drop_database(connection, name)


@pytest.fixture
def own_server(database_engine: Engine, tmp_path: Path) -> Iterator[Server]:
    """A server for one test alone, started, with the settings of production and an empty database ``openjcm``."""
    server = Server(tmp_path / "own", _binaries(database_engine))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser. ``make test`` installs one; a test that needs it fails where there is none."""
    sys.path.insert(0, str(ROOT / "tools"))
    import bootstrap

    found = bootstrap.find_chromium()
    if found is None:
        pytest.fail("no Chromium was found: run `make test`, or name one in OPENJCM_CHROMIUM", pytrace=False)
    return found


@pytest.fixture(scope="session")
def openjcm_command() -> list[str]:
    """The words that run the command line in a process of its own."""
    script = shutil.which("openjcm", path=str(Path(sys.executable).parent))
    return [script] if script else [sys.executable, "-m", "openjcm"]
