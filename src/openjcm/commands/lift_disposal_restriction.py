"""Lift a restriction on disposal (処分の制限) of an account: the order was lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import Field

from openjcm.commands.account_bars import load as load_account
from openjcm.commands.account_bars import not_before_it_began, record_lifting
from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Sha256
from openjcm.refusals import refusal
from openjcm.registry.accounts import BarGround

NO_SUCH_ORDER = refusal(
    "no_such_order",
    en="No restriction on disposal of {account} by the order {order} is in force.",
    ja="口座 {account} について、命令 {order} による処分の制限は記録されていません (または解除済みです)。",
    remedy_en="Name the order as it was recorded.",
    remedy_ja="記録された命令の番号を指定してください。",
    clause="OpenJCM: what is lifted was placed before",
    status=409,
)


class LiftDisposalRestriction(Request):
    """The lifting of an order reached the registry."""

    account_id: Name = Field(description="The account.")
    order: Name = Field(description="Number of the order.")
    document_sha256: Sha256 = Field(description="SHA-256 of the document that lifts it.")
    reason: Name = Field(description="Why, in words.")


@dataclass(frozen=True)
class State:
    """What the act looks at: since when the order stands; ``None``: it does not."""

    since: date | None


def load(desk: Desk, request: LiftDisposalRestriction) -> State:
    """The account, locked, and the order."""
    load_account(desk, request.account_id)
    row = desk.connection.execute(
        "select since from account_bar where account_id = %s and ground = 'order' and reference = %s"
        " and lifted_on is null",
        [request.account_id, request.order],
    ).fetchone()
    return State(row[0] if row else None)


def decide(request: LiftDisposalRestriction, state: State) -> Decision:
    """The order ends on this day."""
    since = order_stands(request, state)
    not_before_it_began("order", request.occurred_on, since)
    return Decision(
        outcome={},
        details=(request.account_id, BarGround.ORDER.value, request.order, request.occurred_on),
    )


def order_stands(request: LiftDisposalRestriction, state: State) -> date:
    """The day since which the order stands. Refuses ``no_such_order``."""
    if state.since is None:
        raise NO_SUCH_ORDER(account=request.account_id, order=request.order)
    return state.since


ACT = Act(
    name="lift_disposal_restriction",
    title_en="Lift a restriction on disposal",
    title_ja="処分の制限の解除の記録",
    permission="administrator",
    request=LiftDisposalRestriction,
    load=load,
    decide=decide,
    record=record_lifting,
)
