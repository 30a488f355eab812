"""Checkpoints are C2SP signed notes, and nothing but the log's own word passes for one."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from openjcm.log import checkpoint
from openjcm.refusals import Refused

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ROOT = hashlib.sha256(b"root").digest()
NOTE = checkpoint.sign("registry.example/log", 42, ROOT, KEY)


def test_the_form_is_the_published_one() -> None:
    text, signature = NOTE.split("\n\n")
    assert text == f"registry.example/log\n42\n{base64.b64encode(ROOT).decode()}"
    dash, name, encoded = signature.rstrip("\n").split(" ")
    data = base64.b64decode(encoded)
    public = KEY.public_key().public_bytes_raw()
    assert (dash, name) == ("—", "registry.example/log")
    assert data[:4] == hashlib.sha256(b"registry.example/log\n\x01" + public).digest()[:4]
    KEY.public_key().verify(data[4:], (text + "\n").encode())
    assert checkpoint.verifier_key("registry.example/log", KEY.public_key()) == (
        f"registry.example/log+{data[:4].hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
    )


def test_the_published_example_of_a_note_key() -> None:
    """The verifier key of the Go checksum database: its id follows from its name and its bytes."""
    published = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    name, key_id, encoded = published.split("+", 2)
    data = base64.b64decode(encoded)
    assert hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex() == key_id
    assert data[:1] == checkpoint.ED25519


def test_what_is_signed_is_read_back() -> None:
    assert checkpoint.open(NOTE, KEY.public_key()) == ("registry.example/log", 42, ROOT)


def test_a_witness_line_does_not_disturb() -> None:
    with_witness = NOTE + "— witness.example AAAAAA==\n"
    assert checkpoint.open(with_witness, KEY.public_key()).size == 42


def test_extension_lines_are_signed_too() -> None:
    text = f"registry.example/log\n42\n{base64.b64encode(ROOT).decode()}\nextension\n"
    signature = checkpoint.key_id("registry.example/log", KEY.public_key()) + KEY.sign(text.encode())
    note = f"{text}\n— registry.example/log {base64.b64encode(signature).decode()}\n"
    assert checkpoint.open(note, KEY.public_key()).size == 42
    with pytest.raises(Refused):
        checkpoint.open(note.replace("extension", "other"), KEY.public_key())


@given(st.integers(0, len(NOTE) - 2), st.characters(codec="utf-8"))
def test_every_changed_character_is_refused(position: int, character: str) -> None:
    changed = NOTE[:position] + character + NOTE[position + 1 :]
    if changed == NOTE:
        return
    with pytest.raises(Refused) as refused:
        checkpoint.open(changed, KEY.public_key())
    assert refused.value.code in {"not_a_checkpoint", "checkpoint_not_signed"}


@given(st.text(max_size=200))
def test_any_text_is_refused_and_never_breaks(text: str) -> None:
    with pytest.raises(Refused):
        checkpoint.open(text, KEY.public_key())


def test_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(Refused) as refused:
        checkpoint.open(NOTE, other)
    assert refused.value.code == "checkpoint_not_signed"


@pytest.mark.parametrize("origin", ["", "two words", "plus+sign", "line\nbreak", "全角\u3000空白"])
def test_a_name_with_blanks_or_plus_is_refused(origin: str) -> None:
    with pytest.raises(Refused) as refused:
        checkpoint.sign(origin, 1, ROOT, KEY)
    assert refused.value.code == "bad_log_origin"


@pytest.mark.parametrize(("size", "root"), [(-1, ROOT), (1, b"short")])
def test_impossible_checkpoints_are_errors(size: int, root: bytes) -> None:
    with pytest.raises(ValueError):
        checkpoint.sign("registry.example/log", size, root, KEY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no empty line"), ("registry.example/log\n42\n", "origin"), ("two words\n1\nAA==\n", "origin"),
        ("a\n01\nAA==\n", "size"), ("a\n1\nAA==\n", "root"), ("a\n1\n!\n", "root"),
    ],
)  # fmt: skip
def test_a_malformed_text_is_named(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        checkpoint.open(f"{text}\n— a AAAA\n", KEY.public_key())
    assert refused.value.code == "not_a_checkpoint" and refused.value.facts["reason"].startswith(reason)


def test_a_note_has_its_text_and_its_signatures_apart() -> None:
    for note, reason in (("a\n— a AAAA\n", "no empty line"), ("a\n\nno signature\n", "signature lines")):
        with pytest.raises(Refused) as refused:
            checkpoint.apart(note)
        assert refused.value.facts["reason"].startswith(reason)
