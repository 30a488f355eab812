"""Record that a storage site (CCS) entered a phase: injection, closure preparation, post-closure, closed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, GradeName, Name, ProjectReference, Request, Rows
from openjcm.commands.lookups import UNKNOWN_PROJECT, is_on_record
from openjcm.registry.storage import Phase, PhaseFact, phase_is_next


class RecordStoragePhase(Request):
    """The phase began on the day ``occurred_on``. Each phase begins once, in order."""

    project: ProjectReference = Field(description="The project.")
    phase: Literal["injection", "closure_preparation", "post_closure", "closed"] = Field(
        description="What began. Credits are for days of injection only."
    )
    source: Name = Field(description="Document that states it; for closed: the Joint Committee's decision.")
    grade: GradeName = Field(description="How well it is known.")


def load(desk: Desk, request: RecordStoragePhase) -> tuple[PhaseFact, ...]:
    """The phases on record."""
    if not is_on_record(desk, "select 1 from project where reference = %s for no key update", request.project):
        raise UNKNOWN_PROJECT(project=request.project, world="–")
    rows = desk.connection.execute("select phase, since from storage_phase where project = %s", [request.project])
    return tuple(PhaseFact(Phase(phase), since) for phase, since in rows)


def decide(request: RecordStoragePhase, known: tuple[PhaseFact, ...]) -> Decision:
    """The next phase, on a later day."""
    phase_is_next(request.project, known, Phase(request.phase), request.occurred_on)
    row = {
        "project": request.project, "phase": request.phase, "since": request.occurred_on, "source": request.source,
        "grade": request.grade,
    }  # fmt: skip
    outcome = {"project": request.project, "phase": request.phase, "since": request.occurred_on.isoformat()}
    return Decision(outcome, rows=(Rows("storage_phase", (row,)),))


ACT = Act(
    name="record_storage_phase",
    title_en="Record a phase of a storage site",
    title_ja="貯留サイトの段階の記録",
    permission="operator",
    request=RecordStoragePhase,
    load=load,
    decide=decide,
)
