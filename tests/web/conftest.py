"""The application over the loaded record, called without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from loaded_record import LoadedRecord, loaded_record
from openjcm.store.server import Server
from openjcm.web.app import create_app


@pytest.fixture(scope="session")
def record(servers: Callable[[str], Server], tmp_path_factory: pytest.TempPathFactory) -> LoadedRecord:
    """The public record and the demonstration."""
    return loaded_record(servers("embedded"), tmp_path_factory)


@pytest.fixture(scope="session")
def client(record: LoadedRecord) -> Iterator[TestClient]:
    """A caller of the pages."""
    app = create_app(record.url)
    app.state.office = record.office
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened
