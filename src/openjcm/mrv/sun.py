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


def is_below(t_us: NDArray[np.int64], latitude: str, longitude: str, limit: int) -> NDArray[np.bool_]:
    """At which instants the sun's elevation is less than ``limit`` whole degrees. Coordinates are decimal texts."""
    days = (t_us - J2000_US) / 86_400_000_000
    anomaly = 357.528 + 0.9856003 * days
    ecliptic = 280.460 + 0.9856474 * days + 1.915 * sine(anomaly) + 0.020 * sine(2 * anomaly)
    tilt = 23.439 - 0.0000004 * days
    sidereal = 280.46062 + 360.98564737 * days + float(longitude)
    north = np.full(1, float(latitude))
    along, across = cosine(ecliptic), sine(ecliptic)
    upward = cosine(sidereal) * along + sine(sidereal) * cosine(tilt) * across
    height = sine(north) * sine(tilt) * across + cosine(north) * upward
    below: NDArray[np.bool_] = height < sine(np.full(1, float(limit)))
    return below


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
