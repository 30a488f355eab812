"""Witnesses: co-signatures, requests to co-sign, and contradictions; with the published vectors of other people.

The vectors are facts from test data of C2SP (signed-note.md, CC BY 4.0), of github.com/FiloSottile/torchwood
(internal/witness/witness_test.go, ISC) and of github.com/transparency-dev/formats (note/note_cosigv1_test.go,
Apache-2.0).
"""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from openjcm.log import checkpoint, cosignature, tree, witness
from openjcm.log.checkpoint import Checkpoint, VerifierKey
from openjcm.log.leaf import EMPTY_ROOT, leaf_hash
from openjcm.log.witness import Shown, View
from openjcm.refusals import Refused

LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG_KEY = VerifierKey("log.example/log", LOG.public_key())
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
WITNESS_KEY = VerifierKey("witness.example/log", WITNESS.public_key())


class Log:
    """A log of small leaves: notes and what its tiles show."""

    def __init__(self, *leaves: str) -> None:
        self.nodes = tree.subtrees([leaf_hash(leaf.encode()) for leaf in leaves])
        self.size = len(leaves)

    def root(self, size: int) -> bytes:
        return tree.root(size, lambda *at: self.nodes[at])

    def note(self, size: int) -> str:
        return checkpoint.sign(LOG_KEY.name, size, self.root(size), LOG)

    def said(self, size: int) -> Checkpoint:
        return Checkpoint(LOG_KEY.name, size, self.root(size))

    def shown(self, smaller: int, larger: int) -> Shown:
        return Shown(self.root(smaller), tree.consistency_proof(smaller, larger, lambda *at: self.nodes[at]))


TRUE = Log(*(f"leaf {number}" for number in range(20)))
FALSE = Log(*(f"leaf {number}" for number in range(6)), *(f"other {number}" for number in range(14)))
"""The same log with another story from leaf 6 on."""


# Published vectors ---------------------------------------------------------------------------------------------------


def test_the_published_signed_note() -> None:
    """C2SP signed-note: the example's verifier key verifies the example."""
    key = checkpoint.read_verifier_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = (
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
        "\n"
    )
    text, (line,) = checkpoint.apart(note)
    signature = checkpoint.signature_of(line, key.name, checkpoint.key_id(key.name, key.public_key))
    assert signature is not None
    assert checkpoint.is_signed(text.encode(), signature, key.public_key)
    assert not checkpoint.is_signed(text.encode() + b" ", signature, key.public_key)


def test_the_published_key_of_a_witness() -> None:
    """transparency-dev/formats: the key id of a co-signing key follows from name, byte 4 and key."""
    published = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
    name, key_id, encoded = published.split("+", 2)
    data = base64.b64decode(encoded)
    key = VerifierKey(name, Ed25519PublicKey.from_public_bytes(data[1:]))
    assert data[:1] == cosignature.ALGORITHM and cosignature.verifier_key(key) == published
    assert checkpoint.key_id(name, key.public_key, cosignature.ALGORITHM).hex() == key_id


def test_the_published_time_of_a_cosignature() -> None:
    """transparency-dev/formats: eight bytes behind the key id, the highest first."""
    blob = base64.b64decode(
        "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA=="
    )
    ours = cosignature.cosign(TRUE.note(3), WITNESS_KEY.name, WITNESS, 1727964367).split(" ")[2]
    assert len(blob) == len(base64.b64decode(ours)) == 4 + 8 + 64
    assert blob[4:12] == base64.b64decode(ours)[4:12]


SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = VerifierKey(
    SIGSUM,
    Ed25519PublicKey.from_public_bytes(
        bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
    ),
)
FIRST = f"""old 0

{SIGSUM}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {SIGSUM} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
"""
THIRD = f"""old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— {SIGSUM} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=
"""
FIFTH = f"""old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM}
5
QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=

— {SIGSUM} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=
"""


def asked(text: str, seen: Checkpoint | None, key: VerifierKey | None = SIGSUM_KEY) -> witness.Answer:
    return witness.answer(witness.read_submission(text.encode()), key, seen)


def test_the_published_requests_to_a_witness() -> None:
    """torchwood: from nothing to 1 leaf, from 1 to 3 and from 1 to 5, with another implementation's proofs."""
    first = asked(FIRST, None)
    assert first.status == 200 and first.said is not None and first.said.size == 1
    assert asked(THIRD, first.said).status == 200
    fifth = asked(FIFTH, first.said)
    assert fifth.status == 200 and fifth.said is not None
    assert fifth.said.root.hex() == "42bb57ad06420afa4882c4a63ac6a1ec77480b330b2f20dfc53a0caa5f564e36"
    assert asked(THIRD, fifth.said).status == 409, "behind what was seen"
    assert asked(FIRST, fifth.said).status == 409
    assert asked(FIRST, None, None).status == 404, "a log that is not known"
    assert asked(FIRST, None, LOG_KEY).status == 403, "not signed by the log that is known"
    assert asked(FIRST.replace("old 0", "old 2"), None).status == 400, "old is larger than new"
    assert asked(THIRD.replace("KgIA", "KgMA"), first.said).status == 422
    assert asked(FIRST.replace("old 0\n", "old 0\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), None).status == 422
    many = FIRST.replace("old 0\n", "old 0\n" + "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64)
    assert asked(many, None).status == 400, "more than 63 hashes"
    assert asked(FIRST.replace("7fPZTq", "7fPZTr"), None).status == 403
    assert asked(FIRST[:-1], None).status == 400, "no note without its last line end"


def test_an_empty_log_has_one_root() -> None:
    for root, status in ((EMPTY_ROOT, 200), (leaf_hash(b"leaf"), 422), (bytes(32), 422)):
        note = checkpoint.sign(LOG_KEY.name, 0, root, LOG)
        assert witness.answer(witness.read_submission(witness.submission(0, [], note)), LOG_KEY, None).status == status


# Our own -------------------------------------------------------------------------------------------------------------


def test_a_cosignature_is_read_back_and_bound_to_note_name_key_and_time() -> None:
    note = TRUE.note(7)
    line = cosignature.cosign(note, WITNESS_KEY.name, WITNESS, 1_700_000_000)
    signed = cosignature.with_lines(note, [line])
    assert cosignature.cosignatures(signed, WITNESS_KEY) == [(WITNESS_KEY.name, 1_700_000_000)]
    assert checkpoint.open_of(signed, LOG_KEY) == TRUE.said(7), "the log's own signature still stands"
    assert cosignature.lines_of(signed, WITNESS_KEY) == [line]
    assert cosignature.cosignatures(note, WITNESS_KEY) == []
    assert cosignature.cosignatures(signed, VerifierKey("other.example", WITNESS.public_key())) == []
    assert cosignature.cosignatures(signed, VerifierKey(WITNESS_KEY.name, LOG.public_key())) == []
    with pytest.raises(Refused):
        cosignature.cosignatures(cosignature.with_lines(TRUE.note(8), [line]), WITNESS_KEY)
    own = cosignature.cosign(note, LOG_KEY.name, LOG, 1)
    with pytest.raises(Refused):
        checkpoint.open_of(note.rpartition("\n\n")[0] + f"\n\n{own}\n", LOG_KEY)
    for time in (0, -1, 2**63):
        with pytest.raises(ValueError):
            cosignature.cosign(note, WITNESS_KEY.name, WITNESS, time)


@given(st.integers(0, 75), st.integers(0, 7))
def test_every_bit_of_a_cosignature_counts(place: int, bit: int) -> None:
    note = TRUE.note(7)
    blob = bytearray(base64.b64decode(cosignature.cosign(note, WITNESS_KEY.name, WITNESS, 1_700_000_000).split(" ")[2]))
    blob[place] ^= 1 << bit
    line = f"— {WITNESS_KEY.name} {base64.b64encode(blob).decode()}"
    try:
        assert cosignature.cosignatures(cosignature.with_lines(note, [line]), WITNESS_KEY) == []
    except Refused as refused:
        assert refused.code == "checkpoint_not_signed"


@given(
    st.one_of(st.text(max_size=200), st.text(max_size=60).map(lambda text: f"{text}\n\n— {WITNESS_KEY.name} AAAA\n"))
)
def test_hostile_notes_are_refused(note: str) -> None:
    try:
        assert cosignature.cosignatures(note, WITNESS_KEY) == []
    except Refused as refused:
        assert refused.code in {"not_a_checkpoint", "checkpoint_not_signed"}


@given(st.binary(max_size=300), st.integers(0, len(FIFTH) - 1))
def test_hostile_requests_get_an_answer(some: bytes, cut: int) -> None:
    whole = FIFTH.encode()
    for body in (some, whole[:cut] + some + whole[cut:], whole[:cut], some * 1000):
        answer = witness.answer(witness.read_submission(body), SIGSUM_KEY, None)
        assert answer.status in {400, 403, 409, 422}, "from nothing, no part of a request from 1 leaf is right"


@given(st.integers(1, 20), st.integers(1, 20))
def test_a_log_that_only_grows_is_never_accused(first: int, second: int) -> None:
    smaller, larger = sorted((first, second))
    view = witness.judge(TRUE.said(first), TRUE.said(second), TRUE.shown(smaller, larger))
    assert view is (View.SAME if first == second else View.NEW if second > first else View.OLDER)
    with pytest.raises(Refused) as refused:
        witness.contradiction(TRUE.note(first), TRUE.note(second), TRUE.shown(smaller, larger), LOG_KEY)
    assert refused.value.code == "no_split_view"


@given(st.integers(1, 20), st.integers(1, 20))
def test_two_stories_are_told_apart_from_damage(first: int, second: int) -> None:
    """The larger checkpoint decides whose tiles are shown; tiles of the other story do not fit it."""
    smaller, larger = sorted((first, second))
    shown = (FALSE if second >= first else TRUE).shown(smaller, larger)
    view = witness.judge(TRUE.said(first), FALSE.said(second), shown)
    if smaller <= 6:
        assert view is not View.SPLIT, "both stories begin alike"
        return
    assert view is View.SPLIT
    assert witness.contradiction(TRUE.note(first), FALSE.note(second), shown, LOG_KEY)[0].size == smaller
    damaged = Shown(bytes(32), shown.proof)
    with pytest.raises(Refused) as refused:
        witness.judge(TRUE.said(first), FALSE.said(second), damaged)
    assert refused.value.code == "published_log_damaged"
    with pytest.raises(Refused) as refused:
        witness.contradiction(TRUE.note(first), FALSE.note(second), damaged, LOG_KEY)
    assert refused.value.code == "no_split_view"


def test_evidence_needs_the_logs_own_signatures() -> None:
    forged = checkpoint.sign(LOG_KEY.name, 9, FALSE.root(9), WITNESS)
    with pytest.raises(Refused) as refused:
        witness.contradiction(TRUE.note(9), forged, Shown(FALSE.root(9), []), LOG_KEY)
    assert refused.value.code == "checkpoint_not_signed"
    assert witness.judge(None, TRUE.said(3), Shown(b"", [])) is View.NEW
    with pytest.raises(ValueError):
        witness.judge(Checkpoint("other", 1, bytes(32)), TRUE.said(3), TRUE.shown(1, 3))
