"""Whether the sun stands well below the horizon: good for telling night from day, and used for nothing else.

Low-precision formula of the Astronomical Almanac (mean longitude, mean anomaly, ecliptic longitude, sidereal time),
good to about a hundredth of a degree. This is the one place of the intake with floating-point numbers in a judgement.
It raises a flag; no energy is computed from it. The flag stands in a report that another machine must make again byte
for byte, so only ``+ - * /`` and remainders are used, which IEEE 754 fixes to the last bit; a library's sine differs
between processors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
J2000_US = 946_728_000_000_000
"""2000-01-01 12:00 UTC in microseconds since 1970."""
RADIAN = 0.017453292519943295


def height(t_us: NDArray[np.int64], latitude: str, longitude: str) -> Floats:
    """The sine of the sun's elevation at instants. Coordinates are decimal texts in degrees."""
    days = (t_us - J2000_US) / 86_400_000_000
    anomaly = 357.528 + 0.9856003 * days
    ecliptic = 280.460 + 0.9856474 * days + 1.915 * sine(anomaly) + 0.020 * sine(2 * anomaly)
    tilt = 23.439 - 0.0000004 * days
    sidereal = 280.46062 + 360.98564737 * days + float(longitude)
    north = np.full(1, float(latitude))
    along, across = cosine(ecliptic), sine(ecliptic)
    upward = cosine(sidereal) * along + sine(sidereal) * cosine(tilt) * across
    return sine(north) * sine(tilt) * across + cosine(north) * upward


def is_below(t_us: NDArray[np.int64], latitude: str, longitude: str, limit: int) -> NDArray[np.bool_]:
    """At which instants the sun's elevation is less than ``limit`` whole degrees. Coordinates are decimal texts."""
    below: NDArray[np.bool_] = height(t_us, latitude, longitude) < sine(np.full(1, float(limit)))
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
    risen = np.where(height > -0.005, height + 0.015, 1.0)
    return np.where(height > -0.005, 1.098 * decay(0.059 / risen), 0.0)


def decay(power: Floats) -> Floats:
    """``exp(-power)`` for 0 … 20, to 12 digits, the same bits on every machine: a series, then six squarings."""
    small, series = power / 64, np.ones_like(power)
    for step in range(12, 0, -1):
        series = 1 - series * small / step
    for _ in range(6):
        series = series * series
    return series


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
