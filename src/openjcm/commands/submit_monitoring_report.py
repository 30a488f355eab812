"""Make the monitoring report of a period from the stored files and the registered plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from psycopg.types.range import Range
from pydantic import Field

import openjcm
from openjcm.commands.framework import Act, Day, Decision, Desk, ExactJson, ProjectReference, Request, Rows, Sha256
from openjcm.commands.lookups import UNKNOWN_PROJECT
from openjcm.commands.upload_readings import uploads_of
from openjcm.methodologies import methodology
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.plan import MonitoringPlan
from openjcm.project_cycle.monitoring_report import Upload, make_monitoring_report
from openjcm.refusals import refusal
from openjcm.registry.ledger import BEFORE_ITS_CAUSE
from openjcm.store.files import FILE_NOT_STORED
from openjcm.store.journal import Product

NO_PLAN = refusal(
    "no_monitoring_plan",
    en="No monitoring plan of {project} is on record.",
    ja="プロジェクト {project} のモニタリング計画が記録されていません。",
    remedy_en="Register the project with its monitoring plan.",
    remedy_ja="モニタリング計画とともにプロジェクトを登録してください。",
    clause="JCM: monitoring follows the plan that was registered",
)


class SubmitMonitoringReport(Request):
    """The participants report a period that has ended."""

    project: ProjectReference = Field(description="The project.")
    monitoring_start: Day = Field(description="First day of the period.")
    monitoring_end: Day = Field(description="Last day of the period.")
    files: Annotated[tuple[Sha256, ...], Field(min_length=1, max_length=1000)] = Field(
        description="The stored meter files, by SHA-256."
    )
    inputs: dict[str, ExactJson] = Field(
        default_factory=dict, description="Inputs of the methodology that come neither from meters nor from the plan."
    )


@dataclass(frozen=True)
class State:
    """What the report is made from."""

    plan: MonitoringPlan
    files: Mapping[str, bytes]
    uploads: Mapping[str, Upload]
    earlier_periods: tuple[tuple[date, date], ...]
    meter_facts: tuple[MeterFact, ...] = ()


def load(desk: Desk, request: SubmitMonitoringReport) -> State:
    """The plan, the bytes of the files, how they are read, the periods reported before, and what is known of meters."""
    return State(
        plan_of(desk, request.project),
        {sha256: stored_bytes(desk, sha256) for sha256 in request.files},
        confirmed_uploads(desk, request.files),
        periods_before(desk, request.project),
        meter_facts_of(desk, request.project),
    )


def plan_of(desk: Desk, project: str) -> MonitoringPlan:
    """The registered plan of a project.

    Raises:
        Refused: ``unknown_project``, ``no_monitoring_plan``.
    """
    row = desk.connection.execute(
        "select p.body from project left join product p on p.sha256 = plan_sha256 where reference = %s", [project]
    ).fetchone()
    if row is None:
        raise UNKNOWN_PROJECT(project=project, world="public / demonstration")
    if row[0] is None:
        raise NO_PLAN(project=project)
    return MonitoringPlan.from_data(json.loads(bytes(row[0])))


def meter_facts_of(desk: Desk, project: str) -> tuple[MeterFact, ...]:
    """The facts of the project's meters that were recorded after registration, in the order of the journal."""
    rows = desk.connection.execute(
        "select p.body from meter_fact f join product p on p.sha256 = f.fact_sha256"
        " where f.project = %s order by f.entry_no",
        [project],
    )
    return tuple(MeterFact.from_data(json.loads(bytes(row[0]))) for row in rows)


def stored_bytes(desk: Desk, sha256: str) -> bytes:
    """The bytes of a file on record.

    Raises:
        Refused: ``file_not_stored``, ``file_changed``.
    """
    if desk.connection.execute("select 1 from stored_file where sha256 = %s", [sha256]).fetchone() is None:
        raise FILE_NOT_STORED(sha256=sha256)
    return desk.files.get(sha256)


def confirmed_uploads(desk: Desk, files: tuple[str, ...]) -> dict[str, Upload]:
    """Name and mapping of each file as confirmed at its upload."""
    return {
        sha256: Upload(body["name"], FileMapping.from_data(body["mapping"]), body["parquet_sha256"])
        for sha256, body in uploads_of(desk, files).items()
    }


def periods_before(desk: Desk, project: str) -> tuple[tuple[date, date], ...]:
    """The periods of the project that were reported before, first and last day."""
    rows = desk.connection.execute(
        "select lower(monitoring_period), upper(monitoring_period) - 1 from monitoring_report"
        " where project = %s order by 1",
        [project],
    )
    return tuple((row[0], row[1]) for row in rows)


def decide(request: SubmitMonitoringReport, state: State) -> Decision:
    """The report is computed from the bytes; nothing is taken over from the caller but the inputs."""
    not_before_its_end(request)
    body = make_monitoring_report(
        state.plan,
        state.files,
        request.inputs,
        (request.monitoring_start, request.monitoring_end),
        methodology(state.plan.methodology),
        openjcm.ENGINE_VERSION,
        earlier_periods=state.earlier_periods,
        uploads=state.uploads,
        meter_facts=state.meter_facts,
    )
    product = Product("monitoring_report", body)
    reductions = reductions_of(body)
    row = {
        "report_sha256": product.sha256,
        "project": request.project,
        "monitoring_period": Range(request.monitoring_start, request.monitoring_end + timedelta(days=1), "[)"),
        "emission_reductions": reductions,
    }
    outcome = {
        "report_sha256": product.sha256,
        "project": request.project,
        "monitoring_start": request.monitoring_start.isoformat(),
        "monitoring_end": request.monitoring_end.isoformat(),
        "emission_reductions": reductions,
    }
    return Decision(outcome, (Rows("monitoring_report", (row,)),), (product,))


def not_before_its_end(request: SubmitMonitoringReport) -> None:
    """A period is reported when it is over. Refuses ``before_its_cause``."""
    if request.occurred_on < request.monitoring_end:
        raise BEFORE_ITS_CAUSE(what="monitoring report", day=request.occurred_on, cause=request.monitoring_end)


def reductions_of(body: bytes) -> int:
    """The whole tonnes of a report, all its years."""
    report: dict[str, Any] = json.loads(body)
    return int(report["emission_reductions"])


ACT = Act(
    name="submit_monitoring_report",
    title_en="Submit a monitoring report",
    title_ja="モニタリング報告書の提出",
    permission="operator",
    request=SubmitMonitoringReport,
    load=load,
    decide=decide,
)
