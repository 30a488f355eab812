"""Audit of what keeps credits and accounts still: holds and bars are replayed with the ledger, and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg

from openjcm.refusals import Finding
from openjcm.registry.accounts import Bar, BarGround
from openjcm.registry.holds import Ground, Hold, Scope
from openjcm.registry.ledger import Origin, hold_pieces
from openjcm.registry.serials import parse_block
from openjcm.store.audit import JournalRow
from openjcm.store.audit_comparison import compared
from openjcm.store.ledger import block_of

if TYPE_CHECKING:
    from openjcm.store.audit_ledger import Replay


@dataclass
class PlacedHold:
    """A hold of the replay: its parts, who placed it, and who released it."""

    parts: list[tuple[Origin, Hold]]
    placed_on: date
    entry_no: int
    released_entry_no: int | None = None


@dataclass
class PlacedBar:
    """A bar of the replay."""

    account_id: str
    bar: Bar
    reference: str
    entry_no: int
    lifted_entry_no: int | None = None


def place(replay: Replay, row: JournalRow, blocks: list[str], hold_id: str, scope: str, ground: str, why: str) -> None:
    """Replay a hold.

    Raises:
        ValueError: if the name is taken.
    """
    if hold_id in replay.holds:
        raise ValueError(f"second hold {hold_id}")
    pieces = hold_pieces(replay.holdings, [parse_block(text) for text in blocks])
    parts = [(origin, Hold(hold_id, piece, Scope(scope), Ground(ground), why)) for origin, piece in pieces]
    replay.holds[hold_id] = PlacedHold(parts, row.occurred_on, row.entry_no)
    replay.holdings = replay.holdings.with_holds(hold for _, hold in parts)


def release(replay: Replay, row: JournalRow, hold_id: str) -> None:
    """Replay the release of a hold.

    Raises:
        ValueError: if it is released already.
    """
    placed = replay.holds[hold_id]
    if placed.released_entry_no is not None:
        raise ValueError(f"second release of {hold_id}")
    placed.released_entry_no = row.entry_no
    replay.holdings = replay.holdings.without_hold(hold_id)


def _place_hold(replay: Replay, row: JournalRow) -> None:
    said = row.request
    place(replay, row, said["blocks"], said["hold_id"], said["scope"], said["ground"], said["reference"])


def _release_hold(replay: Replay, row: JournalRow) -> None:
    release(replay, row, row.request["hold_id"])


def _reconcile(replay: Replay, row: JournalRow) -> None:
    said = row.outcome
    for hold_id in said["released"]:
        release(replay, row, hold_id)
    if said["hold_id"] is not None:
        place(replay, row, said["held"], said["hold_id"], Scope.INTERNATIONAL, Ground.DIFFERENCE, said["report_sha256"])


def _bar(replay: Replay, row: JournalRow, bar: Bar, reference: str) -> None:
    replay.bars.append(PlacedBar(row.request["account_id"], bar, reference, row.entry_no))
    _stand(replay, row.request["account_id"])


def _stand(replay: Replay, account_id: str) -> None:
    """The account stands as its bars say, also where its holdings are looked at."""
    bars = tuple(placed.bar for placed in replay.bars if placed.account_id == account_id)
    replay.accounts[account_id] = replace(replay.accounts[account_id], bars=bars)
    replay.holdings = replay.holdings.with_account(replay.accounts[account_id])


def _suspend(replay: Replay, row: JournalRow) -> None:
    said = row.request
    until = date.fromisoformat(said["until"]) if said["until"] else None
    bar = Bar(BarGround.SUSPENSION, said["direction"] != "in", said["direction"] != "out", row.occurred_on, until)
    _bar(replay, row, bar, said["reason"])


def _restrict(replay: Replay, row: JournalRow) -> None:
    _bar(replay, row, Bar(BarGround.ORDER, sends=True, receives=False, since=row.occurred_on), row.request["order"])


def _close(replay: Replay, row: JournalRow) -> None:
    if any(item.account.account_id == row.request["account_id"] for item in replay.holdings):
        raise ValueError("closed with credits in it")
    _bar(replay, row, Bar(BarGround.CLOSURE, sends=True, receives=True, since=row.occurred_on), row.request["reason"])


def _lift(replay: Replay, row: JournalRow, ground: BarGround, reference: str | None) -> None:
    account_id = row.request["account_id"]
    placed = next(
        item
        for item in replay.bars
        if (item.account_id, item.bar.ground, item.lifted_entry_no) == (account_id, ground, None)
        and reference in (None, item.reference)
    )
    placed.bar, placed.lifted_entry_no = replace(placed.bar, lifted_on=row.occurred_on), row.entry_no
    _stand(replay, account_id)


STEPS: dict[str, Callable[[Replay, JournalRow], None]] = {
    "place_hold": _place_hold,
    "release_hold": _release_hold,
    "reconcile": _reconcile,
    "suspend_account": _suspend,
    "lift_suspension": lambda replay, row: _lift(replay, row, BarGround.SUSPENSION, None),
    "record_disposal_restriction": _restrict,
    "lift_disposal_restriction": lambda replay, row: _lift(replay, row, BarGround.ORDER, row.request["order"]),
    "close_account": _close,
}


def compare(connection: psycopg.Connection, replay: Replay) -> Iterator[Finding]:
    """The tables of holds and bars are what the journal gives."""
    holds: list[dict[str, Any]] = [
        {
            "hold": hold.hold_id, "block": str(hold.block), "origin": str(origin.block), "scope": hold.scope,
            "ground": hold.ground, "reference": hold.reference, "placed_on": placed.placed_on,
            "released": placed.released_entry_no, "entry_no": placed.entry_no,
        }
        for placed in replay.holds.values()
        for origin, hold in placed.parts
    ]  # fmt: skip
    bars: list[dict[str, Any]] = [
        {
            "account": placed.account_id, "ground": placed.bar.ground, "sends": placed.bar.sends,
            "receives": placed.bar.receives, "since": placed.bar.since, "until": placed.bar.until,
            "reference": placed.reference, "lifted_on": placed.bar.lifted_on, "lifted": placed.lifted_entry_no,
            "entry_no": placed.entry_no,
        }
        for placed in replay.bars
    ]  # fmt: skip
    for table, expected, actual in (
        ("block_hold", holds, _holds(connection)),
        ("account_bar", bars, _bars(connection)),
    ):
        yield from compared(table, expected, actual)


def _holds(connection: psycopg.Connection) -> Iterator[dict[str, Any]]:
    for row in connection.execute(
        "select h.hold_id, h.series, h.serials, o.series, o.serials, h.scope, h.ground, h.reference, h.placed_on,"
        " h.released_entry_no, h.entry_no from block_hold h join block_origin o using (origin_id)"
    ):
        yield {
            "hold": row[0], "block": str(block_of(row[1], row[2])), "origin": str(block_of(row[3], row[4])),
            "scope": row[5], "ground": row[6], "reference": row[7], "placed_on": row[8], "released": row[9],
            "entry_no": row[10],
        }  # fmt: skip


def _bars(connection: psycopg.Connection) -> Iterator[dict[str, Any]]:
    names = ("account", "ground", "sends", "receives", "since", "until", "reference", "lifted_on", "lifted", "entry_no")
    for row in connection.execute(
        "select account_id, ground, sends, receives, since, until, reference, lifted_on, lifted_entry_no, entry_no"
        " from account_bar"
    ):
        yield dict(zip(names, row, strict=True))
