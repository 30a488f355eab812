"""The facts of a meter over time: what stands, what held on a day, where a series breaks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.mrv.meter_facts import KINDS, Document, MeterFact
from openjcm.mrv.meters import Calibration, Meter
from openjcm.mrv.timeline import MeterTimeline, timeline_of, timelines
from openjcm.refusals import Refused

INSTALLED = date(2020, 1, 1)
METER = Meter(
    "M1", "generation", 500_000, 900, register_span=1_000_000, installed_on=INSTALLED,
    calibration=(Calibration(INSTALLED, date(2021, 12, 31), "certificate 1"),),
)  # fmt: skip
FIRMWARE = {"kind": "firmware", "day": "2021-01-01", "value": {"version": "1"}}
RATIO = {"primary": "200", "secondary": "5", "in_register": False}


def fact(kind: str, day: str | None, at: str = "", corrects: str = "", **value: Any) -> MeterFact:
    data = {"kind": kind, "day": day, "value": value, "at": at, "corrects": corrects, "documents": ["letter"]}
    return MeterFact.from_data(data, "M1")


def line(*facts: MeterFact) -> MeterTimeline:
    return timeline_of(METER, facts)


def code_of(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(*args, **kwargs)
    assert refused.value.message("ja") and refused.value.remedy("ja")
    return refused.value.code


def test_the_plan_s_short_forms_are_the_first_facts() -> None:
    facts = line().facts
    assert [(item.kind, item.day) for item in facts] == [("installation", INSTALLED), ("calibration", INSTALLED)]
    assert facts[1].day_of("valid_until") == date(2021, 12, 31)


def test_the_newest_fact_that_has_begun_holds() -> None:
    timeline = line(
        fact("accuracy", "2020-01-01", **{"class": "0.5S"}), fact("accuracy", "2022-06-01", percent="0.27"),
        fact("firmware", "2021-03-01", version="2.1"), fact("ct_ratio", "2021-03-01", **RATIO),
        fact("vt_ratio", "2020-01-01", primary="22000", secondary="110", in_register=True),
        fact("calibration_interval", "2020-01-01", months=36),
        fact("register_span", "2023-01-01", span="1000", unit="MWh"),
    )  # fmt: skip
    before, after = timeline.of_day(date(2021, 2, 28)), timeline.of_day(date(2023, 1, 1))
    assert (before.accuracy_class, before.firmware, before.ratio) == ("0.5S", None, 1)
    assert (after.accuracy_class, after.accuracy_percent) == (None, Fraction(27, 100))
    assert (after.firmware, after.ct_ratio, after.vt_ratio, after.ratio) == ("2.1", 40, 200, 40)
    assert before.register_span is not None and before.register_span.least_units(Fraction(1000)) == 1_000_000
    assert after.register_span is not None and after.register_span.least_units(Fraction(1000)) == 1_000_000
    assert after.register_span.least_units(Fraction(1)) == 10**9
    assert (before.installed, timeline.of_day(date(2019, 12, 31)).installed) == (True, False)
    assert after.calibration_interval_months == 36


def test_what_is_not_stated_is_not_known() -> None:
    facts = timeline_of(Meter("M2", "generation", 1, 1)).of_day(INSTALLED)
    assert (facts.installed, facts.accuracy_class, facts.register_span, facts.ct_ratio, facts.ratio) == (
        None, None, None, None, 1,
    )  # fmt: skip


def test_a_correction_is_a_new_fact_and_both_stay_on_the_timeline() -> None:
    wrong = fact("accuracy", "2020-01-01", **{"class": "0.2S"})
    right = fact("accuracy", "2020-01-01", corrects=wrong.id, **{"class": "0.5S"})
    timeline = line(wrong, right)
    assert timeline.of_day(INSTALLED).accuracy_class == "0.5S"
    assert {wrong, right} <= {item for item in timeline.facts if item.kind == "accuracy"}
    assert timeline.corrected() == {wrong.id: right.id}
    gone = MeterFact.from_data(
        {"meter": "M1", "kind": "accuracy", "day": "2020-01-01", "corrects": right.id, "withdrawn": True}
    )
    assert line(wrong, right, gone).of_day(INSTALLED).accuracy_class is None
    assert code_of(line, wrong, right, fact("accuracy", "2020-01-01", corrects=wrong.id, **{"class": "1"})) == (
        "fact_corrected_already"
    )
    assert code_of(line, wrong, fact("firmware", "2020-01-01", corrects=wrong.id, version="1")) == (
        "corrected_fact_unknown"
    )
    assert code_of(line, wrong, right, gone, fact("accuracy", "2020-01-01", corrects=gone.id, percent="1")) == (
        "corrected_fact_unknown"
    )
    assert code_of(line, right) == "corrected_fact_unknown"


def test_the_same_fact_twice_is_one() -> None:
    one = fact("firmware", "2021-03-01", version="2.1")
    assert len(line(one, one).facts) == len(line(one).facts)


def test_segments_break_at_replacement_and_ratio() -> None:
    swap = fact(
        "replacement", "2021-05-02", at="2021-05-02T10:30:00+09:00", end_index="1234.5", start_index="0", unit="kWh"
    )
    ratio = fact("ct_ratio", "2021-05-04", **RATIO, index="7", unit="kWh")
    segments = line(swap, ratio).segments(date(2021, 5, 1), date(2021, 5, 5), "+09:00")
    assert [item.opened_by for item in segments] == [None, swap, ratio]
    assert [item.end_us for item in segments[:-1]] == [item.begin_us for item in segments[1:]]
    first, second, third = segments
    assert second.begin_us == second.begin_latest_us == swap.at_us
    assert (second.end_wh, second.start_wh) == (Fraction(1_234_500), 0)
    assert third.begin_latest_us - third.begin_us == 86_400 * 10**6
    assert (third.end_wh, third.start_wh, third.facts.ratio) == (7000, 7000, 40)
    assert (first.facts.ratio, first.end_wh) == (1, None)


def test_a_change_at_an_instant_of_the_first_day_leaves_the_hours_before_it_alone() -> None:
    ratio = fact("ct_ratio", "2021-05-01", at="2021-05-01T12:00:00+09:00", **RATIO)
    before, after = line(ratio).segments(date(2021, 5, 1), date(2021, 5, 1), "+09:00")
    assert (before.facts.ratio, after.facts.ratio) == (1, 40)
    whole_day = fact("ct_ratio", "2021-05-01", **RATIO)
    (only,) = line(whole_day).segments(date(2021, 5, 1), date(2021, 5, 1), "+09:00")
    assert only.facts.ratio == 40


def test_facts_of_a_meter_that_is_not_listed_are_refused() -> None:
    assert code_of(timelines, [Meter("M2", "generation", 1, 1)], [fact("firmware", "2021-01-01", version="1")]) == (
        "fact_of_unknown_meter"
    )


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "colour", "day": "2021-01-01"}, "kind"),
        ({"kind": "firmware", "day": None, "value": {"version": "1"}}, "day"),
        ({"kind": "firmware", "day": "yesterday", "value": {"version": "1"}}, "fact"),
        ({"kind": "firmware", "day": "2021-01-01", "value": {}}, "version"),
        ({"kind": "firmware", "day": "2021-01-01", "value": {"version": " "}}, "version"),
        ({"kind": "firmware", "day": "2021-01-01", "value": {"version": "1", "x": "1"}}, "x"),
        ({**FIRMWARE, "y": 1}, "y"),
        ({**FIRMWARE, "withdrawn": True}, "withdrawn"),
        ({**FIRMWARE, "corrects": "abc"}, "corrects"),
        ({**FIRMWARE, "at": "2021-01-01T10:00:00"}, "at"),
        ({**FIRMWARE, "at": "2021-01-02T10:00:00Z"}, "at"),
        ({**FIRMWARE, "documents": [{"name": ""}]}, "documents"),
        ({**FIRMWARE, "documents": [{"name": "a", "sha256": "b"}]}, "documents"),
        ({"kind": "accuracy", "day": "2021-01-01", "value": {"class": "1", "percent": "1"}}, "class"),
        ({"kind": "accuracy", "day": "2021-01-01", "value": {"percent": "0"}}, "percent"),
        ({"kind": "accuracy", "day": "2021-01-01", "value": {"percent": 0.5}}, "fact"),
        ({"kind": "register_span", "day": "2021-01-01", "value": {"span": "1e9999", "unit": "kWh"}}, "span"),
        ({"kind": "register_span", "day": "2021-01-01", "value": {"span": "10", "unit": "J"}}, "unit"),
        ({"kind": "ct_ratio", "day": "2021-01-01", "value": {**RATIO, "index": "1"}}, "unit"),
        ({"kind": "ct_ratio", "day": "2021-01-01", "value": {**RATIO, "in_register": "no"}}, "in_register"),
        ({"kind": "calibration", "day": None, "value": {"valid_from": "2021-01-02", "valid_until": "2021-01-01"}},
         "valid_until"),
        ({"kind": "calibration", "day": None, "value": {"result": "fine"}}, "result"),
        ({"kind": "calibration_interval", "day": "2021-01-01", "value": {"months": True}}, "months"),
    ],
)  # fmt: skip
def test_facts_that_are_not_usable_are_refused_by_their_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        MeterFact.from_data(data, "M1")
    assert (refused.value.code, refused.value.facts["field"]) == ("meter_fact_invalid", field)


def test_a_meter_of_the_plan_holds_only_its_own_facts() -> None:
    other = MeterFact.from_data({"kind": "firmware", "day": "2021-01-01", "value": {"version": "1"}}, "M2")
    assert code_of(Meter, "M1", "generation", 1, 1, facts=(other,)) == "meter_facts_invalid"
    own = fact("firmware", "2021-01-01", version="1")
    meter = Meter("M1", "generation", 1, 1, facts=(own,))
    assert Meter.from_data(meter.as_data()) == meter
    assert timeline_of(meter).of_day(date(2021, 1, 1)).firmware == "1"


def test_kinds_speak_both_languages() -> None:
    assert all(kind.en and kind.ja for kind in KINDS.values())


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "meter": st.text(max_size=5) | st.none(), "kind": st.sampled_from([*KINDS]) | st.text(max_size=5),
            "day": st.sampled_from(["2021-01-01", "", "x"]) | st.integers() | st.none(), "at": st.text(max_size=30),
            "value": st.dictionaries(
                st.sampled_from(["class", "percent", "version", "months", "span", "unit", "valid_from"]),
                st.text(max_size=12) | st.integers() | st.booleans() | st.lists(st.text(max_size=2)), max_size=4,
            ) | st.text(max_size=3),
            "documents": st.lists(st.text(max_size=4) | st.dictionaries(st.sampled_from(["name", "sha256"]), st.text()))
            | st.text(max_size=3),
            "corrects": st.text(max_size=70), "withdrawn": st.booleans(),
        },
    )
)  # fmt: skip
def test_any_data_is_a_fact_or_is_refused(data: dict[str, Any]) -> None:
    try:
        made = MeterFact.from_data(data, "M1")
    except Refused as refused:
        assert refused.code == "meter_fact_invalid"
        return
    assert MeterFact.from_data(made.as_data()) == made
    assert made.id == MeterFact.from_data(made.as_data()).id


def test_documents_are_named() -> None:
    sha256 = "ab" * 32
    made = MeterFact("M1", "firmware", INSTALLED, {"version": "1"}, (Document("c", sha256),), approval=Document("JC"))
    assert made.as_data()["documents"] == [{"name": "c", "sha256": sha256}]
    assert MeterFact.from_data(made.as_data()) == made
