"""Each notice on an incomplete request for issuance gives the finding, correction or refusal that it calls for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from openjcm.canonical import sha256_hex
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.meters import Meter
from openjcm.mrv.plan import MonitoringPlan, PlanMeter
from openjcm.mrv.timeline import timelines
from openjcm.project_cycle.metered import Upload, judged_files
from openjcm.project_cycle.metering import Metering, metering
from openjcm.refusals import Refused
from openjcm.units import exact

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "issuance_notices.yaml").read_text("utf-8"))
NOTICES = {
    "L9MSXVQNE4AOH25", "OEYZXW51RP0S7FI", "YH257WZ6BKQPLMU", "OGW6N5C3E40DQXR", "1M7FLIJ0S92WVZ5", "PUGAX0RIEJ6Q28N",
    "HMBC0ANU91LGVQI", "YG56RCI1X7JU2Z0",
}  # fmt: skip


def plain(data: Any) -> Any:
    """What YAML read, with days as text and names of documents as documents."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(item) for item in data]
    return data.isoformat() if isinstance(data, date) else data


def fact(data: dict[str, Any], meter: str = "") -> MeterFact:
    made = plain(data)
    if isinstance(made.get("approval"), str):
        made["approval"] = {"name": made["approval"]}
    return MeterFact.from_data({"documents": ["of the plan"], **made}, meter)


def plan_of(case: dict[str, Any], make_plan: Any) -> MonitoringPlan:
    meters = tuple(
        PlanMeter(
            Meter(
                item["id"], item.get("direction", "generation"), 10**6, 86_400,
                facts=tuple(fact(one, item["id"]) for one in item.get("facts", ())),
            ),
            "EG_i_p", str(place),
        )
        for place, item in enumerate(case["meters"], 1)
    )  # fmt: skip
    whole = {"crediting_period": (date(2010, 1, 1), date(2030, 12, 31)), "meters": meters, "time_zone": "+08:00"}
    made: MonitoringPlan = make_plan(**whole, units={"EG_i_p": case["units"]} if "units" in case else {})
    made.check()
    return made


def files_of(case: dict[str, Any], make_mapping: Any) -> tuple[dict[str, bytes], dict[str, Upload]]:
    first, last = case["period"]
    files, uploads = {}, {}
    for item in case["meters"]:
        if item.get("no_file"):
            continue
        days = (last - first).days + 2 - item.get("days_missing_at_end", 0)
        rows = [f"{first + timedelta(days=n)} 00:00,{5 + n * item['kwh_a_day']}" for n in range(days)]
        data = ("\n".join(["time,kwh", *rows]) + "\n").encode()
        how = replace(make_mapping(item["id"]), time_zone="+08:00")
        files[sha256_hex(data)] = data
        uploads[sha256_hex(data)] = Upload(item["id"], how)
    return files, uploads


def metered(case: dict[str, Any], make_plan: Any, make_mapping: Any) -> Metering:
    plan, period = plan_of(case, make_plan), tuple(case["period"])
    files, uploads = files_of(case, make_mapping)
    recorded = [fact(item) for item in case.get("recorded", ())]
    meters = timelines([item.meter for item in plan.meters], recorded)
    return metering(plan, judged_files(plan, files, uploads, period), meters, "MNG", period)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['notice']} {case['items']}")
def test_the_notice_gives_what_it_calls_for(case: dict[str, Any], make_plan: Any, make_mapping: Any) -> None:
    expected, facts = case["expect"], plain(case["expect"].get("facts", {}))
    if "refused" in expected:
        with pytest.raises(Refused) as refused:
            metered(case, make_plan, make_mapping)
        assert refused.value.code == expected["refused"]
        assert facts["refused"].items() <= refused.value.facts.items()
        return
    found = metered(case, make_plan, make_mapping)
    answers = {True: "yes", False: "no"}
    for item in found.calibrations:
        answer, covered, used = expected["covered"][item.meter_id]
        assert (item.conclusion.value, item.covered_days, item.used_days) == (
            answers.get(answer, answer), covered, used,
        )  # fmt: skip
    assert sorted(finding.rule for finding in found.findings) == expected["findings"]
    for finding in found.findings:
        assert facts.get(finding.rule, {}).items() <= finding.facts.items()
        assert finding.message("en") and finding.message("ja") and case["notice"]
    for meter, kwh in expected["counted_kwh"].items():
        months = [month for month in found.months if month.line.meter_id == meter]
        assert Fraction(sum(month.counted_wh for month in months), 1000) == exact(kwh)
        assert Fraction(sum(month.calibration_wh for month in months), 1000) == exact(expected["correction_kwh"][meter])
        if "gap_seconds" in expected:
            assert sum(month.line.gap_seconds for month in months) == exact(expected["gap_seconds"][meter])


def test_every_notice_is_a_case() -> None:
    assert {case["notice"] for case in CASES} == NOTICES


def test_a_correction_stands_in_the_report_and_in_the_trace(story: Any, make_plan: Any, make_meter: Any) -> None:
    """Two lapsed days of 2.4 MWh at 0.5 %, in exact tonnes, as a line of their own."""
    meter = replace(
        make_meter(),
        facts=(
            fact({"kind": "accuracy", "day": "2020-01-01", "value": {"class": "0.5"}}, "M1"),
            fact({"kind": "calibration", "day": "2021-01-01", "value": {"valid_until": "2021-12-31"}}, "M1"),
        ),
    )
    plan = make_plan(meters=(PlanMeter(meter, "EG_i_p", "1"),))
    report = json.loads(story.report(plan=plan))
    (told,) = report["calibration"]["meters"]
    assert (told["covered"], told["used_days"], told["covered_days"]) == ("no", 4, 2)
    (correction,) = told["corrections"]
    assert (correction["first"], correction["last"], correction["base_kwh"]) == ("2022-01-01", "2022-01-02", "4800")
    per_mwh = exact(report["energy"][0]["tco2e"]["measured"]) / exact(report["energy"][0]["kwh"]["measured"]) * 1000
    assert (exact(correction["kwh"]), exact(correction["tco2e"])) == (-24, Fraction(-24, 1000) * per_mwh)
    assert report["energy"][1]["kwh"]["calibration"] == "-24" and report["energy_total"]["calibration"] == "-24"
    assert exact(report["years"][1]["reductions"]) == Fraction(4776, 1000) * per_mwh
    sources = [step["source"] for year in report["years"] for step in year["trace"] if step["symbol"] == "EG_i_p"]
    assert sources == [
        "meter readings (M1) (4800000 Wh)", "meter readings (M1); lapsed calibration -24000 Wh (4776000 Wh)",
    ]  # fmt: skip
    assert report["calibration"]["rules"]["lapsed_calibration"]["applied"] == "maximum_permissible_error"


def test_the_plan_departs_from_the_rules_with_a_basis_only(story: Any, make_plan: Any, make_meter: Any) -> None:
    facts = (fact({"kind": "accuracy", "day": "2020-01-01", "value": {"class": "0.5"}}, "M1"),)
    meters = (PlanMeter(replace(make_meter(), facts=facts), "EG_i_p", "1"),)
    data = json.loads(json.dumps(plain(make_plan(meters=meters).as_data()), default=str))
    with pytest.raises(Refused, match="choice_without_basis"):
        MonitoringPlan.from_data({**data, "calibration": {"lapsed": "none"}})
    for wrong in ({"lapsed": "twice"}, {"colour": "red"}, {"basis": {"kind": "custom", "source": "x"}}):
        with pytest.raises(Refused, match="choice_not_known"):
            MonitoringPlan.from_data({**data, "calibration": wrong})
    basis = {"kind": "joint_committee_decision", "source": "Decision 9", "clause": "3"}
    plan = MonitoringPlan.from_data({**data, "calibration": {"lapsed": "none", "basis": basis}})
    assert MonitoringPlan.from_data(plan.as_data()) == plan
    report = json.loads(story.report(plan=plan))
    assert report["energy_total"]["calibration"] == "0"
    assert report["calibration"]["rules"]["lapsed_calibration"]["basis"] == basis
    assert [item["rule"] for item in report["findings"] if item["rule"] == "Q21"] == ["Q21"]


def test_what_blocks_a_report(story: Any, make_plan: Any, make_meter: Any) -> None:
    """Lapsed days without a known limit; and, where the plan's basis says so, a meter without any record."""
    lapsed = fact({"kind": "calibration", "day": "2020-01-01", "value": {"valid_until": "2020-12-31"}}, "M1")
    basis = {"kind": "methodology", "source": "MN_AM003"}
    from openjcm.mrv.choices import CalibrationChoice

    refusing = CalibrationChoice.from_data({"unrecorded": "refuse", "basis": basis})
    for facts, choice, rule in (((lapsed,), CalibrationChoice(), "Q21"), ((), refusing, "M01")):
        meters = (PlanMeter(replace(make_meter(), facts=facts), "EG_i_p", "1"),)
        with pytest.raises(Refused) as refused:
            story.report(plan=make_plan(meters=meters, calibration=choice))
        assert (refused.value.code, refused.value.facts["rules"]) == ("blocking_findings", rule)
