"""Put credits into a reserve or buffer account, beyond what went there at issue."""

from __future__ import annotations

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request
from openjcm.commands.transfer import BlockTexts, State, moved, moving, record
from openjcm.registry.ledger import Reserve


class ReserveRequest(Request):
    """The holder keeps credits against a reversal. They leave by release, or to cover one."""

    blocks: BlockTexts = Field(description="Serials or runs of serials, all in one account.")
    reserve_account: Name = Field(description="A reserve or buffer account of the same registry.")


def load(desk: Desk, request: ReserveRequest) -> State:
    """The target and the holdings, locked."""
    return moving(desk, request.blocks, request.reserve_account)


def decide(request: ReserveRequest, state: State) -> Decision:
    """The ledger decides."""
    return moved(state, Reserve(state.blocks, state.target, request.occurred_on), {})


ACT = Act(
    name="reserve",
    title_en="Put credits into reserve",
    title_ja="クレジットのリザーブへの留保",
    permission="operator",
    request=ReserveRequest,
    load=load,
    decide=decide,
    record=record,
)
