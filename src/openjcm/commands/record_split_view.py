"""Record the proof that a log told two stories: two checkpoints that it signed and that cannot both be true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from openjcm.canonical import canonical_bytes
from openjcm.commands.framework import Act, Decision, Desk, Request, Rows, Sha256
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.log.checkpoint import read_verifier_key
from openjcm.log.witness import Shown, contradiction
from openjcm.store.journal import Product

FORMAT = "openjcm split view evidence 1"
Note = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class RecordSplitView(Request):
    """Two signed checkpoints of one log contradict each other; whoever has the log's key can check it again."""

    verifier_key: Annotated[str, StringConstraints(max_length=400)] = Field(
        description="Verifier key of the log (C2SP signed-note), as it was trusted."
    )
    first_note: Note = Field(description="The signed checkpoint that was seen first.")
    second_note: Note = Field(description="The signed checkpoint that contradicts it.")
    shown_root: Sha256 = Field(description="The root that the log's tiles give for the smaller of the two sizes.")
    proof: Annotated[tuple[Sha256, ...], Field(max_length=63)] = Field(
        default=(), description="Hashes that lead from that root to the larger checkpoint (RFC 9162 section 2.1.4)."
    )


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    known: bool


def evidence(request: RecordSplitView) -> bytes:
    """The evidence as a product: nothing but what anybody can check with the log's key."""
    fields = request.model_dump(mode="json", exclude={"occurred_on"})
    return canonical_bytes({"format": FORMAT, **fields})


def load(desk: Desk, request: RecordSplitView) -> State:
    """Whether this evidence is on record."""
    product = Product("split_view_evidence", evidence(request))
    return State(is_on_record(desk, "select 1 from split_view where evidence_sha256 = %s", product.sha256))


def decide(request: RecordSplitView, state: State) -> Decision:
    """The two notes are signed by the log and cannot both be true. Refuses ``no_split_view``, ``already_on_record``."""
    key = read_verifier_key(request.verifier_key)
    shown = Shown(bytes.fromhex(request.shown_root), [bytes.fromhex(step) for step in request.proof])
    smaller, larger = contradiction(request.first_note, request.second_note, shown, key)
    product = Product("split_view_evidence", evidence(request))
    if state.known:
        raise ALREADY_ON_RECORD(what="split view", name=product.sha256)
    row = {
        "origin": key.name,
        "evidence_sha256": product.sha256,
        "smaller": smaller.size,
        "larger": larger.size,
    }
    return Decision(row, (Rows("split_view", (row,)),), (product,))


ACT = Act(
    name="record_split_view",
    title_en="Record that a log told two stories",
    title_ja="ログの二重提示の記録",
    permission="operator",
    request=RecordSplitView,
    load=load,
    decide=decide,
)
