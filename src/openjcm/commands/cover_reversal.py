"""Cover a reversal from the reserve: credits of a reserve or buffer account are cancelled."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request
from openjcm.commands.keeping import decided_on_period_of, escape_of
from openjcm.commands.transfer import BlockTexts, State, moved, moving
from openjcm.registry.ledger import CoverReversal
from openjcm.registry.storage import Escape, credits_of_the_project, current_period_first, no_more_than_escaped
from openjcm.store.ledger import write_movements


class CoverReversalRequest(Request):
    """What escaped is cancelled from the project's own reserve."""

    reversal_id: Name = Field(description="The reversal.")
    blocks: BlockTexts = Field(description="Serials or runs of serials, all in one reserve or buffer account.")
    cancellation_account: Name = Field(description="A cancellation account of the same registry.")


@dataclass(frozen=True)
class Covering:
    """What the act looks at: the reversal and the holdings, locked."""

    escape: Escape
    decided_since: bool
    moving: State


def load(desk: Desk, request: CoverReversalRequest) -> Covering:
    """The reversal, then the holdings, locked."""
    escape = escape_of(desk, request.reversal_id)
    decided = decided_on_period_of(desk, escape)
    return Covering(escape, decided, moving(desk, request.blocks, request.cancellation_account))


def decide(request: CoverReversalRequest, state: Covering) -> Decision:
    """The project's own reserve, no more than escaped, and after the current period."""
    blocks = state.moving.blocks
    credits_of_the_project(blocks, state.escape.project)
    current_period_first(state.escape, decided_since=state.decided_since)
    no_more_than_escaped(sum(block.quantity for block in blocks), state.escape)
    entry = CoverReversal(blocks, state.moving.target, request.occurred_on)
    made = moved(state.moving, entry, {"reversal_id": request.reversal_id})
    return Decision(made.outcome, details=(*made.details, "reserve"))


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The movements, and what they make good."""
    before, found, details, how = decision.details
    write_movements(connection, entry_no, before, found, details)
    connection.execute(
        "insert into reversal_settlement (reversal_id, how, tonnes, entry_no) values (%s, %s, %s, %s)",
        [details["reversal_id"], how, sum(item.block.quantity for item in found), entry_no],
    )


ACT = Act(
    name="cover_reversal",
    title_en="Cover a reversal from the reserve",
    title_ja="リザーブによる反転の補填",
    permission="operator",
    request=CoverReversalRequest,
    load=load,
    decide=decide,
    record=record,
)
