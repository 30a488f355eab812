"""Record a reversal: stored tonnes escaped after credits were issued for them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from openjcm.canonical import Plain, plain, sha256_hex
from openjcm.commands.framework import HIGHEST_NUMBER, Act, Decision, Desk, Name, ProjectReference, Request, Rows
from openjcm.commands.keeping import STORAGE, Kept, kept_of
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.commands.upload_readings import CONTENT_NOT_BASE64
from openjcm.registry.storage import ESCAPED_BEFORE_INJECTION, Phase, can_escape, phase_on
from openjcm.rulebook import rule
from openjcm.store.journal import NewFile


class RecordReversal(Request):
    """Tonnes escaped on the day ``occurred_on``, which decides the phase.

    During injection they are deducted from the reductions of the period; what that does not cover, and what escapes
    later, is cancelled from the reserve, then made good by the participants. Only what no monitoring report counts
    as project emissions belongs here: else it would be deducted twice.
    """

    reversal_id: Name = Field(description="Name of the reversal, for example ID901-2031-04-02.")
    project: ProjectReference = Field(description="The project.")
    tonnes: Annotated[int, Field(ge=1, le=HIGHEST_NUMBER)] = Field(
        description="Whole tonnes of CO2 equivalent that escaped, rounded up."
    )
    name: Name = Field(description="Name of the document that shows it.")
    media_type: Name = Field(description="Its media type: application/pdf.")
    content_base64: str = Field(description="Its bytes, base64.", max_length=20_000_000, repr=False)


def content_of(request: RecordReversal) -> bytes:
    """The bytes of the document. Refuses ``content_not_base64``."""
    try:
        return base64.b64decode(request.content_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CONTENT_NOT_BASE64(name=request.name) from error


def journal_form(request: RecordReversal) -> Plain:
    """The request with the hash of the document in the place of its bytes."""
    form = request.model_dump(mode="json", exclude={"content_base64"})
    return plain({**form, "content_sha256": sha256_hex(content_of(request))})


@dataclass(frozen=True)
class State:
    """What the act looks at: whether reversal and document are on record, and the project."""

    known: bool
    stored: bool
    kept: Kept | None


def load(desk: Desk, request: RecordReversal) -> State:
    """Whether the reversal is on record, and the project."""
    known = is_on_record(desk, "select 1 from reversal where reversal_id = %s", request.reversal_id)
    stored = is_on_record(desk, "select 1 from stored_file where sha256 = %s", sha256_hex(content_of(request)))
    return State(known, stored, kept_of(desk, request.project))


def decide(request: RecordReversal, state: State) -> Decision:
    """From a site in a phase in which tonnes can escape, or from a forest."""
    kept = state.kept
    if state.known:
        raise ALREADY_ON_RECORD(what="reversal", name=request.reversal_id)
    if kept is None:
        raise ESCAPED_BEFORE_INJECTION(project=request.project, day=request.occurred_on, phase="–")
    phase = phase_on(kept.phases, request.occurred_on)
    can_escape(request.project, phase, request.occurred_on, has_phases=kept.kind == STORAGE)
    file = NewFile(content_of(request), request.media_type, request.name)
    row = {
        "reversal_id": request.reversal_id, "project": request.project, "phase": phase.value if phase else None,
        "tonnes": request.tonnes, "found_on": request.occurred_on, "document_sha256": file.sha256,
    }  # fmt: skip
    name = "ccs_reversal_during_injection" if phase is Phase.INJECTION else "ccs_reversal_after_injection"
    taken = rule(kept.host, name, request.occurred_on)
    outcome = {
        "reversal_id": request.reversal_id,
        "phase": phase.value if phase else None,
        "document_sha256": file.sha256,
        "document_stored": not state.stored,
        "interpretation": [{"rule": name, "taken": str(taken.value), "grade": taken.grade.value}],
    }
    return Decision(outcome, rows=(Rows("reversal", (row,)),), files=() if state.stored else (file,))


ACT = Act(
    name="record_reversal",
    title_en="Record a reversal",
    title_ja="反転の記録",
    permission="operator",
    request=RecordReversal,
    load=load,
    decide=decide,
    journal_form=journal_form,
)
