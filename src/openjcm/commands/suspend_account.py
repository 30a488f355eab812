"""Suspend an account: it sends nothing, receives nothing, or both."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from openjcm.commands.account_bars import State, bar_rows, not_before_it_was_opened
from openjcm.commands.account_bars import load as load_account
from openjcm.commands.framework import Act, Day, Decision, Desk, Name, Request
from openjcm.commands.lookups import ALREADY_ON_RECORD
from openjcm.refusals import refusal
from openjcm.registry.accounts import ACCOUNT_CLOSED, Account, Bar, BarGround

ENDS_BEFORE_IT_BEGINS = refusal(
    "ends_before_it_begins",
    en="It would end on {until}, before it begins on {since}.",
    ja="終了日 {until} が開始日 {since} より前です。",
    remedy_en="State an end that is not before the beginning, or none.",
    remedy_ja="終了日は開始日以降とするか、省略してください。",
    clause="OpenJCM: what is dated runs forward",
)


class SuspendAccount(Request):
    """The administrator suspends an account."""

    account_id: Name = Field(description="The account.")
    direction: Literal["in", "out", "both"] = Field(
        description="in: it receives nothing; out: it sends nothing; both: neither."
    )
    until: Day | None = Field(default=None, description="The last day of the suspension; null: until it is lifted.")
    reason: Name = Field(description="Why, in words.")


def load(desk: Desk, request: SuspendAccount) -> State:
    """The account, locked."""
    return load_account(desk, request.account_id)


def decide(request: SuspendAccount, state: State) -> Decision:
    """An account that is not closed is suspended once at a time."""
    not_before_it_was_opened(state.account, request.occurred_on)
    not_closed(state.account, request.occurred_on)
    suspended_once(state)
    runs_forward(request.occurred_on, request.until)
    bar = Bar(
        BarGround.SUSPENSION, request.direction != "in", request.direction != "out", request.occurred_on, request.until
    )
    return Decision(
        outcome={
            "account_id": request.account_id,
            "direction": request.direction,
            "until": request.until.isoformat() if request.until else None,
        },
        rows=bar_rows(request.account_id, bar, request.reason),
    )


def not_closed(account: Account, day: date) -> None:
    """A closed account stays as it is. Refuses ``account_closed``."""
    for bar in account.bars:
        if bar.ground is BarGround.CLOSURE:
            raise ACCOUNT_CLOSED(
                account=account.account_id, since=bar.since, until="–", day=day, direction="change / 変更"
            )


def suspended_once(state: State) -> None:
    """One suspension stands at a time; it is lifted before another is recorded. Refuses ``already_on_record``."""
    if state.open_bar(BarGround.SUSPENSION):
        raise ALREADY_ON_RECORD(what="suspension", name=state.account.account_id)


def runs_forward(since: date, until: date | None) -> None:
    """An end is not before its beginning. Refuses ``ends_before_it_begins``."""
    if until is not None and until < since:
        raise ENDS_BEFORE_IT_BEGINS(since=since, until=until)


ACT = Act(
    name="suspend_account",
    title_en="Suspend an account",
    title_ja="口座の停止",
    permission="administrator",
    request=SuspendAccount,
    load=load,
    decide=decide,
)
