"""What stands in for what is missing: registers carry, the rest is nothing or capacity times time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.mrv.choices import GAP_STEPS, GapChoice
from openjcm.mrv.gaps import BRIDGED_ENERGY_ALLOCATION, GAP_RULES, substituted_wh
from openjcm.mrv.quality import Judgement, judge
from openjcm.rulebook import rule

from .meter_files import METER, readings_of


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def test_a_gap_over_new_year_is_shared_in_proportion_to_time_and_the_rest_is_later() -> None:
    """100 Wh over 3 days, 1 of them in the old year: 33 there, 67 in the new year."""
    readings = readings_of([at(2021, 12, 31), at(2022, 1, 3)], [1000, 1100])
    judgement = judge(readings, [METER], (date(2021, 12, 1), date(2022, 1, 31)), "+00:00")
    assert judgement.by_year() == {("M1", 2021): (0, 33, 0), ("M1", 2022): (0, 67, 0)}
    assert [line.bridged_wh for line in judgement.daily if line.bridged_wh] == [33, 33, 34]
    assert BRIDGED_ENERGY_ALLOCATION.grade == "inferred"


def test_the_local_year_decides() -> None:
    """The same gap by the calendar of Tokyo: 15 of 72 hours lie in the old year."""
    readings = readings_of([at(2021, 12, 31), at(2022, 1, 3)], [1000, 1100])
    judgement = judge(readings, [METER], (date(2021, 12, 1), date(2022, 1, 31)), "Asia/Tokyo")
    assert judgement.by_year()["M1", 2021][1] == 100 * 15 // 72


def test_generation_without_readings_is_nothing_and_consumption_is_capacity_times_time() -> None:
    readings = readings_of([at(2022, 6, 1), at(2022, 6, 2)], [100, 100], kind="interval_energy")
    period = (date(2022, 6, 1), date(2022, 6, 2))
    generation = judge(readings, [METER], period, "+00:00").energy[0]
    consumption = judge(readings, [replace(METER, direction="consumption")], period, "+00:00").energy[0]
    assert (generation.substituted_wh, generation.gap_seconds) == (0, 2 * 86_400 - 2 * 900)
    assert consumption.substituted_wh == 475_000 * (2 * 86_400 - 1_800) // 3_600
    assert consumption.counted_wh == consumption.substituted_wh + 200


def test_substitution_is_raised_to_the_whole_unit() -> None:
    assert (substituted_wh("consumption", 1, 1), substituted_wh("consumption", 1, 3_600_000_000)) == (1, 1)
    assert substituted_wh("generation", 10**12, 10**15) == 0


def test_only_two_gap_rules_are_in_force_by_default_and_each_has_its_source() -> None:
    assert GapChoice().steps == ("G0", "G4") == tuple(rule("MNG", "gap_rules", date(2026, 1, 1)).value)  # type: ignore[arg-type]
    assert tuple(GAP_RULES) == GAP_STEPS
    assert all(rule.source and rule.en and rule.ja for rule in GAP_RULES.values())


def test_energy_across_a_replacement_is_nothing_for_generation_and_capacity_for_consumption() -> None:
    times = [at(2022, 6, 1, 0, 15 * place) for place in range(4)] + [
        at(2022, 6, 1, 1, 15 * place) for place in range(4)
    ]
    readings = readings_of(times, [1000, 1010, 1020, 1030, 0, 10, 20, 30])
    consumer = replace(METER, direction="consumption")
    line = judge(readings, [consumer], (date(2022, 6, 1), date(2022, 6, 1)), "+00:00").energy[0]
    assert line.measured_wh == 60
    assert line.gap_seconds == 86_400 - 6 * 900
    assert line.substituted_wh == 475_000 * (86_400 - 5_400) // 3_600


@given(
    st.lists(st.tuples(st.integers(1, 40 * 86_400), st.integers(0, 10**6)), min_size=1, max_size=30),
    st.sampled_from(["+00:00", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "America/Sao_Paulo"]),
)
@settings(max_examples=150, deadline=None)
def test_shares_always_add_up_and_time_is_covered_once(steps: list[tuple[int, int]], zone: str) -> None:
    times, values = [at(2016, 1, 2)], [0]
    for seconds, energy in steps:
        times.append(times[-1] + seconds)
        values.append(values[-1] + energy)
    big = replace(METER, capacity_w=10**12)
    judgement = judge(readings_of(times, values), [big], (date(2016, 1, 1), date(2020, 12, 31)), zone)
    assert sum(line.counted_wh for line in judgement.energy) == values[-1] == daily_sum(judgement)
    covered = sum((line.measured_seconds + line.bridged_seconds for line in judgement.energy), Fraction(0))
    assert covered == times[-1] - times[0]


def daily_sum(judgement: Judgement) -> int:
    return sum(line.measured_wh + line.bridged_wh for line in judgement.daily)


@given(st.integers(1, 10**15), st.integers(1, 10**7))
@settings(max_examples=100, deadline=None)
def test_shares_are_exact_for_the_largest_registers(energy: int, seconds: int) -> None:
    begin, midnight = at(2022, 6, 1, 12), at(2022, 6, 2)
    big = replace(METER, capacity_w=10**12)
    readings = readings_of([begin, begin + 50_000 + seconds], [0, energy], least_unit="0.001 Wh")
    judgement = judge(readings, [big], (date(2022, 6, 1), date(2023, 6, 1)), "+00:00")
    first = Fraction(energy * (midnight - begin), 50_000 + seconds)
    shown = sum(line.measured_wh + line.bridged_wh for line in judgement.daily[:1])
    if judgement.flags[1] & (1 << 31):
        assert shown == first // 1000
