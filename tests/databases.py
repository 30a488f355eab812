"""Databases of tests, dropped when the test is over."""

from __future__ import annotations

import time

import psycopg

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
