"""Signed things of another form than the one that is written, each refused for its own reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from account_guards import PROPOSAL, PUBLIC
from notice_guards import KEY
from openjcm.canonical import canonical_bytes
from openjcm.refusals import Refused
from openjcm.registry.notices import read_acknowledgement
from openjcm.registry.proposals import LONGEST_FILE, envelope, read_envelope
from openjcm.registry.reconciliation import STATEMENT, StatementHead, read_statement, write_statement
from openjcm.registry.serials import HIGHEST_SERIAL, Block, Series
from openjcm.signed import strict_decode

FILE: dict[str, Any] = json.loads(envelope(PROPOSAL, PUBLIC, "A" * 86))
LINES = b"b\tJP-MN901-2022\t1\t7\tJPN\theld\t2025-01-20\t\n"


def file(**change: Any) -> bytes:
    return canonical_bytes({**FILE, **change})


def statement(body: bytes = LINES, **change: Any) -> bytes:
    head = {
        "format": STATEMENT, "sender": "japan.example", "recipient": "mongolia.example",
        "made_at": "2025-02-01T00:00:00+00:00", "on": None, "sent": 0, "sent_head": "0" * 64, "received": 0,
        "received_head": "0" * 64, "lines": 1, "tonnes": 7, "lines_sha256": sha256(body).hexdigest(), **change,
    }  # fmt: skip
    return write_statement(StatementHead(**head), body, KEY)


def test_what_is_written_is_read() -> None:
    assert read_envelope(file()).signed == PROPOSAL
    assert read_statement(statement()).lines == (LINES.decode().rstrip("\n"),)


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda: read_envelope(b" " * (LONGEST_FILE + 1)), f"{LONGEST_FILE + 1} > {LONGEST_FILE} B"),
        (lambda: read_envelope(file(signature=1)), "text expected"),
        (lambda: read_envelope(file(signed={**FILE["signed"], "nonce": 1})), "text expected"),
        (lambda: read_envelope(json.dumps(FILE, indent=1).encode()), "not the canonical bytes"),
        (lambda: read_envelope(file(more="x")), "not the canonical bytes"),
        (lambda: read_envelope(file().replace(b'"nonce"', b'"more":1.5,"nonce"')), "1.5 is no whole number"),
        (lambda: read_statement(statement(lines=2)), "the number of lines is another"),
        (lambda: read_statement(statement(LINES.rstrip(b"\n"), lines=0, tonnes=0)), "the number of lines is another"),
        (lambda: read_statement(statement(tonnes=8)), "the tonnes are others"),
        (lambda: read_statement(statement(lines_sha256="0" * 64)), "the lines are not those of the head"),
        (lambda: read_acknowledgement("x.y.z", "mongolia.example"), "mongolia.example"),
    ],
)
def test_another_form_is_refused(read: Callable[[], object], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read()
    assert reason in str(refused.value) and refused.value.message("ja")


def test_bytes_have_one_text() -> None:
    assert strict_decode("AA") == b"\0"
    for text in ("AB", "AA==", "A"):
        with pytest.raises(ValueError, match=r"form of these bytes|base64"):
            strict_decode(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Series.of("JPN", ["MN901"], "2022"),
        lambda: Series.of("JP", ["mn901"], "2022"),
        lambda: Series.of("JP", [], "2022"),
        lambda: Block(Series.parse("JP-MN901-2022"), 0, 1),
        lambda: Block(Series.parse("JP-MN901-2022"), 2, 1),
        lambda: Block(Series.parse("JP-MN901-2022"), 1, HIGHEST_SERIAL + 1),
    ],
)
def test_what_is_no_series_or_block(make: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.code == "block_not_readable"
