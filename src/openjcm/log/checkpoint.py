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
from openjcm.signed import strong_key

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


NOT_A_VERIFIER_KEY = refusal(
    "not_a_verifier_key",
    en="“{key}” is no verifier key of a log.",
    ja="「{key}」はログの検証鍵ではありません。",
    remedy_en="Give the line that `openjcm log checkpoint --key` prints where the log is kept: name+key id+base64.",
    remedy_ja="そのログのシステムで `openjcm log checkpoint --key` が表示する行 (名称+鍵の識別子+base64) を"
    "指定してください。",
    clause="C2SP signed-note: verifier keys",
)


class VerifierKey(NamedTuple):
    """Whose signature is trusted: the key's name, which is the log's origin, and the public key."""

    name: str
    public_key: Ed25519PublicKey

    @property
    def text(self) -> str:
        """The key as one line, to be handed on."""
        return verifier_key(self.name, self.public_key)


class Checkpoint(NamedTuple):
    """What a checkpoint says: the log's name, the number of leaves, the root's 32 bytes."""

    origin: str
    size: int
    root: bytes


def key_id(origin: str, public_key: Ed25519PublicKey, algorithm: bytes = ED25519) -> bytes:
    """The four bytes by which a signature line names its key. C2SP ``signed-note``."""
    return hashlib.sha256(origin.encode() + b"\n" + algorithm + public_key.public_bytes_raw()).digest()[:KEY_ID_BYTES]


def verifier_key(origin: str, public_key: Ed25519PublicKey) -> str:
    """The public key as one line of text, ``name+key id+base64``, to be published beside the log."""
    encoded = base64.b64encode(ED25519 + public_key.public_bytes_raw()).decode()
    return f"{origin}+{key_id(origin, public_key).hex()}+{encoded}"


def read_verifier_key(text: str) -> VerifierKey:
    """The key that a line of text names, which is no weak one.

    Raises:
        Refused: ``not_a_verifier_key``, also where the key's id does not fit its name and bytes.
    """
    name, _, rest = text.strip().partition("+")
    data = strict_base64(rest.partition("+")[2])
    if data is None or len(data) != 1 + HASH_BYTES or data[:1] != ED25519 or not _NAME.fullmatch(name):
        raise NOT_A_VERIFIER_KEY(key=text[:200])
    try:
        key = VerifierKey(name, strong_key(data[1:]))
    except ValueError as error:
        raise NOT_A_VERIFIER_KEY(key=text[:200]) from error
    if key.text != text.strip():
        raise NOT_A_VERIFIER_KEY(key=text[:200])
    return key


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
    return _opened(note, public_key)


def _opened(note: str, public_key: Ed25519PublicKey) -> Checkpoint:
    text, lines = apart(note)
    checkpoint = _read_text(text)
    wanted = key_id(checkpoint.origin, public_key)
    found = [signed for line in lines if (signed := signature_of(line, checkpoint.origin, wanted)) is not None]
    if not found or not all(is_signed(text.encode(), signature, public_key) for signature in found):
        raise CHECKPOINT_NOT_SIGNED(origin=checkpoint.origin, key=wanted.hex())
    return checkpoint


def open_of(note: str, key: VerifierKey) -> Checkpoint:
    """What a log's signed note says; the note must be of the log that the key is named after.

    Raises:
        Refused: ``not_a_checkpoint``, ``checkpoint_not_signed``.
    """
    checkpoint = _opened(note, key.public_key)
    if checkpoint.origin != key.name:
        raise CHECKPOINT_NOT_SIGNED(origin=checkpoint.origin, key=key_id(key.name, key.public_key).hex())
    return checkpoint


def apart(note: str) -> tuple[str, list[str]]:
    """The text of a note, which is what is signed, and its signature lines.

    Raises:
        Refused: ``not_a_checkpoint``.
    """
    text, separator, signatures = note.rpartition("\n\n")
    if not separator:
        raise NOT_A_CHECKPOINT(reason="no empty line / 空行なし")
    *lines, end = signatures.split("\n")
    if end or not all(line.startswith("— ") for line in lines):
        raise NOT_A_CHECKPOINT(reason="signature lines / 署名行")
    return text + "\n", lines


def _read_text(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or not _NAME.fullmatch(lines[0]):
        raise NOT_A_CHECKPOINT(reason="origin / 名称")
    if not _SIZE.fullmatch(lines[1]):
        raise NOT_A_CHECKPOINT(reason="size / 件数")
    root = strict_base64(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise NOT_A_CHECKPOINT(reason="root / ルート")
    return Checkpoint(lines[0], int(lines[1]), root)


def signature_of(line: str, name: str, wanted: bytes) -> bytes | None:
    """What stands behind the key id in a signature line of that key; ``None`` for any other line."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[:2] != ["—", name]:
        return None
    signature = strict_base64(parts[2])
    if signature is None or signature[:KEY_ID_BYTES] != wanted:
        return None
    return signature[KEY_ID_BYTES:]


def is_signed(message: bytes, signature: bytes, public_key: Ed25519PublicKey) -> bool:
    """Whether the signature is the key's over the message."""
    try:
        public_key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def strict_base64(text: str) -> bytes | None:
    """The bytes, or ``None`` unless the text is the one canonical base64 of them: no second spelling may pass."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
