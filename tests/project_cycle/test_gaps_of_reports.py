"""Gaps in a report: left to G4 unless the plan cites who allowed more; each step, month and meter has its figure."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.methodologies import methodology
from openjcm.mrv.choices import GapChoice
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.plan import MonitoringPlan, PlanMeter
from openjcm.project_cycle.metered import Upload
from openjcm.project_cycle.monitoring_report import make_monitoring_report
from openjcm.refusals import Refused
from openjcm.units import exact
from openjcm.verification.rerun import rerun

PERIOD = (date(2022, 6, 1), date(2022, 8, 31))
BASIS = {"kind": "methodology", "source": "A methodology of the test", "clause": "5"}
GAP = (date(2022, 7, 10), date(2022, 7, 11))
"""The hours of these days are lost: from the first midnight to the last."""


def values(meter: str, kw: int, lost: tuple[date, date] | None = None) -> bytes:
    """Hourly values of energy in kWh (by day 07:00 to 17:00), as CSV with local times."""
    rows, moment = [], datetime(2022, 6, 1)  # noqa: DTZ001 - local time without zone is the point
    while moment.date() <= PERIOD[1]:
        if not (lost and lost[0] <= moment.date() < lost[1]):
            rows.append(f"{moment:%Y-%m-%d %H:%M},{kw if 7 <= moment.hour < 17 else 0}")
        moment += timedelta(hours=1)
    return ("\n".join(["time,kwh", *rows]) + "\n").encode()


@pytest.fixture
def made(make_plan: Any, make_mapping: Any, make_meter: Any) -> Any:
    """Makes the report of a solar meter with a lost day, with further series and facts."""
    how = {"kind": "interval_energy", "least_unit": "Wh", "interval_seconds": 3600, "interval_stamp": "start"}
    accuracy = MeterFact.from_data({"kind": "accuracy", "day": "2020-01-01", "value": {"percent": "0.5"}}, "M1")
    valid = MeterFact.from_data(
        {"kind": "calibration", "day": "2022-01-01", "value": {"valid_until": "2022-12-31"}}, "M1"
    )

    def make(gaps: dict[str, Any], *, direction: str = "generation", series: Any = (), facts: Any = ()) -> Any:
        meter = replace(make_meter("M1", direction), facts=(accuracy, valid))
        choice = GapChoice.from_data(gaps)
        plan: MonitoringPlan = make_plan(meters=(PlanMeter(meter, "EG_i_p", "1"),), gaps=choice)
        plan = MonitoringPlan.from_data(json.loads(canonical_bytes(plan.as_data())))
        data = {"M1": values("M1", 100, GAP), **dict(series)}
        files = {sha256_hex(body): body for body in data.values()}
        uploads = {sha256_hex(body): Upload(name, make_mapping(name, **how)) for name, body in data.items()}
        recorded = [MeterFact.from_data({"meter": "M1", "documents": ["paper"], **fact}) for fact in facts]
        solar = methodology("MN_AM003")
        report = make_monitoring_report(plan, files, {}, PERIOD, solar, "t", uploads=uploads, meter_facts=recorded)
        bodies = {fact.id: canonical_bytes(fact.as_data()) for fact in recorded}
        assert rerun(report, plan, files, solar, bodies).answer.value == "yes"
        return json.loads(report)

    return make


def test_by_default_a_gap_is_nothing(made: Any) -> None:
    report = made({})
    july = report["energy"][1]
    assert (july["kwh"]["substituted"], july["substituted_by_step"]["kwh"], july["gap_seconds"]) == ("0", {}, "86400")
    assert july["completeness"] == "30/31"
    assert (report["gaps"]["rule"]["applied"], report["gaps"]["fills"]) == (["G0", "G4"], [])
    assert [step["step"] for step in report["gaps"]["steps"]] == ["G0", "G4"]


def test_more_is_refused_without_its_basis() -> None:
    for steps in (["G0", "G3", "G4"], ["G0", "G1", "G2", "G3", "G4"]):
        with pytest.raises(Refused, match="choice_without_basis"):
            GapChoice.from_data({"steps": steps})
    for wrong in (
        {"steps": ["G0", "G4", "G9"], "basis": BASIS}, {"steps": ["G3", "G4"], "basis": BASIS}, {"colour": 1},
        {"sources": [{"meter": "M1", "kind": "crystal_ball", "series": "X"}]},
        {"sources": [{"meter": "M1", "kind": "second_instrument", "series": "X"}]},
        {"sources": [{"meter": "M1", "kind": "second_instrument", "series": "X", "error_percent": "much"}]},
    ):  # fmt: skip
        with pytest.raises(Refused, match="choice_not_known"):
            GapChoice.from_data(wrong)


def test_low_days_fill_and_are_shown_by_month_step_and_tonne(made: Any) -> None:
    report = made({"steps": ["G0", "G3", "G4"], "basis": BASIS})
    june, july, _ = report["energy"]
    assert june["substituted_by_step"]["kwh"] == {}
    assert (july["kwh"]["substituted"], july["substituted_by_step"]["kwh"]) == ("1000", {"G3": "1000"})
    per_kwh = exact(june["tco2e"]["measured"]) / exact(june["kwh"]["measured"])
    assert exact(july["substituted_by_step"]["tco2e"]["G3"]) == 1000 * per_kwh
    (fill,) = report["gaps"]["fills"]
    assert fill == {
        "meter": "M1", "step": "G3", "begin": "2022-07-09T16:00:00Z", "end": "2022-07-10T16:00:00Z", "kwh": "1000",
    }  # fmt: skip
    assert report["gaps"]["rule"]["basis"] == BASIS
    whole_days = (PERIOD[1] - PERIOD[0]).days + 1
    assert exact(report["total"]["reductions"]) == whole_days * 1000 * per_kwh
    source = next(step["source"] for step in report["years"][0]["trace"] if step["symbol"] == "EG_i_p")
    assert "; G3 +1000000 Wh" in source


def test_a_second_instrument_goes_before_low_days_and_is_no_meter_of_the_plan(made: Any) -> None:
    source = {"meter": "M1", "kind": "second_instrument", "series": "M1-check", "error_percent": "1"}
    report = made(
        {"steps": ["G0", "G1", "G3", "G4"], "basis": BASIS, "sources": [source]}, series={"M1-check": values("x", 90)}
    )
    assert report["energy"][1]["substituted_by_step"]["kwh"] == {"G1": "886.5"}, "900 kWh less 0.5 % and 1 %"
    assert [line["meter"] for line in report["energy"]] == ["M1"] * 3
    assert "Q01" not in {finding["rule"] for finding in report["findings"]}


@pytest.mark.parametrize(("meter", "series"), [("M9", "M1-check"), ("M1", "M1")])
def test_a_gap_is_filled_for_a_meter_of_the_plan_and_from_none_of_them(made: Any, meter: str, series: str) -> None:
    source = {"meter": meter, "kind": "second_instrument", "series": series, "error_percent": "1"}
    with pytest.raises(Refused, match="plan_not_understood"):
        made({"steps": ["G0", "G1", "G4"], "basis": BASIS, "sources": [source]}, series={series: values("x", 90)})


def test_light_counts_on_proven_days_only(made: Any) -> None:
    source = {"meter": "M1", "kind": "irradiance", "series": "SUN"}
    choice = {"steps": ["G0", "G2", "G4"], "basis": BASIS, "sources": [source]}
    light = {"SUN": values("SUN", 1)}
    assert made(choice, series=light)["gaps"]["fills"] == []
    proof = {"kind": "operation", "day": "2022-07-12", "value": {"start": "2022-07-10", "end": "2022-07-10"}}
    report = made(choice, series=light, facts=[proof])
    assert report["energy"][1]["substituted_by_step"]["kwh"] == {"G2": "1000"}


def test_an_invoice_fills_the_gap_of_its_cycle(made: Any) -> None:
    invoice = {
        "kind": "invoice", "day": "2022-08-02",
        "value": {"start": "2022-07-01", "end": "2022-07-31", "energy": "31000", "unit": "kWh", "error_percent": "0.2"},
    }  # fmt: skip
    report = made({"steps": ["G0", "G1", "G4"], "basis": BASIS}, facts=[invoice])
    exactly = 31_000 * Fraction(998, 1000) - 30_000 * Fraction(1005, 1000)
    assert report["energy"][1]["substituted_by_step"]["kwh"] == {"G1": str(int(exactly))}


def test_consumption_is_filled_by_the_mirror_and_less_than_capacity(made: Any) -> None:
    plain = made({}, direction="consumption")
    filled = made({"steps": ["G0", "G3", "G4"], "basis": BASIS}, direction="consumption")
    assert plain["energy"][1]["substituted_by_step"]["kwh"] == {"G4": "4800"}, "200 kW for a day"
    assert filled["energy"][1]["substituted_by_step"]["kwh"] == {"G3": "1000"}
