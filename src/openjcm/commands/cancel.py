"""Cancel credits (取消し): make them untransferable for any purpose but an NDC."""

from __future__ import annotations

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Moves, Name, Request
from openjcm.commands.transfer import BlockTexts, State, as_it_is, moved, moving, record
from openjcm.registry.ledger import Cancel


class CancelRequest(Request):
    """The holder asks to cancel."""

    blocks: BlockTexts = Field(description="Serials or runs of serials, all in one account.")
    cancellation_account: Name = Field(description="A cancellation account of the same registry.")
    purpose: Name = Field(
        description="omge (overall mitigation), oimp (other international mitigation purposes) or other."
    )
    reason: Name = Field(description="Why, in words.")


def load(desk: Desk, request: CancelRequest) -> State:
    """The target and the holdings, locked."""
    return moving(desk, request.blocks, request.cancellation_account)


def decide(request: CancelRequest, state: State) -> Decision:
    """The ledger decides."""
    entry = Cancel(state.blocks, state.target, request.occurred_on, request.purpose)
    return moved(state, entry, {"purpose": request.purpose, "reason": request.reason})


ACT = Act(
    name="cancel",
    title_en="Cancel credits",
    title_ja="クレジットの取消し",
    permission="operator",
    request=CancelRequest,
    load=load,
    decide=decide,
    record=record,
    moves=Moves("cancellation_account", as_it_is),
)
