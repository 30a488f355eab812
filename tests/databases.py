"""Databases of tests, dropped when the test is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from openjcm.store.server import Server

TRIES = 60


def drop_database(connection: psycopg.Connection, name: str) -> None:
    """Drop a database. While the server itself is cleaning in it, which nobody may end, wait and try again."""
    for attempt in range(TRIES):
        try:
            connection.execute(f"drop database if exists {name} with (force)".encode())
        except psycopg.errors.InsufficientPrivilege:
            if attempt == TRIES - 1:
                raise
            time.sleep(0.5)
        else:
            return


@contextmanager
def migrated_database(server: Server, name: str) -> Iterator[str]:
    """The address of a migrated database that several tests share, dropped afterwards."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"create database {name} template openjcm_template".encode())
    yield urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))
    with psycopg.connect(server.url, autocommit=True) as connection:
        drop_database(connection, name)
