"""An office with a project whose meters are read live, and gateways that speak for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from batches import TrialGateway
from openjcm.canonical import plain
from openjcm.commands.receiving import Outcome, receive
from openjcm.dated import Citation
from openjcm.mrv.batch import SignedBatch
from openjcm.mrv.given import Given
from openjcm.mrv.meters import Calibration, Meter
from openjcm.mrv.plan import MonitoringPlan, PlanMeter
from trial_office import Trial

PROJECT = "XL001"
NOW = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
TODAY = "2026-02-01"


def meter(name: str) -> Meter:
    """A register of a 100 kW plant, read every quarter of an hour."""
    certificate = Calibration(date(2025, 1, 1), date(2032, 12, 31), "Certificate of the trial")
    return Meter(name, "generation", 100_000, 900, installed_on=date(2025, 1, 1), calibration=(certificate,))


def plan() -> MonitoringPlan:
    """Two systems on the grid of Mongolia, each with its meter."""
    return MonitoringPlan(
        project=PROJECT,
        methodology="MN_AM003",
        version="02.0",
        crediting_period=(date(2025, 1, 1), date(2032, 12, 31)),
        time_zone="+00:00",
        meters=(PlanMeter(meter("M1"), "EG_i_p", "1"), PlanMeter(meter("M2"), "EG_i_p", "2")),
        parameters={"CASE_i": Given({"1": "national_grid", "2": "national_grid"}, source=Citation("Trial"))},
    )


class LiveTrial(Trial):
    """An office whose clock is set by the test."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self.now = NOW
        self.office.clock = lambda: self.now

    def project(self, reference: str = PROJECT, world: str = "demonstration", host: str = "MNG") -> None:
        """The project with its plan."""
        self.do(
            "register_project", "2025-01-01", reference=reference, world=world, host_party=host,
            title="Live trial", status="registered", registered_on="2025-01-01",
            methodologies=[{"id": "MN_AM003", "version": "02.0"}], plan=plain(plan().as_data()),
        )  # fmt: skip

    def gateway(self, gateway: TrialGateway, meters: tuple[str, ...] = ("M1", "M2"), **more: Any) -> TrialGateway:
        """Put a gateway with its key on record."""
        self.do(
            "register_gateway", TODAY, gateway=gateway.name, project=PROJECT, meters=list(meters),
            meters_since="2025-12-01T00:00:00Z", **more,
        )  # fmt: skip
        self.key(gateway)
        return gateway

    def key(self, gateway: TrialGateway, **more: Any) -> None:
        """Put a key on record."""
        self.do(
            "register_gateway_key", TODAY, gateway=gateway.name, public_key=gateway.public_key,
            valid_since="2025-12-01T00:00:00Z", **more,
        )  # fmt: skip

    def receive(self, *batches: SignedBatch | str) -> list[Outcome]:
        """Receive batches in one commit."""
        return receive(self.office, [one if isinstance(one, str) else one.line for one in batches])

    def statuses(self, *batches: SignedBatch | str) -> list[str]:
        """Receive, and say status and rule of each."""
        return [f"{one.status} {one.rule}".strip() for one in self.receive(*batches)]

    def later(self, **more: float) -> None:
        """Move the clock."""
        self.now += timedelta(**more)

    def totals(self) -> list[tuple[Any, ...]]:
        """The final status of every batch."""
        return self.all(
            "select key_no, sequence, encode(sha256, 'hex'), coalesce(r.status, b.status) from batch b"
            " left join batch_release r using (batch_no) order by 1, 2, 3"
        )


def live_trial(url: str, folder: Path) -> LiveTrial:
    """Such an office, with its project."""
    trial = LiveTrial(url, folder)
    trial.project()
    return trial
