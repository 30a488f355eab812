"""Release a hold on credits: what it kept back may move again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg
from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Sha256
from openjcm.commands.lookups import ALREADY_ON_RECORD
from openjcm.refusals import refusal
from openjcm.registry.holds import Ground
from openjcm.registry.ledger import BEFORE_ITS_CAUSE
from openjcm.store.ledger import release_holds

UNKNOWN_HOLD = refusal(
    "unknown_hold",
    en="There is no hold {hold}.",
    ja="留保 {hold} は記録されていません。",
    remedy_en="Name the hold as it was placed.",
    remedy_ja="記録された留保の名称を指定してください。",
    clause="OpenJCM: a hold is released by its name",
    status=404,
)
HOLD_OF_A_PROPOSAL = refusal(
    "hold_of_a_proposal",
    en="{hold} reserves credits for the proposal {reference}; it is not released by itself.",
    ja="{hold} は提案 {reference} のための確保であり、単独では解除できません。",
    remedy_en="Reject or withdraw the proposal; that releases the credits.",
    remedy_ja="提案を却下または取り下げてください。それによりクレジットの確保が解除されます。",
    clause="OpenJCM: credits stay reserved while their proposal is open",
    status=409,
)


class ReleaseHold(Request):
    """The administrator releases a hold, for a stated reason and on a document."""

    hold_id: Name = Field(description="Name of the hold.")
    document: Name = Field(description="Title or address of the document on which the release stands.")
    document_sha256: Sha256 | None = Field(default=None, description="SHA-256 of the document; null: not known.")
    reason: Name = Field(description="Why, in words.")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    ground: Ground
    reference: str
    placed_on: date
    released: bool


def load(desk: Desk, request: ReleaseHold) -> State:
    """The hold, its rows locked.

    Raises:
        Refused: ``unknown_hold``.
    """
    row = desk.connection.execute(
        "select ground, reference, placed_on, released_entry_no is not null from block_hold where hold_id = %s"
        " order by origin_id, lower(serials) for no key update",
        [request.hold_id],
    ).fetchone()
    if row is None:
        raise UNKNOWN_HOLD(hold=request.hold_id)
    return State(Ground(row[0]), row[1], row[2], row[3])


def decide(request: ReleaseHold, state: State) -> Decision:
    """A hold is released once, and not before it was placed."""
    released_once(request, state)
    not_of_a_proposal(request, state)
    not_before_it_was_placed(request, state)
    return Decision(outcome={"hold_id": request.hold_id}, details=request.hold_id)


def released_once(request: ReleaseHold, state: State) -> None:
    """A hold is released once. Refuses ``already_on_record``."""
    if state.released:
        raise ALREADY_ON_RECORD(what="release", name=request.hold_id)


def not_of_a_proposal(request: ReleaseHold, state: State) -> None:
    """What is reserved for a proposal is released with it. Refuses ``hold_of_a_proposal``."""
    if state.ground is Ground.PROPOSAL:
        raise HOLD_OF_A_PROPOSAL(hold=request.hold_id, reference=state.reference)


def not_before_it_was_placed(request: ReleaseHold, state: State) -> None:
    """A release is not dated before the hold. Refuses ``before_its_cause``."""
    if request.occurred_on < state.placed_on:
        raise BEFORE_ITS_CAUSE(what="release", day=request.occurred_on, cause=state.placed_on)


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The hold ends with this entry."""
    release_holds(connection, entry_no, [decision.details])


ACT = Act(
    name="release_hold",
    title_en="Release a hold on credits",
    title_ja="クレジットの留保の解除",
    permission="administrator",
    request=ReleaseHold,
    load=load,
    decide=decide,
    record=record,
)
