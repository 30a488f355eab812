"""The public record and the demonstration, loaded once per worker through the acts; tests of pages only read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from openjcm.commands import Office, open_office
from openjcm.store.database import migrate
from openjcm.store.server import Server
from openjcm.world.demonstration import load_demonstration
from openjcm.world.load import load
from openjcm.world.public_record import planned
from trial_office import NOW

_LOADED: dict[str, LoadedRecord] = {}


@dataclass(frozen=True)
class LoadedRecord:
    """Where the loaded record is."""

    url: str
    office: Office
    folder: Path


def loaded_record(server: Server, factory: pytest.TempPathFactory) -> LoadedRecord:
    """The record in a database of its own on this server, loaded at the first call."""
    if server.url not in _LOADED:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("create database loaded_record")
        url = urlunsplit(urlsplit(server.url)._replace(path="/loaded_record"))
        migrate(url)
        folder = factory.mktemp("record")
        office = open_office(folder, url)
        office.clock = lambda: NOW
        load(office, planned())
        load_demonstration(office)
        _LOADED[server.url] = LoadedRecord(url, office, folder)
    return _LOADED[server.url]
