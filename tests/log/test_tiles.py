"""Tiles against the plain recursive definition of the tree, their published layout, and hostile paths and bundles."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.log import tiles, tree
from openjcm.log.leaf import leaf_hash


def naive_root(bodies: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if len(bodies) == 1:
        return hashlib.sha256(b"\x00" + bodies[0]).digest()
    k = 1
    while k * 2 < len(bodies):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(bodies[:k]) + naive_root(bodies[k:])).digest()


def naive_tile(bodies: list[bytes], level: int, index: int) -> bytes:
    """The formula of C2SP ``tlog-tiles``: hashes over D[(n*256 + i) * 256**l : (n*256 + i + 1) * 256**l]."""
    step = 256**level
    starts = range(index * 256 * step, (index + 1) * 256 * step, step)
    return b"".join(naive_root(bodies[start : start + step]) for start in starts if start + step <= len(bodies))


class Kept:
    """Full tiles as a store keeps them, filled by several additions."""

    def __init__(self) -> None:
        self.size, self.peaks = 0, list[bytes]()
        self.full: dict[tuple[int, int], tiles.Tile] = {}
        self.leaves: list[bytes] = []

    def open(self, level: int, first: int, end: int) -> list[bytes]:
        if level == 0:
            return self.leaves[first:end]
        return [self.full[level - 1, index].root for index in range(first, end) if (level - 1, index) in self.full]

    def add(self, bodies: list[bytes]) -> None:
        grown = tree.grow(self.size, self.peaks, [leaf_hash(body) for body in bodies])
        for level in range((len(grown.rows) - 1) // tiles.HEIGHT):
            row, roots = grown.rows[level * tiles.HEIGHT], grown.rows[(level + 1) * tiles.HEIGHT]
            before = self.open(level, row.first - row.first % tiles.WIDTH, row.first)
            for tile in tiles.filled(level, row, roots, before):
                assert (tile.level, tile.number) not in self.full, "a full tile is written once"
                self.full[tile.level, tile.number] = tile
        self.leaves += [leaf_hash(body) for body in bodies]
        self.size, self.peaks = len(self.leaves), grown.peaks

    def tile(self, level: int, index: int) -> bytes:
        if (level, index) in self.full:
            return self.full[level, index].hashes
        return b"".join(self.open(level, index * tiles.WIDTH, (index + 1) * tiles.WIDTH))

    def node(self, level: int, index: int) -> bytes:
        place = tiles.place_of(level, index)
        return tiles.subtree_hash(place, self.tile(place.level, place.number))


def bodies_of(count: int) -> list[bytes]:
    return [number.to_bytes(3, "big") for number in range(count)]


@given(st.lists(st.sampled_from([0, 1, 2, 3, 100, 255, 256, 257, 511, 512, 600]), min_size=1, max_size=5))
def test_any_way_of_adding_gives_the_tiles_of_the_formula(parts: list[int]) -> None:
    kept, bodies = Kept(), bodies_of(sum(parts))
    at = 0
    for count in parts:
        kept.add(bodies[at : at + count])
        at += count
    named = {(level, index): width for level, index, width in tiles.tiles_of(len(bodies))}
    for (level, index), width in named.items():
        assert kept.tile(level, index) == naive_tile(bodies, level, index)
        assert len(kept.tile(level, index)) == 32 * width == 32 * tiles.width_of(level, index, len(bodies))
        assert ((level, index) in kept.full) == (width == tiles.WIDTH)
    if bodies:
        assert tree.root(len(bodies), kept.node) == naive_root(bodies) == tree.root_of_peaks(kept.peaks)


def test_two_levels_of_tiles() -> None:
    """A tree of 66,000 leaves, in unequal steps: a full tile of level 1, an open one of level 2."""
    bodies, kept = bodies_of(66_000), Kept()
    for first, end in ((0, 1), (1, 65_000), (65_000, 65_535), (65_535, 65_537), (65_537, 66_000)):
        kept.add(bodies[first:end])
    nodes = tree.subtrees([leaf_hash(body) for body in bodies])
    assert kept.tile(1, 0) == b"".join(nodes[8, index] for index in range(256))
    assert kept.tile(2, 0) == nodes[16, 0] and kept.full[1, 0].root == nodes[16, 0]
    for index in (0, 255, 65_535, 65_536, 65_999):
        proof = tree.inclusion_proof(index, len(bodies), kept.node)
        assert proof == tree.inclusion_proof(index, len(bodies), lambda *at: nodes[at])
    for old in (1, 255, 256, 65_536, 65_999):
        proof = tree.consistency_proof(old, len(bodies), kept.node)
        assert proof == tree.consistency_proof(old, len(bodies), lambda *at: nodes[at])


def test_the_published_example_of_tiles() -> None:
    """C2SP tlog-tiles: the tiles of trees of 70,000 and of 256 leaves."""
    widths = [(level, width) for level, _, width in tiles.tiles_of(70_000)]
    assert widths.count((0, 256)) == 273 and widths.count((1, 256)) == 1
    assert [one for one in widths if one[1] != 256] == [(0, 112), (1, 17), (2, 1)]
    assert list(tiles.tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles.tiles_of(0)) == []


def test_the_published_example_of_paths() -> None:
    """C2SP tlog-tiles: index 1234067."""
    assert tiles.path_of(0, 1234067, 256) == "0/x001/x234/067"
    assert tiles.path_of(1, 0, 17) == "1/000.p/17"
    assert tiles.path_of(None, 1000, 1) == "entries/x001/000.p/1"


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 2**40), st.integers(1, 256))
def test_a_path_is_read_back(level: int | None, index: int, width: int) -> None:
    assert tiles.read_path(tiles.path_of(level, index, width)) == (level, index, width)


@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"(entries|\d{1,3})(/x?\d{2,4}){1,4}(\.p/\d{1,4})?", fullmatch=True))
)
def test_any_other_path_names_nothing(text: str) -> None:
    """Two paths never name one tile."""
    found = tiles.read_path(text)
    assert found is None or tiles.path_of(*found) == text


@pytest.mark.parametrize(
    "text",
    ["64/000", "00/000", "0/x000/000", "0/1000", "0/00", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/001/000", "",
     "0/000/", "0/../000", "-1/000", "٠/000", "0/x001/x", "entries", "0/" + "x999/" * 20 + "999"],
)  # fmt: skip
def test_paths_that_name_no_tile(text: str) -> None:
    assert tiles.read_path(text) is None


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_a_bundle_is_read_back(bodies: list[bytes]) -> None:
    data = tiles.bundle(bodies)
    assert tiles.read_bundle(data) == bodies
    for end in range(len(data)):
        try:
            assert data.startswith(tiles.bundle(tiles.read_bundle(data[:end])))
        except ValueError:
            continue


def test_the_longest_entry() -> None:
    assert tiles.read_bundle(tiles.bundle([bytes(65_535), b""])) == [bytes(65_535), b""]
    with pytest.raises(ValueError, match="65535"):
        tiles.bundle([bytes(65_536)])


@pytest.mark.parametrize(
    "call",
    [
        lambda: tiles.subtree_hash(tiles.place_of(3, 1), bytes(32 * 15)),
        lambda: tiles.split(bytes(33)),
        lambda: tiles.filled(0, tree.Row(3, []), tree.Row(0, []), [bytes(32)]),
        lambda: tiles.filled(0, tree.Row(256, []), tree.Row(0, []), [bytes(32)] * 256),
    ],
)
def test_impossible_tiles_are_errors(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError):
        call()
