"""A small project with one register: 100 kWh an hour from 2021-12-30 to 2022-01-02 in Mongolia."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.dated import Citation
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.meters import Meter
from openjcm.mrv.plan import FileReading, MonitoringPlan, PlanMeter
from openjcm.mrv.readings import read_meter_file, readings_to_parquet
from openjcm.project_cycle.bundle import Bundle
from openjcm.project_cycle.monitoring_report import Upload, make_monitoring_report

SOURCE = Citation("monitoring plan of the test")
PERIOD = (date(2021, 12, 30), date(2022, 1, 2))


def register(hours: int = 96, start: str = "2021-12-30 00:00", step: int = 100, first: int = 1000) -> bytes:
    """A register read every hour, as CSV with local times; one more reading than hours."""
    begin = datetime.strptime(start, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - local time without zone is the point
    rows = [f"{begin + timedelta(hours=hour):%Y-%m-%d %H:%M},{first + hour * step}" for hour in range(hours + 1)]
    return ("\n".join(["time,kwh", *rows]) + "\n").encode()


def mapping(meter: str = "M1", **changes: Any) -> FileMapping:
    """How that CSV is read."""
    data = {
        "format": "csv", "layout": "wide", "time_column": "time", "value_columns": [["kwh", meter]],
        "kind": "cumulative", "unit": "kWh", "least_unit": "kWh", "time_zone": "Asia/Ulaanbaatar",
        "time_format": "%Y-%m-%d %H:%M", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
    }  # fmt: skip
    return FileMapping.from_data({**data, **changes})


def meter(name: str = "M1", direction: str = "generation") -> Meter:
    """A meter that can carry 200 kW and is read every hour."""
    return Meter(name, direction, 200_000, 3600)


@dataclass(frozen=True)
class Story:
    """What a report is made from, with one method to make it."""

    plan: MonitoringPlan
    files: Mapping[str, bytes]
    uploads: Mapping[str, Upload]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    period: tuple[date, date] = PERIOD
    earlier: Sequence[tuple[date, date]] = ()

    def report(self, **changes: Any) -> bytes:
        """The report of this story, with changes."""
        it = replace(self, **changes)
        return make_monitoring_report(
            it.plan, it.files, it.inputs, it.period, methodology(it.plan.methodology), "0.0.test",
            earlier_periods=it.earlier, uploads=it.uploads,
        )  # fmt: skip

    def bundle(self) -> Bundle:
        """The bundle of the story's report."""
        return self.bundle_of(self.report())

    def bundle_of(self, report: bytes) -> Bundle:
        """The bundle of a report of this story."""
        readings = {
            sha256: readings_to_parquet(read_meter_file(data, self.uploads[sha256].name, self.uploads[sha256].mapping))
            for sha256, data in self.files.items()
        }
        text = methodology(self.plan.methodology).source_text.encode()
        plan = canonical_bytes(self.plan.as_data())
        return Bundle(report, plan, text, self.files, readings, {"entry-7": b'{"proof":"of the test"}'})

    def with_file(self, data: bytes, name: str = "m1.csv", how: FileMapping | None = None) -> Story:
        """The story with one file in place of all."""
        sha256 = sha256_hex(data)
        return replace(self, files={sha256: data}, uploads={sha256: Upload(name, how or mapping())})


def plan(**changes: Any) -> MonitoringPlan:
    """A plan with one solar system on the national grid."""
    usual: dict[str, Any] = {
        "project": "XD002", "methodology": "MN_AM003", "version": "02.0",
        "crediting_period": (date(2020, 1, 1), date(2029, 12, 31)), "time_zone": "Asia/Ulaanbaatar",
        "meters": (PlanMeter(meter(), "EG_i_p", "1"),),
        "parameters": {"CASE_i": Given({"1": "national_grid"}, source=SOURCE)},
        "readings": (FileReading("*", mapping()),),
    }  # fmt: skip
    return MonitoringPlan(**{**usual, **changes})


@pytest.fixture
def story() -> Story:
    """The usual story."""
    return Story(plan(), {}, {}).with_file(register())


@pytest.fixture
def make_plan() -> Callable[..., MonitoringPlan]:
    """Makes a plan with changes."""
    return plan


@pytest.fixture
def make_register() -> Callable[..., bytes]:
    """Makes the bytes of a register's file."""
    return register


@pytest.fixture
def make_mapping() -> Callable[..., FileMapping]:
    """Makes a mapping of such a file."""
    return mapping


@pytest.fixture
def make_meter() -> Callable[..., Meter]:
    """Makes the facts of a meter."""
    return meter
