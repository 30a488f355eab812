"""Signed checkpoints: the log's word on how many leaves it has and what their root is.

The text is a C2SP ``tlog-checkpoint`` (origin, size, root in base64, one per line) inside a C2SP ``signed-note``: an
empty line, then ``— name base64(key id, signature)``. The key id is the first four bytes of SHA-256 over the key's
name, ``0x0A``, the algorithm byte ``0x01`` (Ed25519) and the 32 bytes of the public key.
Further signature lines (witnesses) may follow; they are left alone here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from openjcm.log.leaf import HASH_BYTES
from openjcm.refusals import refusal

DEFAULT_ORIGIN = "openjcm.example/log"
"""The log's name where the operator gives none. ``.example`` belongs to nobody (RFC 2606)."""

ED25519 = b"\x01"
KEY_ID_BYTES = 4
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")

BAD_ORIGIN = refusal(
    "bad_log_origin",
    en="“{origin}” cannot name a log.",
    ja="「{origin}」はログの名称として使えません。",
    remedy_en="Use a name without blanks and without “+”, for example registry.example/log.",
    remedy_ja="空白と「+」を含まない名称にしてください (例: registry.example/log)。",
    clause="C2SP signed-note: key names are not empty and hold neither spaces nor plus signs",
)
NOT_A_CHECKPOINT = refusal(
    "not_a_checkpoint",
    en="This is not a signed checkpoint: {reason}.",
    ja="署名付きチェックポイントとして読めません: {reason}。",
    remedy_en="Give the note exactly as the log published it, with its empty line and its signature lines.",
    remedy_ja="ログが公開したとおりの文面を、空行と署名行を含めてそのまま指定してください。",
    clause="C2SP tlog-checkpoint, signed-note",
)
CHECKPOINT_NOT_SIGNED = refusal(
    "checkpoint_not_signed",
    en="The checkpoint of “{origin}” bears no valid signature of the key {key}.",
    ja="「{origin}」のチェックポイントに、鍵 {key} による有効な署名がありません。",
    remedy_en="Do not trust it. Ask the log for its checkpoint again, and get its public key from a second source.",
    remedy_ja="このチェックポイントは信頼できません。ログから改めて取得し、公開鍵も別の経路で確認してください。",
    clause="C2SP signed-note; RFC 8032 (Ed25519)",
)


class Checkpoint(NamedTuple):
    """What a checkpoint says: the log's name, the number of leaves, the root's 32 bytes."""

    origin: str
    size: int
    root: bytes


def key_id(origin: str, public_key: Ed25519PublicKey) -> bytes:
    """The four bytes by which a signature line names its key. C2SP ``signed-note``."""
    return hashlib.sha256(origin.encode() + b"\n" + ED25519 + public_key.public_bytes_raw()).digest()[:KEY_ID_BYTES]


def verifier_key(origin: str, public_key: Ed25519PublicKey) -> str:
    """The public key as one line of text, ``name+key id+base64``, to be published beside the log."""
    encoded = base64.b64encode(ED25519 + public_key.public_bytes_raw()).decode()
    return f"{origin}+{key_id(origin, public_key).hex()}+{encoded}"


def sign(origin: str, size: int, root: bytes, private_key: Ed25519PrivateKey) -> str:
    """The signed note for a tree of ``size`` leaves with that root.

    Raises:
        Refused: ``bad_log_origin``.
        ValueError: for a negative size or a root that is not 32 bytes long.
    """
    if not _NAME.fullmatch(origin):
        raise BAD_ORIGIN(origin=origin)
    if size < 0 or len(root) != HASH_BYTES:
        raise ValueError(f"no checkpoint over {size} leaves with a root of {len(root)} bytes")
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = key_id(origin, private_key.public_key()) + private_key.sign(text.encode())
    return f"{text}\n— {origin} {base64.b64encode(signature).decode()}\n"


def open(note: str, public_key: Ed25519PublicKey) -> Checkpoint:
    """What a signed note says, once the key's signature on it is found valid.

    Raises:
        Refused: ``not_a_checkpoint``, ``checkpoint_not_signed``.
    """
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    if not separator:
        raise NOT_A_CHECKPOINT(reason="no empty line / 空行なし")
    checkpoint = _read_text(text)
    wanted = key_id(checkpoint.origin, public_key)
    if not any(_is_valid(line, text, checkpoint.origin, wanted, public_key) for line in signatures.split("\n")):
        raise CHECKPOINT_NOT_SIGNED(origin=checkpoint.origin, key=wanted.hex())
    return checkpoint


def _read_text(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or not _NAME.fullmatch(lines[0]):
        raise NOT_A_CHECKPOINT(reason="origin / 名称")
    if not _SIZE.fullmatch(lines[1]):
        raise NOT_A_CHECKPOINT(reason="size / 件数")
    root = _strict_base64(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise NOT_A_CHECKPOINT(reason="root / ルート")
    return Checkpoint(lines[0], int(lines[1]), root)


def _is_valid(line: str, text: str, origin: str, wanted: bytes, public_key: Ed25519PublicKey) -> bool:
    parts = line.split(" ")
    if len(parts) != 3 or parts[:2] != ["—", origin]:
        return False
    signature = _strict_base64(parts[2])
    if signature is None or signature[:KEY_ID_BYTES] != wanted:
        return False
    try:
        public_key.verify(signature[KEY_ID_BYTES:], text.encode())
    except InvalidSignature:
        return False
    return True


def _strict_base64(text: str) -> bytes | None:
    """The bytes, or ``None`` unless the text is the one canonical base64 of them: no second spelling may pass."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
