"""Record a restriction on disposal (処分の制限) of an account: an order, such as a seizure, stops what goes out."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.account_bars import State, bar_rows, not_before_it_was_opened
from openjcm.commands.account_bars import load as load_account
from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Sha256
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.registry.accounts import Bar, BarGround


class RecordDisposalRestriction(Request):
    """An order reached the registry. Single blocks are held by ``place_hold`` with the ground ``order``."""

    account_id: Name = Field(description="The account whose credits are not disposed of.")
    order: Name = Field(description="Number of the order.")
    authority: Name = Field(description="Who made the order.")
    document_sha256: Sha256 = Field(description="SHA-256 of the order as it was served.")
    reason: Name = Field(description="What the order says, in words.")


@dataclass(frozen=True)
class Ordered:
    """What the act looks at."""

    state: State
    exists: bool


def load(desk: Desk, request: RecordDisposalRestriction) -> Ordered:
    """The account, locked, and whether the order is on record for it."""
    state = load_account(desk, request.account_id)
    exists = is_on_record(
        desk,
        "select 1 from account_bar where account_id = %s and ground = 'order' and reference = %s",
        request.account_id,
        request.order,
    )
    return Ordered(state, exists)


def decide(request: RecordDisposalRestriction, ordered: Ordered) -> Decision:
    """One record for an order and account; several orders may stand side by side."""
    if ordered.exists:
        raise ALREADY_ON_RECORD(what="order", name=request.order)
    not_before_it_was_opened(ordered.state.account, request.occurred_on)
    bar = Bar(BarGround.ORDER, sends=True, receives=False, since=request.occurred_on)
    return Decision(
        outcome={},  # whose credits are seized is for the journal, not for the public log
        rows=bar_rows(request.account_id, bar, request.order),
    )


ACT = Act(
    name="record_disposal_restriction",
    title_en="Record a restriction on disposal",
    title_ja="処分の制限の記録",
    permission="administrator",
    request=RecordDisposalRestriction,
    load=load,
    decide=decide,
)
