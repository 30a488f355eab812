"""Whether the sun stands well below the horizon: good for telling night from day, and used for nothing else.

Low-precision formula of the Astronomical Almanac (mean longitude, mean anomaly, ecliptic longitude, sidereal time),
good to about a hundredth of a degree. This is the one place of the intake with floating-point numbers in a judgement.
It raises a flag; no energy is computed from it. The flag stands in a report that another machine must make again byte
for byte, so only ``+ - * /`` and remainders are used, which IEEE 754 fixes to the last bit; a library's sine differs
between processors.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY_US = 86_400_000_000
J2000_US = 946_728_000_000_000
"""2000-01-01 12:00 UTC in microseconds since 1970."""
RADIAN = 0.017453292519943295


def height(t_us: NDArray[np.int64], latitude: str, longitude: str) -> Floats:
    """The sine of the sun's elevation at instants. Coordinates are decimal texts in degrees."""
    from openjcm.mrv.engine.sky import heights

    found: Floats = heights(t_us, float(latitude), float(longitude))
    return found


@lru_cache(maxsize=4096)
def wave(first_day: int, days: int, latitude: str, longitude: str) -> Floats:
    """The sun's course over a place by day (``engine.sky.rough_wave``), shared by all meters there."""
    from openjcm.mrv.engine.sky import daily_wave

    return daily_wave(first_day, days, latitude, longitude)


@lru_cache(maxsize=4096)
def daylight(first_day: int, days: int, latitude: str, longitude: str, height: float) -> NDArray[np.int64]:
    """When the sine of the sun's elevation is surely so much (rows: from, until), for all meters of a place."""
    from openjcm.mrv.engine.sky import times_above

    found: NDArray[np.int64] = times_above(first_day * DAY_US, wave(first_day, days, latitude, longitude), height)
    return found


def rough_height(t_us: NDArray[np.int64], latitude: str, longitude: str) -> Floats:
    """About the sine of the sun's elevation (to within ``engine.sky.MARGIN``), to leave out the plain cases."""
    from openjcm.mrv.engine.sky import rough_heights

    if not len(t_us):
        return np.zeros(0)
    first = int(t_us.min()) // DAY_US // 366 * 366
    days = (int(t_us.max()) // DAY_US - first) // 366 * 366 + 366
    found: Floats = rough_heights(t_us, first * DAY_US, wave(first, days, latitude, longitude))
    return found


def is_below(t_us: NDArray[np.int64], latitude: str, longitude: str, limit: int) -> NDArray[np.bool_]:
    """At which instants the sun's elevation is less than ``limit`` whole degrees. Coordinates are decimal texts."""
    from openjcm.mrv.engine.sky import MARGIN

    bound = sine(np.full(1, float(limit)))
    low = rough_height(t_us, latitude, longitude) < bound + MARGIN
    below: NDArray[np.bool_] = np.zeros(len(t_us), dtype=np.bool_)
    below[low] = height(t_us[low], latitude, longitude) < bound
    return below


def equation_of_time(day_of_year: NDArray[np.int64]) -> Floats:
    """How many minutes the sun is ahead of the mean sun: series of J. W. Spencer (1971), good to half a minute."""
    angle = 360.0 * (day_of_year - 1) / 365
    once = 0.001868 * cosine(angle) - 0.032077 * sine(angle)
    return 229.18 * (0.000075 + once - 0.014615 * cosine(2 * angle) - 0.040849 * sine(2 * angle))


def clear_sky_normal(height: Floats) -> Floats:
    """The most that a clear sky sends on a plane that faces the sun, in kW/m², from the sine of the elevation.

    B. Haurwitz (J. Meteorology 2, 1945, and 3, 1946) gives 1.098 h exp(-0.059 / h) kW/m² on the ground, as restated in
    SAND2012-2389 and pvlib 0.16; were all of it beam, a plane that faces the sun would get it divided by h. A sun just
    under the horizon still counts as risen (refraction and its own breadth: 0.015).
    """
    from openjcm.mrv.engine.sky import clear_sky

    found: Floats = clear_sky(height)
    return found


def sine(degrees: Floats) -> Floats:
    """The sine of angles in degrees, to 13 decimals, the same bits on every machine (Taylor's series to 90°)."""
    turned = degrees % 360
    folded = np.where(turned > 270, turned - 360, np.where(turned > 90, 180 - turned, turned)) * RADIAN
    square, series = folded * folded, np.ones_like(folded)
    for power in range(20, 0, -2):
        series = 1 - series * square / (power * (power + 1))
    return folded * series


def cosine(degrees: Floats) -> Floats:
    """The cosine of angles in degrees."""
    return sine(degrees + 90)
