"""Place a hold on credits: they do not move until it is released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import psycopg
from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Sha256
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record, read_blocks
from openjcm.commands.transfer import BlockTexts
from openjcm.registry.holds import Ground, Hold, Scope
from openjcm.registry.ledger import Holdings, each_serial_named_once, hold_pieces, some_blocks
from openjcm.registry.serials import Block
from openjcm.store.ledger import lock_holdings, write_holds


class PlaceHold(Request):
    """The administrator holds credits back, for a stated ground and on a document."""

    hold_id: Name = Field(description="Name of the hold, for example order-2026-12.")
    blocks: BlockTexts = Field(description="Serials or runs of serials that are on record.")
    scope: Literal["all", "international"] = Field(
        description="all: nothing moves; international: only acts between registries are refused."
    )
    ground: Literal["difference", "order", "other"] = Field(
        description="difference (between registries), order (restriction on disposal) or other."
    )
    reference: Name = Field(description="Number of the order, of the reconciliation report, or of the case.")
    document: Name = Field(description="Title or address of the document on which it stands.")
    document_sha256: Sha256 | None = Field(default=None, description="SHA-256 of the document; null: not known.")
    reason: Name = Field(description="Why, in words.")


@dataclass(frozen=True)
class State:
    """What the act looks at; the holdings are locked."""

    exists: bool
    blocks: tuple[Block, ...]
    holdings: Holdings


def load(desk: Desk, request: PlaceHold) -> State:
    """Whether the name is taken, and the credits, locked."""
    blocks = read_blocks(request.blocks)
    exists = is_on_record(desk, "select 1 from block_hold where hold_id = %s", request.hold_id)
    return State(exists, blocks, lock_holdings(desk.connection, blocks))


def decide(request: PlaceHold, state: State) -> Decision:
    """One hold for each name, on credits that are on record; it may lie over another."""
    if state.exists:
        raise ALREADY_ON_RECORD(what="hold", name=request.hold_id)
    some_blocks(state.blocks)
    each_serial_named_once(state.blocks)
    scope, ground = Scope(request.scope), Ground(request.ground)
    pieces = hold_pieces(state.holdings, state.blocks)
    holds = [(origin, Hold(request.hold_id, piece, scope, ground, request.reference)) for origin, piece in pieces]
    return Decision(
        outcome={
            "hold_id": request.hold_id,
            "scope": request.scope,
            "ground": request.ground,
            "quantity": sum(piece.quantity for _, piece in pieces),
            "blocks": [str(piece) for _, piece in pieces],
        },
        details=(holds, request.occurred_on),
    )


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The rows of the hold."""
    write_holds(connection, entry_no, *decision.details)


ACT = Act(
    name="place_hold",
    title_en="Hold credits back",
    title_ja="クレジットの留保",
    permission="administrator",
    request=PlaceHold,
    load=load,
    decide=decide,
    record=record,
)
