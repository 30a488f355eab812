"""Record a dated fact of a meter, with its documents. A correction is a new fact that names the one it corrects."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from openjcm.canonical import Plain, canonical_bytes, plain, sha256_hex
from openjcm.commands.framework import (
    Act,
    Day,
    Decision,
    Desk,
    ExactJson,
    Name,
    Part,
    ProjectReference,
    Request,
    Rows,
    Sha256,
    Words,
)  # fmt: skip
from openjcm.commands.lookups import ALREADY_ON_RECORD
from openjcm.commands.submit_monitoring_report import meter_facts_of, plan_of
from openjcm.commands.upload_readings import CONTENT_NOT_BASE64, Base64
from openjcm.mrv.meter_facts import METER_FACT_INVALID, Document, MeterFact
from openjcm.mrv.timeline import FACT_OF_UNKNOWN_METER, MeterTimeline, change_by, timeline_of
from openjcm.refusals import refusal
from openjcm.registry.ledger import BEFORE_ITS_CAUSE
from openjcm.store.files import FILE_NOT_STORED
from openjcm.store.journal import NewFile, Product

FACT_WITHOUT_DOCUMENT = refusal(
    "fact_without_document",
    en="The fact “{kind}” of meter “{meter}” names no document.",
    ja="計量器「{meter}」の情報「{kind}」に、根拠となる書類がありません。",
    remedy_en="Name the certificate, letter or record that shows it, and attach it if you have it.",
    remedy_ja="根拠となる証明書・書簡・記録の名称を指定し、可能であれば添付してください。",
    clause="OpenJCM: a fact of a meter stands on a document",
)

MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,100}$")]


class FactDocument(Part):
    """A document that shows a fact."""

    name: Name = Field(description="Name of the document.")
    sha256: Sha256 | None = Field(default=None, description="SHA-256 of its stored bytes; null: not on file.")


class RecordMeterFact(Request):
    """Something is learned of a meter."""

    project: ProjectReference = Field(description="The project.")
    meter: Name = Field(description="The meter, as the monitoring plan names it.")
    kind: Literal[
        "installation", "accuracy", "register_span", "ct_ratio", "vt_ratio", "replacement", "firmware", "calibration",
        "calibration_interval", "invoice", "operation", "explanation",
    ] = Field(description="Kind of fact; docs/meters.md lists what each holds.")  # fmt: skip
    day: Day | None = Field(default=None, description="First day on which it holds; null only for a calibration.")
    at: Words = Field(default="", description="The instant with its offset, if known: 2024-05-01T10:30:00+09:00.")
    value: dict[str, ExactJson] = Field(default_factory=dict, description="What the fact says; numbers as text.")
    documents: Annotated[tuple[FactDocument, ...], Field(max_length=50)] = Field(
        default=(), description="Documents that show it."
    )
    corrects: Sha256 | None = Field(default=None, description="The fact that this one corrects, by SHA-256.")
    withdrawn: bool = Field(default=False, description="Whether the corrected fact never held, without another value.")
    approval: FactDocument | None = Field(
        default=None, description="The decision that approved a change from the registered plan."
    )
    name: Name | None = Field(default=None, description="Name of the attached document.")
    media_type: MediaType = Field(default="application/pdf", description="Media type of the attached document.")
    content_base64: Base64 | None = Field(
        default=None, description="The bytes of the attached document in base64; null: none attached.", repr=False
    )
    is_public: bool = Field(default=False, description="Whether the attached document may be shown to everybody.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the meter's timeline so far, the reports of the project, and which files are stored."""

    timeline: MeterTimeline
    reports: tuple[tuple[str, date, date], ...]
    stored: frozenset[str]


def attached(request: RecordMeterFact) -> bytes | None:
    """The bytes of the attached document, if any.

    Raises:
        Refused: ``content_not_base64``, ``meter_fact_invalid`` for an attachment without a name.
    """
    if request.content_base64 is None:
        return None
    if request.name is None:
        raise METER_FACT_INVALID(meter=request.meter, kind=request.kind, field="name", value="–", allowed="a name")
    try:
        return base64.b64decode(request.content_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CONTENT_NOT_BASE64(name=request.name) from error


def journal_form(request: RecordMeterFact) -> Plain:
    """The request with the hash of the attached document in the place of its bytes."""
    data = attached(request)
    form = request.model_dump(mode="json", exclude={"content_base64"})
    return plain({**form, "content_sha256": None if data is None else sha256_hex(data)})


def fact_of(request: RecordMeterFact) -> MeterFact:
    """The fact that the request states, the attached document among its documents.

    Raises:
        Refused: ``meter_fact_invalid``, ``content_not_base64``.
    """
    documents: list[dict[str, Any]] = [item.model_dump() for item in request.documents]
    if (data := attached(request)) is not None:
        documents.append({"name": request.name, "sha256": sha256_hex(data)})
    fields = request.model_dump(include={"meter", "kind", "day", "value", "at", "corrects", "withdrawn"})
    approval = request.approval.model_dump() if request.approval else None
    return MeterFact.from_data({**fields, "documents": documents, "approval": approval})


def load(desk: Desk, request: RecordMeterFact) -> State:
    """The timeline of the meter, the project's reports, and the documents that are on file.

    Raises:
        Refused: ``unknown_project``, ``no_monitoring_plan``, ``fact_of_unknown_meter``.
    """
    plan = plan_of(desk, request.project)
    meters = {item.meter.meter_id: item.meter for item in plan.meters}
    if request.meter not in meters:
        raise FACT_OF_UNKNOWN_METER(meter=request.meter, known=sorted(meters))
    named = [document.sha256 for document in fact_documents(fact_of(request)) if document.sha256]
    reports = desk.connection.execute(
        "select report_sha256, lower(monitoring_period), upper(monitoring_period) - 1 from monitoring_report"
        " where project = %s order by 2",
        [request.project],
    ).fetchall()
    stored = desk.connection.execute("select sha256 from stored_file where sha256 = any(%s)", [named]).fetchall()
    timeline = timeline_of(meters[request.meter], meter_facts_of(desk, request.project))
    return State(timeline, tuple((row[0], row[1], row[2]) for row in reports), frozenset(row[0] for row in stored))


def fact_documents(fact: MeterFact) -> Sequence[Document]:
    """The documents of a fact and of its approval."""
    return (*fact.documents, *((fact.approval,) if fact.approval else ()))


def decide(request: RecordMeterFact, state: State) -> Decision:
    """The fact is new, stands on a document, is not of a day to come, and corrects what can be corrected."""
    fact, data = fact_of(request), attached(request)
    if any(known.id == fact.id for known in state.timeline.facts):
        raise ALREADY_ON_RECORD(what="meter fact", name=fact.id)
    if not fact.documents:
        raise FACT_WITHOUT_DOCUMENT(kind=fact.kind, meter=fact.meter)
    if fact.day is not None and fact.day > request.occurred_on:
        raise BEFORE_ITS_CAUSE(what="meter fact", day=request.occurred_on, cause=fact.day)
    fresh = data is not None and sha256_hex(data) not in state.stored
    known_files = state.stored | ({sha256_hex(data)} if data is not None else set())
    for document in fact_documents(fact):
        if document.sha256 and document.sha256 not in known_files:
            raise FILE_NOT_STORED(sha256=document.sha256)
    after = timeline_of(state.timeline.meter, (*state.timeline.facts, fact))
    product = Product("meter_fact", canonical_bytes(fact.as_data()))
    row = {
        "project": request.project, "fact_sha256": product.sha256, "meter": fact.meter, "kind": fact.kind,
        "day": fact.day, "corrects": request.corrects,
    }  # fmt: skip
    new_file = NewFile(data or b"", request.media_type, request.name or "", request.is_public)
    return Decision(
        outcome_of(request, state, fact, after, stored=fresh),
        (Rows("meter_fact", (row,)),),
        (product,),
        (new_file,) if fresh else (),
    )


def outcome_of(
    request: RecordMeterFact, state: State, fact: MeterFact, after: MeterTimeline, *, stored: bool
) -> dict[str, Any]:
    """What the receipt says: the fact, what it changes, and the reports that have days on which it matters."""
    change = change_by(state.timeline, fact)
    return {
        "fact_sha256": fact.id,
        "project": request.project,
        "meter": fact.meter,
        "document_stored": stored,
        "facts_of_meter": len(after.facts),
        "changes": {
            "first": change.first.isoformat() if change.first else None,
            "last": change.last.isoformat() if change.last else None,
            "before": dict(change.before.value) if change.before else None,
            "after": dict(change.after.value) if change.after else None,
        },
        "reports_touched": [sha256 for sha256, first, last in state.reports if change.touches(first, last)],
    }


ACT = Act(
    name="record_meter_fact",
    title_en="Record a fact of a meter",
    title_ja="計量器に関する情報の記録",
    permission="operator",
    request=RecordMeterFact,
    load=load,
    decide=decide,
    journal_form=journal_form,
)
