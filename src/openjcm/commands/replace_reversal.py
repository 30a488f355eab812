"""Make good for a reversal that the reserve does not cover: the participants cancel credits of their own."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.cover_reversal import Covering, record
from openjcm.commands.framework import Act, Decision, Desk, Name, Request
from openjcm.commands.keeping import decided_on_period_of, escape_of, in_reserve
from openjcm.commands.transfer import BlockTexts, moved, moving
from openjcm.registry.ledger import Cancel
from openjcm.registry.storage import current_period_first, no_more_than_escaped, reserve_first


class ReplaceReversal(Request):
    """The participants cancel credits, of any project, for what escaped. The reserve comes first."""

    reversal_id: Name = Field(description="The reversal.")
    blocks: BlockTexts = Field(description="Serials or runs of serials, all in one account.")
    cancellation_account: Name = Field(description="A cancellation account of the same registry.")
    reason: Name = Field(description="Why, in words.")


@dataclass(frozen=True)
class Replacing:
    """What the act looks at, and how many credits of the project are still in reserve."""

    covering: Covering
    held: int


def load(desk: Desk, request: ReplaceReversal) -> Replacing:
    """The reversal, the holdings, the reserve."""
    escape = escape_of(desk, request.reversal_id)
    state = moving(desk, request.blocks, request.cancellation_account)
    return Replacing(Covering(escape, decided_on_period_of(desk, escape), state), in_reserve(desk, escape.project))


def decide(request: ReplaceReversal, state: Replacing) -> Decision:
    """After the reserve, and no more than escaped."""
    escape, asked = state.covering.escape, state.covering.moving
    current_period_first(escape, decided_since=state.covering.decided_since)
    no_more_than_escaped(sum(block.quantity for block in asked.blocks), escape)
    reserve_first(escape, state.held)
    entry = Cancel(asked.blocks, asked.target, request.occurred_on, "reversal")
    details: dict[str, object] = {"purpose": "reversal", "reason": request.reason}
    made = moved(asked, entry, {**details, "reversal_id": request.reversal_id})
    return Decision(made.outcome, details=(*made.details, "replaced"))


ACT = Act(
    name="replace_reversal",
    title_en="Make good for a reversal with other credits",
    title_ja="参加者による反転の補填",
    permission="operator",
    request=ReplaceReversal,
    load=load,
    decide=decide,
    record=record,
)
