"""A report's period as pages and the command line ask for it: the way from meters to whole tonnes adds up."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from typer.testing import CliRunner

from openjcm.canonical import canonical_bytes
from openjcm.refusals import Refused
from openjcm.units import exact
from openjcm.views.period_report import COUNTED, PeriodReport, period_of, period_report


@pytest.fixture
def shown(connection: Any) -> PeriodReport:
    """The demonstration's report."""
    row = connection.execute("select report_sha256 from monitoring_report").fetchone()
    return period_report(connection, row.report_sha256[:12])


def test_the_waterfall_adds_up_to_whole_tonnes(shown: PeriodReport) -> None:
    steps = {step.name: step for step in shown.waterfall()}
    counted = sum((steps[name].tco2e for name in COUNTED if name in steps), Fraction(0))
    assert counted == steps["exact"].tco2e == exact(shown.body["total"]["reductions"])
    assert steps["exact"].tco2e + steps["rounding"].tco2e == steps["whole"].tco2e == shown.body["emission_reductions"]
    assert (steps["bridged"].kwh, "calibration" in steps, "project" in steps) == (56_590, False, False)


def test_completeness_is_by_meter_and_month(shown: PeriodReport) -> None:
    assert shown.meters == ("XD001-M1", "XD001-M2")
    for month, line in zip(shown.months, shown.body["energy"], strict=True):
        assert month.completeness == exact(line["completeness"])
    for meter, share in shown.completeness().items():
        (found,) = [item for item in shown.body["findings"] if (item["rule"], item["facts"]["meter"]) == ("Q22", meter)]
        assert int(share * 10_000) == int(exact(found["facts"]["percent"]) * 100)
    data = shown.as_data()
    assert json.loads(canonical_bytes(data))["months"][0]["kwh"]["measured"]


def test_years_below_zero_are_a_step_of_their_own(shown: PeriodReport) -> None:
    body = json.loads(json.dumps(shown.body))
    body["years"] = [{"reductions": "-0.768"}, {"reductions": "3.5"}]
    body["total"]["reductions"], body["emission_reductions"] = "2.732", 3
    steps = {step.name: step.tco2e for step in period_of("0" * 64, json.dumps(body).encode()).waterfall()}
    assert (steps["exact"], steps["not_credited"], steps["rounding"], steps["whole"]) == (
        Fraction("2.732"), Fraction("0.768"), Fraction("-0.5"), 3,
    )  # fmt: skip


def test_an_unknown_report_is_refused(connection: Any) -> None:
    for report in ("", "0" * 64, "abc"):
        with pytest.raises(Refused, match="report_not_on_record"):
            period_report(connection, report)


def test_the_command_line_shows_it(record: Any, connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    from openjcm.cli_parts.report import app

    class Reading:
        """An office that only reads."""

        @contextmanager
        def transaction(self) -> Any:
            yield connection

        def close(self) -> None:
            """Nothing to close."""

    sha256 = connection.execute("select report_sha256 from monitoring_report").fetchone().report_sha256
    monkeypatch.setattr("openjcm.cli_parts.report.ready_office", Reading)
    monkeypatch.setenv("COLUMNS", "200")
    spoken = {"en": ("bridged kWh", "56,590.000", "yes"), "ja": ("積算値で確定", "56,590.000", "はい")}
    for language, words in spoken.items():
        monkeypatch.setenv("OPENJCM_LANGUAGE", language)
        told = CliRunner().invoke(app, ["period", sha256])
        assert told.exit_code == 0, told.output
        assert all(word in told.output for word in words), told.output
    data = json.loads(CliRunner().invoke(app, ["period", sha256, "--json"]).output)
    assert data["report_sha256"] == sha256


def test_completeness_of_many_meters(shown: PeriodReport) -> None:
    first = shown.months[0]
    months = tuple(
        replace(first, meter=f"M{meter}", month=month, period_seconds=Fraction(100), gap_seconds=Fraction(meter % 5))
        for meter in range(5000)
        for month in range(1, 13)
    )
    found = replace(shown, months=months).completeness()
    assert (len(found), found["M0"], found["M7"]) == (5000, 1, Fraction(98, 100))
