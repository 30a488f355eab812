"""Hashes of leaves and nodes (RFC 6962 section 2.1).

A leaf and a node are hashed behind different first bytes, so that no leaf can pass for a node, nor a node for a leaf.
"""

from __future__ import annotations

import hashlib

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962 section 2.1)."""


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf: SHA-256 over ``0x00`` and the leaf's body. 32 bytes."""
    return hashlib.sha256(LEAF_PREFIX + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over ``0x01`` and the hashes of its two children. 32 bytes.

    Raises:
        ValueError: if a child is not 32 bytes long: a joint of other lengths could be cut in two ways.
    """
    if len(left) != HASH_BYTES or len(right) != HASH_BYTES:
        raise ValueError(f"children of {len(left)} and {len(right)} bytes; a hash has {HASH_BYTES}")
    return hashlib.sha256(NODE_PREFIX + left + right).digest()
