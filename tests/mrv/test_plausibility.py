"""The rules of plausibility: labelled rows of real series, sites without faults, each rule by itself."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes
from openjcm.mrv import sun
from openjcm.mrv.meters import Meter
from openjcm.mrv.plausibility import ceiling, levels, stuck
from openjcm.mrv.plausibility.among import Group, compare_meters
from openjcm.mrv.plausibility.comparisons import Comparisons, ExpectedYield, IndependentTotal, near, odd_among_peers
from openjcm.mrv.quality import Judgement, QualityRules, judge
from openjcm.mrv.readings import Readings, sorted_table
from openjcm.refusals import Finding, Severity

from . import site_files
from .meter_files import code_of, readings_of
from .site_files import GOLDEN, Site, labelled, marks, precision_recall

START = int(datetime(2022, 6, 1, 7, tzinfo=UTC).timestamp())
"""Midnight in Golden."""
JUNE_JULY = (date(2022, 6, 1), date(2022, 7, 31))
FLAGS_ONLY = QualityRules(withheld=())


def seen(judgement: Judgement) -> set[str]:
    return {rule.removesuffix(" withheld") for rule, _, _ in judgement.seen}


def finding(judgement: Judgement, rule: str, which: int = 0) -> Finding:
    return [item for item in judgement.findings if item.rule == rule][which]


def total(judgement: Judgement) -> int:
    return sum(line.counted_wh for line in judgement.energy)


def sunny(days: int = 60, seed: int = 1, step: int = 900, peak: int = 80_000) -> list[int]:
    """Made power of a plant of 100 kW in Golden (W): the sun's height, clouds of the day, and the noise of the hour."""
    dice = np.random.default_rng(seed)
    t_us = (START + step // 2 + np.arange(days * 86_400 // step, dtype=np.int64) * step) * 1_000_000
    height = np.maximum(sun.height(t_us, GOLDEN["latitude"], GOLDEN["longitude"]), 0)
    clouds = np.repeat(dice.uniform(0.3, 1, days), 86_400 // step) * dice.uniform(0.8, 1, len(t_us))
    return [int(one) for one in height * clouds * peak]


def site(values: list[int], step: int = 900, **facts: object) -> Site:
    meter = replace(Meter("M1", "generation", 100_000, step, solar=True, **GOLDEN), **facts)  # type: ignore[arg-type]
    seconds = START + step * np.arange(len(values))
    return Site("made", meter, seconds, np.array(values), "W", step, "-07:00")


# Labelled rows of real series -----------------------------------------------------------------------------------------


def test_stale_rows_are_found_and_night_is_not_stale() -> None:
    """Without the rule of the night a detector of equal values finds five times as many rows."""
    stale = labelled("ac_power_inv_2173_stale_data", "stale_data_mask")
    judgement = stale.judged()
    assert stale.labels is not None
    assert precision_recall(marks(judgement, len(stale.values), "Q12 stuck"), stale.labels) == (1, 1)
    assert seen(judgement) == {"Q12 stuck"}
    line = finding(judgement, "Q12")
    assert (line.row_count, line.facts["runs"], line.facts["readings"]) == (245, "3", "100")


def test_stale_rows_do_not_count_until_they_are_explained_unless_the_plan_says_so() -> None:
    stale = labelled("ac_power_inv_2173_stale_data", "stale_data_mask")
    assert stale.labels is not None
    withheld, counted = stale.judged(), stale.judged(rules=FLAGS_ONLY)
    energy = int(stale.values[stale.labels].sum()) // 10**5 // 4
    assert total(counted) - total(withheld) == pytest.approx(energy, abs=3)
    assert sum(line.rejected_wh for line in withheld.energy) == pytest.approx(energy, abs=3)
    gap = sum(line.gap_seconds for line in withheld.energy) - sum(line.gap_seconds for line in counted.energy)
    assert gap == 245 * 900


def test_interpolated_rows_are_found_where_they_are_not_zero() -> None:
    """68 of the 1,254 labelled rows are interpolated between zeros of the night, which nobody can see."""
    lines = labelled("ac_power_inv_2173_interpolated_data", "interpolated_data_mask")
    assert lines.labels is not None
    found = marks(lines.judged(), len(lines.values), "Q19 straight")
    precision, recall = precision_recall(found, lines.labels & (lines.values != 0))
    assert precision > 0.98
    assert recall > 0.99
    assert precision_recall(found, lines.labels)[1] > 0.94


def test_outliers_are_found_by_capacity_sign_and_neighbours() -> None:
    spikes = labelled("ac_power_inv_7539_outliers", "outlier")
    assert spikes.labels is not None
    judgement = spikes.judged()
    over = (judgement.flags & (1 << 11)) != 0
    found = marks(judgement, len(spikes.values), "Q31", "Q31 low") | over
    assert precision_recall(found, spikes.labels) == (1, 1)
    assert over.sum() == 3


def test_clipped_rows_are_told_and_are_not_taken_for_stale() -> None:
    clipped = labelled("ac_power_inv_7539", "label")
    assert clipped.labels is not None
    judgement = clipped.judged()
    precision, recall = precision_recall(marks(judgement, len(clipped.values), "Q18"), clipped.labels)
    assert (precision, recall) == (pytest.approx(39 / 40), 1)
    assert seen(judgement) == {"Q18"}
    assert finding(judgement, "Q18").severity is Severity.INFORMS


def test_the_step_in_simulated_daily_energy_is_found_on_its_day() -> None:
    shift = site_files.data_shift()
    judgement = shift.judged()
    found = [item for item in judgement.findings if item.rule == "Q32"]
    assert [(item.facts["day"], item.facts["ratio"]) for item in found] == [("2015-10-28", "0.27")]


def test_a_clock_left_on_daylight_saving_time_shows_in_all_its_months_and_in_no_other() -> None:
    judgement = site_files.system_50().judged()
    found = finding(judgement, "Q15")
    assert (found.facts["months"], found.severity) == ("23", Severity.EXPLAIN)
    assert 30 < int(found.facts["least"]) < int(found.facts["most"]) < 70
    summer = next(places for rule, _, places in judgement.seen if rule == "Q15")
    times = site_files.system_50().seconds[summer]
    months = {datetime.fromtimestamp(int(one) - 7 * 3600, UTC).month for one in times}
    assert months == {3, 4, 5, 6, 7, 8, 9, 10}


def test_real_sites_without_known_faults_raise_hardly_anything() -> None:
    """What shows there is single dips between smooth neighbours: for the verifier, and nothing that is held back."""
    for one in (site_files.serf(), site_files.inverter_2173(), site_files.covariates("R10"), site_files.residential()):
        judgement = one.judged()
        assert seen(judgement) <= {"Q31", "Q31 low", "Q18"}, one.name
        assert marks(judgement, len(one.values), "Q31", "Q31 low").sum() <= 8, one.name
    for number in (0, 2):
        assert not site_files.consumer(number).judged().seen


def test_a_real_plant_that_lost_a_third_of_its_yield_for_two_months_is_found() -> None:
    """R15 gave 0.57 of what its publisher's model expects, and 0.9 before and after."""
    down = [item for item in site_files.covariates("R15").judged().findings if item.rule == "Q32"]
    assert [(item.facts["day"], item.severity) for item in down] == [
        ("2018-11-10", Severity.EXPLAIN), ("2019-02-04", Severity.EXPLAIN),
    ]  # fmt: skip


# Rule by rule ---------------------------------------------------------------------------------------------------------


def test_a_made_plant_raises_nothing() -> None:
    for seed in range(3):
        assert not site(sunny(seed=seed)).judged().seen


def test_q12_a_load_may_be_steady_by_habit() -> None:
    """Thirty equal values of a noisy load are no accident; of one that is often steady only days are noted."""
    noisy = [one + 5_000 for one in np.random.default_rng(3).integers(0, 3_000, 960).tolist()]
    steady = [one // 3_000 * 3_000 for one in noisy]
    for values, rows, told in ((noisy, 30, True), (steady, 30, False), (steady, 300, True)):
        stuck_values = [*values[:300], *([6_000] * rows), *values[300 + rows :]]
        load = site(stuck_values, solar=False, direction="consumption")
        assert seen(load.judged()) == ({"Q12 stuck"} if told else set())
        assert total(load.judged()) == total(load.judged(rules=FLAGS_ONLY)), "flagged only"


def test_a_coarse_register_repeats_itself_by_habit() -> None:
    """The chance of repeating is taken from the meter itself, so a run must be longer where equal values are common."""
    assert stuck.least_run(10_000, 0, 4, 96) == 4
    assert stuck.least_run(10_000, 5_000, 4, 96) == 25
    assert stuck.least_run(10_000, 9_999, 4, 96) == 96
    assert stuck.least_run(0, 0, 4, 96) == 96
    coarse = [one // 1_000 * 1_000 for one in sunny()]
    assert not seen(site(coarse).judged()) & {"Q12 stuck", "Q19 straight"}


def test_q15_needs_a_place_and_a_shift_of_both_middles() -> None:
    values = sunny()
    late = [0, 0, *values[:-2]]
    assert seen(site(late).judged()) == {"Q15"}
    assert seen(site(values[2:]).judged()) >= {"Q15"}
    assert "Q15" not in seen(site(late, longitude=None).judged())
    assert "Q15" not in seen(site(late).judged(rules=QualityRules(clock_minutes=40)))
    morning = [one * (3 if place % 96 < 48 else 2) // 3 for place, one in enumerate(values)]
    assert "Q15" not in seen(site(morning).judged()), "a plane that looks east is no wrong clock"


def test_q16_more_than_a_clear_sky_gives() -> None:
    values = sunny()
    at = 96 * 10 + 16  # four to five o'clock: the sun rises within the hour
    values[at : at + 4] = [80_000, 81_000, 79_500, 82_000]
    judgement = site(values).judged()
    assert "Q16" in seen(judgement)
    assert "Q16" not in seen(site(values, latitude=None).judged())
    assert int(finding(judgement, "Q16").facts["hours"]) == 1


def test_the_clear_sky_is_that_of_haurwitz() -> None:
    """1,098 h exp(-0.059 / h) W/m² on the ground, as pvlib 0.16 has it: 0.866 kW/m² at 60° from the zenith… times h."""
    height = np.array([1.0, 0.5, 0.1])
    expected = 1.098 * np.exp(-0.059 / (height + 0.015))
    assert np.abs(sun.clear_sky_normal(height) - expected).max() < 1e-12
    assert sun.clear_sky_normal(np.array([-0.01]))[0] == 0


def test_the_equation_of_time_has_its_four_known_values() -> None:
    """-14 minutes in mid-February, +4 in mid-May, -6.5 in late July, +16.4 in early November."""
    found = sun.equation_of_time(np.array([43, 134, 207, 307]))
    assert np.abs(found - np.array([-14.2, 3.7, -6.5, 16.4])).max() < 0.6


@pytest.mark.parametrize(("factor", "variant"), [(30, "low"), (1, "")])
def test_q33_best_days_of_the_wrong_size(factor: int, variant: str) -> None:
    judgement = site([one // factor for one in sunny()]).judged()
    assert ("Q33" in {item.rule for item in judgement.findings}) == bool(variant)


def test_q33_more_hours_at_full_power_than_there_is_sun_blocks() -> None:
    steady = site([90_000 + place % 7_919 for place in range(96 * 20)])
    assert finding(steady.judged(), "Q33").severity is Severity.BLOCKS


@pytest.mark.parametrize(("direction", "blocked"), [("consumption", True), ("generation", False)])
def test_q33_a_consumer_that_hardly_uses_its_capacity_blocks(direction: str, blocked: bool) -> None:
    """Consumption stated a thousandfold too low would be credited; generation stated too low costs its owner alone."""
    load = [(30_000 + place % 7_919 * 9) // 1000 for place in range(96 * 40)]
    found = [one for one in site(load, direction=direction, solar=False).judged().findings if one.rule == "Q33"]
    assert [one.severity for one in found] == [Severity.BLOCKS] * blocked
    whole = [one * 1000 for one in load]
    assert "Q33" not in seen(site(whole, direction=direction, solar=False).judged())


def test_q32_a_rise_above_all_before_blocks_and_a_return_does_not() -> None:
    values = sunny(60)
    doubled = values[: 96 * 30] + [one * 19 // 10 for one in values[96 * 30 :]]
    found = finding(site(doubled, capacity_w=200_000).judged(), "Q32")
    assert (found.severity, found.facts["day"]) == (Severity.BLOCKS, "2022-07-01")
    dip = values[: 96 * 15] + [one // 3 for one in values[96 * 15 : 96 * 40]] + values[96 * 40 :]
    assert {item.severity for item in site(dip).judged().findings if item.rule == "Q32"} == {Severity.EXPLAIN}
    assert "Q32" not in seen(site(doubled, capacity_w=200_000, solar=False).judged())


def test_q32_takes_the_season_out_where_years_can_be_compared() -> None:
    days = np.arange(3 * 365)
    peaks = (6_000 + 4_000 * np.cos(days / 365 * 2 * np.pi)).astype(np.int64)
    peaks += np.random.default_rng(5).integers(0, 300, len(peaks))
    assert levels.steps_in_level(peaks, Fraction(13, 10)) == []
    peaks[500:] //= 2
    assert [(day, new) for day, _, new in levels.steps_in_level(peaks, Fraction(3, 2))] == [(500, False)]


def test_q19_a_copied_day_is_found_wherever_it_came_from() -> None:
    values = sunny()
    values[96 * 40 : 96 * 41] = values[96 * 7 : 96 * 8]
    judgement = site(values).judged()
    assert (finding(judgement, "Q19").facts["blocks"], finding(judgement, "Q19").severity) == ("2", Severity.BLOCKS)
    days = {int(place) // 96 for rule, _, places in judgement.seen if rule == "Q19" for place in places}
    assert days == {7, 40}


def test_q19_a_copied_day_of_hourly_values_is_found() -> None:
    values = sunny(step=3600)
    values[24 * 40 : 24 * 41] = values[24 * 7 : 24 * 8]
    assert finding(site(values, step=3600).judged(), "Q19").severity is Severity.BLOCKS


def test_q19_copied_hours_are_found() -> None:
    values = sunny()
    values[96 * 40 + 36 : 96 * 40 + 60] = values[96 * 7 + 36 : 96 * 7 + 60]
    found = finding(site(values).judged(), "Q19")
    assert (found.facts["blocks"], found.severity) == ("4", Severity.BLOCKS)
    coarse = [one // 1_000 for one in values]
    assert "Q19 part" not in seen(site(coarse, capacity_w=100).judged()), "a coarse series may repeat itself"


def test_q19_other_loads_that_repeat_themselves_are_flagged() -> None:
    values = sunny()
    values[96 * 40 : 96 * 41] = values[96 * 7 : 96 * 8]
    assert seen(site(values, solar=False).judged()) == {"Q19 elsewhere"}
    assert finding(site(values, solar=False).judged(), "Q19").severity is Severity.EXPLAIN


def test_q19_interpolated_values_of_a_solar_meter_do_not_count() -> None:
    values = sunny()
    values[96 * 20 + 40 : 96 * 20 + 60] = [int(one) for one in np.linspace(30_000, 61_000, 20)]
    plant = site(values)
    assert seen(plant.judged()) == {"Q19 straight"}
    line = sum(values[96 * 20 + 40 : 96 * 20 + 60]) // 4
    assert total(plant.judged(rules=FLAGS_ONLY)) - total(plant.judged()) == pytest.approx(line, abs=line // 10)


def test_q19_too_few_different_values_are_no_measurement() -> None:
    dice = np.random.default_rng(7)
    values = [int(one) for one in dice.choice([20_000, 30_000, 41_000, 52_000], 96 * 30)]
    judgement = site(values, solar=False).judged()
    assert "Q19 monotony" in seen(judgement)
    assert finding(judgement, "Q19").facts["variety"] in {"2", "3", "4"}


def test_q31_an_isolated_value_over_a_smooth_stretch() -> None:
    values = [int(30_000 * max(np.sin((place % 96 - 24) / 48 * np.pi), 0)) for place in range(96 * 3)]
    values[96 + 44] += 40_000
    values[96 + 60] = 0
    values[10] = -9_000
    judgement = site(values).judged()
    assert set(np.flatnonzero(marks(judgement, len(values), "Q31"))) == {96 + 44}
    assert set(np.flatnonzero(marks(judgement, len(values), "Q31 low"))) == {96 + 60, 10}
    assert not seen(site(values, direction="consumption").judged()) & {"Q31", "Q31 low"}


# Several meters, and what others say ----------------------------------------------------------------------------------


def fleet(series: dict[str, list[int]]) -> Readings:
    parts = [readings_of([START + 900 * n for n in range(len(v))], v, kind="interval_power", least_unit="W", meter=name)
             for name, v in series.items()]  # fmt: skip
    import pyarrow as pa

    meter = pa.chunked_array([chunk for part in parts for chunk in part.table.column("meter").chunks])
    columns = [np.concatenate([part.column(name) for part in parts]) for name in ("t_us", "value", "row")]
    return replace(parts[0], table=sorted_table(meter, *columns))


def together(series: dict[str, list[int]], **facts: object) -> Judgement:
    meters = [replace(site([]).meter, meter_id=name, **facts) for name in series]  # type: ignore[arg-type]
    readings = fleet(series)
    judgement = judge(readings, meters, JUNE_JULY, "-07:00")
    assert compare_meters([Group(readings, judgement)], meters[:1]) == [judgement]
    return compare_meters([Group(readings, judgement)], meters)[0]


def test_q19_one_series_for_two_meters() -> None:
    one, other = sunny(seed=1), sunny(seed=2)
    judgement = together({"A": one, "B": other, "C": [*other[: 96 * 30], *sunny(seed=3)[96 * 30 :]]})
    clones = [item for item in judgement.findings if item.rule == "Q19"]
    assert [(item.facts["meter"], item.facts["others"], item.facts["days"]) for item in clones] == [
        ("B", "C", "30"), ("C", "B", "30"),
    ]  # fmt: skip
    assert {item.severity for item in clones} == {Severity.BLOCKS}
    assert not together({"A": one, "B": other}).seen


def test_q17_a_meter_that_stands_out_and_q12_one_that_rests_while_its_neighbours_work() -> None:
    series = {name: sunny(seed=seed) for seed, name in enumerate("ABCDE")}
    series["F"] = [one // 3 for one in sunny(seed=9)]
    series["E"][96 * 20 : 96 * 23] = [0] * 288
    judgement = together(series)
    assert [item.facts["meter"] for item in judgement.findings if item.rule == "Q17"] == ["F"]
    idle = [item for item in judgement.findings if item.rule == "Q12"]
    assert [(item.facts["meter"], item.facts["days"], item.severity) for item in idle] == [("E", "3", Severity.INFORMS)]
    assert not [item for item in together(series, latitude=None).findings if item.rule in {"Q12", "Q17"}]


def test_peers_are_near_and_many_and_really_different() -> None:
    here = site([]).meter
    far = replace(here, meter_id="far", latitude="41.5")
    assert near(here, [here, replace(here, meter_id="other"), far], 100) == [1]
    assert odd_among_peers(Fraction(13), [Fraction(n) for n in (5, 5, 6, 6, 7)], 4)
    assert not odd_among_peers(Fraction(10), [Fraction(n) for n in (5, 6, 7)], 4)
    assert not odd_among_peers(Fraction(11, 10), [Fraction(1)] * 9, 4), "a tenth off is no matter"


def test_q17_against_what_a_model_expects() -> None:
    values = site(sunny(30))
    readings = values.readings()
    june = total(values.judged())
    for expected, odd in ((june, False), (june * 3, True), (june // 2, True)):
        compare = Comparisons(expected=(ExpectedYield("M1", 2022, 6, expected, "PVGIS 5.3"),))
        judgement = judge(readings, [values.meter], JUNE_JULY, "-07:00", comparisons=compare)
        assert ("Q17" in {item.rule for item in judgement.findings}) == odd
        assert total(judgement) == june, "it never raises or lowers a value"


@pytest.mark.parametrize(("direction", "counted"), [("generation", 900), ("consumption", 1_000)])
def test_q20_the_conservative_total_counts(direction: str, counted: int) -> None:
    meter = Meter("M1", direction, 100_000, 86_400)
    readings = readings_of([START + 86_400 * day for day in range(11)], [100 * day for day in range(11)])

    def count(wh: int, error: str = "1") -> tuple[int, int]:
        invoice = IndependentTotal("M1", date(2022, 6, 1), date(2022, 6, 10), wh, Fraction(error), "invoice 7")
        judgement = judge(
            readings, [meter], (date(2022, 6, 1), date(2022, 6, 10)), "-07:00",
            comparisons=Comparisons(totals=(invoice,)),
        )  # fmt: skip
        return sum(line.measured_wh + line.bridged_wh for line in judgement.energy), len(
            [item for item in judgement.findings if item.rule == "Q20"]
        )

    assert count(900) == (counted, 1)
    assert count(1_100) == (1_000 if direction == "generation" else 1_100, 1)
    assert count(970) == (1_000, 0), "twice both error limits: 40 of 1,000"
    assert count(900, "5") == (1_000, 0)


def test_comparisons_come_from_plain_data_or_are_refused() -> None:
    data = {
        "expected": [{"meter_id": "M1", "year": 2022, "month": 6, "wh": 5, "source": "PVGIS 5.3"}],
        "totals": [
            {"meter_id": "M1", "first": "2022-06-01", "last": "2022-06-30", "wh": 5, "error_percent": "0.5",
             "document": "invoice 7"}
        ],
    }  # fmt: skip
    read = Comparisons.from_data(data)
    assert (read.expected[0].source, read.totals[0].error_percent) == ("PVGIS 5.3", Fraction(1, 2))
    for part, key, value in (
        ("expected", "month", 13), ("expected", "source", ""), ("expected", "wh", -1), ("totals", "last", "2022-05-01"),
        ("totals", "wh", True), ("totals", "error_percent", "21"), ("totals", "document", ""),
    ):  # fmt: skip
        wrong = {**data, part: [{**data[part][0], key: value}]}  # type: ignore[dict-item]
        assert code_of(Comparisons.from_data, wrong) == "comparison_invalid"
    assert code_of(Comparisons.from_data, {"else": []}) == "comparison_invalid"


# Promises -------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(0, 40))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_changes_no_finding_of_plausibility(seed: int, faults: int) -> None:
    dice = np.random.default_rng(seed)
    values = sunny(20, seed)
    for _ in range(faults):
        at = int(dice.integers(0, len(values) - 30))
        values[at : at + 8] = [values[at]] * 8
    plain = site(values)
    shuffled = dice.permutation(len(values))
    one, two = plain.judged(), plain.judged(plain.seconds[shuffled], plain.values[shuffled])
    assert canonical_bytes(one.canonical()) == canonical_bytes(two.canonical())


def test_no_rule_of_plausibility_uses_a_function_whose_last_bit_differs_between_machines() -> None:
    """Floats come from the sun module alone, which is held to sums, products and quotients by a test of its own."""
    from openjcm.mrv.engine import series
    from openjcm.mrv.plausibility import clock, comparisons, copies, spikes

    wrong = {"exp", "log", "sin", "cos", "arccos", "sqrt", "mean", "std", "corrcoef", "percentile", "quantile", "dot"}
    for module in (ceiling, clock, comparisons, copies, levels, series, spikes, stuck):
        names = {
            node.attr for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Attribute)
        }
        assert not names & wrong, module.__name__
