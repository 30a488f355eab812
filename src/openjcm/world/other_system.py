"""The other system of the demonstration: it keeps Indonesia's registry, and here is what it sent. All invented.

Its key is made from public words, as those of the people are. It confirmed a decision, told of its own issuance, and
stated its books: in them ten tonnes are cancelled of which no notice was sent, so the comparison names a difference.
Our notices have not reached it yet: they wait to be carried as files.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from openjcm.canonical import sha256_hex
from openjcm.commands.demonstration_people import demonstration_key, demonstration_public_key
from openjcm.registry.notices import NO_NOTICE, Notice, Ranged, Reported, sign_notice
from openjcm.registry.reconciliation import STATEMENT, StatementHead, write_statement
from openjcm.world import storage_site
from openjcm.world.storage_site import DECISION, HOST_AMOUNT, HOST_REGISTRY, JAPAN_AMOUNT, PROJECT, Planned

NAME = "jakarta.demonstration"
OUR_NAME = "tokyo.demonstration"
SERIES = f"ID-{PROJECT}-2025"
CANCELLED = 10
"""Tonnes that its book shows as cancelled and none of its notices."""


def registration() -> Planned:
    """The act that puts the other system on record; its messages are carried as files."""
    request = {
        "partner": NAME,
        "our_name": OUR_NAME,
        "address": "files",
        "notice_key": demonstration_public_key(NAME),
        "keeps": [HOST_REGISTRY],
        "occurred_on": "2024-12-20",
    }
    return "partner", "register_partner", request


def _notices() -> Iterator[Notice]:
    """Its notices: the decision as it recorded it, and its own issuance."""
    sides = {"IDN": HOST_AMOUNT, "JPN": JAPAN_AMOUNT}
    decided = {
        "decision_id": DECISION, "world": "demonstration", "projects": [PROJECT], "monitoring_start": "2025-01-01",
        "monitoring_end": "2025-12-31", "total": sum(sides.values()), "sides": sides,
    }  # fmt: skip
    first = _notice(1, NO_NOTICE, "decision", "2026-03-10", (), decided)
    yield first
    held = Ranged(block=f"JCM-{SERIES}-1-{HOST_AMOUNT}", quantity=HOST_AMOUNT, registry=HOST_REGISTRY, state="held")
    yield _notice(2, sha256_hex(first.payload), "issued", "2026-03-25", (held,), {"decision_id": DECISION})


def _notice(
    sequence: int, previous: str, kind: str, day: str, ranges: tuple[Ranged, ...], facts: dict[str, Any]
) -> Notice:
    leaf = sha256_hex(f"demonstration: entry {sequence} of {NAME}".encode())
    return Notice(
        format="openjcm-notice-1", sender=NAME, recipient=OUR_NAME, sequence=sequence, previous=previous, kind=kind,
        world="demonstration", reported=Reported(entry_no=sequence, leaf_index=sequence - 1, leaf_hash=leaf),
        occurred_on=day, ranges=ranges, sum=sum(one.quantity for one in ranges), facts=facts,
    )  # fmt: skip


def received() -> Iterator[Planned]:
    """The acts that take its notices."""
    for notice in _notices():
        line = sign_notice(notice.payload, demonstration_key(NAME))
        yield f"notice/{notice.sequence}", "receive_notice", {"line": line, "occurred_on": "2026-09-10"}


def statement() -> bytes:
    """Its books, signed: its own, what it knows of ours (nothing yet), and the decisions."""
    left = HOST_AMOUNT - CANCELLED
    lines = (
        f"b\t{SERIES}\t1\t{left}\t{HOST_REGISTRY}\theld\t2026-03-25\t",
        f"b\t{SERIES}\t{left + 1}\t{HOST_AMOUNT}\t{HOST_REGISTRY}\tcancelled\t2026-08-01\tomge",
        f"d\t{DECISION}\t{JAPAN_AMOUNT + HOST_AMOUNT}\t\\N\t{PROJECT}\tIDN={HOST_AMOUNT},JPN={JAPAN_AMOUNT}\t2026-03-10"
        "\t[2025-01-01,2026-01-01)",
        f"d\t{storage_site.SECOND_DECISION}\t0\t\\N\t{PROJECT}\tIDN=0,JPN=0\t2026-08-20\t[2026-01-01,2026-07-01)",
    )
    body = "".join(f"{line}\n" for line in lines).encode()
    *_, last = _notices()
    head = StatementHead(
        format=STATEMENT, sender=NAME, recipient=OUR_NAME, made_at="2026-09-15T00:00:00.000000+00:00", on=None,
        sent=last.sequence, sent_head=sha256_hex(last.payload), received=0, received_head=NO_NOTICE, lines=len(lines),
        tonnes=HOST_AMOUNT, lines_sha256=sha256(body).hexdigest(),
    )  # fmt: skip
    return write_statement(head, body, demonstration_key(NAME))


def comparison(statement_sha256: str) -> Planned:
    """The act that compares its books with ours."""
    request = {"partner": NAME, "statement_sha256": statement_sha256, "occurred_on": "2026-09-16"}
    return "comparison", "reconcile", request
