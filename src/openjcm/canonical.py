"""Canonical bytes: one value, one sequence of bytes, on every machine.

Products, requests and log leaves are hashed, so their bytes must not depend on dictionary order, on the machine's
locale or on how a number was typed. The form is JSON with sorted keys, no blanks, UTF-8 without escapes, and
*no floating-point numbers*: exact decimals and fractions are written as text, dates in ISO 8601.
The form is a subset of RFC 8785 (JSON Canonicalization Scheme) for values without floats.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

Plain: TypeAlias = "None | bool | int | str | list[Plain] | dict[str, Plain]"
"""What canonical JSON may hold."""


def plain(value: object) -> Plain:
    """The value as plain JSON data: decimals and fractions as text, dates in ISO 8601, tuples as lists.

    Raises:
        TypeError: for a ``float`` (it has no exact text) and for anything else that has no canonical form.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form: {value!r}")


def decimal_text(value: Decimal) -> str:
    """A decimal as plain digits without exponent and without trailing zeros: ``Decimal('1.50E+2')`` is ``150``.

    Raises:
        TypeError: for infinities and not-a-number, which are not values.
    """
    if not value.is_finite():
        raise TypeError(f"{value} is not a value")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode


def canonical_text(value: object) -> str:
    """The canonical form of a value as text (see the module's text)."""
    return _ENCODE(value if _is_plain(value) else plain(value))


def _is_plain(value: object) -> bool:
    """Whether the value is plain already, and so need not be made anew. Exact types only: no float, no enumeration."""
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool:
        return True
    if kind is dict:
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str or not (type(item) is str or _is_plain(item)):
                return False
        return True
    return kind is list and all(map(_is_plain, value))  # type: ignore[call-overload]


def canonical_bytes(value: object) -> bytes:
    """The canonical bytes of a value (see the module's text)."""
    return canonical_text(value).encode("utf-8")


def sha256_hex(data: bytes) -> str:
    """SHA-256 of bytes, in lower-case hexadecimal (64 characters)."""
    return hashlib.sha256(data).hexdigest()


def canonical_hash(value: object) -> str:
    """SHA-256 of the canonical bytes of a value, in lower-case hexadecimal."""
    return sha256_hex(canonical_bytes(value))
