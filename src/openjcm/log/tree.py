"""The Merkle tree: what becomes complete when leaves are added, roots, proofs, and how a stranger checks them.

All is said in hashes of *complete* subtrees: level 0 holds the leaf hashes, and node ``i`` of level ``n`` covers the
leaves from ``i * 2**n`` up to but not including ``(i + 1) * 2**n``. A complete subtree never changes, so what is stored
of it (``tiles``) is append-only, and a root or a proof of any earlier size can be made again at any time.

Sources: RFC 6962 sections 2.1, 2.1.1, 2.1.2; the two checks are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from openjcm.log.leaf import EMPTY_ROOT, HASH_BYTES, NODE_PREFIX, node_hash

ReadNode: TypeAlias = Callable[[int, int], bytes]
"""``(level, index)`` to the 32 bytes of a complete subtree's hash; level 0 is the leaf hashes."""


class Row(NamedTuple):
    """Neighbouring complete subtrees of one level: the index of the first within the level, and their hashes."""

    first: int
    hashes: list[bytes]


class Grown(NamedTuple):
    """What an addition of leaves makes: the new peaks, and on each level the subtrees that became complete."""

    peaks: list[bytes]
    rows: list[Row]


def grow(size: int, peaks: Sequence[bytes], leaf_hashes: Sequence[bytes]) -> Grown:
    """Add leaves to a tree of ``size`` leaves, level by level.

    Args:
        size: the number of leaves so far.
        peaks: the hashes of the largest complete subtrees of the tree so far, from the left, one for each binary one in
            ``size``: all of the old tree that an addition needs.
        leaf_hashes: the hashes of the new leaves.

    Raises:
        ValueError: if there are not as many peaks as the size has ones.
    """
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    standing = dict(zip(levels, peaks, strict=True))
    rows: list[Row] = []
    first, row, level = size, list(leaf_hashes), 0
    while row:
        rows.append(Row(first, row))
        left = [standing.pop(level), *row] if first % 2 else row
        pairs = zip(left[::2], left[1::2], strict=False)  # a last one without a neighbour becomes a peak
        if len(left) % 2:
            standing[level] = left[-1]
        first, row, level = first // 2, [sha256(NODE_PREFIX + a + b).digest() for a, b in pairs], level + 1
    return Grown([standing[level] for level in sorted(standing, reverse=True)], rows)


def root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    """The root of a tree by the hashes of its largest complete subtrees, from the left. RFC 6962 section 2.1."""
    if not peaks:
        return EMPTY_ROOT
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node_hash(peak, found)
    return found


def subtrees(leaf_hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Every complete subtree over leaves that are at hand as a whole, by level and index, the leaves included."""
    rows = grow(0, (), leaf_hashes).rows
    return {(level, index): value for level, row in enumerate(rows) for index, value in enumerate(row.hashes)}


def root(size: int, read_node: ReadNode) -> bytes:
    """The root of the tree's first ``size`` leaves. RFC 6962 section 2.1.

    Raises:
        ValueError: for a negative size.
    """
    if size < 0:
        raise ValueError(f"a tree has no {size} leaves")
    return EMPTY_ROOT if size == 0 else _subtree(0, size, read_node)


def inclusion_proof(index: int, size: int, read_node: ReadNode) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root of ``size`` leaves, lowest first. RFC 6962 section 2.1.1.

    Raises:
        ValueError: if the leaf is not among the first ``size``.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(_subtree(middle, end, read_node))
            end = middle
        else:
            path.append(_subtree(first, middle, read_node))
            first = middle
    return path[::-1]


def consistency_proof(old: int, new: int, read_node: ReadNode) -> list[bytes]:
    """The hashes that show the tree of ``old`` leaves to be the beginning of that of ``new``. RFC 6962 section 2.1.2.

    Empty where nothing needs showing: equal sizes, and an old tree without leaves.

    Raises:
        ValueError: unless ``0 <= old <= new``.
    """
    if not 0 <= old <= new:
        raise ValueError(f"no tree grows from {old} to {new} leaves")
    if old in (0, new):
        return []
    path: list[bytes] = []
    first, end, on_left_edge = 0, new, True
    while end != old:
        middle = first + _split(end - first)
        if old <= middle:
            path.append(_subtree(middle, end, read_node))
            end = middle
        else:
            path.append(_subtree(first, middle, read_node))
            first, on_left_edge = middle, False
    if not on_left_edge:
        path.append(_subtree(first, end, read_node))
    return path[::-1]


def places_of(asks: Callable[[ReadNode], object]) -> list[tuple[int, int]]:
    """Which subtrees a root or proof reads, so that all can be fetched at once."""
    asked: set[tuple[int, int]] = set()

    def note(level: int, index: int) -> bytes:
        asked.add((level, index))
        return bytes(HASH_BYTES)

    asks(note)
    return sorted(asked)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> bool:
    """Whether the proof shows that the leaf hash stands at ``index`` in the tree of ``size`` leaves with that root.

    RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 == 1 or place == last:
            found = node_hash(sibling, found)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            found = node_hash(found, sibling)
        place, last = place // 2, last // 2
    return last == 0 and found == root_hash


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the proof shows that the tree of ``new`` leaves begins with the tree of ``old`` leaves.

    RFC 9162 section 2.1.4.2. An empty old tree is the beginning of every tree, by an empty proof.
    """
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old & (old - 1) == 0:  # a complete old tree is itself the first hash, and the proof leaves it out
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place % 2 == 1:
        place, last = place // 2, last // 2
    seen_old = seen_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place % 2 == 1 or place == last:
            seen_old, seen_new = node_hash(sibling, seen_old), node_hash(sibling, seen_new)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            seen_new = node_hash(seen_new, sibling)
        place, last = place // 2, last // 2
    return last == 0 and seen_old == old_root and seen_new == new_root


def _split(leaves: int) -> int:
    """The largest power of two below a number of leaves greater than one."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _subtree(first: int, end: int, read_node: ReadNode) -> bytes:
    """The hash over the leaves from ``first`` up to ``end``; ``first`` is always a multiple of the split."""
    leaves = end - first
    if leaves & (leaves - 1) == 0:
        level = leaves.bit_length() - 1
        return read_node(level, first >> level)
    middle = first + _split(leaves)
    return node_hash(_subtree(first, middle, read_node), _subtree(middle, end, read_node))
