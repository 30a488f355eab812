"""What of the log anybody may fetch: its checkpoint, tiles of hashes and bundles of entries (C2SP ``tlog-tiles``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import psycopg
from psycopg.rows import tuple_row

from openjcm.log import tiles
from openjcm.log.check_tree import Fault, check_tree
from openjcm.log.checkpoint import Checkpoint, read_verifier_key
from openjcm.store.log_tiles import read_bodies, read_tiles
from openjcm.store.published import reader
from openjcm.store.witness import all_newest_witnessed

File: TypeAlias = tuple[str, bytes]
"""A path below the log's prefix and its bytes."""


def published(connection: psycopg.Connection[Any], path: str) -> bytes | None:
    """The bytes at a path below ``tile/``; ``None`` where the log has no such tile (yet)."""
    found = tiles.read_path(path)
    if found is None or not 0 < found.width <= tiles.width_of(found.level or 0, found.number, _size(connection)):
        return None
    return _bytes_of(connection, found)


def _bytes_of(connection: psycopg.Connection[Any], path: tiles.Path) -> bytes:
    first = path.number * tiles.WIDTH
    if path.level is None:
        return tiles.bundle(read_bodies(connection, first, first + path.width))
    hashes = read_tiles(connection, [(path.level, path.number)])[path.level, path.number]
    return b"".join(tiles.split(hashes)[: path.width])


def _size(connection: psycopg.Connection[Any]) -> int:
    row = connection.cursor(row_factory=tuple_row).execute("select tree_size from log_head").fetchone()
    return int(row[0]) if row else 0


def static_files(connection: psycopg.Connection[Any], size: int, known: Callable[[str], bool]) -> Iterator[File]:
    """What a log publishes besides its checkpoint: what it saw of others, and its tiles, where not ``known``."""
    for one in all_newest_witnessed(connection):
        yield f"witness/{one.origin_hash}/checkpoint", one.cosigned.encode()
    for path in static_paths(size):
        if not known(f"tile/{path}"):
            found = tiles.read_path(path)
            assert found is not None, "our own path"
            yield f"tile/{path}", _bytes_of(connection, found)


def static_paths(size: int) -> Iterator[str]:
    """Every path below ``tile/`` of a log of ``size`` leaves."""
    for level, number, width in tiles.tiles_of(size):
        if level == 0:
            yield tiles.path_of(None, number, width)
        yield tiles.path_of(level, number, width)


def check_published(where: str, key: str) -> tuple[Checkpoint, Iterator[Fault]]:
    """Recompute a log that is published in a folder or at an address; ``key`` is its verifier key.

    Raises:
        Refused: ``address_of_log_not_safe``, ``not_a_verifier_key``, and what :func:`check_tree` refuses.
    """
    return check_tree(reader(where), read_verifier_key(key))
