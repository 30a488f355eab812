"""Record a registered project, with its monitoring plan if we hold one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from psycopg.types.range import Range
from pydantic import Field

from openjcm.canonical import canonical_bytes
from openjcm.commands.framework import (
    Act,
    Day,
    Decision,
    Desk,
    ExactJson,
    JsonColumn,
    Name,
    Part,
    Party,
    ProjectReference,
    Request,
    Rows,
    Words,
    World,
)  # fmt: skip
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.methodologies import methodology
from openjcm.mrv.error_terms import read_statements
from openjcm.mrv.plan import MonitoringPlan
from openjcm.refusals import refusal
from openjcm.rulebook import country
from openjcm.store.journal import Product

PERIOD_ENDS_BEFORE_IT_BEGINS = refusal(
    "period_ends_before_it_begins",
    en="The period {start} – {end} ends before it begins.",
    ja="期間 {start}～{end} は終了日が開始日より前です。",
    remedy_en="State the first and the last day of the period.",
    remedy_ja="期間の初日と最終日を記入してください。",
    clause="OpenJCM: periods are given by their first and last day",
)
PLAN_OF_ANOTHER_PROJECT = refusal(
    "plan_of_another_project",
    en="The monitoring plan is of {planned}, not of {project}.",
    ja="モニタリング計画は {project} ではなく {planned} のものです。",
    remedy_en="Give the plan of this project.",
    remedy_ja="このプロジェクトの計画を指定してください。",
    clause="JCM: monitoring follows the plan that was registered",
)


class MethodologyVersion(Part):
    """A methodology in the version bound at registration."""

    id: Name = Field(description="Identifier, for example MN_AM003.")
    version: Words = Field(description="Version, for example 02.0; empty where the source names none.")


class Period(Part):
    """A period of days, both included."""

    start: Day = Field(description="First day.")
    end: Day = Field(description="Last day.")


class RegisterProject(Request):
    """A project is put on record."""

    reference: ProjectReference = Field(description="Reference number as printed, for example MN004.")
    world: World = Field(description="public or demonstration.")
    host_party: Party = Field(description="The partner country (ISO 3166-1 alpha-3).")
    title: Name = Field(description="Title as printed.")
    status: Name = Field(description="Status as the source states it.")
    registered_on: date | None = Field(default=None, description="Day of registration; null: not known.")
    methodologies: Annotated[tuple[MethodologyVersion, ...], Field(max_length=20)] = Field(
        default=(), description="Methodologies applied."
    )
    crediting_period: Period | None = Field(default=None, description="Crediting period; null: not known.")
    plan: dict[str, ExactJson] | None = Field(default=None, description="Data of the monitoring plan; null: none held.")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    exists: bool


def load(desk: Desk, request: RegisterProject) -> State:
    """Whether the project is on record."""
    return State(is_on_record(desk, "select 1 from project where reference = %s", request.reference))


def decide(request: RegisterProject, state: State) -> Decision:
    """One record for each reference number, of a project in a partner country."""
    country(request.host_party)
    if state.exists:
        raise ALREADY_ON_RECORD(what="project", name=request.reference)
    plan = Product("monitoring_plan", plan_bytes(request)) if request.plan is not None else None
    row = {
        "reference": request.reference,
        "world": request.world,
        "host_party": request.host_party,
        "title": request.title,
        "status": request.status,
        "registered_on": request.registered_on,
        "methodologies": JsonColumn([item.model_dump() for item in request.methodologies]),
        "plan_sha256": plan.sha256 if plan else None,
        "crediting_period": days(request.crediting_period),
    }
    return Decision(
        outcome={"reference": request.reference, "plan_sha256": plan.sha256 if plan else None},
        rows=(Rows("project", (row,)),),
        products=(plan,) if plan else (),
    )


def plan_bytes(request: RegisterProject) -> bytes:
    """The monitoring plan as a product, in its canonical form.

    Raises:
        Refused: ``plan_not_understood``, ``plan_of_another_project`` and what plan, meters, mappings and statements of
            uncertainty refuse.
    """
    plan = MonitoringPlan.from_data(request.plan or {})
    if plan.uncertainty:
        read_statements(plan.uncertainty, methodology(plan.methodology))
    if plan.project != request.reference:
        raise PLAN_OF_ANOTHER_PROJECT(planned=plan.project, project=request.reference)
    return canonical_bytes(plan.as_data())


def days(period: Period | None) -> Range[date] | None:
    """A period as a range of the database, which excludes its end.

    Raises:
        Refused: ``period_ends_before_it_begins``.
    """
    if period is None:
        return None
    if period.end < period.start:
        raise PERIOD_ENDS_BEFORE_IT_BEGINS(start=period.start, end=period.end)
    return Range(period.start, period.end + timedelta(days=1), "[)")


ACT = Act(
    name="register_project",
    title_en="Register a project",
    title_ja="プロジェクトの登録",
    permission="operator",
    request=RegisterProject,
    load=load,
    decide=decide,
)
