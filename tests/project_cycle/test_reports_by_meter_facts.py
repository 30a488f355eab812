"""A report whose meter was replaced: blocked without a record, exact with one, and different after a correction."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from openjcm.canonical import canonical_bytes
from openjcm.methodologies import methodology
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.plan import PlanMeter
from openjcm.project_cycle.bundle import write_bundle
from openjcm.project_cycle.monitoring_report import make_monitoring_report
from openjcm.refusals import Refused
from openjcm.verification.recalculation import verify_bundle
from openjcm.verification.rerun import rerun

ZONE = "Asia/Ulaanbaatar"


def swap(end: str, corrects: str = "") -> MeterFact:
    """The replacement at noon of the second day: the new register begins at 3 kWh."""
    data = {
        "meter": "M1", "kind": "replacement", "day": "2021-12-31", "at": "2021-12-31T12:00:00+08:00",
        "value": {"end_index": end, "start_index": "3", "unit": "kWh"}, "documents": ["works record"],
        "approval": {"name": "Joint Committee decision 7"}, "corrects": corrects,
    }  # fmt: skip
    return MeterFact.from_data(data)


@pytest.fixture
def replaced(story: Any, make_register: Any) -> Any:
    """100 kWh an hour; from 12:00 of the second day on the new register's readings, from 53 kWh up."""
    old = make_register(35).decode().splitlines()
    new = make_register(60, "2021-12-31 12:00", 100, 53).decode().splitlines()[1:]
    return story.with_file(("\n".join([*old, *new]) + "\n").encode())


def report(story: Any, *facts: MeterFact) -> bytes:
    return make_monitoring_report(
        story.plan, story.files, {}, story.period, methodology(story.plan.methodology), "0.0.test",
        uploads=story.uploads, meter_facts=facts,
    )  # fmt: skip


def test_without_a_record_the_report_is_blocked(replaced: Any) -> None:
    with pytest.raises(Refused, match="blocking_findings"):
        report(replaced)


def test_with_the_record_the_energy_is_exact_and_the_report_is_made_again_from_it(replaced: Any) -> None:
    fact = swap("4550")
    body = report(replaced, fact)
    made = json.loads(body)
    assert made["energy_total"]["measured"] == str(3500 + 50 + 50 + 6000)
    assert [item["rule"] for item in made["findings"] if item["rule"] in {"Q07", "Q10"}] == ["Q07"]
    assert made["meter_facts"][0]["sha256"] == fact.id
    solar = methodology(replaced.plan.methodology)
    facts = {fact.id: canonical_bytes(fact.as_data())}
    assert rerun(body, replaced.plan, replaced.files, solar, facts).answer.value == "yes"
    assert rerun(body, replaced.plan, replaced.files, solar).answer.value == "cannot tell"


def test_a_correction_changes_the_energy_and_both_facts_stay(replaced: Any) -> None:
    wrong = swap("4550")
    right = swap("4540", corrects=wrong.id)
    made = json.loads(report(replaced, wrong, right))
    assert made["energy_total"]["measured"] == str(3500 + 40 + 50 + 6000)
    assert [fact["stands"] for fact in made["meter_facts"]] == [False, True]


def test_the_bundle_names_a_fact_that_was_changed(replaced: Any) -> None:
    fact = swap("4550")
    bundle = replace(
        replaced.with_file(next(iter(replaced.files.values()))).bundle_of(report(replaced, fact)),
        facts={fact.id: canonical_bytes(swap("4600").as_data())},
    )
    result = verify_bundle(write_bundle(bundle), methodology)
    answers = {check.name: check.answer.value for check in result.checks}
    assert (answers["facts of meters"], answers["result"]) == ("no", "no")


def test_a_bundle_without_a_fact_that_the_report_names_is_refused(replaced: Any) -> None:
    bundle = replaced.with_file(next(iter(replaced.files.values()))).bundle_of(report(replaced, swap("4550")))
    with pytest.raises(Refused) as refused:
        verify_bundle(write_bundle(bundle), methodology)
    assert (refused.value.code, refused.value.facts["member"]) == (
        "bundle_member_missing", f"facts/{swap('4550').id}.json",
    )  # fmt: skip


def invoice(energy: str, **more: str) -> MeterFact:
    """What the buyer measured on the first two days."""
    value = {"start": "2021-12-30", "end": "2021-12-31", "energy": energy, "unit": "kWh", **more}
    data = {"meter": "M1", "kind": "invoice", "day": "2022-01-02", "value": value, "documents": ["invoice 12"]}
    return MeterFact.from_data(data)


def test_a_lower_invoice_counts_and_a_higher_one_does_not(story: Any) -> None:
    """Q20: 4,800 kWh by the register on these days; beyond twice both error limits the careful figure counts."""
    for energy, counted, rules in (("4000", "8800", ["Q20"]), ("5600", "9600", ["Q20"]), ("4795", "9600", [])):
        made = json.loads(report(story, invoice(energy, error_percent="0.5")))
        assert made["energy_total"]["measured"] == counted, energy
        assert [item["rule"] for item in made["findings"] if item["rule"] == "Q20"] == rules
    made = json.loads(report(story, invoice("4000")))
    assert made["energy_total"]["measured"] == "9600", "an invoice without its error limit is no measure"


def test_generation_at_night_blocks_until_it_is_explained(story: Any, make_plan: Any, make_meter: Any) -> None:
    """A battery behind the meter gives at night: shown to be so, it counts, and the finding stays in the report."""
    meter = replace(make_meter("M1"), solar=True, latitude="47.92", longitude="106.92")
    solar = replace(story, plan=make_plan(meters=(PlanMeter(meter, "EG_i_p", "1"),)))
    with pytest.raises(Refused) as refused:
        report(solar)
    assert refused.value.facts["rules"] == "Q13"
    reason = "battery of 1 MWh behind the meter"
    data = {
        "meter": "M1", "kind": "explanation", "day": "2021-12-30", "documents": ["single-line diagram"],
        "value": {"rule": "Q13", "start": "2021-12-30", "end": "2022-01-02", "reason": reason},
    }  # fmt: skip
    fact = MeterFact.from_data(data)
    body = report(solar, fact)
    (found,) = [item for item in json.loads(body)["findings"] if item["rule"] == "Q13"]
    assert (found["severity"], found["facts"]["explanation"]) == ("explain", reason)
    assert found["message"]["en"].endswith(f"by “single-line diagram”: {reason}")
    facts = {fact.id: canonical_bytes(fact.as_data())}
    how = methodology(solar.plan.methodology)
    assert rerun(body, solar.plan, solar.files, how, facts).answer.value == "yes"
    assert rerun(body, solar.plan, solar.files, how).answer.value == "cannot tell"
