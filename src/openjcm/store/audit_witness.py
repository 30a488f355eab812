"""Audit of the witness: what was seen of other logs, what others co-signed, and proofs that a log told two stories."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.log import checkpoint, cosignature
from openjcm.log.checkpoint import VerifierKey
from openjcm.log.tiles import split
from openjcm.log.tree import verify_consistency
from openjcm.refusals import Finding, Refused
from openjcm.store.audit import finding
from openjcm.store.witness import Witnessed, every_witnessed


def check_witness(connection: psycopg.Connection, public_key: Ed25519PublicKey | None) -> Iterator[Finding]:
    """Every checkpoint seen continues the one before and bears both signatures; every split view is named."""
    before: Witnessed | None = None
    for one in every_witnessed(connection):
        if before is not None and before.origin != one.origin:
            before = None
        if problem := _problem(one, before, public_key):
            yield finding("witnessed_wrong", origin=one.origin, size=one.tree_size, what=problem)
        before = one
    for size, witness, key, line, note in connection.execute(
        "select c.tree_size, c.witness, c.witness_key, c.line, p.note from cosignature c left join checkpoint p"
        " using (tree_size) order by 1, 2"
    ):
        if note is None or not _is_cosigned(note, line, witness, key):
            yield finding("cosignature_wrong", size=size, witness=witness)
    for origin, smaller, larger, sha256 in connection.execute(
        "select origin, smaller, larger, evidence_sha256 from split_view order by entry_no"
    ):
        yield finding("split_view", origin=origin, smaller=smaller, larger=larger, sha256=sha256)


def _problem(one: Witnessed, before: Witnessed | None, public_key: Ed25519PublicKey | None) -> str:
    try:
        key = checkpoint.read_verifier_key(one.log_key)
        if checkpoint.open_of(one.note, key) != one.checkpoint:
            return "signed text / 署名された内容"
        if before is None and one.proof:
            return "proof / 証明"
        if before is not None and not verify_consistency(
            before.tree_size, one.tree_size, split(one.proof), before.root_hash, one.root_hash
        ):
            return "does not continue the one before / 直前のものに続かない"
        if public_key is not None and not _own(one, public_key):
            return "co-signature / 連署"
    except (Refused, ValueError) as error:
        return str(error)
    return ""


def _own(one: Witnessed, public_key: Ed25519PublicKey) -> bool:
    name = one.cosignature.split(" ")[1]
    signed = cosignature.cosignatures(
        cosignature.with_lines(one.note, [one.cosignature]), VerifierKey(name, public_key)
    )
    return [item.time for item in signed][-1:] == [int(one.seen_at.timestamp())]


def _is_cosigned(note: str, line: str, witness: str, key: str) -> bool:
    try:
        trusted = checkpoint.read_verifier_key(key)
        return trusted.name == witness and len(cosignature.cosignatures(f"{note}{line}\n", trusted)) == 1
    except Refused:
        return False
