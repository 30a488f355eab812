"""Keys under which a signature proves nothing are no keys, wherever one is registered."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.log.checkpoint import ED25519, read_verifier_key
from openjcm.refusals import Refused
from openjcm.signed import encode, read_line, read_public_key, sign_line
from trial_office import KEY, Trial

PRIME = 2**255 - 19
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME
"""``d`` of the curve −x² + y² = 1 + dx²y² (RFC 8032, section 5.1)."""
ORDER_EIGHT = (
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
)
"""The y of the four points of order eight."""
WEAK = [
    (y | sign << 255).to_bytes(32, "little")
    for y in (0, 1, *ORDER_EIGHT, PRIME - 1, PRIME, PRIME + 1)
    for sign in (0, 1)
]
IDENTITY = (1).to_bytes(32, "little")


def log_key(data: bytes) -> str:
    """The key of a log as a line, well formed whatever its bytes are."""
    name = "x.example/log"
    key_id = hashlib.sha256(name.encode() + b"\n" + ED25519 + data).digest()[:4].hex()
    return f"{name}+{key_id}+{base64.b64encode(ED25519 + data).decode()}"


def doubled(y: int) -> int:
    """The y of twice a point: only squares of x and y stand in the formula."""
    x2, y2 = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME), y * y
    return (y2 + x2) * pow(2 - (y2 - x2), -1, PRIME) % PRIME


def test_the_weak_ones_are_of_small_order() -> None:
    for data in WEAK:
        y = int.from_bytes(data, "little") % 2**255 % PRIME
        assert doubled(doubled(doubled(y))) == 1, data.hex()


def test_the_danger_is_real() -> None:
    anything = IDENTITY + bytes(32)
    for text in (b"40 tonnes for me", b"400 tonnes for me"):
        Ed25519PublicKey.from_public_bytes(IDENTITY).verify(anything, text)


@pytest.mark.parametrize("data", WEAK, ids=lambda data: data.hex()[:16])
def test_a_weak_key_is_no_key(data: bytes) -> None:
    with pytest.raises(Refused, match="public_key_not_understood"):
        read_public_key(encode(data))
    with pytest.raises(Refused, match="not_a_verifier_key"):
        read_verifier_key(log_key(data))


def test_a_strong_key_is_one() -> None:
    data = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1, test 1
    assert read_public_key(encode(data)).public_bytes_raw() == data
    assert read_verifier_key(log_key(data)).public_key.public_bytes_raw() == data


@pytest.mark.parametrize("number", ["1.5", "1e3", "NaN"])
def test_a_line_holds_whole_numbers(number: str) -> None:
    with pytest.raises(ValueError, match=f"payload: {number} is no whole number"):
        read_line("form", sign_line("form", f'{{"a":{number}}}'.encode(), KEY), 1000)


def test_no_act_registers_a_weak_key(database_url: str, tmp_path: Path) -> None:
    trial, weak = Trial(database_url, tmp_path), encode(IDENTITY)
    trial.market()
    partner: dict[str, Any] = {
        "partner": "x.example", "our_name": "y.example", "address": "files", "keeps": ["THA"],
        "notice_key": encode(bytes(range(1, 33))),
    }  # fmt: skip
    person = {
        "account_id": "JPN/company", "representative": "sato", "person_name": "S", "rights": ["view"],
        "document_sha256": "0" * 64, "reason": "r",
    }  # fmt: skip
    code = "public_key_not_understood"
    trial.refused(code, "register_partner", "2025-02-01", **{**partner, "notice_key": weak})
    trial.refused("not_a_verifier_key", "register_partner", "2025-02-01", **partner, log_key=log_key(IDENTITY))
    trial.refused(code, "register_representative", "2025-02-01", **person, public_key=weak)
    trial.close()
