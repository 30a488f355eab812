"""The compiled sun: the same bits as the formula written with numpy, and a rough one that never leaves out too much."""

from __future__ import annotations

import numpy as np
import pytest

from openjcm.mrv.engine.sky import DAY_US, J2000_US, MARGIN, clear_sky, heights, least_height
from openjcm.mrv.sun import cosine, is_below, rough_height, sine

PLACES = (
    ("0", "0"),
    ("35.68", "139.77"),
    ("-33.9", "151.2"),
    ("69.65", "18.96"),
    ("-89.9", "-179.9"),
    ("47.92", "106.9"),
)
DICE = np.random.default_rng(4)
INSTANTS = DICE.integers(0, 4_000_000_000_000_000, 20_000)


@pytest.mark.parametrize(("latitude", "longitude"), PLACES)
def test_the_compiled_formula_gives_the_bits_of_the_plain_one(latitude: str, longitude: str) -> None:
    days = (INSTANTS - J2000_US) / DAY_US
    anomaly = 357.528 + 0.9856003 * days
    ecliptic = 280.460 + 0.9856474 * days + 1.915 * sine(anomaly) + 0.020 * sine(2 * anomaly)
    tilt, north = 23.439 - 0.0000004 * days, np.full(1, float(latitude))
    sidereal = 280.46062 + 360.98564737 * days + float(longitude)
    along, across = cosine(ecliptic), sine(ecliptic)
    upward = cosine(sidereal) * along + sine(sidereal) * cosine(tilt) * across
    expected = sine(north) * sine(tilt) * across + cosine(north) * upward
    assert np.array_equal(heights(INSTANTS, float(latitude), float(longitude)), expected)


def test_the_clear_sky_gives_the_bits_of_the_plain_one() -> None:
    height = DICE.uniform(-1, 1, 5_000)
    risen = np.where(height > -0.005, height + 0.015, 1.0)
    small, series = 0.059 / risen / 64, np.ones_like(risen)
    for step in range(12, 0, -1):
        series = 1 - series * small / step
    for _ in range(6):
        series = series * series
    assert np.array_equal(clear_sky(height), np.where(height > -0.005, 1.098 * series, 0.0))


@pytest.mark.parametrize(("latitude", "longitude"), PLACES)
def test_the_rough_height_stays_within_its_margin(latitude: str, longitude: str) -> None:
    exact = heights(INSTANTS, float(latitude), float(longitude))
    rough = rough_height(INSTANTS, latitude, longitude)
    assert float(np.abs(exact - rough).max()) < MARGIN * 0.8
    for limit in (-6, 0, 10):
        assert np.array_equal(is_below(INSTANTS, latitude, longitude, limit), exact < sine(np.full(1, float(limit))))
    assert len(is_below(INSTANTS[:0], latitude, longitude, 0)) == 0


def test_a_height_surely_enough_is_enough() -> None:
    shares = np.linspace(0.0, 1.5, 400)
    enough = least_height(shares, 1.25)
    assert (clear_sky(np.minimum(enough, 1.0))[enough <= 1] * 1.25 + 0.01 >= shares[enough <= 1]).all()
    assert (enough[shares > 1.25] > 1).any()
