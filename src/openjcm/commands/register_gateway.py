"""Register a gateway of a project, and the meters that it may speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, ProjectReference, Request, Rows
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.commands.submit_monitoring_report import plan_of
from openjcm.mrv.batch import GATEWAY_NAME
from openjcm.mrv.batch_rules import CLOCK_AHEAD_SECONDS, LATE_AFTER_DAYS
from openjcm.refusals import refusal

UNKNOWN_GATEWAY = refusal(
    "unknown_gateway",
    en="There is no gateway {gateway}.",
    ja="ゲートウェイ {gateway} は登録されていません。",
    remedy_en="Register the gateway first, or check its name.",
    remedy_ja="先にゲートウェイを登録するか、名称を確認してください。",
    clause="OpenJCM: batches come from registered gateways",
    status=404,
)
METER_NOT_IN_PLAN = refusal(
    "meter_not_in_plan",
    en="Meter {meter} does not stand in the monitoring plan of {project}.",
    ja="計量器 {meter} は {project} のモニタリング計画にありません。",
    remedy_en="Name the meter as the plan does: {known}.",
    remedy_ja="計画に記載された名称で指定してください: {known}。",
    clause="JCM: monitoring follows the plan that was registered",
)


def _whole_second(moment: datetime) -> datetime:
    if moment.microsecond:
        raise ValueError("whole seconds only")
    if not 1990 <= moment.year <= 2200:
        raise ValueError("1990 to 2200")
    return moment.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_whole_second)]
"""An instant with its offset from UTC, in whole seconds."""
GatewayName = Annotated[str, StringConstraints(pattern=rf"^{GATEWAY_NAME}$")]
MeterName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Meters = Annotated[tuple[MeterName, ...], Field(max_length=1000)]


class RegisterGateway(Request):
    """A gateway is put on record."""

    gateway: GatewayName = Field(description="Name of the gateway, for example MN004-roof.")
    project: ProjectReference = Field(description="The project.")
    meters: Meters = Field(description="The meters that it may speak for, named as in the monitoring plan.")
    meters_since: Instant = Field(description="The instant of a reading from which this holds, with its offset.")
    clock_ahead_seconds: Annotated[int, Field(ge=1, le=86_400)] = Field(
        default=CLOCK_AHEAD_SECONDS, description="How many seconds its clock may be ahead (rule B09)."
    )
    late_after_days: Annotated[int, Field(ge=1, le=3_660)] = Field(
        default=LATE_AFTER_DAYS, description="How many days old a reading may be when it is received (rule B10)."
    )


@dataclass(frozen=True)
class State:
    """What the act looks at: whether the name is taken, and the meters of the plan."""

    exists: bool
    planned: tuple[str, ...]


def load(desk: Desk, request: RegisterGateway) -> State:
    """Whether the gateway is there already, and which meters the plan of the project names."""
    exists = is_on_record(desk, "select 1 from gateway where gateway_id = %s", request.gateway)
    return State(exists, planned_meters(desk, request.project))


def planned_meters(desk: Desk, project: str) -> tuple[str, ...]:
    """The meters of the registered plan of a project.

    Raises:
        Refused: ``unknown_project``, ``no_monitoring_plan``.
    """
    return tuple(sorted(item.meter.meter_id for item in plan_of(desk, project).meters))


def known_gateway(desk: Desk, gateway: str) -> str:
    """The project of a gateway.

    Raises:
        Refused: ``unknown_gateway``.
    """
    row = desk.connection.execute("select project from gateway where gateway_id = %s", [gateway]).fetchone()
    if row is None:
        raise UNKNOWN_GATEWAY(gateway=gateway)
    return str(row[0])


def in_the_plan(meters: Sequence[str], planned: Sequence[str], project: str) -> list[str]:
    """The meters, each once, all of which stand in the plan. Refuses ``meter_not_in_plan``."""
    for meter in meters:
        if meter not in planned:
            raise METER_NOT_IN_PLAN(meter=meter, project=project, known=list(planned))
    return sorted(set(meters))


def decide(request: RegisterGateway, state: State) -> Decision:
    """One record for each name; its meters are those of the plan."""
    if state.exists:
        raise ALREADY_ON_RECORD(what="gateway", name=request.gateway)
    meters = in_the_plan(request.meters, state.planned, request.project)
    gateway = {
        "gateway_id": request.gateway,
        "project": request.project,
        "clock_ahead_seconds": request.clock_ahead_seconds,
        "late_after_days": request.late_after_days,
    }
    first = {"gateway_id": request.gateway, "valid_since": request.meters_since, "meters": meters}
    return Decision(
        outcome={"gateway": request.gateway, "project": request.project, "meters": meters},
        rows=(Rows("gateway", (gateway,)), Rows("gateway_meters", (first,))),
    )


ACT = Act(
    name="register_gateway",
    title_en="Register a gateway",
    title_ja="ゲートウェイの登録",
    permission="operator",
    request=RegisterGateway,
    load=load,
    decide=decide,
)
