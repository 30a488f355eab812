"""Adjoining monitoring periods: no energy counts in two of them, and a reading on the boundary has its side."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.mrv.intake_time import day_starts
from openjcm.mrv.quality import Judgement, judge
from openjcm.mrv.readings import Readings

from .meter_files import METER, readings_of

FIRST, LAST = date(2022, 3, 1), date(2022, 6, 30)
BEGIN = int(datetime(2022, 3, 2, tzinfo=UTC).timestamp())
STEP = 900
ZONES = ["+00:00", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Africa/Casablanca"]
BIG = replace(METER, capacity_w=10**9)


@st.composite
def periods(draw: st.DrawFn) -> list[tuple[date, date]]:
    """The days of the spring, cut into one to five adjoining periods."""
    days = (LAST - FIRST).days
    cuts = sorted(draw(st.sets(st.integers(1, days), max_size=4)))
    edges = [FIRST, *(FIRST + timedelta(days=cut) for cut in cuts), LAST + timedelta(days=1)]
    return [(begin, end - timedelta(days=1)) for begin, end in pairwise(edges)]


STEPS = st.lists(
    st.tuples(st.sampled_from([1, 1, 1, 2, 40, 300, 2000]), st.integers(-449, 449), st.integers(0, 10**6)),
    min_size=1,
    max_size=40,
)
"""(quarters of an hour, seconds off the beat, energy)"""


def line_of(steps: list[tuple[int, int, int]]) -> tuple[list[int], list[int]]:
    times, values = [BEGIN], [0]
    for quarters, off, energy in steps:
        times.append(times[-1] + quarters * STEP + off)
        values.append(values[-1] + energy)
    return times, values


def by_day(judgement: Judgement) -> dict[date, int]:
    return {line.day: line.measured_wh + line.bridged_wh for line in judgement.daily}


def split(readings: Readings, parts: list[tuple[date, date]], zone: str) -> dict[date, int]:
    """Every day's energy, judged in the period in which it lies."""
    found: dict[date, int] = {}
    for part in parts:
        days = by_day(judge(readings, [BIG], part, zone))
        assert not found.keys() & days.keys()
        found |= days
    return found


def bounds_of(parts: list[tuple[date, date]], zone: str) -> list[int]:
    """The UTC seconds at which one period ends and the next begins."""
    days, starts = day_starts(FIRST, LAST, zone)
    return [int(starts[days.index(begin)]) // 10**6 for begin, _ in parts[1:]]


@given(STEPS, periods(), st.sampled_from(ZONES))
@settings(max_examples=150, deadline=None)
def test_a_split_register_counts_every_day_once_or_not_at_all(
    steps: list[tuple[int, int, int]], parts: list[tuple[date, date]], zone: str
) -> None:
    """Only days that a gap over a boundary touches may count less; no day counts more than without the split."""
    times, values = line_of(steps)
    readings = readings_of(times, values)
    whole, found = by_day(judge(readings, [BIG], (FIRST, LAST), zone)), split(readings, parts, zone)
    assert found.keys() == whole.keys()
    days, starts = day_starts(FIRST, LAST, zone)
    bounds = bounds_of(parts, zone)
    open_days = {
        day
        for place, day in enumerate(days)
        for begin, end in pairwise(times)
        if end - begin >= 1350 and begin * 10**6 < starts[place + 1] and end * 10**6 > starts[place]
        if any(begin < bound < end for bound in bounds)
    }
    for day, energy in whole.items():
        assert found[day] <= energy
        assert found[day] == energy or day in open_days


@given(STEPS, periods(), st.sampled_from(ZONES), st.sampled_from(["start", "end"]))
@settings(max_examples=100, deadline=None)
def test_split_interval_values_count_once_or_not_at_all(
    steps: list[tuple[int, int, int]], parts: list[tuple[date, date]], zone: str, stamp: str
) -> None:
    """A value belongs to the period in which its interval begins; what of it lies beyond counts in neither."""
    times, values = line_of([(quarters, abs(off), energy) for quarters, off, energy in steps])
    readings = readings_of(times, values, kind="interval_energy", stamp=stamp)
    whole, found = by_day(judge(readings, [BIG], (FIRST, LAST), zone)), split(readings, parts, zone)
    assert all(found[day] <= energy for day, energy in whole.items())
    late = STEP if stamp == "end" else 0
    across = any(moment - late < bound < moment - late + STEP for moment in times for bound in bounds_of(parts, zone))
    assert across or found == whole


def halves(readings: Readings) -> tuple[int, int]:
    """The energy of May and of June."""
    may, june = (date(2022, 5, 1), date(2022, 5, 31)), (date(2022, 6, 1), date(2022, 6, 30))
    return tuple(sum(by_day(judge(readings, [BIG], part, "+00:00")).values()) for part in (may, june))  # type: ignore[return-value]


JUNE = int(datetime(2022, 6, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(("off", "expected"), [(0, (10, 100)), (450, (5, 105)), (-450, (60, 50))])
def test_a_register_at_midnight_closes_one_period_and_opens_the_next(off: int, expected: tuple[int, int]) -> None:
    """10 Wh up to the middle reading and 100 Wh after it; the step that midnight cuts is shared by time."""
    times = [JUNE + off - STEP, JUNE + off, JUNE + off + STEP]
    assert halves(readings_of(times, [1000, 1010, 1110])) == expected


def test_an_interval_that_begins_at_midnight_is_of_the_later_period() -> None:
    assert halves(readings_of([JUNE], [100], kind="interval_energy", stamp="start")) == (0, 100)
    assert halves(readings_of([JUNE], [100], kind="interval_energy", stamp="end")) == (100, 0)


def test_a_gap_over_the_boundary_counts_for_neither_period() -> None:
    """Told apart from what each month measured: 10 Wh before the gap, 20 after it, 5,000 across."""
    times = [JUNE - 9000 - STEP, JUNE - 9000, JUNE + 9000, JUNE + 9000 + STEP]
    assert halves(readings_of(times, [0, 10, 5010, 5030])) == (10, 20)
