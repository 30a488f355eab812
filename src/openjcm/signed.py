"""Signed lines: canonical JSON as a JSON Web Signature in compact form (RFC 7515) with Ed25519 (RFC 8037).

One content has one text: base64url without padding in its one form, canonical JSON (:mod:`openjcm.canonical`), a header
that names the key by its thumbprint (RFC 7638) and what kind of line it is, and nothing else.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from openjcm.canonical import canonical_bytes
from openjcm.refusals import refusal

PUBLIC_KEY_NOT_UNDERSTOOD = refusal(
    "public_key_not_understood",
    en="“{key}” is no Ed25519 public key in base64url (43 characters), or one under which a signature proves nothing.",
    ja="「{key}」は base64url (43 文字) の Ed25519 公開鍵ではないか、署名の証明力がない鍵です。",
    remedy_en="Give the public key printed by `openjcm gateway init`, `openjcm notices key` or `openjcm proposal key`.",
    remedy_ja="`openjcm gateway init`、`openjcm notices key` または `openjcm proposal key` が表示した公開鍵を指定して"
    "ください。",
    clause="RFC 8037, section 2: the public key is 32 bytes, base64url",
)

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_FROM_URL = bytes.maketrans(b"-_", b"+/")


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: bytes) -> bytes:
    """The bytes of base64url without padding; the decoder itself would pass over foreign characters.

    Raises:
        ValueError: if it is not that.
    """
    if text.translate(None, _ALPHABET):
        raise ValueError("base64url: a foreign character")
    return binascii.a2b_base64(text.translate(_FROM_URL) + b"=" * (-len(text) % 4))


def strict_decode(text: str) -> bytes:
    """The bytes of base64url without padding, in their one form.

    Raises:
        ValueError: for any other text.
    """
    data = decode(text.encode("ascii"))
    if encode(data) != text:
        raise ValueError("base64url: not the one form of these bytes")
    return data


# Keys -----------------------------------------------------------------------------------------------------------------


def public_text(key: Ed25519PublicKey) -> str:
    """The public key as text: base64url without padding, 43 characters."""
    return encode(key.public_bytes_raw())


SMALL_ORDER = frozenset(
    int(text, 16)
    for text in (
        "0",
        "1",
        "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
        "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffee",
    )
)
"""The points (their y) whose multiples by eight are the neutral one: under such a key one signature fits every text."""


def strong_key(data: bytes) -> Ed25519PublicKey:
    """The public key of its 32 bytes.

    Raises:
        ValueError: for another number of bytes, and for a key of small order.
    """
    if int.from_bytes(data, "little") & (2**255 - 1) in SMALL_ORDER:
        raise ValueError("a key of small order signs everything")
    return Ed25519PublicKey.from_public_bytes(data)


def read_public_key(text: str) -> Ed25519PublicKey:
    """The public key of its text.

    Raises:
        Refused: ``public_key_not_understood``.
    """
    try:
        return strong_key(strict_decode(text))
    except (ValueError, TypeError) as error:
        raise PUBLIC_KEY_NOT_UNDERSTOOD(key=text[:80]) from error


def key_id_of(public_key: str) -> str:
    """The name of a key: the thumbprint of its JWK (RFC 7638, RFC 8037 appendix A.3), base64url, 43 characters."""
    return encode(sha256(canonical_bytes({"crv": "Ed25519", "kty": "OKP", "x": public_key})).digest())


# Lines ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A line taken apart. Nothing is believed yet: ask :meth:`is_signed_by`."""

    key_id: str
    payload: bytes
    """The canonical JSON."""
    signed: bytes = field(repr=False)
    """What the signature covers."""
    signature: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """The name of what is said: SHA-256 of the payload, whoever signed it."""
        return sha256(self.payload).hexdigest()

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is that of the key over these very bytes."""
        try:
            key.verify(self.signature, self.signed)
        except InvalidSignature:
            return False
        return True


def header(kind: str, key_id: str) -> str:
    """The first part of a line of that kind."""
    return encode(canonical_bytes({"alg": "EdDSA", "kid": key_id, "typ": kind}))


def sign_line(kind: str, payload: bytes, key: Ed25519PrivateKey) -> str:
    """The payload, which is canonical JSON, as a signed line."""
    signed = f"{header(kind, key_id_of(public_text(key.public_key())))}.{encode(payload)}"
    return f"{signed}.{encode(key.sign(signed.encode('ascii')))}"


def read_line(kind: str, line: str | bytes, longest: int) -> tuple[SignedLine, dict[str, Any]]:
    """A line of that kind with the object that it holds.

    Raises:
        ValueError, TypeError, KeyError, RecursionError: with the place that is wrong.
    """
    if len(line) > longest:
        raise ValueError(f"longer than {longest} characters")
    text = line if isinstance(line, str) else line.decode("ascii")
    signed, _, signature_text = text.rpartition(".")
    header_text, _, payload_text = signed.partition(".")
    key_id = json.loads(decode(header_text.encode("ascii")))["kid"]
    if not isinstance(key_id, str) or len(key_id) != 43 or header(kind, key_id) != header_text:
        raise ValueError(f"header: not {{alg: EdDSA, kid: thumbprint, typ: {kind}}} in canonical form")
    signature = decode(signature_text.encode("ascii"))
    if len(signature) != 64 or encode(signature) != signature_text:
        raise ValueError("signature: not 64 bytes in base64url")
    payload = decode(payload_text.encode("ascii"))
    data = json.loads(payload, parse_float=_no_float, parse_constant=_no_float)
    if not isinstance(data, dict) or encode(payload) != payload_text or canonical_bytes(data) != payload:
        raise ValueError("payload: not one object as canonical JSON")
    return SignedLine(key_id, payload, signed.encode("ascii"), signature), data


def _no_float(text: str) -> None:
    raise ValueError(f"payload: {text[:40]} is no whole number")
