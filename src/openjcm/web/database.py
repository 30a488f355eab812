"""Read-only connections for the pages: a small pool, one repeatable-read transaction per request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=5000 -c search_path=public"
"""Set when a connection opens: the pages can change nothing, and no query may run away."""

Connection = psycopg.Connection[Any]


class Database:
    """A pool that keeps up to ``size`` idle connections. A connection that broke is dropped, never handed out again."""

    def __init__(self, url: str, size: int = 8) -> None:
        self.url = url
        self._idle: LifoQueue[Connection] = LifoQueue(maxsize=size)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot of the store: everything read inside belongs to the same moment.

        Raises:
            psycopg.OperationalError: if the database cannot be reached.
        """
        connection = self._take()
        try:
            with connection.transaction():
                yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close the idle connections."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _take(self) -> Connection:
        while True:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                return self._open()
            if _alive(connection):
                return connection
            connection.close()

    def _open(self) -> Connection:
        connection = psycopg.connect(self.url, options=OPTIONS, row_factory=namedtuple_row, connect_timeout=5)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.autocommit = True
        return connection

    def _give_back(self, connection: Connection) -> None:
        if (
            connection.closed
            or connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
            or self._idle.full()
        ):
            connection.close()
        else:
            self._idle.put_nowait(connection)


def _alive(connection: Connection) -> bool:
    """Whether the server still answers: one short round trip, so that a restarted database heals by itself."""
    try:
        connection.execute("select")
    except psycopg.OperationalError:
        return False
    return True
