"""The one walk over a meter's steps against plain definitions: the same figures, and no sign missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from openjcm.mrv.engine import sky, survey
from openjcm.mrv.engine.flags import ACCEPTED, Q06, Q08, Q11, Q12, Q13, Q26
from openjcm.mrv.engine.order import meters_in_order, next_not_later, rises
from openjcm.mrv.intake_time import MICRO, day_starts
from openjcm.mrv.meters import Meter
from openjcm.mrv.plausibility import rules
from openjcm.mrv.plausibility.series import PARTS, Seen, Series
from openjcm.mrv.plausibility.sky import sky_over
from openjcm.mrv.sun import clear_sky_normal, daylight, height, is_below, sine

DAYS = (date(2022, 4, 30), date(2022, 6, 28))
TOKYO = {"latitude": "35.68", "longitude": "139.77"}
LIMITS = rules.Limits()
HOUR_US = 3600 * MICRO
NIGHT_W = 1_000


def power(dice: np.random.Generator, t_us: np.ndarray) -> np.ndarray:
    """Made power of a plant of 100 kW in Tokyo (W)."""
    high = np.maximum(height(t_us, TOKYO["latitude"], TOKYO["longitude"]), 0)
    clouds = np.repeat(dice.uniform(0.3, 1, len(t_us) // 96 + 1), 96)[: len(t_us)]
    return (high * clouds * dice.uniform(0.8, 1, len(t_us)) * 85_000).astype(np.int64)


def faulty(seed: int, value: np.ndarray) -> np.ndarray:
    """The same power with one fault, by the seed; every tenth has none."""
    dice, value = np.random.default_rng(seed + 1000), value.copy()
    at, kind = int(dice.integers(96 * 12, len(value) - 96 * 20)), seed % 10
    noon = at // 96 * 96 + 60
    if kind == 1:
        value[noon : noon + 30] = value[noon]
    elif kind == 2:
        value[noon - 20 : noon + 10] = np.linspace(20_000, 60_000, 30).astype(np.int64)
    elif kind == 3:
        value[at : at + 96] = value[at - 960 : at - 864]
    elif kind == 4:
        value[at:] = value[at:] * 2 // 5
    elif kind == 5:
        value = np.roll(value, 4)
    elif kind == 6:
        value[noon - 36 : noon - 32] = 78_000
        value[noon + 40 : noon + 44] = 9_000
    elif kind == 7:
        value = np.minimum(value, 40_000)
    elif kind == 8:
        value = value // 12_000 * 12_000
    elif kind == 9:
        value = value // 300 if seed % 20 > 9 else value
        value[dice.integers(0, len(value), 5)] *= 3
    return value


def series_of(seed: int, *, register: bool, solar: bool = True) -> Series:
    """A series with a fault, its flags set at random places as a fold would."""
    dice = np.random.default_rng(seed)
    days, starts = day_starts(*DAYS, "Asia/Tokyo")
    step_us = 900 * MICRO if seed % 3 else 840 * MICRO
    t_us = int(starts[0]) - 86_400 * MICRO + (seed % 2) * 420 * MICRO + step_us * np.arange(63 * 96, dtype=np.int64)
    value = faulty(seed, power(dice, t_us + step_us // 2))
    flags = np.full(len(value), ACCEPTED, dtype=np.uint32)
    keep = dice.random(len(value)) > 0.01
    flags[dice.random(len(value)) < 0.005] = Q11
    for bit in (Q26, Q12, Q08, Q13, Q06):
        flags[dice.random(len(value)) < 0.003] |= np.uint32(bit)
    if register:
        value = np.cumsum(value // 4)
        for _ in range(seed % 3):
            at = int(dice.integers(0, len(value) - 80))
            value[at : at + 40] = value[at]
    direction = "generation" if solar or seed % 2 else "consumption"
    meter = Meter("M1", direction, 100_000, step_us // MICRO, solar=solar, **(TOKYO if solar else {}))
    columns = (t_us[keep], value[keep].astype(np.int64), flags[keep])
    hour = Fraction(100_000) if register else Fraction(100_000 * HOUR_US, step_us)
    over = sky_over(meter, starts, -6, LIMITS.clear_sky_allowance)
    night = NIGHT_W // 3600 if register else NIGHT_W
    return Series(meter, *columns, days, starts, hour, step_us, register, over, night)


CASES = [(seed, register, solar) for seed in range(40) for register in (True, False) for solar in (True, False)]


def steps_of(series: Series) -> Iterator[tuple[int, int, int, int, int]]:
    """The plain steps by their definition: place, place before, begin, length, step."""
    before = None
    for place in np.flatnonzero(series.flags & np.uint32(ACCEPTED)).tolist():
        at, value = int(series.t_us[place]), int(series.value[place])
        if not series.register:
            yield place, -1, at, series.interval_us, value
        elif before is not None and not series.flags[place] & np.uint32(survey.BROKEN):
            begin = int(series.t_us[before])
            yield place, before, begin, at - begin, value - int(series.value[before])
        before = place


@pytest.mark.parametrize(("seed", "register", "solar"), CASES[::7])
def test_the_walk_keeps_the_figures_by_their_definitions(seed: int, register: bool, solar: bool) -> None:
    series = series_of(seed, register=register, solar=solar)
    steps, walk = list(steps_of(series)), series.walk
    assert walk.steps.tolist() == [one[4] for one in steps]
    assert series.place.tolist() == [one[0] for one in steps]
    daily = np.zeros((6, len(series.days)), dtype=np.int64)
    daily[2:4] = -1
    hashes, counts = [0] * (len(series.days) * PARTS), [0] * (len(series.days) * PARTS)
    told: dict[int, int] = {}
    for _, _, at, length, step in steps:
        day = int(np.searchsorted(series.starts, at, side="right")) - 1
        if not 0 <= day < len(series.days):
            continue
        daily[5, day] += 1
        if step > 0:
            since, seconds = (at - int(series.starts[day])) // MICRO, length // MICRO
            daily[0, day] += step
            daily[1, day] += step * (since + seconds // 2)
            daily[4, day] = max(daily[4, day], step)
            if step > series.full // 50:
                daily[2, day] = since if daily[2, day] < 0 else daily[2, day]
                daily[3, day] = since + seconds
        if step > series.telling:
            offset, part = at - int(series.starts[day]), int(series.starts[day + 1] - series.starts[day]) // PARTS
            mixed = (step * 0x9E3779B97F4A7C15 ^ offset * 0xC2B2AE3D27D4EB4F) % 2**64
            mixed = (mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9 % 2**64
            block = day * PARTS + min(offset // part, PARTS - 1)
            hashes[block] = (hashes[block] + (mixed ^ mixed >> 32)) % 2**64
            counts[block] += told.get(day) != step
            told[day] = step
    assert np.array_equal(walk.daily, daily)
    assert walk.hashes.tolist() == hashes
    assert walk.counts.tolist() == counts


@pytest.mark.parametrize(("seed", "register", "solar"), CASES)
def test_no_sign_is_missing_where_a_rule_sees_something(seed: int, register: bool, solar: bool) -> None:
    series = series_of(seed, register=register, solar=solar)
    told = [_plain(seen) for seen in rules.examine(series, LIMITS)]
    again = series_of(seed, register=register, solar=solar)
    assert told == [_plain(seen) for rule in rules.RULES for seen in rule(again, LIMITS)]


def _plain(seen: Seen) -> tuple[object, ...]:
    return seen.rule, seen.variant, seen.facts, seen.places.tolist()


def test_each_rule_sees_something_in_the_cases_and_most_signs_stay_down() -> None:
    """So the test before says something of each rule, and the signs are worth their name."""
    seen, signed = set(), 0
    for seed, register, solar in CASES:
        series = series_of(seed, register=register, solar=solar)
        signed += rules.possible(series, LIMITS).bit_count()
        seen |= {(one.rule, one.variant) for one in rules.examine(series, LIMITS)}
    assert {rule for rule, _ in seen} == {"Q12", "Q15", "Q16", "Q18", "Q19", "Q31", "Q32", "Q33"}
    assert {variant for rule, variant in seen if rule in {"Q12", "Q19"}} >= {"stuck", "frozen", "straight", "monotony"}
    assert signed < len(CASES) * len(rules.RULES) / 3


@pytest.mark.parametrize(("seed", "register", "solar"), [case for case in CASES if case[2]][::3])
def test_what_the_walk_leaves_to_the_sun_holds_all_that_the_sun_forbids(seed: int, register: bool, solar: bool) -> None:
    """Steps at night and hours above the clear sky, each looked at with the exact sun, are among the candidates."""
    series = series_of(seed, register=register, solar=solar)
    place = (TOKYO["latitude"], TOKYO["longitude"])
    dark, hours = set(), {}
    for index, (at, before, begin, length, step) in enumerate(steps_of(series)):
        looks = np.array([begin, begin + length] if register else [begin + length // 2], dtype=np.int64)
        over = step > NIGHT_W * length // HOUR_US if register else step > NIGHT_W
        if over and is_below(looks, *place, -6).all():
            dark.add((at, before) if register else (at, at - 1))
        hours.setdefault(begin // HOUR_US, []).append((index, begin, length, step))
    found = {(int(at), int(before) if register else int(at) - 1) for at, before in series.walk.dark}
    assert dark <= found
    assert len(found) < len(series) // 20
    bright = {int(row[4]): row.tolist() for row in series.walk.bright}
    for steps in hours.values():
        energy, time = sum(one[3] for one in steps), sum(one[2] for one in steps)
        begin, end = steps[0][1], steps[-1][1] + steps[-1][2]
        full = float(series.hour) / HOUR_US * time
        sun = clear_sky_normal(height(np.array([begin, (begin + end) // 2, end]), *place)).max()
        if time * 10 >= HOUR_US * 9 and energy * 50 > full and energy > full * (sun * 1.25 + 0.01):
            assert bright[steps[0][0]] == [energy, time, begin, end, steps[0][0], steps[-1][0] + 1]
    assert len(bright) < len(hours) // 4


@pytest.mark.parametrize(
    "place", [("0", "0"), ("35.68", "139.77"), ("-33.9", "151.2"), ("69.65", "18.96"), ("-89", "0")]
)
@pytest.mark.parametrize("degrees", [-6, 0, 13])
def test_the_times_of_daylight_are_sure_and_hardly_too_short(place: tuple[str, str], degrees: int) -> None:
    bound = float(sine(np.full(1, float(degrees)))[0])
    windows = daylight(18_900, 400, *place, bound)
    assert (windows[0, 1:] >= windows[1, :-1]).all()
    instants = 18_900 * sky.DAY_US + np.random.default_rng(5).integers(0, 400 * sky.DAY_US, 20_000)
    number = np.clip(np.searchsorted(windows[0], instants, side="right") - 1, 0, None)
    inside = (windows[0, number] <= instants) & (instants <= windows[1, number])
    exact = height(instants, *place)
    assert (exact[inside] >= bound).all()
    assert inside[exact > bound + 3 * sky.MARGIN].all()


def test_what_is_out_of_order_is_found_wherever_it_stands() -> None:
    times = np.arange(200, dtype=np.int64)
    none = np.zeros(200, dtype=np.uint8)
    for at in (0, 1, 62, 63, 64, 65, 127, 128, 198):
        still = times.copy()
        still[at + 1] = still[at]
        assert (next_not_later(still, 0), next_not_later(still, at + 1)) == (at, 199)
        assert not rises(still)
        edges = np.array([0, 200])
        assert meters_in_order(edges, still, times, none, times)
        assert not meters_in_order(edges, still, times[::-1].copy(), none, times)
        assert meters_in_order(np.array([0, at + 1, 200]), still, times[::-1].copy(), none, times)
        back = times.copy()
        back[at], back[at + 1] = back[at + 1], back[at]
        assert not meters_in_order(edges, back, times, none, times)
    assert rises(times)
    assert next_not_later(times, 0) == 199
    assert next_not_later(times[:0], 0) == 0
