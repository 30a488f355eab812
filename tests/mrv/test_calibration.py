"""Lapsed calibration: which days are covered, and what the others lose to the conservative side."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.dated import Answer
from openjcm.mrv.calibration import (
    CalibrationRules,
    MeterCalibration,
    UsedDays,
    add_months,
    check_calibration,
    covers_of,
    limits_on,
)
from openjcm.mrv.calibration_rules import ACCURACY_CLASSES, RECORD_FINDINGS
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.meters import Meter
from openjcm.mrv.timeline import MeterTimeline, timeline_of

FIRST = date(2022, 1, 1)


def fact(kind: str, day: str | None, **value: Any) -> MeterFact:
    return MeterFact.from_data({"kind": kind, "day": day, "value": value, "documents": ["paper"]}, "M1")


def timeline(*facts: MeterFact, direction: str = "generation") -> MeterTimeline:
    return timeline_of(Meter("M1", direction, 10**6, 900), facts)


def used(*wh: int, lost: int = 0) -> UsedDays:
    """Energy of the days from 2022-01-01; ``lost`` Wh of each month disappeared when its days were cut."""
    days = tuple(FIRST + timedelta(days=place) for place in range(len(wh)))
    monthly: dict[tuple[int, int], int] = {}
    for day, energy in zip(days, wh, strict=True):
        monthly[day.year, day.month] = monthly.get((day.year, day.month), lost) + energy
    return UsedDays(days, np.array(wh, dtype=np.int64), monthly)


def checked(facts: list[MeterFact], energy: UsedDays, direction: str = "generation", **rules: str) -> MeterCalibration:
    return check_calibration(timeline(*facts, direction=direction), energy, CalibrationRules(**rules))


CLASS_1 = fact("accuracy", "2020-01-01", **{"class": "1"})
TWO_DAYS = fact("calibration", "2022-01-01", valid_until="2022-01-02")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2022-01-31", 1, "2022-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2022-12-15", 1, "2023-01-15"),
        ("2022-11-30", 3, "2023-02-28"), ("2020-02-29", 12, "2021-02-28"), ("2022-03-01", 24, "2024-03-01"),
        ("2022-10-31", 2, "2022-12-31"),
    ],
)  # fmt: skip
def test_months_later(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_the_earlier_of_certificate_and_plan_ends_the_cover() -> None:
    interval = fact("calibration_interval", "2020-01-01", months=12)
    cases = (
        ([fact("calibration", "2022-01-10", valid_until="2022-06-30"), interval], ("2022-01-10", "2022-06-30")),
        ([fact("calibration", "2022-01-10", valid_until="2024-06-30"), interval], ("2022-01-10", "2023-01-09")),
        ([fact("calibration", "2022-01-10", valid_from="2022-02-01"), interval], ("2022-02-01", "2023-01-09")),
        ([fact("calibration", "2022-01-10")], ("2022-01-10", "2022-01-10")),
        ([fact("calibration", None, valid_from="2022-02-01", valid_until="2022-03-01")], ("2022-02-01", "2022-03-01")),
    )
    for facts, (first, last) in cases:
        (cover,) = covers_of(timeline(*facts))
        assert (str(cover.first), str(cover.last)) == (first, last)
    for nothing in (
        fact("calibration", None),
        fact("calibration", "2022-01-10", result="failed", valid_until="2023-01-09"),
    ):
        (cover,) = covers_of(timeline(nothing, interval))
        assert cover.first is None and not cover.holds_on(date(2022, 1, 10))


def test_a_covered_meter_is_not_corrected() -> None:
    found = checked([CLASS_1, fact("calibration", "2021-12-31", valid_until="2022-01-03")], used(5, 0, 7))
    assert (found.conclusion, found.corrections, found.findings) == (Answer.YES, (), ())
    assert (found.used_days, found.covered_days) == (2, 2), "a day without energy is not used"


def test_lapsed_days_count_to_the_conservative_side_rounded_against_the_claimant() -> None:
    for direction, signed in (("generation", -11), ("consumption", 11)):
        found = checked([CLASS_1, TWO_DAYS], used(10_000, 10_000, 1_000, 50, lost=1), direction)
        (correction,) = found.corrections
        assert (correction.base_wh, correction.wh, correction.signed_wh) == (1_051, 11, signed)
        assert (correction.days, correction.first, correction.last) == (2, date(2022, 1, 3), date(2022, 1, 4))
        assert (found.conclusion, found.covered_days) == (Answer.NO, 2)


def test_each_month_and_each_limit_is_a_correction_of_its_own() -> None:
    better = fact("accuracy", "2022-01-30", **{"class": "0.2S"})
    found = checked([CLASS_1, better, TWO_DAYS], used(*[1_000] * 33))
    assert [(one.month, one.days, one.percent, one.wh) for one in found.corrections] == [
        (1, 27, 1, 270), (1, 2, Fraction(1, 5), 4), (2, 2, Fraction(1, 5), 4),
    ]  # fmt: skip


def test_a_larger_error_found_later_warns_or_applies() -> None:
    later = fact("calibration", "2022-01-05", error_percent="-2.5", valid_until="2023-01-04")
    warned = checked([CLASS_1, TWO_DAYS, later], used(*[1_000] * 6))
    assert [one.wh for one in warned.corrections] == [20]
    assert {item.rule: item.facts.get("wh") for item in warned.findings} == {"M05": "50", "M07": None, "Q21": "20"}
    applied = checked([CLASS_1, TWO_DAYS, later], used(*[1_000] * 6), larger_error="apply")
    assert [(one.wh, one.because) for one in applied.corrections] == [(50, "-2.5 % (2022-01-05)")]
    assert "corrected by the error found" in next(item for item in applied.findings if item.rule == "M05").message("en")
    smaller = fact("calibration", "2022-01-05", error_percent="1", valid_until="2023-01-04")
    assert "M05" not in {item.rule for item in checked([CLASS_1, TWO_DAYS, smaller], used(*[1_000] * 6)).findings}


def test_no_correction_where_the_rule_says_so_and_none_without_a_limit() -> None:
    none = checked([CLASS_1, TWO_DAYS], used(1, 1, 1), lapsed="none")
    assert (none.corrections, [item.rule for item in none.findings]) == ((), ["Q21"])
    for facts in ([TWO_DAYS], [TWO_DAYS, fact("accuracy", "2020-01-01", **{"class": "Z"})]):
        blocked = checked(facts, used(1, 1, 1))
        assert [(item.rule, item.severity.value) for item in blocked.findings] == [("Q21", "blocks")]


def test_what_was_not_passed_or_has_no_record_says_so() -> None:
    failed = checked([CLASS_1, fact("calibration", "2022-01-01", result="failed")], used(1_000))
    assert {item.rule for item in failed.findings} == {"M09", "Q21"}
    assert [item.rule for item in checked([], used(1)).findings] == ["M01"]
    assert checked([], used(0)).findings == ()
    assert checked([], used(1)).conclusion is Answer.CANNOT_TELL
    assert checked([], used(1)).covered_days == 0


def test_what_the_documents_lack_or_contradict_is_found() -> None:
    open_end = fact("calibration", "2022-01-01")
    assert {item.rule for item in checked([CLASS_1, open_end], used(1)).findings} == {"M02"}
    planned = fact("calibration_interval", "2020-01-01", months=12)
    assert checked([CLASS_1, open_end, planned], used(1)).findings == ()
    undated = checked([CLASS_1, fact("calibration", None)], used(1))
    assert {item.rule for item in undated.findings} == {"M02", "Q21"}
    assert "no date" in undated.findings[0].message("en")
    other = fact("accuracy", "2020-01-01", percent="0.9")
    assert {item.rule for item in checked([CLASS_1, other, TWO_DAYS], used(1)).findings} == {"M03"}
    late = fact("calibration", "2023-01-05", valid_until="2024-01-04")
    found = checked([CLASS_1, open_end, planned, late], used(1)).findings
    assert {item.rule for item in found} == {"M04", "M07"}
    assert limits_on(timeline(), FIRST) == []


def test_limits_and_findings_are_named_and_graded() -> None:
    assert all(limit.source and limit.percent > 0 and limit.grade == "recalled" for limit in ACCURACY_CLASSES.values())
    for rule in RECORD_FINDINGS.values():
        for text in (rule.text, *rule.variants.values()):
            assert text.en and text.ja


@given(
    energy=st.lists(st.integers(0, 10**9), min_size=1, max_size=70),
    spans=st.lists(st.tuples(st.integers(-5, 75), st.integers(0, 30)), max_size=4),
    percent=st.sampled_from(["0.1", "0.27", "2", "20"]),
    direction=st.sampled_from(["generation", "consumption"]),
    lost=st.integers(0, 5),
)
def test_corrections_are_exact_and_conservative(
    energy: list[int], spans: list[tuple[int, int]], percent: str, direction: str, lost: int
) -> None:
    """The base is the energy of the lapsed days, up to what cutting lost; the correction is its share, rounded up."""
    covers = [
        fact(
            "calibration", str(FIRST + timedelta(days=begin)), valid_until=str(FIRST + timedelta(days=begin + length))
        )
        for begin, length in spans
    ]  # fmt: skip
    days = used(*energy, lost=lost)
    found = checked([fact("accuracy", "2020-01-01", percent=percent), *covers], days, direction)
    lapsed = [
        wh
        for place, wh in enumerate(energy)
        if wh and not any(begin <= place <= begin + length for begin, length in spans)
    ]
    base = sum(one.base_wh for one in found.corrections)
    assert sum(lapsed) <= base <= sum(lapsed) + lost * len(found.corrections)
    assert found.covered_days == found.used_days - len(lapsed)
    for one in found.corrections:
        exactly = one.base_wh * Fraction(percent) / 100
        assert exactly <= one.wh < exactly + 1
        assert one.signed_wh <= 0 if direction == "generation" else one.signed_wh >= 0
