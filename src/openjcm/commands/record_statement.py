"""Record what a source says of a subject. Sources that disagree are all kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from openjcm.commands.framework import (
    Act,
    Decision,
    Desk,
    ExactJson,
    GradeName,
    JsonColumn,
    Name,
    Part,
    Request,
    Rows,
    Words,
)  # fmt: skip


class FieldStatement(Part):
    """One field, as one source has it."""

    field: Name = Field(description="Name of the field, for example registered_on.")
    value: ExactJson = Field(description="The value; null: the source is silent and the value is not known.")
    source: Name = Field(description="Document or page that says so.")
    grade: GradeName = Field(description="How well the fact is known.")
    note: Words = Field(default="", description="What a reader should know, for example a conflict of sources.")


class RecordStatement(Request):
    """What sources say of one subject."""

    subject_kind: Literal["project", "adoption", "issuance", "itmo_transfer", "mechanism"] = Field(
        description="What the subject is."
    )
    subject: Name = Field(description="The subject's name, for example MN004.")
    fields: Annotated[tuple[FieldStatement, ...], Field(min_length=1, max_length=2000)] = Field(
        description="One statement for each field and source."
    )


def load(desk: Desk, request: RecordStatement) -> None:
    """Nothing is needed: statements may disagree with anything on record."""


def decide(request: RecordStatement, state: None) -> Decision:
    """Every statement is kept as it is given."""
    subject = {"subject_kind": request.subject_kind, "subject": request.subject}
    rows = tuple(
        {**subject, **item.model_dump(mode="json"), "value": JsonColumn(item.value)} for item in request.fields
    )
    return Decision(outcome={**subject, "statements": len(rows)}, rows=(Rows("statement", rows),))


ACT = Act(
    name="record_statement",
    title_en="Record what a source says",
    title_ja="出典の記載の記録",
    permission="operator",
    request=RecordStatement,
    load=load,
    decide=decide,
)
