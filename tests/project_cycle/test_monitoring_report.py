"""The monitoring report: exact, per calendar year, the same bytes whatever the order of what is handed in."""

from __future__ import annotations

import json
import random
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from openjcm.canonical import canonical_bytes, plain, sha256_hex
from openjcm.dated import Citation
from openjcm.mrv.calculation import Given
from openjcm.mrv.plan import FileReading, MonitoringPlan, PlanMeter
from openjcm.mrv.quality import QualityRules
from openjcm.project_cycle.monitoring_report import Upload, readings_hash
from openjcm.refusals import Refused

SOURCE = Citation("a test")


def refusal_of(story: Any, **changes: Any) -> str:
    with pytest.raises(Refused) as refused:
        story.report(**changes)
    assert refused.value.message("ja")
    assert refused.value.remedy("en")
    return refused.value.code


def test_each_calendar_year_has_its_own_whole_tonnes(story: Any) -> None:
    report = json.loads(story.report())
    # 48 hours of 100 kWh in each year: 4.8 MWh × 0.797 = 3.8256 t, cut to 3.
    assert [(year["year"], year["start"], year["end"]) for year in report["years"]] == [
        (2021, "2021-12-30", "2021-12-31"),
        (2022, "2022-01-01", "2022-01-02"),
    ]
    assert [year["reductions"] for year in report["years"]] == ["3.8256", "3.8256"]
    assert [year["whole_tonnes"] for year in report["years"]] == [3, 3]
    assert report["total"] == {"reference": "7.6512", "project": "0", "reductions": "7.6512"}
    assert report["emission_reductions"] == 6


def test_the_report_names_everything_it_was_made_from(story: Any) -> None:
    report = json.loads(story.report())
    ((sha256, data),) = story.files.items()
    assert report["files"][0]["sha256"] == sha256_hex(data) == sha256
    assert report["plan_sha256"] == story.plan.sha256
    assert report["engine"] == {"name": "openjcm", "version": "0.0.test"}
    assert report["methodology"]["id"] == "MN_AM003"
    assert len(report["methodology"]["source_sha256"]) == 64
    assert report["rules"]["rounding"]["name"] == "down_to_whole_tonne"
    assert report["rules"]["rounding"]["rulebook"]["value"] == "down_to_whole_tonne"
    assert report["grade"] == "secondary"
    assert report["provisional"] is True
    assert any("EF_RE_i" in reason for reason in report["reasons"])


def test_the_report_is_canonical_and_repeats(story: Any) -> None:
    one = story.report()
    assert one == story.report()
    assert canonical_bytes(json.loads(one)) == one


def test_energy_lines_add_up_to_the_result(story: Any) -> None:
    report = json.loads(story.report())
    assert [(line["year"], line["month"], line["kwh"]["measured"]) for line in report["energy"]] == [
        (2021, 12, "4800"),
        (2022, 1, "4800"),
    ]
    total = sum(
        Fraction(line["tco2e"][part]) for line in report["energy"] for part in ("measured", "bridged", "substituted")
    )
    assert total == Fraction(report["total"]["reductions"])


def test_the_daily_series_covers_the_period(story: Any) -> None:
    (series,) = json.loads(story.report())["daily"]
    assert series == {
        "meter": "M1",
        "first_day": "2021-12-30",
        "measured_wh": [2_400_000] * 4,
        "bridged_wh": [0] * 4,
        "readings": [24] * 4,
    }


def test_rows_in_another_order_give_the_same_figures(story: Any) -> None:
    ((_, data),) = story.files.items()
    head, *rows = data.decode().splitlines()
    random.Random(7).shuffle(rows)
    shuffled = story.with_file("\n".join([head, *rows, ""]).encode())
    one, other = json.loads(story.report()), json.loads(shuffled.report())
    assert one["files"][0]["sha256"] != other["files"][0]["sha256"]
    assert one["files"][0]["readings_sha256"] == other["files"][0]["readings_sha256"]
    assert one["files"][0]["parquet_sha256"] == other["files"][0]["parquet_sha256"]
    for part in ("years", "total", "emission_reductions", "energy", "daily"):
        assert canonical_bytes(one[part]) == canonical_bytes(other[part])


def two_meters(story: Any, make_plan: Any, make_meter: Any, make_mapping: Any, make_register: Any) -> Any:
    from dataclasses import replace

    data = {"M1": make_register(), "M2": make_register(step=50)}
    files = {sha256_hex(body): body for body in data.values()}
    uploads = {sha256_hex(body): Upload(f"{name}.csv", make_mapping(name)) for name, body in data.items()}
    plan = make_plan(
        meters=(PlanMeter(make_meter("M1"), "EG_i_p", "1"), PlanMeter(make_meter("M2"), "EG_i_p", "2")),
        parameters={"CASE_i": Given({"1": "national_grid", "2": "captive_or_off_grid"}, source=SOURCE)},
    )
    return replace(story, plan=plan, files=files, uploads=uploads)


@pytest.fixture
def pair(story: Any, make_plan: Any, make_meter: Any, make_mapping: Any, make_register: Any) -> Any:
    """Two systems with one meter each."""
    return two_meters(story, make_plan, make_meter, make_mapping, make_register)


def test_the_order_of_meters_files_and_parameters_changes_no_byte(pair: Any) -> None:
    from dataclasses import replace

    turned = replace(
        pair.plan,
        meters=tuple(reversed(pair.plan.meters)),
        parameters={"CASE_i": Given({"2": "captive_or_off_grid", "1": "national_grid"}, source=SOURCE)},
    )
    files = dict(reversed(pair.files.items()))
    assert pair.report(plan=turned, files=files) == pair.report()
    assert turned.sha256 == pair.plan.sha256


def test_each_system_has_its_own_factor(pair: Any) -> None:
    # 9.6 MWh × 0.797 + 4.8 MWh × 0.533
    assert json.loads(pair.report())["total"]["reductions"] == "10.2096"


def test_two_meters_of_one_system_are_added(pair: Any) -> None:
    from dataclasses import replace

    meters = tuple(replace(item, at="1") for item in pair.plan.meters)
    plan = replace(pair.plan, meters=meters, parameters={"CASE_i": Given({"1": "national_grid"}, source=SOURCE)})
    assert json.loads(pair.report(plan=plan))["total"]["reductions"] == "11.4768"


def test_a_register_that_goes_on_in_the_next_file_is_one_series(
    story: Any, make_register: Any, make_mapping: Any
) -> None:
    first = make_register(hours=47)
    second = make_register(hours=48, start="2022-01-01 00:00", first=1000 + 4800)
    files = {sha256_hex(data): data for data in (first, second)}
    uploads = {sha256: Upload(f"{sha256[:4]}.csv", make_mapping()) for sha256 in files}
    report = json.loads(story.report(files=files, uploads=uploads))
    assert report["total"] == json.loads(story.report())["total"]
    assert len(report["files"]) == 2


def test_a_finding_in_joined_files_names_the_file_of_each_row(
    story: Any, make_register: Any, make_mapping: Any
) -> None:
    first = make_register(hours=47)
    second = make_register(hours=48, start="2022-01-01 00:00", first=1000 + 4800).replace(b",6000\n", b",-1000000\n")
    files = {sha256_hex(data): data for data in (first, second)}
    uploads = {sha256: Upload(f"{sha256[:4]}.csv", make_mapping()) for sha256 in files}
    report = json.loads(story.report(files=files, uploads=uploads))
    (sentinel,) = [finding for finding in report["findings"] if finding["rule"] == "Q02"]
    assert sentinel["places"] == [{"file": sha256_hex(second), "rows": [4]}]


def test_a_meter_in_two_files_of_different_kinds_is_refused(story: Any, make_register: Any, make_mapping: Any) -> None:
    first, second = make_register(hours=47), make_register(hours=48, start="2022-01-01 00:00", step=1)
    energy = make_mapping(
        kind="interval_energy", unit="kWh", least_unit="kWh", interval_seconds=3600, interval_stamp="end"
    )
    uploads = {sha256_hex(first): Upload("a", make_mapping()), sha256_hex(second): Upload("b", energy)}
    files = {sha256_hex(data): data for data in (first, second)}
    assert refusal_of(story, files=files, uploads=uploads) == "meter_in_two_files"


def test_readings_have_one_hash_whatever_their_file_is_called(story: Any, make_mapping: Any) -> None:
    from openjcm.mrv.readings import read_meter_file

    ((_, data),) = story.files.items()
    one = read_meter_file(data, "one.csv", make_mapping())
    assert readings_hash(one) == readings_hash(read_meter_file(data, "other.csv", make_mapping()))
    assert readings_hash(one) != readings_hash(
        read_meter_file(data.replace(b",1000\n", b",999\n"), "a", make_mapping())
    )


# Negative years


@pytest.fixture
def chiller(story: Any, make_plan: Any, make_meter: Any) -> Any:
    """A chiller that is worse than its reference."""
    from dataclasses import replace

    plan = make_plan(
        methodology="ID_AM002",
        meters=(PlanMeter(make_meter("M1", "consumption"), "EC_PJ_i_p", "1"),),
        parameters={
            "COP_PJ_i": Given({"1": "4"}, "-", SOURCE),
            "COP_RE_i": Given({"1": "5"}, "-", SOURCE),
            "EF_elec": Given({"": "0.8"}, "tCO2e/MWh", SOURCE),
        },
    )
    return replace(story, plan=plan)


def test_a_negative_year_is_kept_and_shown_and_not_credited(chiller: Any) -> None:
    report = json.loads(chiller.report())
    # 4.8 MWh × (4/5 − 1) × 0.8 = −0.768 t, down to −1.
    assert [year["reductions"] for year in report["years"]] == ["-0.768", "-0.768"]
    assert [year["whole_tonnes"] for year in report["years"]] == [-1, -1]
    assert [year["credited_tonnes"] for year in report["years"]] == [0, 0]
    assert all(year["negative"] for year in report["years"])
    assert report["emission_reductions"] == 0
    assert report["rules"]["negative_years"]["value"] == "kept_and_not_credited"


# The period


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2022-01-02", "2022-01-01", "monitoring_period_reversed"),
        ("2019-12-31", "2020-01-05", "monitoring_period_outside_crediting_period"),
        ("2029-12-31", "2030-01-01", "monitoring_period_outside_crediting_period"),
        ("2020-12-31", "2021-01-01", "monitoring_period_crosses_2020_end"),
        ("2020-01-01", "2022-01-02", "monitoring_period_crosses_2020_end"),
    ],
)
def test_a_period_that_cannot_be_is_refused(story: Any, start: str, end: str, code: str) -> None:
    period = (date.fromisoformat(start), date.fromisoformat(end))
    assert refusal_of(story, period=period) == code


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2021-12-01", "2021-12-30"),
        ("2022-01-02", "2022-02-01"),
        ("2021-01-01", "2022-12-31"),
        ("2021-12-31", "2021-12-31"),
    ],
)
def test_a_period_that_shares_a_day_with_an_earlier_one_is_refused(story: Any, first: str, last: str) -> None:
    earlier = [(date.fromisoformat(first), date.fromisoformat(last))]
    assert refusal_of(story, earlier=earlier) == "monitoring_period_overlaps"


def test_periods_that_touch_are_no_overlap(story: Any) -> None:
    earlier = [(date(2021, 12, 1), date(2021, 12, 29)), (date(2022, 1, 3), date(2022, 1, 31))]
    report = json.loads(story.report(earlier=list(reversed(earlier))))
    assert [item["start"] for item in report["earlier_periods"]] == ["2021-12-01", "2022-01-03"]


def test_a_period_may_end_with_2020_or_begin_with_2021(story: Any, make_register: Any) -> None:
    ends = story.with_file(make_register(hours=24, start="2020-12-31 00:00"))
    assert json.loads(ends.report(period=(date(2020, 12, 31), date(2020, 12, 31))))["years"][0]["year"] == 2020
    begins = story.with_file(make_register(hours=24, start="2021-01-01 00:00"))
    assert json.loads(begins.report(period=(date(2021, 1, 1), date(2021, 1, 1))))["years"][0]["year"] == 2021


def test_a_single_day_is_a_period(story: Any, make_register: Any) -> None:
    day = date(2022, 3, 1)
    one = story.with_file(make_register(hours=24, start="2022-03-01 00:00"))
    assert json.loads(one.report(period=(day, day)))["energy_total"]["measured"] == "2400"


# Files, meters, findings, inputs


def test_a_file_that_is_not_the_one_named_is_refused(story: Any) -> None:
    ((sha256, data),) = story.files.items()
    assert refusal_of(story, files={sha256: data + b"\n"}) == "file_not_as_named"


def test_a_file_without_mapping_is_refused(story: Any, make_plan: Any) -> None:
    assert refusal_of(story, plan=make_plan(readings=()), uploads={}) == "file_without_mapping"


def test_the_plan_may_say_how_a_file_is_read(story: Any, make_plan: Any, make_mapping: Any) -> None:
    (sha256,) = story.files
    plan = make_plan(readings=(FileReading(sha256, make_mapping()),))
    assert json.loads(story.report(plan=plan, uploads={}))["files"][0]["name"] == sha256


def test_a_meter_without_any_reading_in_the_period_is_refused_not_zero(story: Any) -> None:
    assert refusal_of(story, period=(date(2023, 1, 1), date(2023, 1, 2))) == "meter_without_readings"


def test_a_meter_of_the_plan_that_no_file_holds_is_refused(story: Any, make_plan: Any, make_meter: Any) -> None:
    meters = (PlanMeter(make_meter("M1"), "EG_i_p", "1"), PlanMeter(make_meter("M9"), "EG_i_p", "2"))
    assert refusal_of(story, plan=make_plan(meters=meters)) == "meter_without_readings"


def test_no_files_at_all_is_refused(story: Any) -> None:
    assert refusal_of(story, files={}) == "meter_without_readings"


def test_a_blocking_finding_refuses_the_report(story: Any, make_register: Any) -> None:
    before, after = make_register(hours=40), make_register(hours=55, start="2021-12-31 17:00", first=10)
    replaced = story.with_file(before + after.split(b"\n", 1)[1])
    with pytest.raises(Refused) as refused:
        replaced.report()
    assert refused.value.code == "blocking_findings"
    assert refused.value.facts == {"rules": "Q10", "meters": "M1"}


def test_another_methodology_than_the_plans_is_refused(story: Any) -> None:
    from openjcm.methodologies import methodology
    from openjcm.project_cycle.monitoring_report import make_monitoring_report

    with pytest.raises(Refused) as refused:
        make_monitoring_report(story.plan, story.files, {}, story.period, methodology("TH_AM001"), "1")
    assert refused.value.code == "report_with_other_methodology"


def test_a_monitored_value_for_several_years_must_be_given_by_year(story: Any, make_plan: Any) -> None:
    plan = make_plan(methodology="ID_AM002", meters=(), parameters={
        "COP_PJ_i": Given({"1": "6"}, "-", SOURCE),
        "COP_RE_i": Given({"1": "5"}, "-", SOURCE),
        "EF_elec": Given({"": "0.8"}, "tCO2e/MWh", SOURCE),
    })  # fmt: skip
    energy = {"values": {"1": "1000"}, "unit": "MWh", "source": "invoices"}
    bare = {"files": {}, "uploads": {}, "plan": plan}
    assert refusal_of(story, inputs={"EC_PJ_i_p": energy}, **bare) == "input_not_by_year"
    one_year = json.loads(
        story.report(inputs={"EC_PJ_i_p": energy}, period=(date(2022, 1, 1), date(2022, 12, 31)), **bare)
    )
    assert one_year["emission_reductions"] == 160
    by_year = {"EC_PJ_i_p": {"by_year": {"2021": energy, "2022": {**energy, "values": {"1": "500"}}}}}
    assert json.loads(story.report(inputs=by_year, **bare))["emission_reductions"] == 240
    lacking = {"EC_PJ_i_p": {"by_year": {"2021": energy}}}
    assert refusal_of(story, inputs=lacking, **bare) == "missing_symbol"


def test_an_input_for_an_unknown_symbol_is_refused(story: Any) -> None:
    wrong = {"XX": {"value": "1", "unit": "-", "source": "a test"}}
    assert refusal_of(story, inputs=wrong) == "unknown_symbol"


@pytest.mark.parametrize("symbol", ["EG_i_p", "CASE_i"])
def test_an_input_that_the_plan_settles_is_refused(story: Any, symbol: str) -> None:
    given = {"values": {"1": "captive_or_off_grid"}, "source": "a later wish"}
    assert refusal_of(story, inputs={symbol: given}) == "input_settled_by_plan"


@pytest.mark.parametrize(
    "data",
    [
        "3", None, {}, {"value": "1", "values": {"1": "2"}}, {"values": "3"}, {"value": "1", "unti": "MWh"},
        {"value": "1", "grade": "certain"}, {"value": "1", "since": "yesterday"}, {"by_year": {"2023": {"value": "1"}}},
        {"by_year": "2021"}, {"by_year": {"2021": 4}}, {"by_year": {}, "unit": "MWh"},
    ],
)  # fmt: skip
def test_an_input_that_is_not_well_formed_is_refused(story: Any, data: Any) -> None:
    assert refusal_of(story, inputs={"EF_RE_i": data}) == "given_not_understood"


# The plan


def test_a_plan_survives_its_plain_form(pair: Any) -> None:
    again = MonitoringPlan.from_data(plain(pair.plan.as_data()))
    assert again.as_data() == pair.plan.as_data()
    assert again.sha256 == pair.plan.sha256


def test_quality_parameters_survive_their_plain_form(make_plan: Any) -> None:
    rules = QualityRules(sentinels=("-1", "65535"), over_range=Fraction(11, 10))
    plan = make_plan(quality=rules)
    assert MonitoringPlan.from_data(plain(plan.as_data())).quality == rules


def broken(data: dict[str, Any], change: str) -> dict[str, Any]:
    match change:
        case "no meters":
            del data["meters"]
        case "unknown field":
            data["colour"] = "green"
        case "other schema":
            data["schema"] = {"name": "openjcm/monitoring-plan", "version": 2}
        case "reversed crediting period":
            data["crediting_period"] = {"start": "2029-01-01", "end": "2020-01-01"}
        case "a number for a name":
            data["project"] = 7
        case "a reading that is no text":
            data["interpretations"] = {"n_o": 1}
        case "a day that is none":
            data["crediting_period"]["start"] = "2020-02-30"
        case "meter twice":
            data["meters"] = data["meters"] * 2
        case "measured and given":
            data["parameters"]["EG_i_p"] = {"values": {"1": "3"}, "unit": "MWh", "source": "–"}
    return data


@pytest.mark.parametrize(
    "change",
    [
        "no meters", "unknown field", "other schema", "reversed crediting period", "a number for a name",
        "a reading that is no text", "a day that is none", "meter twice",
        "measured and given",
    ],
)  # fmt: skip
def test_a_plan_that_is_not_whole_is_refused(make_plan: Any, change: str) -> None:
    data = plain(make_plan().as_data())
    assert isinstance(data, dict)
    with pytest.raises(Refused) as refused:
        MonitoringPlan.from_data(broken(data, change))
    assert refused.value.code == "plan_not_understood"


@pytest.mark.parametrize(
    ("zone", "code"),
    [("Mars/Olympus", "unknown_time_zone"), ("file", "plan_not_understood"), (8, "plan_not_understood")],
)
def test_a_plan_needs_one_time_zone(make_plan: Any, zone: Any, code: str) -> None:
    data: Any = plain(make_plan().as_data())
    with pytest.raises(Refused) as refused:
        MonitoringPlan.from_data({**data, "time_zone": zone})
    assert refused.value.code == code


@pytest.mark.parametrize("rule", ["up_to_whole_unit", "to_the_nearest_ten"])
def test_a_rounding_rule_that_makes_no_tonnes_is_refused(make_plan: Any, rule: str) -> None:
    data = plain(make_plan().as_data())
    assert isinstance(data, dict)
    with pytest.raises(Refused) as refused:
        MonitoringPlan.from_data({**data, "rounding": rule})
    assert refused.value.code == "unknown_rounding_rule"


@pytest.mark.parametrize("change", [{"mood": "good"}, {"night_elevation": "low"}, {"energy_allocation": "by_guess"}])
def test_quality_parameters_that_do_not_exist_are_refused(make_plan: Any, change: dict[str, str]) -> None:
    data: Any = plain(make_plan().as_data())
    with pytest.raises(Refused) as refused:
        MonitoringPlan.from_data({**data, "quality": {**data["quality"], **change}})
    assert refused.value.code == "quality_rules_invalid"
