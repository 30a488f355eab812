"""Readings judged by the facts of their day: replacement, transformer ratio, span, each exact and careful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import Judgement, judge
from openjcm.mrv.timeline import timeline_of

from .meter_files import readings_of

FIRST, LAST = date(2022, 6, 1), date(2022, 6, 3)
START = int(datetime(2022, 6, 1, tzinfo=UTC).timestamp())
METER = Meter("M1", "generation", 100_000, 3600)
CHANGE = 30
"""The hour of the change: 06:00 on the second day."""


def fact(kind: str, at_hour: int | None, **value: Any) -> MeterFact:
    """A fact from an hour of the period, or from the second day without a time."""
    moment = datetime(2022, 6, 1, tzinfo=UTC) + timedelta(hours=CHANGE if at_hour is None else at_hour)
    data = {"kind": kind, "day": moment.date().isoformat(), "value": value, "documents": ["works record"]}
    return MeterFact.from_data(data | ({"at": moment.isoformat()} if at_hour is not None else {}), "M1")


def judged(
    values: Sequence[int], *facts: MeterFact, meter: Meter = METER, hours: Sequence[int] | None = None,
    kind: str = "cumulative",
) -> Judgement:  # fmt: skip
    times = [START + hour * 3600 for hour in (hours if hours is not None else range(len(values)))]
    readings = readings_of(times, values, kind=kind, interval_seconds=3600)
    segments = {"M1": timeline_of(meter, facts).segments(FIRST, LAST, "+00:00")}
    return judge(readings, [meter], (FIRST, LAST), "+00:00", segments=segments)


def counted(judgement: Judgement) -> int:
    (line,) = judgement.energy
    return line.measured_wh + line.bridged_wh


def rules(judgement: Judgement) -> set[str]:
    return {finding.rule for finding in judgement.findings} - {"Q22"}


SWAPPED = [1000 + 10 * hour for hour in range(CHANGE)] + [4 + 10 * hour for hour in range(73 - CHANGE)]
"""A register that rises by 10 Wh an hour and is replaced between the 29th hour (1290) and the 30th, which reads 4."""


def swap(end: str, start: str, at_hour: int | None = None) -> MeterFact:
    return fact("replacement", at_hour, end_index=end, start_index=start, unit="Wh")


@pytest.mark.parametrize("at_hour", [None, CHANGE])
def test_a_replacement_on_record_gives_exactly_what_both_instruments_measured(at_hour: int | None) -> None:
    found = judged(SWAPPED, swap("1296", "0", at_hour))
    assert counted(found) == 290 + 6 + 4 + 420
    assert (rules(found), found.energy[0].gap_seconds) == ({"Q07"}, 0)
    assert found.energy[0].bridged_wh == 0


def test_without_the_record_the_energy_across_is_nothing_and_blocks() -> None:
    found = judged(SWAPPED)
    assert (counted(found), rules(found)) == (710, {"Q10"})


@pytest.mark.parametrize("end", ["1289", "200000"])
def test_a_record_that_the_readings_contradict_proves_nothing(end: str) -> None:
    """An end index below the last reading, or above it by more than capacity allows."""
    for at_hour in (None, CHANGE):
        found = judged(SWAPPED, swap(end, "0", at_hour))
        assert (counted(found), rules(found) & {"Q07", "Q10"}) == (710, {"Q07", "Q10"}), end
    assert "Q10" in rules(judged(SWAPPED, swap("1296", "5")))


def test_a_new_register_that_begins_higher_is_no_energy() -> None:
    values = [1000 + 10 * hour for hour in range(CHANGE)] + [80_000 + 10 * hour for hour in range(73 - CHANGE)]
    found = judged(values, swap("1295", "79996", None))
    assert (counted(found), rules(found)) == (290 + 5 + 4 + 420, {"Q07"})


def test_a_replacement_in_a_gap_is_bridged() -> None:
    hours = [*range(25), *range(40, 73)]
    values = [1000 + 10 * hour for hour in range(25)] + [50 + 10 * hour for hour in range(33)]
    found = judged(values, swap("1300", "0", CHANGE), hours=hours)
    (line,) = found.energy
    assert (line.measured_wh, line.bridged_wh, line.gap_seconds) == (240 + 320, 60 + 50, 0)


def test_at_the_edge_of_the_period_there_is_nothing_to_join() -> None:
    later = list(range(CHANGE, 73))
    values = [4 + 10 * place for place in range(len(later))]
    assert rules(judged(values, swap("1296", "0", 0), hours=later)) <= {"Q07", "Q26"}
    known = judged(values, swap("1296", "0", 29), hours=later)
    assert counted(known) == 424, "from the start index at the known time"
    early = judged([10 * hour for hour in range(21)], swap("205", "0", None), hours=list(range(21)))
    assert "Q10" not in rules(early) and counted(early) == 205, "up to the end index, by the end of that day"
    assert "Q10" not in rules(known)


def test_two_replacements_in_one_gap_are_joined_by_their_indices() -> None:
    hours = [*range(25), *range(40, 73)]
    values = [1000 + 10 * hour for hour in range(25)] + [50 + 10 * hour for hour in range(33)]
    found = judged(values, swap("1250", "700", 28), swap("760", "0", 35), hours=hours)
    assert counted(found) == 240 + 10 + 60 + 50 + 320
    assert "Q10" not in rules(found)


def test_a_ratio_that_changes_with_the_instrument_comes_with_it() -> None:
    ratio = fact("ct_ratio", None, primary="10", secondary="5", in_register=False)
    for at_hour in (None, CHANGE):
        found = judged(SWAPPED, swap("1296", "0", at_hour), ratio)
        assert (counted(found), rules(found)) == (296 + 424 * 2, {"Q07"})


RATIO = {"primary": "200", "secondary": "5", "in_register": False}
RISING = [10 * hour for hour in range(73)]


def test_a_ratio_multiplies_from_its_time_on() -> None:
    whole = judged(RISING, fact("ct_ratio", 0, **RATIO))
    assert counted(whole) == 720 * 40
    with_index = judged(RISING, fact("ct_ratio", CHANGE, **RATIO, index="296", unit="Wh"))
    assert counted(with_index) == 296 + 424 * 40
    shown = judged(RISING, fact("ct_ratio", CHANGE, **{**RATIO, "in_register": True}))
    assert counted(shown) == 720, "the register shows primary energy already"


def test_a_ratio_that_is_no_whole_number_is_rounded_to_the_careful_side() -> None:
    half = fact("ct_ratio", 0, primary="3", secondary="2", in_register=False)
    values = [5 * hour + (1 if hour else 0) for hour in range(73)]
    for meter, careful in ((METER, 181 + 180 + 180), (replace(METER, direction="consumption"), 182 + 180 + 180)):
        assert counted(judged(values, half, meter=meter)) == careful, "121 Wh on the first day are 181.5"


def test_a_step_across_a_change_without_index_counts_by_the_careful_ratio() -> None:
    between = [*range(CHANGE), *range(CHANGE + 1, 74)]
    values = [10 * hour for hour in between]
    consumer = replace(METER, direction="consumption")
    rises = fact("ct_ratio", CHANGE, **RATIO)
    generation, consumption = (counted(judged(values, rises, hours=between, meter=one)) for one in (METER, consumer))
    assert consumption - generation == 20 * 39, "the step from hour 29 to 31"
    before = fact("ct_ratio", 0, **RATIO)
    falls = fact("ct_ratio", CHANGE, primary="5", secondary="5", in_register=False)
    down = [counted(judged(values, before, falls, hours=between, meter=one)) for one in (METER, consumer)]
    assert down[1] - down[0] == 20 * 39


def test_a_day_without_a_time_counts_by_the_careful_ratio() -> None:
    consumer = replace(METER, direction="consumption")
    for kind, values in (("cumulative", RISING), ("interval_energy", [10] * 72)):
        found = [
            counted(judged(values, fact("ct_ratio", None, **RATIO), meter=one, kind=kind)) for one in (METER, consumer)
        ]
        assert found == [480 + 240 * 40, 240 + 480 * 40], kind


def test_capacity_is_held_against_primary_energy() -> None:
    small = replace(METER, capacity_w=300)
    assert counted(judged(RISING, fact("ct_ratio", 0, **RATIO), meter=small)) == 0, "400 W is over 300 W × 1.05"
    assert counted(judged([10] * 72, fact("ct_ratio", 0, **RATIO), meter=small, kind="interval_energy")) == 0


def test_the_span_of_the_day_decides_on_a_turn() -> None:
    values = [(9_700 + 10 * hour) % 10_000 for hour in range(73)]
    assert counted(judged(values, fact("register_span", 0, span="10", unit="kWh"))) == 720
    assert counted(judged(values, fact("register_span", 0, span="11", unit="kWh"))) > 720
    assert "Q24" in rules(judged(values, fact("register_span", 0, span="9.9", unit="kWh")))


@given(
    steps=st.lists(st.integers(0, 90), min_size=48, max_size=70),
    at=st.integers(2, 45),
    base=st.integers(0, 10**6),
    left=st.integers(0, 40),
    right=st.integers(0, 40),
    known=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_true_record_loses_and_adds_nothing(
    steps: list[int], at: int, base: int, left: int, right: int, known: bool
) -> None:
    """Whatever the register did: with the true indices the sum is the true energy, to the Wh."""
    steps[at - 1] = left + right
    old = base + np.cumsum([0, *steps[: at - 1]])
    new = 7 + right + np.cumsum([0, *steps[at:]])
    hour = at if known else None
    day = (datetime(2022, 6, 1, tzinfo=UTC) + timedelta(hours=at)).date()
    record = MeterFact.from_data(
        {
            "kind": "replacement", "day": day.isoformat(), "documents": ["works record"],
            "value": {"end_index": str(int(old[-1]) + left), "start_index": "7", "unit": "Wh"},
            **({"at": (datetime(2022, 6, 1, tzinfo=UTC) + timedelta(hours=at)).isoformat()} if hour else {}),
        },
        "M1",
    )  # fmt: skip
    found = judged([*old.tolist(), *new.tolist()], record)
    assert counted(found) == sum(steps)
    assert "Q10" not in rules(found)
    assert Fraction(found.energy[0].gap_seconds) == 3 * 86_400 - len(steps) * 3600
