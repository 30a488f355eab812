"""What the acts that suspend, restrict and close an account share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from openjcm.commands.framework import Decision, Desk, Rows
from openjcm.commands.lookups import known_account
from openjcm.registry.accounts import Account, Bar, BarGround
from openjcm.registry.ledger import BEFORE_ITS_CAUSE


@dataclass(frozen=True)
class State:
    """What the acts look at; the account's row is locked, so that they wait for each other."""

    account: Account

    def open_bar(self, ground: BarGround) -> Bar | None:
        """The account's bar of that ground that is not lifted."""
        return next((bar for bar in self.account.bars if bar.ground is ground and bar.lifted_on is None), None)


def load(desk: Desk, account_id: str) -> State:
    """The account, locked, with everything on record about its standing.

    Raises:
        Refused: ``unknown_account``.
    """
    return State(known_account(desk, account_id))


def not_before_it_was_opened(account: Account, day: date) -> None:
    """Nothing befalls an account before it is opened. Refuses ``before_its_cause``."""
    if day < account.opened_on:
        raise BEFORE_ITS_CAUSE(what=account.account_id, day=day, cause=account.opened_on)


def not_before_it_began(what: str, day: date, since: date) -> None:
    """Nothing is lifted before the day on which it began. Refuses ``before_its_cause``."""
    if day < since:
        raise BEFORE_ITS_CAUSE(what=what, day=day, cause=since)


def bar_rows(account_id: str, bar: Bar, reference: str) -> tuple[Rows, ...]:
    """The row of a bar."""
    row: dict[str, Any] = {
        "account_id": account_id, "ground": bar.ground.value, "sends": bar.sends, "receives": bar.receives,
        "since": bar.since, "until": bar.until, "reference": reference,
    }  # fmt: skip
    return (Rows("account_bar", (row,)),)


def record_lifting(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """A bar ends: ``details`` are the account, the ground, its reference (null: the one in force) and the day."""
    account_id, ground, reference, day = decision.details
    connection.execute(
        "update account_bar set lifted_on = %s, lifted_entry_no = %s where account_id = %s and ground = %s"
        " and reference = coalesce(%s, reference) and lifted_on is null",
        [day, entry_no, account_id, ground, reference],
    )
