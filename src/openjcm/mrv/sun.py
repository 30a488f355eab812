"""Where the sun stands, to about a hundredth of a degree: good for telling night from day, and used for nothing else.

Low-precision formula of the Astronomical Almanac (mean longitude, mean anomaly, ecliptic longitude, sidereal time).
This is the one place of the intake with floating-point numbers in a judgement. It raises a flag; no energy is computed
from it. The elevation is rounded to a tenth of a degree, so that the last bit of a sine decides nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

J2000_US = 946_728_000_000_000
"""2000-01-01 12:00 UTC in microseconds since 1970."""


def elevation_tenths(t_us: NDArray[np.int64], latitude: str, longitude: str) -> NDArray[np.int64]:
    """The sun's elevation above the horizon at instants, in tenths of a degree. Coordinates are decimal texts."""
    days = (t_us - J2000_US) / 86_400_000_000
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = np.radians((280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)) % 360)
    tilt = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    sidereal = np.radians((280.46062 + 360.98564737 * days + float(longitude)) % 360)
    north = np.radians(float(latitude))
    hour = sidereal - ascension
    sine = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(hour)
    tenths: NDArray[np.int64] = np.rint(np.degrees(np.arcsin(np.clip(sine, -1, 1))) * 10).astype(np.int64)
    return tenths
