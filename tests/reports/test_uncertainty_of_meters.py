"""The budget of a report by what is on record of its meters: accuracy as of each day, estimated energy, the plan."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from openjcm.canonical import plain
from openjcm.dated import Answer
from openjcm.methodologies import methodology
from openjcm.mrv.meter_facts import Document, MeterFact
from openjcm.mrv.plan import MonitoringPlan
from openjcm.project_cycle.monitoring_report import make_monitoring_report
from openjcm.reports.uncertainty_of_meters import report_uncertainty, statements_on_record
from openjcm.world import demonstration, tables

START, END = demonstration.MONITORING_PERIOD
MN = methodology("MN_AM003")


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """The demonstration's report."""
    return dict(json.loads(made(demonstration.monitoring_plan())))


def made(plan: MonitoringPlan) -> bytes:
    files = {
        name: tables.data_bytes(path)
        for name, path in zip(
            demonstration.file_hashes(), (demonstration.INVERTER_FILE, demonstration.REGISTER_FILE), strict=True
        )
    }
    return make_monitoring_report(plan, files, {}, (START, END), MN, "0")


def accuracy(meter: str, day: date, **value: str) -> MeterFact:
    return MeterFact(meter, "accuracy", day, value, (Document("certificate"),))


def percents(report: dict[str, Any], plan: MonitoringPlan, *facts: MeterFact) -> dict[tuple[str, ...], Fraction | None]:
    return {term.at: term.percent for term in statements_on_record(report, plan, facts, MN).get("EG_i_p", ())}


def test_the_class_of_each_meter_is_its_limit(report: dict[str, Any]) -> None:
    plan = demonstration.monitoring_plan()
    assert percents(report, plan) == {("1",): Fraction(1), ("2",): Fraction(1, 2)}
    found = report_uncertainty(report, plan, ())
    assert found.budget.complete
    assert found.material is Answer.NO
    by_hand = sum(((one.standard * float(one.sensitivity)) ** 2 for one in found.budget.contributions), 0.0) ** 0.5
    assert found.budget.standard == pytest.approx(by_hand)


def test_the_widest_limit_that_held_in_the_period_counts(report: dict[str, Any]) -> None:
    plan = demonstration.monitoring_plan()
    later = accuracy("XD001-M2", date(2022, 10, 1), percent="2")
    after = accuracy("XD001-M2", date(2022, 10, 15), percent="5")
    assert percents(report, plan, later, after)[("2",)] == 2


def without_facts(plan: MonitoringPlan, meter: str) -> MonitoringPlan:
    return replace(
        plan,
        meters=tuple(
            replace(item, meter=replace(item.meter, facts=())) if item.meter.meter_id == meter else item
            for item in plan.meters
        ),
    )


def test_a_meter_of_unknown_accuracy_is_not_guessed(report: dict[str, Any]) -> None:
    plan = without_facts(demonstration.monitoring_plan(), "XD001-M1")
    assert percents(report, plan) == {("2",): Fraction(1, 2)}
    found = report_uncertainty(report, plan, ())
    assert [(one.symbol, one.key) for one in found.budget.unstated] == [("EG_i_p", ("1",))]
    assert found.material is Answer.CANNOT_TELL
    late = accuracy("XD001-M1", date(2022, 5, 1), percent="1")
    assert ("1",) not in percents(report, plan, late), "the days before it have no accuracy"
    unknown = accuracy("XD001-M1", START, **{"class": "a class of our own"})
    assert ("1",) not in percents(report, plan, unknown)


def test_estimated_energy_errs_by_its_whole_size(report: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(report))
    line = next(line for line in changed["energy"] if line["meter"] == "XD001-M1")
    whole = sum(
        Fraction(one["kwh"][part])
        for one in changed["energy"] if one["meter"] == "XD001-M1"
        for part in ("measured", "bridged", "calibration")
    )  # fmt: skip
    line["substituted_by_step"]["kwh"]["G3"] = "10"
    terms = statements_on_record(changed, demonstration.monitoring_plan(), (), MN)["EG_i_p"]
    (estimated,) = [term for term in terms if term.kind == "estimated"]
    assert (estimated.percent, estimated.at) == (1000 / (whole + 10), ("1",))


def test_what_the_plan_states_goes_before_the_records(report: dict[str, Any]) -> None:
    term = {"kind": "accuracy_class", "percent": "3", "document": "plan, annex 2"}
    plan = replace(demonstration.monitoring_plan(), uncertainty={"EG_i_p": [term]})
    assert MonitoringPlan.from_data(plain(plan.as_data())) == plan
    assert percents(report, plan) == {(): Fraction(3)}
    assert "uncertainty" not in demonstration.monitoring_plan().as_data(), "a plan that says nothing keeps its bytes"
