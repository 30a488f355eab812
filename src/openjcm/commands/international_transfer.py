"""Transfer credits to an account of the other Party's registry, where the partner's rulebook allows it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request
from openjcm.commands.lookups import known_registry, retirement_rules
from openjcm.commands.transfer import BlockTexts, State, moved, moving, record
from openjcm.registry.ledger import InternationalTransfer


class InternationalTransferRequest(Request):
    """The holder asks for credits to go to the other Party's registry. One entry is both sides' entry: the giving
    registry's transfer and the receiving one's acquisition, so that no serial ever lives in both."""

    blocks: BlockTexts = Field(description="Serials or runs of serials, all in one account.")
    target_account: Name = Field(description="The account that receives them, of the other Party's registry.")


@dataclass(frozen=True)
class Crossing:
    """What the act looks at: the holdings, and the partners whose rules let credits cross on that day."""

    moving: State
    allowed_by: tuple[str, ...]


def load(desk: Desk, request: InternationalTransferRequest) -> Crossing:
    """Target and holdings, locked; the rules of the Parties concerned, or of the demonstration in its world."""
    state = moving(desk, request.blocks, request.target_account)
    _, world = known_registry(desk, state.target.registry_id)
    parties = {item.account.party for item in state.holdings} | {state.target.party}
    rules = retirement_rules(sorted(parties), request.occurred_on)
    return Crossing(state, tuple(party for where, party in rules.crossing if where == world))


def decide(request: InternationalTransferRequest, state: Crossing) -> Decision:
    """The ledger decides."""
    entry = InternationalTransfer(state.moving.blocks, state.moving.target, request.occurred_on, state.allowed_by)
    return moved(state.moving, entry, {"acquiring_registry": state.moving.target.registry_id})


ACT = Act(
    name="international_transfer",
    title_en="Transfer credits to the other Party's registry",
    title_ja="クレジットの国際移転",
    permission="operator",
    request=InternationalTransferRequest,
    load=load,
    decide=decide,
    record=record,
)
