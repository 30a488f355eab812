"""Statements to and from partners: written and signed here, asked for over HTTPS, compared by the act ``reconcile``."""

from __future__ import annotations

import http.client
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from openjcm.commands.courier import deliver, known_partner, open_address
from openjcm.commands.framework import perform
from openjcm.commands.office import Office
from openjcm.commands.reconcile import ACT as RECONCILE
from openjcm.refusals import Refused
from openjcm.registry.reconciliation import (
    BOOK,
    STATEMENT,
    STATEMENT_NOT_OF_PARTNER,
    STATEMENT_NOT_UNDERSTOOD,
    STATEMENT_REQUEST,
    StatementHead,
    StatementRequest,
    read_request,
    sign_request,
    tonnes_of,
    write_statement,
)
from openjcm.signed import read_public_key
from openjcm.store.journal import Receipt
from openjcm.store.notices import FILES, Partner
from openjcm.store.reconciliation import read_lines

STATEMENTS_PATH = "/api/v1/statements"
LARGEST_STATEMENT = 1024 * 1024 * 1024
REQUEST_LASTS = timedelta(days=1)
"""A request older or newer than this is not answered: clocks may differ, but it is not kept for later."""


def statement_for(office: Office, partner: Partner, on: date | None) -> bytes:
    """What this installation states to a partner, signed.

    Two statements are never the same bytes, whatever they say: an answer kept for one must not pass for the other.
    """
    with office.transaction() as connection:
        found = read_lines(connection, partner, on)
    lines = found.lines
    head = StatementHead(
        format=STATEMENT, sender=partner.our_name, recipient=partner.partner,
        made_at=office.clock().isoformat(timespec="microseconds"), on=on.isoformat() if on else None,
        sent=found.sent.sequence, sent_head=found.sent.head,
        received=found.received.sequence, received_head=found.received.head,
        lines=len(lines), tonnes=tonnes_of(line for line in lines if line.startswith(BOOK)),
        lines_sha256=sha256(found.body).hexdigest(),
    )  # fmt: skip
    return write_statement(head, found.body, office.notice_key)


def answer_request(office: Office, line: str) -> bytes:
    """The statement that a partner asks for.

    Raises:
        Refused: ``statement_not_understood``, ``unknown_partner``, ``statement_not_of_partner``.
    """
    asked, signed = read_request(line)
    partner = known_partner(office, asked.sender)
    wrong = ""
    if not signed.is_signed_by(read_public_key(partner.notice_key)):
        wrong = "signature / 署名"
    elif asked.recipient != partner.our_name:
        wrong = f"{asked.sender} → {asked.recipient}"
    elif not _is_fresh(asked.made_at, office.clock()):
        wrong = asked.made_at
    if wrong:
        raise STATEMENT_NOT_OF_PARTNER(partner=partner.partner, reason=wrong)
    return statement_for(office, partner, _day(asked.on))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise STATEMENT_NOT_UNDERSTOOD(place=str(error)[:200]) from error


def _is_fresh(text: str, now: datetime) -> bool:
    try:
        return abs(datetime.fromisoformat(text) - now) < REQUEST_LASTS
    except (ValueError, TypeError):
        return False


def fetch_statement(office: Office, partner: Partner, on: date | None) -> bytes:
    """Ask a partner for its statement.

    Raises:
        Refused: ``partner_unreachable``, ``statement_not_understood`` where it is longer than can be read.
    """
    from openjcm.commands.courier import PARTNER_UNREACHABLE

    request = StatementRequest(
        format=STATEMENT_REQUEST, sender=partner.our_name, recipient=partner.partner,
        made_at=office.clock().isoformat(timespec="seconds"), on=on.isoformat() if on else None,
    )  # fmt: skip
    try:
        with open_address(partner, STATEMENTS_PATH, {"request": sign_request(request, office.notice_key)}) as answer:
            data: bytes = answer.read(LARGEST_STATEMENT + 1)
    except (OSError, http.client.HTTPException) as error:
        raise PARTNER_UNREACHABLE(partner=partner.partner, address=partner.address, reason=str(error)[:500]) from error
    if len(data) > LARGEST_STATEMENT:
        raise STATEMENT_NOT_UNDERSTOOD(place=f"> {LARGEST_STATEMENT}")
    return data


def compare_statement(office: Office, name: str, data: bytes, on: date | None, actor: str) -> Receipt:
    """Keep a partner's statement, and compare it with our books.

    Raises:
        Refused: by ``reconcile``.
    """
    day = office.clock().astimezone(ZoneInfo("Asia/Tokyo")).date()
    request = {"partner": name, "statement_sha256": office.files.put(data), "on": on, "occurred_on": day}
    return perform(RECONCILE, request, office=office, key=None, actor=actor)


def reconcile_with(office: Office, name: str, on: date | None = None, actor: str = "reconciliation") -> Receipt:
    """Bring what is outstanding, ask for the partner's statement, and compare.

    Raises:
        Refused: ``unknown_partner``, ``partner_unreachable`` and what ``reconcile`` refuses.
    """
    partner = known_partner(office, name)
    if partner.address != FILES:
        deliver(office, partner)
    return compare_statement(office, name, fetch_statement(office, partner, on), on, actor)


def reconciliations_due(office: Office) -> list[str]:
    """The partners with an address whose books were not compared with ours today (in Tokyo)."""
    day = office.clock().astimezone(ZoneInfo("Asia/Tokyo")).date()
    with office.transaction() as connection:
        rows = connection.execute(
            "select p.partner from partner_in_force p where p.address <> %s and not exists"
            " (select 1 from reconciliation r join journal j using (entry_no)"
            "  where r.partner = p.partner and r.on_day is null and j.occurred_on >= %s) order by 1",
            [FILES, day],
        ).fetchall()
    return [row[0] for row in rows]


def report_of(office: Office, sha256_of_report: str) -> bytes:
    """The report of a reconciliation."""
    with office.transaction() as connection:
        row = connection.execute("select body from product where sha256 = %s", [sha256_of_report]).fetchone()
    if row is None:
        raise Refused(STATEMENT_NOT_UNDERSTOOD, {"place": sha256_of_report})
    return bytes(row[0])
