"""Co-signatures: a witness's word on what it saw of another log, and when (C2SP ``tlog-cosignature``, Ed25519).

A witness signs with the key of its own log and under that log's name. The two uses of the key cannot be taken for each
other: a co-signature's message begins with a line that is no checkpoint, and the key id is made with another byte.
"""

from __future__ import annotations

import base64
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.log import checkpoint
from openjcm.log.checkpoint import VerifierKey

ALGORITHM = b"\x04"
HEADER = "cosignature/v1"
TIME_BYTES = 8
LATEST = 2**63 - 1


class Cosignature(NamedTuple):
    """A valid co-signature: whose, and the second (since 1970, UTC) at which it was made."""

    witness: str
    time: int


def cosign(note: str, name: str, private_key: Ed25519PrivateKey, time: int) -> str:
    """The signature line of a witness on a note that it has checked, without its line end.

    Args:
        note: the signed note of the other log.
        name: the witness's name, which is that of its own log.
        private_key: the key of its own log.
        time: seconds since 1970, UTC.

    Raises:
        Refused: ``not_a_checkpoint``.
        ValueError: for a time that is none.
    """
    if not 0 < time <= LATEST:
        raise ValueError(f"{time} is no time")
    text, _ = checkpoint.apart(note)
    signature = private_key.sign(_message(text, time))
    blob = checkpoint.key_id(name, private_key.public_key(), ALGORITHM) + time.to_bytes(TIME_BYTES, "big") + signature
    return f"— {name} {base64.b64encode(blob).decode()}"


def cosignatures(note: str, witness: VerifierKey) -> list[Cosignature]:
    """The co-signatures of a witness on a note, in the order of their lines; lines of others are left alone.

    Raises:
        Refused: ``not_a_checkpoint``; ``checkpoint_not_signed`` if a line bears the witness's key id and is not its
            signature.
    """
    text, lines = checkpoint.apart(note)
    wanted = checkpoint.key_id(witness.name, witness.public_key, ALGORITHM)
    found = []
    for line in lines:
        blob = checkpoint.signature_of(line, witness.name, wanted)
        if blob is None:
            continue
        time = int.from_bytes(blob[:TIME_BYTES], "big")
        valid = len(blob) > TIME_BYTES and 0 < time <= LATEST
        if not valid or not checkpoint.is_signed(_message(text, time), blob[TIME_BYTES:], witness.public_key):
            raise checkpoint.CHECKPOINT_NOT_SIGNED(origin=witness.name, key=wanted.hex())
        found.append(Cosignature(witness.name, time))
    return found


def with_lines(note: str, lines: list[str]) -> str:
    """The note with further signature lines behind its own."""
    return note + "".join(f"{line}\n" for line in lines)


def lines_of(note: str, key: VerifierKey, algorithm: bytes = ALGORITHM) -> list[str]:
    """The signature lines of one key.

    Raises:
        Refused: ``not_a_checkpoint``.
    """
    wanted = checkpoint.key_id(key.name, key.public_key, algorithm)
    _, lines = checkpoint.apart(note)
    return [line for line in lines if checkpoint.signature_of(line, key.name, wanted) is not None]


def verifier_key(key: VerifierKey) -> str:
    """The key of a witness as one line, for other people's tools."""
    encoded = base64.b64encode(ALGORITHM + key.public_key.public_bytes_raw()).decode()
    return f"{key.name}+{checkpoint.key_id(key.name, key.public_key, ALGORITHM).hex()}+{encoded}"


def _message(text: str, time: int) -> bytes:
    return f"{HEADER}\ntime {time}\n{text}".encode()
