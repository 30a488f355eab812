"""Lift the suspension of an account."""

from __future__ import annotations

from pydantic import Field

from openjcm.commands.account_bars import State, not_before_it_began, record_lifting
from openjcm.commands.account_bars import load as load_account
from openjcm.commands.framework import Act, Decision, Desk, Name, Request
from openjcm.refusals import refusal
from openjcm.registry.accounts import Bar, BarGround

NOT_SUSPENDED = refusal(
    "not_suspended",
    en="{account} is not suspended.",
    ja="口座 {account} は停止されていません。",
    remedy_en="Check the account; a suspension that was lifted needs nothing more.",
    remedy_ja="口座番号を確認してください。解除済みの停止については手続は不要です。",
    clause="OpenJCM: what is lifted was placed before",
    status=409,
)


class LiftSuspension(Request):
    """The administrator lifts a suspension."""

    account_id: Name = Field(description="The account.")
    reason: Name = Field(description="Why, in words.")


def load(desk: Desk, request: LiftSuspension) -> State:
    """The account, locked."""
    return load_account(desk, request.account_id)


def decide(request: LiftSuspension, state: State) -> Decision:
    """The suspension that stands ends on this day."""
    bar = suspended(state)
    not_before_it_began("suspension", request.occurred_on, bar.since)
    return Decision(
        outcome={"account_id": request.account_id},
        details=(request.account_id, BarGround.SUSPENSION.value, None, request.occurred_on),
    )


def suspended(state: State) -> Bar:
    """The suspension that stands. Refuses ``not_suspended``."""
    bar = state.open_bar(BarGround.SUSPENSION)
    if bar is None:
        raise NOT_SUSPENDED(account=state.account.account_id)
    return bar


ACT = Act(
    name="lift_suspension",
    title_en="Lift the suspension of an account",
    title_ja="口座の停止の解除",
    permission="administrator",
    request=LiftSuspension,
    load=load,
    decide=decide,
    record=record_lifting,
)
