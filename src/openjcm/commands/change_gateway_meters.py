"""Say anew for which meters a gateway may speak, from an instant on. Earlier lists stay as they were."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Request, Rows
from openjcm.commands.register_gateway import (
    GatewayName,
    Instant,
    Meters,
    in_the_plan,
    known_gateway,
    planned_meters,
)


class ChangeGatewayMeters(Request):
    """A gateway gets other meters."""

    gateway: GatewayName = Field(description="The gateway.")
    meters: Meters = Field(description="All meters that it may speak for from then on; none: it may no longer speak.")
    meters_since: Instant = Field(description="The instant of a reading from which this holds, with its offset.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the gateway's project and the meters of its plan."""

    project: str
    planned: tuple[str, ...]


def load(desk: Desk, request: ChangeGatewayMeters) -> State:
    """The plan of the gateway's project."""
    project = known_gateway(desk, request.gateway)
    return State(project, planned_meters(desk, project))


def decide(request: ChangeGatewayMeters, state: State) -> Decision:
    """A further list, which holds for readings from its instant on."""
    meters = in_the_plan(request.meters, state.planned, state.project)
    row = {"gateway_id": request.gateway, "valid_since": request.meters_since, "meters": meters}
    return Decision(outcome={"gateway": request.gateway, "meters": meters}, rows=(Rows("gateway_meters", (row,)),))


ACT = Act(
    name="change_gateway_meters",
    title_en="Change the meters of a gateway",
    title_ja="ゲートウェイが担当する計量器の変更",
    permission="operator",
    request=ChangeGatewayMeters,
    load=load,
    decide=decide,
)
