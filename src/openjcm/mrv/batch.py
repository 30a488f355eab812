"""A signed batch: what a gateway sends of its meters, in one form of bytes that can be checked for ever.

A batch is one line of text: a JSON Web Signature in compact form (RFC 7515) with Ed25519 (RFC 8037)::

    base64url(header) "." base64url(payload) "." base64url(signature)

Header and payload are canonical JSON (:mod:`openjcm.canonical`); any other bytes of the same content are refused, so
one batch has one text. The header names the key by its thumbprint (RFC 7638). The payload names the gateway, counts the
batches of its key from 1, names the batch before by its hash, and holds the readings as whole numbers of the stated
unit at instants in UTC microseconds. ``docs/live_meters.md`` shows it; ``batch.schema.json`` describes the payload.

A batch is named by the SHA-256 of what is signed (``header.payload``): two signatures over the same bytes are one
batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from operator import lt
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from openjcm.canonical import canonical_bytes
from openjcm.mrv.mapping import ENERGY_UNITS, KINDS, POWER_UNITS
from openjcm.refusals import refusal
from openjcm.signed import decode, encode, key_id_of, public_text

FORMAT = "openjcm-batch-1"
NO_BATCH = "0" * 64
"""The hash that the first batch of a key names as the one before."""
LONGEST_LINE = 512 * 1024
"""Characters of a batch: some 12,000 readings."""
MOST_SERIES = 1_000
HIGHEST_VALUE = 9 * 10**17
LATEST_US = 4_102_444_800_000_000
"""2100-01-01: no instant of a reading lies behind it, nor before 1970."""
GATEWAY_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_GATEWAY = re.compile(GATEWAY_NAME)
_HASH = re.compile(r"[0-9a-f]{64}")
_METER = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]{1,200}")
_FIELDS = {"created_us", "format", "gateway", "previous", "sequence", "series"}
_SERIES_FIELDS = {"kind", "meter", "t_us", "unit", "values"}
_INTERVAL_FIELDS = {"interval_seconds", "interval_stamp"}

BATCH_NOT_UNDERSTOOD = refusal(
    "batch_not_understood",
    en="The text is no signed batch: {place}.",
    ja="署名付きバッチとして読めません: {place}。",
    remedy_en="Send the line that the gateway program writes, unchanged: a compact JSON Web Signature over canonical "
    "JSON, as docs/live_meters.md describes it.",
    remedy_ja="ゲートウェイプログラムが出力した行をそのまま送信してください。形式 (正規化 JSON に対する JSON Web "
    "Signature) は docs/live_meters.md を参照してください。",
    clause="OpenJCM: a batch is read as signed or not at all",
)


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one meter: whole numbers of ``unit`` at ``t_us`` (UTC microseconds, strictly ascending).

    ``kind`` is ``cumulative`` (a register), ``interval_energy`` or ``interval_power``; only the latter two have
    ``interval_seconds`` and ``interval_stamp`` (whether the instant is the interval's start or end).
    """

    meter: str
    kind: str
    unit: str
    t_us: Sequence[int]
    values: Sequence[int]
    interval_seconds: int | None = None
    interval_stamp: str | None = None

    def as_data(self) -> dict[str, Any]:
        """The series as plain data."""
        data: dict[str, Any] = {
            "kind": self.kind,
            "meter": self.meter,
            "t_us": list(self.t_us),
            "unit": self.unit,
            "values": list(self.values),
        }
        if self.interval_seconds is not None:
            data |= {"interval_seconds": self.interval_seconds, "interval_stamp": self.interval_stamp}
        return data


@dataclass(frozen=True, slots=True)
class Batch:
    """What a gateway says: ``created_us`` by its own clock, ``previous`` the name of the batch before."""

    gateway: str
    sequence: int
    previous: str
    created_us: int
    series: tuple[Series, ...]

    def as_data(self) -> dict[str, Any]:
        """The batch as plain data."""
        return {
            "format": FORMAT,
            "gateway": self.gateway,
            "sequence": self.sequence,
            "previous": self.previous,
            "created_us": self.created_us,
            "series": [one.as_data() for one in self.series],
        }


@dataclass(frozen=True, slots=True)
class SignedBatch:
    """A batch with its signature. ``signed`` is what the signature covers; ``sha256`` of it names the batch."""

    key_id: str
    batch: Batch
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    sha256: str
    payload: bytes = field(repr=False)
    """The canonical JSON that was signed; with key and signature it gives the line again (:func:`line_of`)."""
    content: int
    """The first 64 bits of SHA-256 over the readings alone: equal where two batches say the same of the same meters."""

    @property
    def line(self) -> str:
        """The batch as it is sent."""
        return f"{self.signed.decode('ascii')}.{encode(self.signature)}"

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is that of the key over these very bytes."""
        try:
            key.verify(self.signature, self.signed)
        except InvalidSignature:
            return False
        return True


# Writing --------------------------------------------------------------------------------------------------------------


def sign_batch(batch: Batch, key: Ed25519PrivateKey) -> SignedBatch:
    """The batch, signed. What :func:`read_batch` would refuse is refused here, so nothing unreadable is ever signed.

    Raises:
        Refused: ``batch_not_understood``.
    """
    key_id = key_id_of(public_text(key.public_key()))
    signed = f"{_header(key_id)}.{encode(canonical_bytes(batch.as_data()))}"
    return read_batch(f"{signed}.{encode(key.sign(signed.encode('ascii')))}")


def line_of(key_id: str, payload: bytes, signature: bytes) -> str:
    """The line of a batch from its parts."""
    return f"{_header(key_id)}.{encode(payload)}.{encode(signature)}"


@lru_cache(maxsize=100_000)
def _header(key_id: str) -> str:
    return encode(canonical_bytes({"alg": "EdDSA", "kid": key_id, "typ": FORMAT}))


# Reading --------------------------------------------------------------------------------------------------------------


def read_batch(line: str | bytes) -> SignedBatch:
    """The batch of a line. Nothing is believed yet: the signature is checked by :meth:`SignedBatch.is_signed_by`.

    Raises:
        Refused: ``batch_not_understood`` with the place that is wrong.
    """
    try:
        return _read(line)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BATCH_NOT_UNDERSTOOD(place=str(error)[:200] or type(error).__name__) from error


def _read(line: str | bytes) -> SignedBatch:
    if len(line) > LONGEST_LINE:
        raise ValueError(f"longer than {LONGEST_LINE} characters")
    text = line if isinstance(line, str) else line.decode("ascii")
    signed, _, signature_text = text.rpartition(".")
    header_text, _, payload_text = signed.partition(".")
    key_id = _key_id(header_text)
    signature = decode(signature_text.encode("ascii"))
    if len(signature) != 64 or encode(signature) != signature_text:
        raise ValueError("signature: not 64 bytes in base64url")
    payload = decode(payload_text.encode("ascii"))
    if (rest := len(payload) % 3) and encode(payload[-rest:]) != payload_text[-rest - 1 :]:
        raise ValueError("payload: not in the one form of base64url")
    data = json.loads(payload, parse_float=_no_float, parse_constant=_no_float)
    batch = _batch(data)
    if _CANONICAL.encode(data).encode("utf-8") != payload:
        raise ValueError("payload: the JSON is not canonical")
    covered = signed.encode("ascii")
    content = sha256(payload[payload.index(b'"series":') :]).digest()  # the last field of canonical JSON
    return SignedBatch(
        key_id, batch, covered, signature, sha256(covered).hexdigest(), payload,
        int.from_bytes(content[:8], "big", signed=True),
    )  # fmt: skip


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
"""As :func:`openjcm.canonical.canonical_bytes` writes data that came from JSON, without walking through it first."""


def stated_key(line: str | bytes) -> str:
    """The key that a line names, from its header alone: a stranger is known by it before anything else is read.

    Raises:
        Refused: ``batch_not_understood``.
    """
    try:
        header = line[:1_000].partition("." if isinstance(line, str) else b".")[0]  # type: ignore[arg-type]
        return _key_id(header if isinstance(header, str) else header.decode("ascii"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BATCH_NOT_UNDERSTOOD(place=str(error)[:200] or type(error).__name__) from error


@lru_cache(maxsize=100_000)
def _key_id(header_text: str) -> str:
    header = json.loads(decode(header_text.encode("ascii")))
    key_id = header["kid"]
    if not isinstance(key_id, str) or len(key_id) != 43 or _header(key_id) != header_text:
        raise ValueError(f"header: not {{alg: EdDSA, kid: thumbprint, typ: {FORMAT}}} in canonical form")
    return key_id


def _no_float(text: str) -> None:
    raise ValueError(f"payload: {text[:40]} is no whole number")


def _whole(value: object, least: int, most: int, place: str) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{place}: not a whole number from {least} to {most}")
    return value


def _batch(data: dict[str, Any]) -> Batch:
    if data.keys() != _FIELDS or data["format"] != FORMAT:
        raise ValueError(f"payload: not the fields of {FORMAT}")
    if not _GATEWAY.fullmatch(data["gateway"]):
        raise ValueError("gateway: not 1 to 64 of A–Z a–z 0–9 . _ -")
    if not _HASH.fullmatch(data["previous"]):
        raise ValueError("previous: not a SHA-256 in hexadecimal")
    sequence = _whole(data["sequence"], 1, 10**15, "sequence")
    created_us = _whole(data["created_us"], 0, LATEST_US, "created_us")
    if (sequence == 1) != (data["previous"] == NO_BATCH):
        raise ValueError("previous: zeros stand in the first batch of a key, and nowhere else")
    given = data["series"]
    if type(given) is not list or not 1 <= len(given) <= MOST_SERIES:
        raise ValueError(f"series: not a list of 1 to {MOST_SERIES}")
    series = tuple([_series(one, place) for place, one in enumerate(given)])
    if len({one.meter for one in series}) != len(series):
        raise ValueError("series: a meter stands twice")
    return Batch(data["gateway"], sequence, data["previous"], created_us, series)


def _series(data: dict[str, Any], place: int) -> Series:
    kind, unit, t_us, values = data["kind"], data["unit"], data["t_us"], data["values"]
    seconds, stamp = data.get("interval_seconds"), data.get("interval_stamp")
    register = kind == "cumulative"
    if kind not in KINDS or data.keys() != (_SERIES_FIELDS if register else _SERIES_FIELDS | _INTERVAL_FIELDS):
        raise ValueError(f"series {place}: not the fields of a {KINDS} series")
    if unit not in (POWER_UNITS if kind == "interval_power" else ENERGY_UNITS):
        raise ValueError(f"series {place}: unit")
    if not register:
        _whole(seconds, 1, 366 * 86_400, f"series {place}: interval_seconds")
        if stamp not in ("start", "end"):
            raise ValueError(f"series {place}: interval_stamp is start or end")
    if not _METER.fullmatch(data["meter"]) or not data["meter"].strip():
        raise ValueError(f"series {place}: meter")
    if type(t_us) is not list or type(values) is not list or not t_us or len(t_us) != len(values):
        raise ValueError(f"series {place}: t_us and values are lists of one length, from 1")
    if {*map(type, t_us), *map(type, values)} != {int}:
        raise ValueError(f"series {place}: whole numbers only")
    if t_us[0] < 0 or t_us[-1] > LATEST_US or not all(map(lt, t_us, t_us[1:])):
        raise ValueError(f"series {place}: t_us is not strictly ascending from 1970 to 2100")
    if min(values) < -HIGHEST_VALUE or max(values) > HIGHEST_VALUE:
        raise ValueError(f"series {place}: a value is too large")
    return Series(data["meter"], kind, unit, t_us, values, seconds, stamp)


def readings_in(batches: Sequence[SignedBatch]) -> int:
    """How many readings the batches hold."""
    return sum(len(one.t_us) for signed in batches for one in signed.batch.series)


def schema() -> Mapping[str, Any]:
    """The JSON schema (2020-12) of the payload."""
    from importlib import resources

    text = (resources.files("openjcm.mrv") / "batch.schema.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found
