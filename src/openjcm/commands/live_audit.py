"""The audit of live meters: batches are what their gateways signed, verdicts are in the log, chains follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import LiteralString

import psycopg

from openjcm.commands.close_live_readings import instants
from openjcm.commands.live_desk import EPOCH, receipt_line, root_of
from openjcm.mrv.batch import line_of, read_batch
from openjcm.mrv.batch_rules import Status
from openjcm.refusals import Finding, Refused
from openjcm.signed import read_public_key
from openjcm.store.audit import finding

_BATCHES: LiteralString = """
    select b.batch_no, encode(b.sha256, 'hex'), b.sequence, b.first_us, b.last_us, b.content, k.key_id, k.public_key,
      b.payload, b.signature from batch b left join gateway_key k on k.entry_no = b.key_no order by b.batch_no
"""
_LINES: LiteralString = """
    select receipt_no, encode(sha256, 'hex'), received_us, false as released, status, rule, batch_no from batch
    union all
    select r.receipt_no, encode(b.sha256, 'hex'), b.received_us, true, r.status, r.rule, batch_no
    from batch_release r join batch b using (batch_no)
    order by 1, 4, 7
"""
_RECEIPTS: LiteralString = """
    select r.receipt_no, r.root, r.lines, j.entry_no, j.outcome ->> 'root', (j.outcome ->> 'lines')::int
    from batch_receipt r join journal j using (entry_no)
"""
_CHAINS: LiteralString = """
    select coalesce(k.key_id, 'of no key: ' || c.key_no), c.next_sequence, c.head, c.waiting, c.last_created_us
    from batch_chain c left join gateway_key k on k.entry_no = c.key_no order by 1
"""
_PLACED: LiteralString = """
    select k.key_id, b.sequence, encode(b.sha256, 'hex'), coalesce(r.status, b.status),
      coalesce(case when r.batch_no is null then b.rule else r.rule end, ''),
      (convert_from(b.payload, 'UTF8')::jsonb ->> 'created_us')::bigint
    from batch b join gateway_key k on k.entry_no = b.key_no left join batch_release r using (batch_no)
"""
_CLOSINGS: LiteralString = """
    select c.project, c.days, c.span, convert_from(p.body, 'UTF8')::jsonb ->> 'time_zone'
    from live_closing c join project j on j.reference = c.project join product p on p.sha256 = j.plan_sha256
"""
DAY = timedelta(days=1)
OUTSIDE_THE_CHAIN = {"B06", "B07", "B12"}
"""Rules whose batches do not move the chain."""


def check_batches(connection: psycopg.Connection) -> Iterator[Finding]:
    """What is wrong with the batches, their receipts and the chains of the keys."""
    yield from _signed(connection)
    yield from _receipts(connection)
    yield from _chains(connection)
    yield from _closings(connection)


def _closings(connection: psycopg.Connection) -> Iterator[Finding]:
    """A closed span is that of its days in the time zone of the project's plan."""
    for project, days, span, zone in connection.execute(_CLOSINGS):
        right = tuple(EPOCH + timedelta(microseconds=us) for us in instants(days.lower, days.upper - DAY, zone))
        if (span.lower, span.upper) != right:
            yield finding("closing_wrong", project=project, days=f"{days.lower} … {days.upper - DAY}")


def _signed(connection: psycopg.Connection) -> Iterator[Finding]:
    with connection.cursor(name="audit_batches") as cursor:
        for number, name, sequence, first, last, content, key_id, public_key, payload, signature in cursor.execute(
            _BATCHES
        ):
            what = "key / 鍵"
            if key_id is not None:
                stated = (name, sequence, first, last, content)
                what = _what_is_wrong(stated, key_id, public_key, bytes(payload), bytes(signature))
            if what:
                yield finding("batch_wrong", batch=number, what=what)


def _what_is_wrong(
    stated: tuple[str, int, int, int, int], key_id: str, public_key: str, payload: bytes, signature: bytes
) -> str:
    try:
        signed = read_batch(line_of(key_id, payload, signature))
    except Refused as refused:
        return refused.code
    series = signed.batch.series
    first, last = min(one.t_us[0] for one in series), max(one.t_us[-1] for one in series)
    if stated != (signed.sha256, signed.batch.sequence, first, last, signed.content):
        return "row / 行"
    return "" if signed.is_signed_by(read_public_key(public_key)) else "signature / 署名"


def _receipts(connection: psycopg.Connection) -> Iterator[Finding]:
    stated = {row[0]: row[1:] for row in connection.execute(_RECEIPTS)}
    seen = set()
    with connection.cursor(name="audit_receipts") as cursor:
        for receipt_no, rows in groupby(cursor.execute(_LINES), key=lambda row: row[0]):
            lines = [receipt_line(name, us, waited, status, rule) for _, name, us, waited, status, rule, _ in rows]
            seen.add(receipt_no)
            root, count, entry, logged_root, logged_count = stated.get(receipt_no, ("", 0, "–", "", 0))
            if not root_of(lines) == root == logged_root or not len(lines) == count == logged_count:
                yield finding("receipt_wrong", receipt=receipt_no, entry=entry)
    for receipt_no in sorted(stated.keys() - seen):
        yield finding("receipt_wrong", receipt=receipt_no, entry=stated[receipt_no][2])


def _chains(connection: psycopg.Connection) -> Iterator[Finding]:
    """The chain is what the batches that stand in it, and the numbers declared lost, give."""
    found: dict[str, tuple[int, str]] = {}
    waiting: dict[str, int] = {}
    accepted: dict[str, tuple[int, int]] = {}
    for key_id, sequence, name, status, rule, created_us in connection.execute(_PLACED):
        if status == Status.HELD:
            waiting[key_id] = waiting.get(key_id, 0) + 1
        elif rule not in OUTSIDE_THE_CHAIN:
            found[key_id] = max(found.get(key_id, (0, "")), (sequence + 1, name))
        if status == Status.ACCEPTED:
            accepted[key_id] = max(accepted.get(key_id, (0, 0)), (sequence, created_us))
    for key_id, end in connection.execute("select key_id, max(upper(numbers)) from batch_loss group by 1"):
        if end > found.get(key_id, (0, ""))[0]:
            found[key_id] = (end, "")
    chains = connection.execute(_CHAINS).fetchall()
    for key_id in sorted((found.keys() | waiting.keys() | accepted.keys()) - {row[0] for row in chains}):
        yield finding("chain_wrong", key=key_id, stored="–", found=f"{found.get(key_id, (1, ''))[0]}")
    for key_id, next_sequence, head, held, created_us in chains:
        if key_id.startswith("of no key"):
            yield finding("chain_wrong", key=key_id, stored=next_sequence, found="–")
            continue
        number, name = found.get(key_id, (1, "0" * 64))
        right = (number, name, waiting.get(key_id, 0), accepted.get(key_id, (0, 0))[1])
        if (next_sequence, head, held, created_us) != right:
            yield finding(
                "chain_wrong", key=key_id, stored=f"{next_sequence} {head[:12]}", found=f"{number} {name[:12]}"
            )
