"""Release a reserve at closure, as the Joint Committee decided."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, GradeName, Name, ProjectReference, Request
from openjcm.commands.keeping import Kept, kept_of
from openjcm.commands.transfer import BlockTexts, State, moved, moving, record
from openjcm.registry.ledger import Release
from openjcm.registry.storage import closed_and_made_good, credits_of_the_project, phase_on


class ReleaseReserve(Request):
    """What is left of a reserve goes to a holder; a rest that is to be given up is cancelled from there."""

    project: ProjectReference = Field(description="The project, which is closed.")
    blocks: BlockTexts = Field(description="Serials or runs of serials, all in one reserve or buffer account.")
    target_account: Name = Field(description="The account that receives them, of the same registry.")
    source: Name = Field(description="The Joint Committee's decision.")
    grade: GradeName = Field(description="How well the decision is known.")


@dataclass(frozen=True)
class Closing:
    """What the act looks at: the project and the holdings, locked."""

    kept: Kept | None
    moving: State


def load(desk: Desk, request: ReleaseReserve) -> Closing:
    """The project with its phases and what it owes; the holdings."""
    kept = kept_of(desk, request.project)
    return Closing(kept, moving(desk, request.blocks, request.target_account))


def decide(request: ReleaseReserve, state: Closing) -> Decision:
    """At closure, when nothing is owed, and of this project only."""
    phases = state.kept.phases if state.kept else ()
    left = sum(escape.left for escape in state.kept.escapes) if state.kept else 0
    closed_and_made_good(request.project, phase_on(phases, request.occurred_on), request.occurred_on, left)
    credits_of_the_project(state.moving.blocks, request.project)
    entry = Release(state.moving.blocks, state.moving.target, request.occurred_on)
    return moved(state.moving, entry, {"source": request.source, "grade": request.grade})


ACT = Act(
    name="release_reserve",
    title_en="Release a reserve",
    title_ja="リザーブの解除",
    permission="operator",
    request=ReleaseReserve,
    load=load,
    decide=decide,
    record=record,
)
