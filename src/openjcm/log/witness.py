"""What a witness does with a checkpoint of another log: compare it with what it saw before (C2SP ``tlog-witness``).

A log may only grow. Where two checkpoints that it signed cannot both be true, the two notes, the root that the log's
own tiles give for the smaller size, and the proof that this root is under the larger checkpoint are *evidence*: whoever
has the log's key can check it, and nobody can make it without the log's private key.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from openjcm.log import checkpoint, tree
from openjcm.log.checkpoint import Checkpoint, VerifierKey
from openjcm.log.leaf import EMPTY_ROOT, HASH_BYTES
from openjcm.refusals import Refused, refusal

NO_SPLIT_VIEW = refusal(
    "no_split_view",
    en="The two checkpoints of “{origin}” over {smaller} and {larger} leaves do not contradict each other: {reason}.",
    ja="「{origin}」の {smaller} 件と {larger} 件のチェックポイントは矛盾していません: {reason}。",
    remedy_en="Give both signed notes, the root that the log gives for the smaller size, and the consistency proof.",
    remedy_ja="署名付きの 2 通の文面、小さい方の件数に対してログが示すルート、整合性の証明を指定してください。",
    clause="RFC 9162 section 2.1.4; C2SP tlog-checkpoint: a log signs no inconsistent checkpoints",
)
PUBLISHED_LOG_DAMAGED = refusal(
    "published_log_damaged",
    en="The tiles of “{origin}” do not give the root that it signed for {size} leaves.",
    ja="「{origin}」のタイルから、葉 {size} 件に対して署名されたルートが得られません。",
    remedy_en="The copy is damaged or its tiles are false: fetch it again, or check it with `openjcm log check`.",
    remedy_ja="複製が破損しているか、タイルが誤っています。再取得するか `openjcm log check` で検査してください。",
    clause="C2SP tlog-tiles",
    status=409,
)


class View(StrEnum):
    """How a checkpoint stands to the one seen before."""

    NEW = "new"
    SAME = "same"
    OLDER = "older"
    SPLIT = "split"


class Shown(NamedTuple):
    """What a log's tiles show of two sizes: the root of the smaller, and its consistency with the larger."""

    root: bytes
    proof: list[bytes]


def judge(seen: Checkpoint | None, now: Checkpoint, shown: Shown) -> View:
    """How a checkpoint stands to the one seen before, by what the tiles show. Refuses ``published_log_damaged``.

    Raises:
        Refused: ``published_log_damaged`` where the tiles do not fit the larger checkpoint: then nothing is known.
        ValueError: for checkpoints of two logs.
    """
    if seen is None:
        return View.NEW
    if seen.origin != now.origin:
        raise ValueError(f"checkpoints of {seen.origin} and {now.origin}")
    smaller, larger = sorted((seen, now), key=lambda one: one.size)
    if not tree.verify_consistency(smaller.size, larger.size, shown.proof, shown.root, larger.root):
        raise PUBLISHED_LOG_DAMAGED(origin=now.origin, size=larger.size)
    if shown.root != smaller.root:
        return View.SPLIT
    return View.SAME if seen.size == now.size else View.NEW if now.size > seen.size else View.OLDER


def contradiction(first: str, second: str, shown: Shown, key: VerifierKey) -> tuple[Checkpoint, Checkpoint]:
    """The two checkpoints, the smaller first, if they cannot both be true. Refuses ``no_split_view``.

    Raises:
        Refused: ``not_a_checkpoint``, ``checkpoint_not_signed``; ``no_split_view`` where nothing is proven.
    """
    notes = (checkpoint.open_of(first, key), checkpoint.open_of(second, key))
    smaller, larger = sorted(notes, key=lambda one: one.size)
    said = {"origin": key.name, "smaller": smaller.size, "larger": larger.size}
    if not tree.verify_consistency(smaller.size, larger.size, shown.proof, shown.root, larger.root):
        raise NO_SPLIT_VIEW(**said, reason="the proof does not lead to the larger / 証明が大きい方に一致しない")
    if shown.root == smaller.root:
        raise NO_SPLIT_VIEW(**said, reason="the larger begins with the smaller / 大きい方は小さい方で始まる")
    return smaller, larger


# add-checkpoint ------------------------------------------------------------------------------------------------------

LONGEST_PROOF = 63
LARGEST_REQUEST = 100_000
"""Bytes; a proof of 63 hashes and a note need a small part of it."""
_OLD = re.compile(r"old (0|[1-9][0-9]{0,17})")


class Submission(NamedTuple):
    """A request to co-sign: the size that the sender thinks was seen last, the proof from there, the note."""

    old: int
    proof: list[bytes]
    note: str


class Answer(NamedTuple):
    """The answer to a request: the status of HTTP, and what the log signed, to be kept and co-signed where 200."""

    status: int
    said: Checkpoint | None = None


def read_submission(body: bytes) -> Submission | None:
    """The request, or ``None`` where it is not of the form of C2SP ``tlog-witness``."""
    if len(body) > LARGEST_REQUEST:
        return None
    try:
        head, separator, note = body.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        return None
    first, *lines = head.split("\n")
    old = _OLD.fullmatch(first)
    proof = [checkpoint.strict_base64(line) for line in lines]
    if old is None or not separator or len(proof) > LONGEST_PROOF:
        return None
    hashes = [value for value in proof if value is not None and len(value) == HASH_BYTES]
    return Submission(int(old[1]), hashes, note) if len(hashes) == len(proof) else None


def origin_of(note: str) -> str:
    """The first line of a note, which names the log; not checked."""
    return note.partition("\n")[0]


def answer(sent: Submission | None, key: VerifierKey | None, seen: Checkpoint | None) -> Answer:
    """What a witness answers: 200 only for a checkpoint that continues what it saw.

    ``key`` is that of the log which the note names, ``None`` for a log that is not known; ``seen`` is the largest
    checkpoint of it that was co-signed.
    """
    if sent is None:
        return Answer(400)
    if key is None:
        return Answer(404)
    try:
        said = checkpoint.open_of(sent.note, key)
    except Refused as refused:
        return Answer(400 if refused.code == "not_a_checkpoint" else 403)
    if sent.old > said.size:
        return Answer(400)
    if sent.old != (seen.size if seen else 0):
        return Answer(409)
    old_root = seen.root if seen else EMPTY_ROOT
    right = tree.verify_consistency(sent.old, said.size, sent.proof, old_root, said.root)
    return Answer(200 if right else 422, said)


def submission(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """A request to co-sign, as bytes."""
    lines = [f"old {old}", *(base64.b64encode(step).decode() for step in proof)]
    return ("\n".join(lines) + f"\n\n{note}").encode()
