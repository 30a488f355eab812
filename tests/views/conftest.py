"""A read-only connection to the loaded record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from loaded_record import LoadedRecord, loaded_record
from openjcm.store.server import Server
from openjcm.web.database import Database


@pytest.fixture(scope="session")
def record(servers: Callable[[str], Server], tmp_path_factory: pytest.TempPathFactory) -> LoadedRecord:
    """The public record and the demonstration."""
    return loaded_record(servers("embedded"), tmp_path_factory)


@pytest.fixture
def connection(record: LoadedRecord) -> Iterator[Any]:
    """As the pages see it."""
    database = Database(record.url)
    with database.reading() as opened:
        yield opened
    database.close()
