"""Cancel credits (取消し): make them untransferable for any purpose but an NDC."""

from __future__ import annotations

from pydantic import Field

from openjcm.commands.chosen import ChooseRequest
from openjcm.commands.framework import Act, Decision, Desk, Moves, Name, Request, leaving_out
from openjcm.commands.lookups import known_registry, retirement_rules
from openjcm.commands.retire import Gate
from openjcm.commands.transfer import BlockTexts, State, moved, moving_or_choosing, record
from openjcm.refusals import refusal
from openjcm.registry.ledger import Cancel
from openjcm.store.ledger import read_authorizations


class CancelRequest(Request):
    """The holder asks to cancel."""

    blocks: BlockTexts = Field(default=(), description="Serials or runs of serials, all in one account.")
    choose: ChooseRequest | None = Field(
        default=None, description="Instead of blocks: a rule that chooses them; the outcome names the serials."
    )
    cancellation_account: Name = Field(description="A cancellation account of the same registry.")
    purpose: Name = Field(
        description="corsia (international aviation), oimp (other international mitigation purposes), omge (overall"
        " mitigation) or other. For a reversal see replace_reversal."
    )
    reason: Name = Field(description="Why, in words.")


REVERSAL_NOT_NAMED = refusal(
    "reversal_not_named",
    en="A cancellation for a reversal names it, and waits for the reserve.",
    ja="反転の補填のための取消しには、対象の反転を指定する必要があります (リザーブが先です)。",
    remedy_en="Use the act replace_reversal, with the name of the reversal.",
    remedy_ja="反転の名称を指定して replace_reversal を用いてください。",
    clause="CCS/CCUS rules of the 10th Joint Committee with Indonesia (2024-12-18), item 9",
)


def reversal_is_named(request: CancelRequest) -> None:
    """What makes good for a reversal says for which. Refuses ``reversal_not_named``."""
    if request.purpose == "reversal":
        raise REVERSAL_NOT_NAMED()


def load(desk: Desk, request: CancelRequest) -> Gate:
    """The target and the holdings, locked, and the authorizations that the purpose needs."""
    return at_the_gate(
        desk, request, moving_or_choosing(desk, request, request.cancellation_account, request.occurred_on)
    )


def at_the_gate(desk: Desk, request: CancelRequest, state: State) -> Gate:
    """The holdings with the rules of the day, and the authorizations where the purpose needs one."""
    parties = sorted({name for holding in state.holdings for name in holding.origin.parties})
    rules = retirement_rules(parties, request.occurred_on)
    if not dict(rules.needed).get(request.purpose):
        return Gate(state, (), rules)
    _, world = known_registry(desk, state.target.registry_id)
    return Gate(state, read_authorizations(desk.connection, world, parties), rules)


def decide(request: CancelRequest, gate: Gate) -> Decision:
    """The ledger and its gate decide."""
    reversal_is_named(request)
    entry = Cancel(
        gate.moving.blocks, gate.moving.target, request.occurred_on, request.purpose, gate.authorizations, gate.rules
    )
    return moved(gate.moving, entry, {"purpose": request.purpose, "reason": request.reason})


ACT = Act(
    name="cancel",
    title_en="Cancel credits",
    title_ja="クレジットの取消し",
    permission="operator",
    request=CancelRequest,
    load=load,
    decide=decide,
    record=record,
    journal_form=leaving_out("choose"),
    moves=Moves("cancellation_account", at_the_gate),
)
