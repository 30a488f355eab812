"""The log's tree in the database: full tiles, leaves, and the peaks in the head row (see ``log.tiles``).

Only full tiles have rows, one for 256 leaves and one more for 256 of those, written once. What is open on the right is
read from one level below: bodies of leaves, or roots of full tiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg
from psycopg.rows import tuple_row

from openjcm.log import tiles
from openjcm.log.tiles import HEIGHT, WIDTH, Tile
from openjcm.log.tree import Row
from openjcm.store.columns import column, columns_of

Nodes = dict[tuple[int, int], bytes]

_INSERT = f"""
    insert into log_tile (level, tile_index, root, hashes)
    select level, tile_index, decode(root, 'hex'), decode(hashes, 'hex')
    from {columns_of("smallint", "bigint", "text", "text")} as tile (level, tile_index, root, hashes)
"""  # noqa: S608 - our own constants


def write_tiles(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    """Write the tiles that new rows of the tree fill (``log.tree.grow``); the new leaves may be written or not yet."""
    full: list[Tile] = []
    for level in range((len(rows) - 1) // HEIGHT):
        row, roots = rows[level * HEIGHT], rows[(level + 1) * HEIGHT]
        before = read_hashes(connection, level, row.first - row.first % WIDTH, row.first) if row.first % WIDTH else []
        full += tiles.filled(level, row, roots, before)
    if full:
        connection.execute(
            _INSERT.encode(),
            [
                column(tile.level for tile in full),
                column(tile.number for tile in full),
                column(tile.root.hex() for tile in full),
                column(tile.hashes.hex() for tile in full),
            ],
        )


def read_hashes(connection: psycopg.Connection, level: int, first: int, end: int) -> list[bytes]:
    """The hashes of a level of tiles from ``first`` up to ``end``, from one level below: what an open tile holds."""
    cursor = connection.cursor(row_factory=tuple_row)
    if level == 0:
        cursor.execute(
            "select sha256('\\x00'::bytea || body) from log_leaf where leaf_index >= %s and leaf_index < %s"
            " order by leaf_index",
            [first, end],
        )
    else:
        cursor.execute(
            "select root from log_tile where level = %s and tile_index >= %s and tile_index < %s order by tile_index",
            [level - 1, first, end],
        )
    return [bytes(row[0]) for row in cursor]


def read_tiles(connection: psycopg.Connection, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The hashes of tiles by level and index, joined; an open tile has those that are there."""
    asked = sorted(set(wanted))
    rows = connection.cursor(row_factory=tuple_row).execute(
        "select level, tile_index, hashes from log_tile"
        " join unnest(%s::smallint[], %s::bigint[]) as wanted (level, tile_index) using (level, tile_index)",
        [[level for level, _ in asked], [index for _, index in asked]],
    )
    found = {(level, index): bytes(hashes) for level, index, hashes in rows}
    for level, index in asked:
        if (level, index) not in found:
            found[level, index] = b"".join(read_hashes(connection, level, index * WIDTH, (index + 1) * WIDTH))
    return found


def read_nodes(connection: psycopg.Connection, places: Iterable[tuple[int, int]]) -> Nodes:
    """The hashes of complete subtrees at ``(level, index)`` of the tree, for a proof."""
    where = {place: tiles.place_of(*place) for place in places}
    held = read_tiles(connection, {(place.level, place.number) for place in where.values()})
    return {one: tiles.subtree_hash(place, held[place.level, place.number]) for one, place in where.items()}


def read_bodies(connection: psycopg.Connection, first: int, end: int) -> list[bytes]:
    """The bodies of the leaves from ``first`` up to ``end``."""
    rows = connection.cursor(row_factory=tuple_row).execute(
        "select body from log_leaf where leaf_index >= %s and leaf_index < %s order by leaf_index", [first, end]
    )
    return [bytes(row[0]) for row in rows]
