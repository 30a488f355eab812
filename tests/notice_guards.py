"""Every guard around partners, notices and statements, called by itself with what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.canonical import canonical_bytes
from openjcm.commands import receive_notice, reconcile, register_partner
from openjcm.registry import notices
from openjcm.registry.reconciliation import STATEMENT, Statement, StatementHead, read_statement, write_statement
from openjcm.signed import public_text
from openjcm.store.notices import Partner, Place

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
DAY = date(2025, 4, 1)
DATA: dict[str, Any] = {
    "format": "openjcm-notice-1",
    "sender": "japan.example",
    "recipient": "mongolia.example",
    "sequence": 2,
    "previous": "a" * 64,
    "kind": "retired",
    "world": "public",
    "reported": {"entry_no": 12, "leaf_index": 20, "leaf_hash": "b" * 64},
    "occurred_on": "2025-04-01",
    "ranges": [
        {"block": "JCM-JP-MN901-2022-1-7", "quantity": 7, "registry": "JPN", "state": "retired"},
        {"block": "JCM-JP-MN901-2022-9-9", "quantity": 1, "registry": "JPN", "state": "retired"},
    ],
    "sum": 8,
    "facts": {"purpose": "ndc", "used_for_year": 2030},
}
"""A notice, as docs/notices.md shows it."""
PARTNER = Partner("japan.example", 1, "mongolia.example", "files", public_text(KEY.public_key()), None, ("JPN",), 1)
SIGNED = notices.read_notice(notices.sign_notice(canonical_bytes(DATA), KEY))
REQUEST = register_partner.RegisterPartner(
    occurred_on=DAY, partner="japan.example", our_name="mongolia.example", address="files",
    notice_key=public_text(KEY.public_key()), keeps=("JPN",),
)  # fmt: skip
ASKED = reconcile.Reconcile(occurred_on=DAY, partner="japan.example", statement_sha256="0" * 64)


def changed(**more: Any) -> dict[str, Any]:
    """The notice with other fields."""
    return json.loads(json.dumps(DATA)) | more


def other(**more: Any) -> register_partner.RegisterPartner:
    """The registration with other fields."""
    return REQUEST.model_copy(update=more)


def statement() -> Statement:
    """A statement without lines."""
    head = StatementHead(
        format=STATEMENT, sender="japan.example", recipient="mongolia.example", made_at="2026-01-01", on=None, sent=0,
        sent_head="0" * 64, received=0, received_head="0" * 64, lines=0, tonnes=0,
        lines_sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )  # fmt: skip
    return read_statement(write_statement(head, b"", KEY))


R, P = receive_notice, register_partner
ATTEMPTS: tuple[tuple[Any, str, str, Callable[[], object]], ...] = (
    (notices, "sums_agree", "notice_sum_wrong",
     lambda: notices.sums_agree(SIGNED.notice.model_copy(update={"sum": 9}), list(SIGNED.blocks))),
    (R, "known_sender", "unknown_partner", lambda: R.known_sender(SIGNED, None)),
    (R, "for_us", "notice_not_for_us", lambda: R.for_us(SIGNED, replace(PARTNER, our_name="x"))),
    (R, "signed_by_partner", "notice_signature_wrong",
     lambda: R.signed_by_partner(SIGNED, replace(PARTNER, notice_key=public_text(OTHER.public_key())))),
    (R, "says_the_same", "notice_contradicts", lambda: R.says_the_same(SIGNED, "c" * 64)),
    (R, "new_to_us", "notice_already_known", lambda: R.new_to_us(SIGNED, SIGNED.sha256)),
    (R, "in_turn", "notice_out_of_turn", lambda: R.in_turn(SIGNED, Place())),
    (R, "follows", "notice_contradicts", lambda: R.follows(SIGNED, Place(1, "c" * 64))),
    (P, "two_names", "own_name", lambda: P.two_names(other(our_name="japan.example"))),
    (P, "address_is_safe", "address_not_safe", lambda: P.address_is_safe(other(address="http://japan.example"))),
    (P, "log_key_is_one", "not_a_verifier_key", lambda: P.log_key_is_one(other(log_key="x"))),
    (P, "not_kept_here", "registry_kept_here", lambda: P.not_kept_here(REQUEST, P.State(frozenset({"JPN"}), {}, 0))),
    (P, "not_kept_by_another", "registry_kept_by_another",
     lambda: P.not_kept_by_another(REQUEST, P.State(frozenset(), {"JPN": "x"}, 0))),
    (reconcile, "of_the_partner", "statement_not_of_partner",
     lambda: reconcile.of_the_partner(ASKED, statement(), replace(PARTNER, our_name="x"))),
)  # fmt: skip
"""Module, function, code, attempt."""
