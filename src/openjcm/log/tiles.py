"""Tiles: the tree cut into pieces of 256 neighbouring hashes, as C2SP ``tlog-tiles`` lays them out.

A tile of level 0 holds leaf hashes; hash ``i`` of a tile of level ``l`` is that of the complete subtree over
``256**l`` leaves. So a tile holds a subtree eight levels high by its lowest row, and the levels between are hashed
again when they are asked for. Only full tiles are stored: they never change. What is right of the last full tile of a
level is *open*; its hashes stand one level below, as the roots of full tiles or as leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from openjcm.log.leaf import HASH_BYTES, node_hash
from openjcm.log.tree import Row, grow, root_of_peaks

HEIGHT = 8
"""Levels of the tree in a tile."""
WIDTH = 1 << HEIGHT
"""Hashes in a full tile."""
MAX_LEVEL = 63
MAX_ENTRY_BYTES = 0xFFFF
"""The longest leaf body that an entry bundle can hold: its length is written in two bytes. C2SP ``tlog-tiles``."""

_PATH = re.compile(r"(?:(0|[1-9][0-9]?)|(entries))((?:/x[0-9]{3})*/[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(NamedTuple):
    """A full tile: its level, its number within the level, its root and its 256 hashes, joined."""

    level: int
    number: int
    root: bytes
    hashes: bytes


class Place(NamedTuple):
    """Where a complete subtree stands: the tile, the first of its hashes that are under the subtree, how many."""

    level: int
    number: int
    first: int
    width: int


class Path(NamedTuple):
    """What a published path names: a tile of hashes (``level``) or of entries (``None``), its number and width."""

    level: int | None
    number: int
    width: int


def place_of(level: int, index: int) -> Place:
    """The tile that holds the subtree ``index`` of ``level`` of the tree (level 0 is the leaf hashes)."""
    tile_level, height = divmod(level, HEIGHT)
    first = index << height
    return Place(tile_level, first // WIDTH, first % WIDTH, 1 << height)


def subtree_hash(place: Place, hashes: bytes) -> bytes:
    """The hash of a complete subtree from the hashes of its tile, which may be open on the right.

    Raises:
        ValueError: if the tile does not reach so far.
    """
    row = split(hashes)[place.first : place.first + place.width]
    if len(row) != place.width:
        raise ValueError(f"tile {place.number} of level {place.level} ends before hash {place.first + place.width}")
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def split(hashes: bytes) -> list[bytes]:
    """Joined hashes apart.

    Raises:
        ValueError: if the bytes are no whole number of hashes.
    """
    if len(hashes) % HASH_BYTES:
        raise ValueError(f"{len(hashes)} bytes are no whole number of hashes")
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]


def width_of(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of ``size`` leaves: 256 if it is full, 0 if it is not there yet."""
    return min(max((size >> HEIGHT * level) - index * WIDTH, 0), WIDTH)


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """``(level, index, width)`` of every tile of a tree of ``size`` leaves, from the lowest level upward."""
    level = 0
    while size >> HEIGHT * level:
        hashes = size >> HEIGHT * level
        for index in range((hashes + WIDTH - 1) // WIDTH):
            yield level, index, width_of(level, index, size)
        level += 1


def filled(level: int, row: Row, roots: Row, before: Sequence[bytes]) -> list[Tile]:
    """The tiles of a level that a row of new hashes fills.

    Args:
        level: the level of the tiles.
        row: the new hashes of the level.
        roots: the new hashes eight levels of the tree above: the roots of the tiles filled.
        before: what the open tile held before the row.

    Raises:
        ValueError: if ``before`` is not what the row's first index asks for.
    """
    start = row.first - len(before)
    if start % WIDTH or len(before) >= WIDTH:
        raise ValueError(f"hash {row.first} does not follow {len(before)} hashes of an open tile")
    hashes = [*before, *row.hashes]
    return [
        Tile(level, start // WIDTH + number, root, b"".join(hashes[number * WIDTH : (number + 1) * WIDTH]))
        for number, root in enumerate(roots.hashes)
    ]


class Filling:
    """A tree that grows from leaf hashes alone: its peaks, and the tiles that are not full yet."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []
        self.open: list[list[bytes]] = []

    @property
    def root(self) -> bytes:
        """The root of the tree so far."""
        return root_of_peaks(self.peaks)

    def add(self, leaf_hashes: Sequence[bytes]) -> list[Tile]:
        """Add leaves; gives the tiles that they fill."""
        grown = grow(self.size, self.peaks, leaf_hashes)
        full: list[Tile] = []
        for level, row in enumerate(grown.rows[::HEIGHT]):
            if level == len(self.open):
                self.open.append([])
            roots = grown.rows[(level + 1) * HEIGHT] if len(grown.rows) > (level + 1) * HEIGHT else Row(0, [])
            full += filled(level, row, roots, self.open[level])
            self.open[level] = [*self.open[level], *row.hashes][len(roots.hashes) * WIDTH :]
        self.size, self.peaks = self.size + len(leaf_hashes), grown.peaks
        return full


def path_of(level: int | None, index: int, width: int) -> str:
    """The published path of a tile below ``tile/``: ``0/x001/x234/067``, ``entries/000.p/17``. C2SP ``tlog-tiles``."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"{'entries' if level is None else level}/{'/'.join(groups)}{partial}"


def read_path(text: str) -> Path | None:
    """The tile that a path below ``tile/`` names, or ``None`` where it names none. Each tile has one path only."""
    match = _PATH.fullmatch(text)
    if match is None or len(text) > 64:
        return None
    level = None if match[2] else int(match[1])
    index = int(match[3].replace("/", "").replace("x", ""))
    width = int(match[4] or WIDTH)
    if (level or 0) > MAX_LEVEL or (match[4] and width >= WIDTH) or path_of(level, index, width) != text:
        return None
    return Path(level, index, width)


def bundle(bodies: Sequence[bytes]) -> bytes:
    """An entry bundle: each body behind its length in two bytes, the higher first. C2SP ``tlog-tiles``.

    Raises:
        ValueError: if a body is longer than 65,535 bytes.
    """
    for body in bodies:
        if len(body) > MAX_ENTRY_BYTES:
            raise ValueError(f"a body of {len(body)} bytes; a bundle holds up to {MAX_ENTRY_BYTES}")
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


def read_bundle(data: bytes) -> list[bytes]:
    """The bodies of an entry bundle.

    Raises:
        ValueError: if the bytes end within a body or its length.
    """
    bodies: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise ValueError(f"the bundle ends within entry {len(bodies)}")
        bodies.append(data[at + 2 : end])
        at = end
    return bodies
