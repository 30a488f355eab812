"""Retire credits (無効化): make them untransferable, to count for a Party's NDC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from openjcm.commands.chosen import ChooseRequest
from openjcm.commands.framework import Act, Decision, Desk, Moves, Name, Request, Year, leaving_out
from openjcm.commands.lookups import known_registry, retirement_rules
from openjcm.commands.transfer import BlockTexts, State, moved, moving_or_choosing, record
from openjcm.registry.gate import AuthorizationOnFile, RetirementRules
from openjcm.registry.ledger import Retire
from openjcm.store.ledger import read_authorizations


class RetireRequest(Request):
    """The holder asks to retire; refused unless both Parties' authorizations are on file."""

    blocks: BlockTexts = Field(default=(), description="Serials or runs of serials, all in one account.")
    choose: ChooseRequest | None = Field(
        default=None, description="Instead of blocks: a rule that chooses them; the outcome names the serials."
    )
    retirement_account: Name = Field(description="A retirement account of the same registry.")
    used_for_year: Year = Field(description="The year for whose NDC accounting the credits are used.")
    purpose: Name = Field(description="ndc, the only purpose of a retirement.")
    serves: Literal["gx_ets", "shk", "offset_statement"] | None = Field(
        default=None,
        description="What it serves besides: a duty under the GX-ETS, adjusted emissions (shk) or a statement of"
        " offsetting; null: nothing more. One use, for good.",
    )
    served: Name | None = Field(
        default=None, description="Who or what is served: the reporter, the product, the event."
    )


@dataclass(frozen=True)
class Gate:
    """What the act looks at: the holdings, the authorizations on file, and the rules of the day."""

    moving: State
    authorizations: tuple[AuthorizationOnFile, ...]
    rules: RetirementRules


def load(desk: Desk, request: RetireRequest) -> Gate:
    """Holdings, locked, and every version of the Parties' authorizations in the registry's world."""
    return at_the_gate(
        desk, request, moving_or_choosing(desk, request, request.retirement_account, request.occurred_on)
    )


def at_the_gate(desk: Desk, request: RetireRequest, state: State) -> Gate:
    """The holdings with every authorization that may stand by them, and the rules of the day."""
    _, world = known_registry(desk, state.target.registry_id)
    parties = sorted({name for holding in state.holdings for name in holding.origin.parties})
    authorizations = read_authorizations(desk.connection, world, parties)
    return Gate(state, authorizations, retirement_rules(parties, request.occurred_on))


def decide(request: RetireRequest, gate: Gate) -> Decision:
    """The ledger and its gate decide."""
    entry = Retire(
        gate.moving.blocks,
        gate.moving.target,
        request.occurred_on,
        request.used_for_year,
        request.purpose,
        gate.authorizations,
        gate.rules,
        request.serves,
    )
    return moved(gate.moving, entry, details_of(request))


def details_of(request: RetireRequest) -> dict[str, object]:
    """What the movement keeps of the request."""
    found: dict[str, Any] = {"used_for_year": request.used_for_year, "purpose": request.purpose}
    further = {"serves": request.serves, "served": request.served}
    return found | {name: value for name, value in further.items() if value is not None}


ACT = Act(
    name="retire",
    title_en="Retire credits",
    title_ja="クレジットの無効化",
    permission="operator",
    request=RetireRequest,
    load=load,
    decide=decide,
    record=record,
    journal_form=leaving_out("serves", "served", "choose"),
    moves=Moves("retirement_account", at_the_gate),
)
