"""The rules of quality: known answers on real files, each rule by itself, and properties over made-up series."""

from __future__ import annotations

import ast
import inspect
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes
from openjcm.mrv import sun
from openjcm.mrv.engine import flags
from openjcm.mrv.engine.flags import Q01
from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import Judgement, QualityRules, judge
from openjcm.mrv.quality_rules import FINDINGS
from openjcm.mrv.readings import Readings, read_meter_file, readings_from_parquet, readings_to_parquet
from openjcm.mrv.sun import is_below
from openjcm.refusals import Finding, Severity

from .meter_files import DATA, ENERGY, INVERTER, METER, POWER, PVOPS, PVOPS_ALTERED, code_of, csv_of, readings_of
from .reference_fold import reference_fold

JUNE = (date(2022, 6, 1), date(2022, 6, 30))
START = int(datetime(2022, 6, 1, tzinfo=UTC).timestamp())
STEP = 900


def finding(judgement: Judgement, rule: str) -> Finding:
    found = [item for item in judgement.findings if item.rule == rule]
    assert len(found) == 1, [item.rule for item in judgement.findings]
    return found[0]


def rules_seen(judgement: Judgement) -> set[str]:
    return {item.rule for item in judgement.findings} - {"Q22"}


def total(judgement: Judgement) -> int:
    return sum(line.counted_wh for line in judgement.energy)


def series(values: list[int], **given_: object) -> Readings:
    return readings_of([START + STEP * place for place in range(len(values))], values, **given_)  # type: ignore[arg-type]


def judged(values: list[int], meter: Meter = METER, **given_: object) -> Judgement:
    return judge(series(values, **given_), [meter], JUNE, "+00:00")


# Known answers on real files ------------------------------------------------------------------------------------------

PVOPS_METER = Meter("2050.15.003.BLK01.PAD01.MTR01", "generation", 475_000, 900)
PVOPS_PERIOD = (date(2018, 9, 14), date(2018, 10, 14))


def test_real_register_carries_the_energy_across_its_23_day_gap() -> None:
    readings = read_meter_file(DATA / "example_perf_data.csv", "example_perf_data.csv", PVOPS)
    judgement = judge(readings, [PVOPS_METER], PVOPS_PERIOD, "-05:00")
    assert sum(line.measured_wh for line in judgement.energy) == 12_107_000
    assert sum(line.bridged_wh for line in judgement.energy) == 56_590_000
    assert total(judgement) == 68_697_000
    assert finding(judgement, "Q26").rows == (477,)
    assert sum(line.measured_wh + line.bridged_wh for line in judgement.daily) == 68_697_000


def test_three_zero_readings_are_named_and_change_nothing() -> None:
    readings = read_meter_file(DATA / "example_prod_data_cumE2.csv", "cumE2.csv", PVOPS_ALTERED)
    judgement = judge(readings, [replace(PVOPS_METER, meter_id="R27")], PVOPS_PERIOD, "-05:00")
    assert total(judgement) == 68_697_000
    low = finding(judgement, "Q09")
    zeros = readings.column("row")[readings.column("value") == 0]
    assert low.rows == tuple(sorted(int(row) for row in zeros)) == (397, 399, 862)
    assert low.severity is Severity.EXPLAIN
    assert finding(judgement, "Q25").rows == (390,)


def test_the_naive_sum_of_positive_differences_is_229_times_too_much() -> None:
    """Each return from a zero reading counts the whole register once more: three zeros add three registers."""
    readings = read_meter_file(DATA / "example_prod_data_cumE2.csv", "cumE2.csv", PVOPS_ALTERED)
    steps = np.diff(readings.column("value"))
    naive = int(steps[steps > 0].sum())
    assert naive == 15_736_452
    returns = steps[steps > 1_000_000]
    assert len(returns) == 3
    assert naive - int(returns.sum()) == 68_697
    assert naive // 68_697 == 229


def test_three_error_codes_of_a_real_inverter_are_rejected_with_their_rows() -> None:
    readings = read_meter_file(DATA / "TAEFC1044741.parquet", "TAEFC1044741.parquet", INVERTER)
    meter = Meter(readings.meters()[0], "generation", 7_000, 300)
    judgement = judge(readings, [meter], (date(2016, 3, 1), date(2017, 7, 31)), "-07:00")
    sentinel = finding(judgement, "Q02")
    assert (sentinel.rows, sentinel.row_count) == ((4527, 22146, 26979), 3)
    assert rules_seen(judgement) == {"Q02", "Q26"}
    kept = readings.column("value")[readings.column("value") > -(10**9)]
    assert sum(line.measured_wh for line in judgement.energy) == pytest.approx(int(kept.sum()) / 10 / 12, abs=17)


def solar_meter(name: str, capacity_w: int, interval: int, **place: str) -> Meter:
    return Meter(name, "generation", capacity_w, interval, solar=True, **place)  # type: ignore[arg-type]


def test_a_wrong_time_zone_of_a_solar_meter_shows_as_energy_at_night() -> None:
    meter = solar_meter("1913110809_SMA-SB-7000TL-US-22", 7_000, 300, latitude="34.0", longitude="-112.0")
    period = (date(2016, 3, 1), date(2017, 7, 31))
    path = DATA / "TAEFC1044741.parquet"
    right = judge(read_meter_file(path, "f", INVERTER), [meter], period, "-07:00")
    wrong = judge(read_meter_file(path, "f", replace(INVERTER, time_zone="-07:00")), [meter], period, "-07:00")
    assert "Q13" not in rules_seen(right)
    night = finding(wrong, "Q13")
    assert night.severity is Severity.BLOCKS
    assert night.row_count > 5_000
    assert total(wrong) > 0, "a flag only: no energy is computed from the sun"


def test_a_clock_left_on_daylight_saving_is_readable() -> None:
    mapping = replace(
        INVERTER, time_column="measured_on", value_columns=(("ac_power_2", "S50"),), meter_column=None, row_filter=None,
        unit="W", least_unit="W", time_zone="-07:00", interval_seconds=900, rounding="down_to_whole_unit",
        blank="missing",
    )  # fmt: skip
    readings = read_meter_file(DATA / "system_50_ac_power_2_full_DST.parquet", "DST", mapping)
    judgement = judge(
        readings, [Meter("S50", "generation", 4_000, 900)], (date(2011, 4, 15), date(2013, 12, 31)), "-07:00"
    )
    assert len(readings) == 95_232 - 2_904
    assert finding(judgement, "Q25").row_count == 2_904
    assert 13_700_000 < total(judgement) < 13_800_000


# Rule by rule -------------------------------------------------------------------------------------------------------

LINE = [1000 + 10 * place for place in range(12)]


def test_a_clean_register_raises_nothing() -> None:
    judgement = judged(LINE)
    assert rules_seen(judgement) == set()
    assert total(judgement) == 110


def test_q01_unknown_meters_are_quarantined_and_absent_ones_block() -> None:
    judgement = judge(series(LINE, meter="stranger"), [METER], JUNE, "+00:00")
    texts = [item for item in judgement.findings if item.rule == "Q01"]
    assert [item.severity for item in texts] == [Severity.BLOCKS, Severity.EXPLAIN]
    assert total(judgement) == 0
    assert set(judgement.flags) == {Q01}


def test_q03_readings_outside_the_period_do_not_count() -> None:
    readings = readings_of([START - 90_000, START, START + STEP, START + 40 * 86_400], [1, 1000, 1010, 9000])
    judgement = judge(readings, [METER], JUNE, "+00:00")
    assert (total(judgement), finding(judgement, "Q03").rows) == (10, (2, 5))


def test_q03_a_reading_just_outside_still_closes_the_period() -> None:
    readings = readings_of([START - 450, START + 450], [1000, 1010])
    assert total(judge(readings, [METER], JUNE, "+00:00")) == 5


def test_q04_exact_duplicates_count_once() -> None:
    readings = readings_of([START, START + STEP, START + STEP, START + 2 * STEP], [1000, 1010, 1010, 1020])
    judgement = judge(readings, [METER], JUNE, "+00:00")
    assert (total(judgement), finding(judgement, "Q04").rows) == (20, (4,))


def test_q05_conflicting_readings_are_all_rejected() -> None:
    readings = readings_of([START, START + STEP, START + STEP, START + 2 * STEP], [1000, 1010, 1015, 1020])
    judgement = judge(readings, [METER], JUNE, "+00:00")
    assert (total(judgement), finding(judgement, "Q05").rows) == (20, (3, 4))


def test_q06_rows_whose_time_goes_backward_are_counted_and_sorted() -> None:
    readings = readings_of([START, START + 2 * STEP, START + STEP], [1000, 1020, 1010])
    judgement = judge(readings, [METER], JUNE, "+00:00")
    assert (total(judgement), finding(judgement, "Q06").rows) == (20, (4,))


def test_q08_a_rollover_needs_the_span_and_the_capacity() -> None:
    values = [99_980, 99_990, 5, 15, 25]
    judgement = judged(values, replace(METER, register_span=100_000))
    assert (total(judgement), finding(judgement, "Q08").rows) == (45, (4,))
    assert "Q10" in rules_seen(judged(values)), "without the span a rollover is never assumed"
    too_fast = judged([50_000, 50_010, 5, 15, 25], Meter("M1", "generation", 1_000, 900, register_span=100_000))
    assert "Q10" in rules_seen(too_fast)


def test_q08_where_more_than_one_turn_fits_only_a_short_way_past_the_end_is_believed() -> None:
    """In a quarter of an hour 475 kW can turn a register of 100 kWh: then 30 Wh are believed, and 46 kWh are not."""
    meter = replace(METER, register_span=100_000)
    assert finding(judged([99_980, 99_990, 20, 30], meter), "Q08").rows == (4,)
    assert rules_seen(judged([55_000, 55_010, 1_000, 1_010, 1_020], meter)) == {"Q10"}


def test_q09_one_low_value_shown_for_long_is_a_glitch_once_the_register_is_back_on_its_line() -> None:
    values = [*LINE[:5], *([0] * 40), 1500, 1510]
    judgement = judged(values)
    assert (total(judgement), finding(judgement, "Q09").row_count) == (510, 40)
    assert rules_seen(judgement) == {"Q09", "Q26"}
    assert judgement.energy[0].bridged_wh == 460
    assert judgement.energy[0].measured_seconds + judgement.energy[0].bridged_seconds == 46 * STEP
    moved = judged([*LINE[:5], *([0] * 10), 10, 1500, 1510, 1520])
    assert finding(moved, "Q10").row_count == 1, "a register that moved at the low level was another one"


FROZEN = [1000 + 40_000 * place for place in range(120)] + [4_761_000] * 20
"""A consumer at 160 kW for thirty hours, then a register that shows the same value for five."""


def test_q12_a_jump_after_a_freeze_is_judged_over_the_whole_frozen_time() -> None:
    values = [*FROZEN, *(5_601_000 + 40_000 * place for place in range(20))]
    judgement = judged(values)
    assert (total(judgement), finding(judgement, "Q12").rows) == (6_360_000, (142,))
    assert rules_seen(judgement) == {"Q12"}
    assert judgement.energy[0].bridged_wh == 840_000
    assert judgement.energy[0].bridged_seconds == 21 * STEP
    assert judgement.energy[0].measured_seconds == 138 * STEP


def test_q12_more_than_the_frozen_time_allows_is_a_new_level() -> None:
    values = [*FROZEN, *(4_761_000 + 22 * 124_688 + 40_000 * place for place in range(20))]
    judgement = judged(values)
    assert rules_seen(judgement) == {"Q10"}
    assert total(judgement) == 4_760_000 + 19 * 40_000


def test_q12_one_high_reading_after_a_freeze_is_no_catching_up() -> None:
    judgement = judged([*FROZEN, 5_601_000, *(4_761_010 + 10 * place for place in range(4))])
    assert finding(judgement, "Q11").rows == (142,)
    assert total(judgement) == 4_760_040


def test_q12_a_night_lends_no_room_to_a_jump() -> None:
    """A solar register rests from six to six; a jump at sunrise has a quarter of an hour of capacity, not a night."""
    day = [0] * 24 + [60_000] * 48 + [0] * 24
    values = [int(value) for value in np.cumsum([1000, *day, *day])]
    sunrise = values[:121] + [value + 1_000_000 for value in values[121:]]
    judgement = judged(sunrise)
    assert rules_seen(judgement) == {"Q10"}
    assert total(judgement) <= values[-1] - values[0]


@pytest.mark.parametrize("low", [1, 2, 3])
def test_q09_up_to_three_low_readings_are_a_glitch(low: int) -> None:
    values = [*LINE[:5], *([3] * low), *LINE[5 + low :]]
    judgement = judged(values)
    assert total(judgement) == 110
    assert finding(judgement, "Q09").row_count == low


def test_q10_a_reset_closes_the_segment_and_credits_nothing_across() -> None:
    judgement = judged([1000, 1010, 1020, 0, 10, 20, 30])
    assert total(judgement) == 50
    assert finding(judgement, "Q10").rows == (5,)
    assert finding(judgement, "Q10").severity is Severity.BLOCKS


def test_q10_a_replacement_by_a_higher_index_credits_nothing_across() -> None:
    judgement = judged([1000, 1010, 5_000_000, 5_000_010, 5_000_020])
    assert (total(judgement), finding(judgement, "Q10").rows) == (30, (4,))


def test_q11_a_high_reading_is_rejected_and_the_next_compared_with_the_last_accepted() -> None:
    judgement = judged([1000, 1010, 9_000_000, 1030, 1040])
    assert (total(judgement), finding(judgement, "Q11").rows) == (40, (4,))


def test_q11_a_high_reading_within_capacity_is_taken_back_when_the_register_comes_down() -> None:
    judgement = judged([1000, 1010, 50_000, 1030, 1040, 1050])
    assert (total(judgement), finding(judgement, "Q11").rows) == (50, (4,))
    assert "Q10" not in rules_seen(judgement)


def test_q11_a_register_that_catches_up_is_believed_as_soon_as_capacity_allows() -> None:
    """130,000 Wh is too much for one quarter of an hour and not for two: one reading is rejected, no energy is lost."""
    judgement = judged([1000, 1010, 131_010, 131_010, 131_020, 131_030])
    assert (total(judgement), finding(judgement, "Q11").rows) == (130_030, (4,))
    assert "Q10" not in rules_seen(judgement)


def test_q11_interval_values_over_capacity_are_rejected_and_stated() -> None:
    judgement = judge(series([100, 600, 100], kind="interval_power", least_unit="kW"), [METER], JUNE, "+00:00")
    assert finding(judgement, "Q11").rows == (3,)
    assert (total(judgement), judgement.energy[0].rejected_wh) == (50_000, 150_000)


def test_q11_a_negative_value_beyond_capacity_is_no_measurement() -> None:
    judgement = judge(series([100, -600, 100], kind="interval_power", least_unit="kW"), [METER], JUNE, "+00:00")
    assert (finding(judgement, "Q11").rows, rules_seen(judgement)) == ((3,), {"Q11", "Q26"})
    assert (total(judgement), judgement.energy[0].negative_wh) == (50_000, 0)


EQUATOR = {"latitude": "0", "longitude": "0"}
"""Where the sun is up from six to six by UTC: START is midnight."""


@pytest.mark.parametrize(("kind", "scale"), [("interval_power", 1000), ("interval_energy", 250)])
def test_q13_values_over_one_percent_of_capacity_at_night_block(kind: str, scale: int) -> None:
    """100 kW: 1 kW, or 250 Wh in a quarter of an hour, is the most that passes."""
    values = [scale, scale + 1, -scale, *([0] * 45), 50 * scale, *([0] * 46), scale + 1]
    judgement = judge(
        series(values, kind=kind, least_unit="W" if kind == "interval_power" else "Wh"),
        [solar_meter("M1", 100_000, 900, **EQUATOR)],
        JUNE,
        "+00:00",
    )
    assert (finding(judgement, "Q13").rows, finding(judgement, "Q13").severity) == ((3, 97), Severity.BLOCKS)
    assert total(judgement) == (53 * scale + 2) // (4 if kind == "interval_power" else 1), "a flag only"


def test_q13_a_register_that_rises_at_night_blocks() -> None:
    """100 kW: 250 Wh in a quarter of an hour pass, and the register's own step of 1 Wh."""
    values = [1000, 1251, 1503, *([1503] * 45), 21_503, *([21_503] * 46), 21_755]
    judgement = judge(series(values), [solar_meter("M1", 100_000, 900, **EQUATOR)], JUNE, "+00:00")
    assert finding(judgement, "Q13").rows == (4, 97)
    assert total(judgement) == 20_755


def test_q13_no_step_over_a_gap_or_to_a_new_level_tells_of_night() -> None:
    meter = replace(solar_meter("M1", 100_000, 900, **EQUATOR), register_span=1_000_000)
    gap = readings_of([START, START + 4 * STEP], [1000, 50_000])
    reset = series([500_000, 500_010, 100, 110, 120])
    roll = series([999_000, 999_100, 5_000, 5_010])
    seen = [rules_seen(judge(item, [meter], JUNE, "+00:00")) for item in (gap, reset, roll)]
    assert seen == [{"Q26"}, {"Q10"}, {"Q08"}]


def test_q13_the_first_reading_of_a_night_is_compared_with_none_of_the_day() -> None:
    """From 17:00 to 19:00 the sun is up for an hour; the energy may be of that hour."""
    evening = START + 17 * 3600
    hourly = solar_meter("M1", 100_000, 3600, **EQUATOR)
    judgement = judge(
        readings_of([evening, evening + 3600, evening + 7200], [0, 9000, 18_000]), [hourly], JUNE, "+00:00"
    )
    assert "Q13" not in rules_seen(judgement)


@pytest.mark.parametrize("place", [{}, {"latitude": "0"}, {"longitude": "0"}])
def test_q13_without_coordinates_cannot_be_told_and_says_so(place: dict[str, str]) -> None:
    midnight = series([90_000], kind="interval_power", least_unit="W")
    judgement = judge(midnight, [solar_meter("M1", 100_000, 900, **place)], JUNE, "+00:00")
    told = finding(judgement, "Q13")
    assert (told.severity, told.row_count) == (Severity.INFORMS, 0)
    assert "no coordinates" in told.message("en") and "座標がない" in told.message("ja")


def test_q13_is_not_for_other_meters() -> None:
    wind = replace(solar_meter("M1", 100_000, 900, **EQUATOR), solar=False)
    midnight = series([90_000], kind="interval_power", least_unit="W")
    assert "Q13" not in rules_seen(judge(midnight, [wind], JUNE, "+00:00"))


@pytest.mark.parametrize(
    ("moment", "latitude", "longitude", "elevation"),
    [
        (datetime(2022, 6, 21, 12, 2, tzinfo=UTC), "23.44", "0", 90),
        (datetime(2022, 12, 21, 11, 58, tzinfo=UTC), "51.4779", "0", 15),
        (datetime(2022, 3, 20, 21, 0, tzinfo=UTC), "47.92", "106.92", -20),
        (datetime(2022, 6, 21, 0, 0, tzinfo=UTC), "70", "0", 3),
    ],
)
def test_the_sun_stands_where_it_stands(moment: datetime, latitude: str, longitude: str, elevation: int) -> None:
    """Zenith at the tropic, noon in Greenwich in winter, the small hours of Ulaanbaatar, the midnight sun."""
    t_us = np.array([int(moment.timestamp()) * 1_000_000])
    assert not is_below(t_us, latitude, longitude, elevation - 1)[0]
    if elevation < 90:
        assert is_below(t_us, latitude, longitude, elevation + 1)[0]


def test_the_sun_needs_no_library_function_whose_last_bit_differs_between_machines() -> None:
    names = {node.attr for node in ast.walk(ast.parse(inspect.getsource(sun))) if isinstance(node, ast.Attribute)}
    assert names <= {
        "ndarray",
        "NDArray",
        "float64",
        "int64",
        "bool_",
        "full",
        "where",
        "ones_like",
        "zeros",
        "min",
        "max",
    }
    angles = np.linspace(-4_000_000, 4_000_000, 100_001)
    assert np.abs(sun.sine(angles) - np.sin(np.radians(angles % 360))).max() < 1e-13
    assert np.abs(sun.cosine(angles) - np.cos(np.radians(angles % 360))).max() < 1e-10


def test_q14_negative_power_counts_as_zero_and_is_not_netted() -> None:
    judgement = judge(series([400, -4, 400], kind="interval_power", least_unit="W"), [METER], JUNE, "+00:00")
    assert (total(judgement), judgement.energy[0].negative_wh) == (200, 1)
    assert finding(judgement, "Q14").rows == (3,)
    assert judgement.energy[0].measured_seconds == 3 * STEP


def test_q23_overlapping_intervals_do_not_count_twice() -> None:
    readings = readings_of([START, START + 300, START + 900], [900, 900, 900], kind="interval_power", least_unit="W")
    judgement = judge(readings, [METER], JUNE, "+00:00")
    assert (total(judgement), finding(judgement, "Q23").rows) == (450, (3,))
    assert finding(judgement, "Q23").severity is Severity.BLOCKS


def test_q24_impossible_registers_are_rejected() -> None:
    judgement = judged([1000, -5, 1020, 100_000, 1040], replace(METER, register_span=100_000))
    assert (total(judgement), finding(judgement, "Q24").rows) == (40, (3, 5))


def test_q25_missing_values_are_named_and_not_zero() -> None:
    mapping = replace(ENERGY, blank="missing")
    data = csv_of([("2022-06-01 00:00", "1"), ("2022-06-01 00:15", ""), ("2022-06-01 00:30", "0")])
    judgement = judge(read_meter_file(data, "f.csv", mapping), [METER], JUNE, "+00:00")
    assert finding(judgement, "Q25").rows == (3,)
    assert judgement.energy[0].measured_seconds == 2 * STEP


def test_q27_doubtful_local_times_are_named() -> None:
    mapping = replace(ENERGY, time_zone="Europe/Berlin", doubtful_times="leave_out")
    data = csv_of([("2022-10-30 01:45", "1"), ("2022-10-30 02:15", "1"), ("2022-03-27 02:15", "1")])
    judgement = judge(
        read_meter_file(data, "f", mapping), [METER], (date(2022, 1, 1), date(2022, 12, 31)), "Europe/Berlin"
    )
    assert finding(judgement, "Q27").rows == (3, 4)


def test_q28_a_file_without_last_line_end_is_named() -> None:
    data = csv_of([("2022-06-01 00:00", "1")])[:-1]
    assert (
        finding(judge(read_meter_file(data, "f", ENERGY), [METER], JUNE, "+00:00"), "Q28").severity is Severity.INFORMS
    )


def test_power_is_summed_exactly_and_cut_once_per_month() -> None:
    """Three samples of 0.1 W over 5 minutes are 0.025 Wh: cut for generation, raised for consumption."""
    readings = readings_of(
        [START, START + 300, START + 600], [1, 1, 1], kind="interval_power", least_unit="0.1 W", interval_seconds=300
    )
    assert judge(readings, [METER], JUNE, "+00:00").energy[0].measured_wh == 0
    consumer = replace(METER, direction="consumption")
    assert judge(readings, [consumer], JUNE, "+00:00").energy[0].measured_wh == 1


def test_completeness_is_exact() -> None:
    judgement = judge(series([1] * 96, kind="interval_energy"), [METER], JUNE, "+00:00")
    assert judgement.energy[0].completeness == Fraction(1, 30)
    assert judgement.energy[0].gap_seconds == 29 * 86_400


def test_an_interval_stamped_at_its_end_belongs_to_the_month_before() -> None:
    readings = readings_of([START + 30 * 86_400], [100], kind="interval_energy", stamp="end")
    assert total(judge(readings, [METER], JUNE, "+00:00")) == 100
    assert total(judge(replace(readings, interval_stamp="start"), [METER], JUNE, "+00:00")) == 0


def test_every_rule_has_texts_in_both_languages_that_name_the_same_facts() -> None:
    for rule in FINDINGS.values():
        assert rule.name_en and rule.name_ja and rule.action and rule.clause
        for text in (rule.text, *rule.variants.values()):
            assert text.en.count("{") == text.ja.count("{") > 0 or "{" not in text.en + text.ja


def test_refused_requests() -> None:
    readings = series(LINE)
    assert code_of(judge, readings, [METER], (JUNE[1], JUNE[0]), "+00:00") == "monitoring_period_backwards"
    assert code_of(judge, readings, [METER, METER], JUNE, "+00:00") == "meter_listed_twice"
    assert code_of(judge, readings, [METER], JUNE, "Mars/Olympus") == "unknown_time_zone"
    assert code_of(Meter, "M1", "sideways", 1, 1) == "meter_facts_invalid"
    assert code_of(Meter.from_data, {"meter_id": "M1"}) == "meter_facts_invalid"
    assert code_of(QualityRules.from_data, {"over_range": "lots", "x": 1}) in {"not_a_number", "quality_rules_invalid"}
    assert code_of(QualityRules.from_data, {"unknown": 1}) == "quality_rules_invalid"


def test_meters_and_rules_survive_plain_data() -> None:
    meter = Meter.from_data(
        {
            "meter_id": "M1", "direction": "generation", "capacity_w": 5, "interval_seconds": 900, "latitude": "47.9",
            "longitude": "106.9", "solar": True, "installed_on": "2016-01-31", "documents": ["certificate 7"],
            "calibration": [{"valid_from": "2016-01-01", "valid_until": "2026-01-01", "document": "certificate 7"}],
        }
    )  # fmt: skip
    assert Meter.from_data(meter.as_data()) == meter
    rules = QualityRules(sentinels=("-9999", "65535"), over_range=Fraction(11, 10))
    assert QualityRules.from_data(rules.as_data()) == rules


# Properties ---------------------------------------------------------------------------------------------------------


@st.composite
def faulty_series(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """A rising register with gaps, low and high readings, resets, rollovers, duplicates and conflicts."""
    count = draw(st.integers(1, 40))
    times, values = [], []
    now, level = START + draw(st.integers(-3, 3)) * STEP, draw(st.sampled_from([0, 1000, 99_900]))
    for _ in range(count):
        fault = draw(
            st.sampled_from(
                ["none"] * 8
                + ["gap", "zero", "high", "edge", "reset", "roll", "repeat", "conflict", "down", "jump"]
                + ["freeze", "freeze", "thaw", "thaw"]
            )
        )
        now += STEP * (draw(st.integers(1, 4000)) if fault == "gap" else 0 if fault in {"repeat", "conflict"} else 1)
        shift = {"edge": 99_000, "jump": 130_000, "thaw": 240_000}.get(fault, 0)
        level = {"reset": 0, "freeze": level}.get(fault, level + draw(st.integers(0, 300) | st.just(5_000)) + shift)
        level = level % 100_000 if fault == "roll" else max(level - 50, 0) if fault == "down" else level
        shown = {"zero": 0, "high": level + 10**7, "conflict": level + 1}.get(fault, level)
        times.append(now)
        values.append(shown)
    return times, values


def parts_of(judgement: Judgement) -> tuple[int, int]:
    return sum(line.measured_wh for line in judgement.energy), sum(line.bridged_wh for line in judgement.energy)


LONG = (date(2022, 5, 1), date(2024, 12, 31))


@given(faulty_series(), st.sampled_from([None, 100_000]))
@settings(max_examples=400, deadline=None)
def test_the_compiled_fold_equals_a_reference_in_plain_python(
    given_: tuple[list[int], list[int]], span: int | None
) -> None:
    times, values = given_
    meter = replace(METER, register_span=span)
    readings = readings_of(times, values)
    judgement = judge(readings, [meter], LONG, "+00:00")
    expected = reference_fold(list(zip(times, values, strict=True)), capacity_w=475_000, span=span, interval=900)
    assert parts_of(judgement) == (expected.measured, expected.bridged)
    for rule in ("Q04", "Q05", "Q08", "Q09", "Q10", "Q11", "Q12", "Q24", "Q26"):
        seen = int((judgement.flags & np.uint32(getattr(flags, rule)) != 0).sum())
        assert seen == expected.counts[rule], rule


@given(faulty_series(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_rows_changes_neither_bytes_nor_judgement(
    given_: tuple[list[int], list[int]], shuffler: random.Random
) -> None:
    pairs = list(zip(*given_, strict=True))
    shuffled = pairs.copy()
    shuffler.shuffle(shuffled)
    first = readings_of(*zip(*pairs, strict=True))
    second = readings_of(*zip(*shuffled, strict=True))
    assert readings_to_parquet(first) == readings_to_parquet(second)
    one, two = (canonical_bytes(judge(item, [METER], LONG, "+00:00").canonical()) for item in (first, second))
    assert one == two
    again = judge(readings_from_parquet(readings_to_parquet(first)), [METER], LONG, "+00:00")
    assert canonical_bytes(again.canonical()) == one


@given(faulty_series(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_duplicate_changes_nothing_but_its_finding(given_: tuple[list[int], list[int]], data: st.DataObject) -> None:
    times, values = given_
    place = data.draw(st.integers(0, len(times) - 1))
    plain = judge(readings_of(times, values), [METER], LONG, "+00:00")
    doubled = judge(readings_of([*times, times[place]], [*values, values[place]]), [METER], LONG, "+00:00")
    assert plain.energy == doubled.energy
    assert plain.daily == doubled.daily


@given(st.lists(st.integers(0, 300), min_size=2, max_size=60), st.data())
@settings(max_examples=100, deadline=None)
def test_splitting_a_series_at_any_reading_conserves_its_energy(steps: list[int], data: st.DataObject) -> None:
    times = [START + place * data.draw(st.just(5_000)) for place in range(len(steps))]
    values = [int(item) for item in np.cumsum(steps)]
    cut = data.draw(st.integers(0, len(steps) - 1))
    whole = judge(readings_of(times, values), [METER], LONG, "+00:00")
    parts = [
        judge(readings_of(times[part], values[part]), [METER], LONG, "+00:00")
        for part in (slice(0, cut + 1), slice(cut, None))
    ]
    assert total(whole) == values[-1] - values[0] == sum(total(part) for part in parts)


@given(st.lists(st.integers(0, 300), min_size=2, max_size=40), st.integers(1, 28))
@settings(max_examples=60, deadline=None)
def test_adjoining_periods_share_out_a_series_without_loss(steps: list[int], day: int) -> None:
    times = [START + place * 70_000 for place in range(len(steps))]
    readings = readings_of(times, [int(item) for item in np.cumsum(steps)])
    meter = replace(METER, interval_seconds=86_400)
    whole = judge(readings, [meter], (date(2022, 6, 1), date(2022, 7, 31)), "Asia/Tokyo")
    first = judge(readings, [meter], (date(2022, 6, 1), date(2022, 6, day)), "Asia/Tokyo")
    second = judge(readings, [meter], (date(2022, 6, day + 1), date(2022, 7, 31)), "Asia/Tokyo")
    assert total(whole) == total(first) + total(second)


def test_power_in_one_file_by_csv_equals_made_readings() -> None:
    data = csv_of([("2022-06-01 00:00", "0.4"), ("2022-06-01 00:15", "0.4")], "time,kW")
    assert total(judge(read_meter_file(data, "f", POWER), [METER], JUNE, "+00:00")) == 200
