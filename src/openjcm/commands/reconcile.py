"""Compare a partner's statement with our own books; every difference is named, and blocks what it touches.

Serials of our own book on which the partner does not agree are held back from international acts, and from nothing
else. The hold ends with the next reconciliation; what still differs is held anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psycopg
from pydantic import Field

from openjcm.canonical import canonical_bytes
from openjcm.commands.framework import Act, Day, Decision, Desk, Request, Rows, Sha256, insert_rows
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.commands.revoke_partner import UNKNOWN_PARTNER
from openjcm.registry.holds import Ground, Hold, Scope
from openjcm.registry.ledger import Holdings, Origin, hold_pieces
from openjcm.registry.notices import InstallationName
from openjcm.registry.reconciliation import (
    STATEMENT_NOT_OF_PARTNER,
    Difference,
    Report,
    Span,
    Statement,
    UnderWay,
    books_of,
    differences,
    read_statement,
)
from openjcm.registry.serials import Block, Series
from openjcm.signed import read_public_key
from openjcm.store.journal import NewFile, Product
from openjcm.store.ledger import lock_holdings, release_holds, write_holds
from openjcm.store.notices import Partner, partner_named
from openjcm.store.reconciliation import Lines, head_of, read_lines, spans_received_after, spans_sent_after


class Reconcile(Request):
    """A partner's statement is compared with our books."""

    partner: InstallationName = Field(description="The partner.")
    statement_sha256: Sha256 = Field(description="Its statement, which lies in the file store.")
    on: Day | None = Field(default=None, description="The day at whose end the books are compared; null: now.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the statement, what our books say, and what of ours the differences touch, locked."""

    partner: Partner | None
    data: bytes
    statement: Statement
    ours: Lines
    found: tuple[Difference, ...]
    holdings: Holdings
    to_hold: tuple[Block, ...]
    to_release: tuple[str, ...]


_HOLDS = """
    select distinct hold_id from block_hold
    where released_entry_no is null and ground = 'difference' and hold_id like %s order by 1
"""


def load(desk: Desk, request: Reconcile) -> State:
    """The statement, and our books as they are at one moment."""
    if is_on_record(desk, "select 1 from reconciliation where statement_sha256 = %s", request.statement_sha256):
        raise ALREADY_ON_RECORD(what="reconciliation", name=request.statement_sha256)
    data = desk.files.get(request.statement_sha256)
    statement = read_statement(data)
    partner = partner_named(desk.connection, request.partner)
    if partner is None:
        raise UNKNOWN_PARTNER(partner=request.partner)
    of_the_partner(request, statement, partner)
    ours = read_lines(desk.connection, partner, request.on)
    under_way = _under_way(desk, partner, statement, ours)
    found = (
        *_chains(desk, partner, statement, ours),
        *differences(books_of(ours.lines), books_of(statement.lines), under_way),
    )
    blocks = _blocks_to_hold(desk, found) if request.on is None else ()
    holds = desk.connection.execute(_HOLDS, [f"{_hold_prefix(request.partner)}%"]).fetchall()
    return State(
        partner, data, statement, ours, found, lock_holdings(desk.connection, blocks), blocks,
        tuple(row[0] for row in holds) if request.on is None else (),
    )  # fmt: skip


def _hold_prefix(partner: str) -> str:
    return f"difference/{partner}/"


def _under_way(desk: Desk, partner: Partner, statement: Statement, ours: Lines) -> UnderWay:
    """What the notices between the two moments explain."""
    there, decisions = spans_sent_after(desk.connection, partner.partner, statement.head.received)
    here = spans_received_after(desk.connection, partner.partner, statement.head.sent)
    return UnderWay(there, here, decisions, all_of_theirs=statement.head.sent > ours.received.sequence)


def _chains(desk: Desk, partner: Partner, statement: Statement, ours: Lines) -> list[Difference]:
    """Whether both sides mean the same notices by the same numbers; if not, a history was changed."""
    head = statement.head
    found = []
    for name, box, number, said, newest in (
        ("their notices", "in", head.sent, head.sent_head, ours.received.sequence),
        ("our notices", "out", head.received, head.received_head, ours.sent.sequence),
    ):
        known = head_of(desk.connection, box, partner.partner, number) if number <= newest else ""
        if known != said and not (box == "in" and number > newest):
            which = f"{name}: {number}"
            found.append(Difference("notices", None, None, None, decision=which, said_here=known, said_there=said))
    return found


def _blocks_to_hold(desk: Desk, found: Sequence[Difference]) -> tuple[Block, ...]:
    """The serials of our own book that the differences touch, themselves or by their decision."""
    spans = [
        one.span for one in found if one.book == "ours" and one.span and one.here is not None and not one.explained
    ]
    decisions = [one.decision for one in found if one.book == "both" and not one.explained]
    rows = desk.connection.execute(
        "select series, lower(serials), upper(serials) - 1 from block_origin where decision_id = any(%s)", [decisions]
    )
    return tuple(
        Block(Series.parse(span.series), span.first, span.last)
        for span in merged([*spans, *(Span(*row) for row in rows)])
    )


def merged(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, each serial once."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1].series == span.series and span.first <= found[-1].last + 1:
            found[-1] = Span(span.series, found[-1].first, max(found[-1].last, span.last))
        else:
            found.append(span)
    return found


def of_the_partner(request: Reconcile, statement: Statement, partner: Partner) -> None:
    """The statement is the partner's, for us, of that day. Refuses ``statement_not_of_partner``."""
    head = statement.head
    wrong = ""
    if not statement.line.is_signed_by(read_public_key(partner.notice_key)):
        wrong = "signature / 署名"
    elif (head.sender, head.recipient) != (partner.partner, partner.our_name):
        wrong = f"{head.sender} → {head.recipient}"
    elif head.on != (request.on.isoformat() if request.on else None):
        wrong = f"{head.on or '–'} ≠ {request.on or '–'}"
    if wrong:
        raise STATEMENT_NOT_OF_PARTNER(partner=partner.partner, reason=wrong)


def decide(request: Reconcile, state: State) -> Decision:
    """The report, and the holds that follow from it."""
    head = state.statement.head
    facts = {
        "partner": request.partner,
        "on": request.on,
        "statement_sha256": request.statement_sha256,
        "statement_made_at": head.made_at,
        "theirs": {"sent": head.sent, "received": head.received, "tonnes": head.tonnes},
        "ours": {"sent": state.ours.sent.sequence, "received": state.ours.received.sequence},
    }
    report = Report(facts, state.found).as_data()
    product = Product("reconciliation_report", canonical_bytes(report))
    hold_id = f"{_hold_prefix(request.partner)}{request.statement_sha256[:16]}"
    pieces = hold_pieces(state.holdings, state.to_hold)
    counts = {name: report[name] for name in ("differences", "under_way")}
    row = {
        "partner": request.partner, "on_day": request.on, "statement_sha256": request.statement_sha256,
        "report_sha256": product.sha256, **counts,
    }  # fmt: skip
    name = f"{request.partner}.{head.made_at[:10]}.statement.txt"
    outcome = {
        "partner": request.partner, "statement_sha256": request.statement_sha256, "statement_name": name,
        "report_sha256": product.sha256, "agrees": report["agrees"],
        "tonnes": report["tonnes"], **counts, "released": list(state.to_release),
        "hold_id": hold_id if pieces else None, "held": [str(piece) for _, piece in pieces],
    }  # fmt: skip
    holds = [
        (origin, Hold(hold_id, piece, Scope.INTERNATIONAL, Ground.DIFFERENCE, product.sha256))
        for origin, piece in pieces
    ]
    files = (NewFile(state.data, "text/plain", name),)
    return Decision(
        outcome, (Rows("reconciliation", (row,)),), (product,), files, (holds, state.to_release, request.occurred_on)
    )


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The row, the end of the holds of earlier reconciliations, and the new hold."""
    holds: list[tuple[Origin, Hold]]
    day: date
    holds, released, day = decision.details
    insert_rows(connection, entry_no, decision)
    release_holds(connection, entry_no, released)
    if holds:
        write_holds(connection, entry_no, holds, day)


ACT = Act(
    name="reconcile",
    title_en="Reconcile with a partner",
    title_ja="相手方登録簿との照合",
    permission="administrator",
    request=Reconcile,
    load=load,
    decide=decide,
    record=record,
)
