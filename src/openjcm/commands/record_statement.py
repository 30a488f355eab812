"""Record what a source says of a subject. Sources that disagree are all kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
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
from openjcm.refusals import refusal

STATEMENT_OF_OTHER_FORM = refusal(
    "statement_of_other_form",
    en="The value of “{field}” of {subject} is {value}; it must be: {form}.",
    ja="{subject} の項目「{field}」の値が {value} です。次の形式で指定してください: {form}。",
    remedy_en="Give the value in that form, or null where the source is silent; other words belong in the note.",
    remedy_ja="その形式の値を指定してください。出典に記載がない場合は null とし、補足は note に記入してください。",
    clause="OpenJCM: what is recorded stays, so it must be readable",
)


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


# Forms of the fields that the pages and reports read ------------------------------------------------------------------


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_day(value: object) -> bool:
    """A day, a month or a year in ISO 8601."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}(-\d\d){0,2}", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :])
    except ValueError:
        return False
    return True


def _is_figure(value: object) -> bool:
    """A whole number, plain or with the day it is of."""
    if isinstance(value, dict):
        return value.keys() == {"value", "as_of"} and _is_whole(value["value"]) and _is_day(value["as_of"])
    return _is_whole(value)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _is_shares(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_whole, value.values()))


@dataclass(frozen=True)
class Form:
    """What the value of a field must be."""

    en: str
    ja: str
    fits: Callable[[object], bool]


TEXT = Form("a text", "文字列", _is_text)
WHOLE = Form("a whole number, zero or more", "0以上の整数", _is_whole)
DAY = Form("a day, month or year (YYYY-MM-DD)", "年月日 (YYYY-MM-DD)", _is_day)
DAY_IF_ANY = Form(
    "a day (YYYY-MM-DD) or “not applicable”",
    "年月日 (YYYY-MM-DD) または not applicable",
    lambda value: _is_day(value) or value == "not applicable",
)
FIGURE = Form("a whole number, plain or with its day", "整数 (時点付きも可)", _is_figure)
LIST = Form("a list of texts", "文字列の一覧", _is_list)
SHARES = Form("whole numbers by name", "名称ごとの整数", _is_shares)
YES_OR_NO = Form("true or false", "真偽値", lambda value: isinstance(value, bool))

FORMS: dict[str, dict[str, Form]] = {
    "project": {
        **dict.fromkeys(
            (
                "location", "note", "participants_host", "participants_japan", "project_subtype", "project_type",
                "status", "status_on_2026_02_28", "title", "tpe_validation", "tpe_verification", "url",
            ),
            TEXT,
        ),
        **dict.fromkeys(("registration_date", "operation_start"), DAY),
        **dict.fromkeys(("estimated_tco2e_per_year", "operational_lifetime_years"), WHOLE),
        "methodologies": LIST,
    },
    "issuance": {
        **dict.fromkeys(("host_country", "projects", "vintage"), TEXT),
        **dict.fromkeys(("issued_on_host", "issued_on_japan"), DAY_IF_ANY),
        **dict.fromkeys(("jc_decision_date", "monitoring_start", "monitoring_end"), DAY),
        **dict.fromkeys(
            ("host_government", "host_side", "japan_government", "japan_other_holders", "japan_side", "total"), WHOLE
        ),
        "aggregate": YES_OR_NO,
    },
    "adoption": {
        **dict.fromkeys(("country", "first_capacity", "programme", "title_ja"), TEXT),
        **dict.fromkeys(("eco_lease", "registered"), YES_OR_NO),
    },
    "itmo_transfer": {
        **dict.fromkeys(
            ("authorization_id_host", "host_party", "ndc_target_year", "receiving_account", "vintage"), TEXT
        ),
        **dict.fromkeys(("jc_decision_date", "transferred_on", "used_on"), DAY),
        "quantity": WHOLE,
        "quantity_by_project": SHARES,
        "projects": LIST,
    },
    "mechanism": {
        **dict.fromkeys(("cooperative_approach_id", "corresponding_adjustment_method"), TEXT),
        **dict.fromkeys(("japan_comprehensive_authorization", "signed"), DAY),
        **dict.fromkeys(
            (
                "article6_transferred_total", "expected_from_existing_projects", "issued_total", "partner_countries",
                "projects_adopted_2022_12", "projects_adopted_2025_11", "projects_adopted_2026_01",
                "projects_registered_2026_01", "target_fy2030", "target_fy2040",
            ),
            FIGURE,
        ),
    },
}  # fmt: skip
"""By kind of subject and field. Other fields may hold any exact JSON: they are shown as they are."""


def in_form(subject_kind: str, subject: str, item: FieldStatement) -> None:
    """A field that the pages read is of the form they read. Refuses ``statement_of_other_form``."""
    form = FORMS[subject_kind].get(item.field)
    if form is not None and item.value is not None and not form.fits(item.value):
        facts = {"field": item.field, "subject": subject, "value": repr(item.value)[:80]}
        raise STATEMENT_OF_OTHER_FORM(form=f"{form.en} / {form.ja}", **facts)


def load(desk: Desk, request: RecordStatement) -> None:
    """Nothing is needed: statements may disagree with anything on record."""


def decide(request: RecordStatement, state: None) -> Decision:
    """Every statement is kept as it is given, in the form that its field has."""
    for item in request.fields:
        in_form(request.subject_kind, request.subject, item)
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
