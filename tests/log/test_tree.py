"""The tree against the published vectors of RFC 6962 and against a naive reading of the RFC's recursion."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.log import tree
from openjcm.log.leaf import EMPTY_ROOT, leaf_hash, node_hash

# The inputs and roots of the certificate-transparency reference implementation for RFC 6962.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Store:
    """The tree grown by several additions, with all its complete subtrees."""

    def __init__(self, bodies: list[bytes], cuts: tuple[int, ...] = ()) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        self.peaks: list[bytes] = []
        edges = [0, *sorted(cut % (len(bodies) + 1) for cut in cuts), len(bodies)]
        for first, end in pairwise(edges):
            self.add(bodies[first:end])

    def add(self, bodies: list[bytes]) -> None:
        grown = tree.grow(self.size, self.peaks, [leaf_hash(body) for body in bodies])
        for level, row in enumerate(grown.rows):
            for index, value in enumerate(row.hashes, start=row.first):
                assert (level, index) not in self.nodes, "a complete subtree is made once"
                self.nodes[level, index] = value
        self.peaks = grown.peaks
        self.size += len(bodies)
        assert tree.root_of_peaks(self.peaks) == tree.root(self.size, self.read)

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def naive_root(bodies: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not bodies:
        return hashlib.sha256(b"").digest()
    if len(bodies) == 1:
        return hashlib.sha256(b"\x00" + bodies[0]).digest()
    k = naive_k(len(bodies))
    return hashlib.sha256(b"\x01" + naive_root(bodies[:k]) + naive_root(bodies[k:])).digest()


def naive_k(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m: int, bodies: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, word for word."""
    if len(bodies) == 1:
        return []
    k = naive_k(len(bodies))
    if m < k:
        return [*naive_path(m, bodies[:k]), naive_root(bodies[k:])]
    return [*naive_path(m - k, bodies[k:]), naive_root(bodies[:k])]


def naive_subproof(m: int, bodies: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2, word for word."""
    if m == len(bodies):
        return [] if whole else [naive_root(bodies)]
    k = naive_k(len(bodies))
    if m <= k:
        return [*naive_subproof(m, bodies[:k], whole), naive_root(bodies[k:])]
    return [*naive_subproof(m - k, bodies[k:], False), naive_root(bodies[:k])]


def test_the_published_roots() -> None:
    store = Store(INPUTS)
    assert [tree.root(size, store.read).hex() for size in range(1, 9)] == ROOTS
    assert tree.root(0, store.read) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_published_inclusion_proof() -> None:
    """Leaf 5 (counted from 0) in a tree of 8, from the same reference implementation."""
    store = Store(INPUTS)
    assert [step.hex() for step in tree.inclusion_proof(5, 8, store.read)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_proof_of_every_small_tree() -> None:
    bodies = [bytes([number]) for number in range(20)]
    store = Store(bodies)
    for size in range(1, 21):
        whole = naive_root(bodies[:size])
        assert tree.root(size, store.read) == whole
        for index in range(size):
            proof = tree.inclusion_proof(index, size, store.read)
            assert proof == naive_path(index, bodies[:size])
            assert tree.verify_inclusion(leaf_hash(bodies[index]), index, size, proof, whole)
        for old in range(size + 1):
            proof = tree.consistency_proof(old, size, store.read)
            assert proof == (naive_subproof(old, bodies[:size], True) if old else [])
            assert tree.verify_consistency(old, size, proof, naive_root(bodies[:old]), whole)


bodies_lists = st.lists(st.binary(max_size=8), min_size=1, max_size=140)


@given(bodies_lists, st.lists(st.integers(0, 200), max_size=5), st.data())
def test_any_way_of_adding_gives_the_naive_tree(bodies: list[bytes], cuts: list[int], data: st.DataObject) -> None:
    store = Store(bodies, tuple(cuts))
    size = data.draw(st.integers(1, len(bodies)))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    assert tree.root(size, store.read) == naive_root(bodies[:size])
    assert tree.inclusion_proof(index, size, store.read) == naive_path(index, bodies[:size])
    assert tree.consistency_proof(old, size, store.read) == naive_subproof(old, bodies[:size], True)


@given(bodies_lists, st.data())
def test_a_changed_byte_anywhere_is_refused(bodies: list[bytes], data: st.DataObject) -> None:
    """Every class of bytes: leaf, index, size, each step of the path, a step too many or too few, the root."""
    store = Store(bodies)
    size = len(bodies)
    index = data.draw(st.integers(0, size - 1))
    leaf, whole = store.read(0, index), tree.root(size, store.read)
    proof = tree.inclusion_proof(index, size, store.read)
    flip = _flipper(data)
    assert not tree.verify_inclusion(flip(leaf), index, size, proof, whole)
    assert not tree.verify_inclusion(leaf, index, size, proof, flip(whole))
    assert not tree.verify_inclusion(leaf, index, size, [*proof, leaf], whole)
    assert not tree.verify_inclusion(leaf, -1, size, proof, whole)
    assert not tree.verify_inclusion(leaf, size, size, proof, whole)
    if proof:
        step = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:step], flip(proof[step]), *proof[step + 1 :]]
        assert not tree.verify_inclusion(leaf, index, size, changed, whole)
        assert not tree.verify_inclusion(leaf, index, size, proof[:-1], whole)
        assert not tree.verify_inclusion(leaf, index, size, proof[1:], whole)
        other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
        if store.read(0, other) != leaf:
            assert not tree.verify_inclusion(leaf, other, size, proof, whole)


@given(bodies_lists, st.data())
def test_a_rewritten_history_is_refused(bodies: list[bytes], data: st.DataObject) -> None:
    store = Store(bodies)
    new = len(bodies)
    old = data.draw(st.integers(1, new))
    before, after = tree.root(old, store.read), tree.root(new, store.read)
    proof = tree.consistency_proof(old, new, store.read)
    flip = _flipper(data)
    assert tree.verify_consistency(old, new, proof, before, after)
    assert not tree.verify_consistency(old, new, proof, flip(before), after)
    assert not tree.verify_consistency(old, new, proof, before, flip(after))
    assert not tree.verify_consistency(old, new, [*proof, after], before, after)
    assert not tree.verify_consistency(new + 1, new, proof, before, after)
    if proof:
        step = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:step], flip(proof[step]), *proof[step + 1 :]]
        assert not tree.verify_consistency(old, new, changed, before, after)
        assert not tree.verify_consistency(old, new, proof[:-1], before, after)
        assert not tree.verify_consistency(old, new, [], before, after)


def test_an_empty_old_tree_is_the_beginning_of_every_tree() -> None:
    store = Store(INPUTS)
    whole = tree.root(8, store.read)
    assert tree.verify_consistency(0, 8, [], EMPTY_ROOT, whole)
    assert not tree.verify_consistency(0, 8, [], whole, whole)
    assert not tree.verify_consistency(0, 8, [whole], EMPTY_ROOT, whole)
    assert not tree.verify_consistency(-1, 8, [], EMPTY_ROOT, whole)


@pytest.mark.parametrize(
    "call",
    [
        lambda read: tree.root(-1, read),
        lambda read: tree.grow(3, [b"x" * 32], []),
        lambda read: tree.inclusion_proof(8, 8, read),
        lambda read: tree.inclusion_proof(-1, 8, read),
        lambda read: node_hash(b"short", b"x" * 32),
        lambda read: node_hash(b"x" * 32, b"short"),
    ],
)
def test_impossible_questions_are_errors(call) -> None:  # type: ignore[no-untyped-def]
    store = Store(INPUTS)
    with pytest.raises(ValueError):
        call(store.read)


@pytest.mark.parametrize(("old", "new"), [(9, 8), (-1, 8)])
def test_a_tree_grows_from_no_larger_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match=f"no tree grows from {old} to {new} leaves"):
        tree.consistency_proof(old, new, Store(INPUTS).read)


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def _flipper(data: st.DataObject):  # type: ignore[no-untyped-def]
    position, bit = data.draw(st.integers(0, 31)), data.draw(st.integers(0, 7))

    def flip(value: bytes) -> bytes:
        changed = bytearray(value)
        changed[position] ^= 1 << bit
        return bytes(changed)

    return flip
