"""How high the sun stands: by the formula of ``sun``, and roughly, to leave out what is surely by day.

The formula uses ``+ - * /`` and remainders only, in the order of ``sun``, so its bits are the same on every machine.
Roughly, the slow terms are taken once a day, at its middle, and the cosine from a parabola's quotient: the answer lies
within ``MARGIN`` of the formula's, so whoever leaves room for that much leaves nothing out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.jit import compiled, inlined

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MARGIN = 0.03
"""More than half a day's change of the sun's place (0.5°) and the quotient's error (0.0017) can make together."""
DAY_US = 86_400_000_000


J2000_US = 946_728_000_000_000
RADIAN = 0.017453292519943295


@inlined
def _sine(degrees: float) -> float:
    """The sine of an angle in degrees, as ``sun.sine``."""
    turned = degrees % 360
    if turned > 270:
        folded = (turned - 360) * RADIAN
    elif turned > 90:
        folded = (180 - turned) * RADIAN
    else:
        folded = turned * RADIAN
    square, series = folded * folded, 1.0
    for power in range(20, 0, -2):
        series = 1 - series * square / (power * (power + 1))
    return folded * series


@inlined
def _height(t_us: int, north: float, east: float, longitude: float) -> float:
    """The sine of the sun's elevation; ``north`` and ``east`` are the sine and the cosine of the latitude."""
    days = (t_us - J2000_US) / DAY_US
    anomaly = 357.528 + 0.9856003 * days
    ecliptic = 280.460 + 0.9856474 * days + 1.915 * _sine(anomaly) + 0.020 * _sine(2 * anomaly)
    tilt = 23.439 - 0.0000004 * days
    sidereal = 280.46062 + 360.98564737 * days + longitude
    along, across = _sine(ecliptic + 90), _sine(ecliptic)
    upward = _sine(sidereal + 90) * along + _sine(sidereal) * _sine(tilt + 90) * across
    return north * _sine(tilt) * across + east * upward


@inlined
def _clear_sky(height: float) -> float:
    """The most that a clear sky sends on a plane that faces the sun, in kW/m² (Haurwitz; see ``sun``)."""
    if height <= -0.005:
        return 0.0
    small, series = 0.059 / (height + 0.015) / 64, 1.0
    for step in range(12, 0, -1):
        series = 1 - series * small / step
    for _ in range(6):
        series = series * series
    return 1.098 * series


@compiled
def heights(t_us: Ints, latitude: float, longitude: float) -> Floats:
    """The sine of the sun's elevation at instants (Astronomical Almanac, low precision; see ``sun``)."""
    out = np.empty(len(t_us), dtype=np.float64)
    north, east = _sine(latitude), _sine(latitude + 90)
    for index in range(len(t_us)):
        out[index] = _height(t_us[index], north, east, longitude)
    return out


@compiled
def clear_sky(height: Floats) -> Floats:
    """The most that a clear sky sends at heights of the sun."""
    out = np.empty(len(height), dtype=np.float64)
    for index in range(len(height)):
        out[index] = _clear_sky(height[index])
    return out


@compiled
def hours_above(hours: Ints, rate: float, latitude: float, longitude: float, share: float) -> NDArray[np.bool_]:
    """Which hours (rows that begin with energy, time, begin and end) show more than ``share`` of a clear sky.

    ``rate`` is what capacity gives in a microsecond. An hour may show what the sky sends at its begin, middle or end.
    """
    out = np.zeros(len(hours), dtype=np.bool_)
    north, east = _sine(latitude), _sine(latitude + 90)
    for index in range(len(hours)):
        energy, time, begin, end = hours[index, 0], hours[index, 1], hours[index, 2], hours[index, 3]
        out[index] = True
        for at in ((begin + end) // 2, begin, end):
            sky = _clear_sky(_height(at, north, east, longitude))
            if energy <= rate * time * (sky * share + 0.01):
                out[index] = False
                break
    return out


RATE = 360.98564737 / 360
"""Turns of the sky in a day."""


@inlined
def rough_wave(share: float, level: float, swing: float, turn: float) -> float:
    """The sine of the elevation, to within ``MARGIN``, when this share of a day is over.

    ``level`` and ``swing`` are those of the daily wave, ``turn`` is the share of a turn at which it stands when the day
    begins.
    """
    turned = turn + RATE * share
    turned -= np.floor(turned + 0.5)  # half a turn either way
    away = 2.0 * abs(turned)  # 0: highest, 1: lowest
    near, sign = (1.0 - away, -1.0) if away > 0.5 else (away, 1.0)
    return float(level + sign * swing * ((1.0 - 4.0 * near * near) / (1.0 + near * near)))


@compiled
def rough_heights(t_us: Ints, first_us: int, wave: Floats) -> Floats:
    """The sine of the elevation at instants, to within ``MARGIN``; -2 outside the days that the table holds.

    ``wave`` holds level, swing and turn (see :func:`rough_wave`) by day from ``first_us`` on.
    """
    out = np.empty(len(t_us), dtype=np.float64)
    for index in range(len(t_us)):
        since = t_us[index] - first_us
        day = since // DAY_US
        if day < 0 or day >= wave.shape[1]:
            out[index] = -2.0
            continue
        out[index] = rough_wave((since - day * DAY_US) / DAY_US, wave[0, day], wave[1, day], wave[2, day])
    return out


@compiled
def times_above(first_us: int, wave: Floats, bound: float) -> Ints:
    """From when until when (rows) the sine of the elevation is surely at least ``bound``, in order of time.

    The rough wave is turned round: within a day it is above a value while it is less than so far from its top.
    """
    out, count = np.empty((2, 3 * wave.shape[1] + 1), dtype=np.int64), 0
    for day in range(wave.shape[1]):
        begin, needed = first_us + day * DAY_US, (bound + MARGIN - wave[0, day]) / max(wave[1, day], 1e-9)
        if needed > 1:
            continue
        away = np.sqrt((1 - needed) / (4 + needed)) if needed >= 0 else 1 - np.sqrt(max(1 + needed, 0.0) / (4 - needed))
        for top in range(3):
            at = (top - wave[2, day]) / RATE * DAY_US
            far = away / 2 / RATE * DAY_US
            low, high = int(at - far) + 1_000_000, int(at + far) - 1_000_000
            if needed <= -1:
                low, high = (0, DAY_US) if top == 0 else (1, 0)
            low, high = max(low, 0), min(high, DAY_US)
            if low < high:
                out[0, count], out[1, count] = begin + low, begin + high
                count += 1
    if count == 0:
        out[0, 0], out[1, 0], count = 1, 0, 1
    return out[:, :count].copy()


def least_height(share: Floats, allowance: float) -> Floats:
    """From which sine of the elevation on a clear sky, times ``allowance``, surely gives this share of full power."""
    needed = np.maximum((share - 0.01) / (1.098 * allowance), 1e-9)
    lowest = np.where(needed < 0.99, 0.059 / -np.log(np.minimum(needed, 0.99)) - 0.015, 2.0)
    surely: Floats = np.maximum(lowest, 0.0) + 0.001
    return surely


def daily_wave(first_day: int, days: int, latitude: str, longitude: str) -> Floats:
    """Level, swing and turn of the sun's daily wave for :func:`rough_heights`, from so many days since 1970 on."""
    middle = ((first_day + np.arange(days)) * DAY_US + DAY_US // 2 - J2000_US) / DAY_US
    anomaly = np.radians(357.528 + 0.9856003 * middle)
    ecliptic = np.radians(280.460 + 0.9856474 * middle + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt, north = np.radians(23.439 - 0.0000004 * middle), np.radians(float(latitude))
    along, across = np.cos(ecliptic), np.sin(ecliptic)
    even, odd = np.cos(north) * along, np.cos(north) * np.cos(tilt) * across
    begin = 280.46062 + 360.98564737 * (middle - 0.5) + float(longitude)
    highest = np.degrees(np.arctan2(odd, even))
    return np.stack((np.sin(north) * np.sin(tilt) * across, np.hypot(even, odd), ((begin - highest) / 360) % 1.0))
