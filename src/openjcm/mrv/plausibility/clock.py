"""Whether the clock of a solar meter keeps the time of its place (Q15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.plausibility.series import Ints, Seen, Series
from openjcm.mrv.sun import Floats, equation_of_time

FEWEST_DAYS = 10
"""A month with fewer whole days of energy says nothing."""


@lru_cache(maxsize=32)
def _calendar(first: date, count: int) -> tuple[Ints, Floats, Ints]:
    """Of so many days from the first: their ordinals, the equation of time (minutes), and their months."""
    days = [first + timedelta(days=number) for number in range(count)]
    of_year = np.array([day.timetuple().tm_yday for day in days], dtype=np.int64)
    months = np.array([day.year * 12 + day.month for day in days], dtype=np.int64)
    return np.arange(first.toordinal(), first.toordinal() + count), equation_of_time(of_year), months


@lru_cache(maxsize=1024)
def _noons(first: date, count: int, longitude: str) -> Ints:
    """UTC seconds of the sun's highest stand over a longitude, by day."""
    ordinals, equation, _ = _calendar(first, count)
    ahead = equation * 60 + 240 * float(longitude)
    found: Ints = (ordinals - 719_163) * 86_400 + 43_200 - ahead.astype(np.int64)
    return found


def solar_noons(series: Series) -> Ints:
    """Seconds from the begin of each local day to the sun's highest stand there."""
    assert series.meter.longitude is not None, "asked only where the place is known"
    found: Ints = _noons(series.days[0], len(series.days), series.meter.longitude) - series.starts[:-1] // MICRO
    return found


def tells_time(series: Series) -> bool:
    """Whether the clock of the meter can be told from the sun: a solar meter, its place known, hourly or finer."""
    meter = series.meter
    placed = meter.solar and meter.longitude is not None and meter.latitude is not None
    return placed and series.interval_us <= 3600 * MICRO


def months_by_day(series: Series) -> Ints:
    """A number for the month of each day."""
    return _calendar(series.days[0], len(series.days))[2]


def clock(series: Series, minutes: int) -> Iterator[Seen]:
    """Q15: by month, the middle of the working day against solar noon, with the middle of the energy on the same side.

    The working day lasts from the first to the last step over a fiftieth of capacity; its middle (the median over the
    days of the month) must lie off noon by more than so many minutes. Clouds of the afternoon and a plane that looks
    east move the middle of the energy by as much as a wrong clock does, and the middle of the working day little.
    """
    if not tells_time(series):
        return
    energy, moment, first, last, _, steps = series.daily
    whole = (steps * 10 >= series.a_day * 4) & (first >= 0) & (energy > 0) & (last - first >= 4 * 3600)
    noon = solar_noons(series)
    month = months_by_day(series)
    wrong, shifts = np.zeros(len(noon), dtype=np.bool_), []
    for one in np.unique(month[whole]):
        days = np.flatnonzero(whole & (month == one))
        if len(days) < FEWEST_DAYS:
            continue
        middles = np.sort((first[days] + last[days]) // 2 - noon[days])
        by_day = int(middles[len(middles) // 2])
        if abs(by_day) <= 60 * minutes:
            continue
        figures = zip(moment[days].tolist(), energy[days].tolist(), noon[days].tolist(), strict=True)
        by_energy = sum(each - wh * middle for each, wh, middle in figures) // int(energy[days].sum())
        if (by_day > 0) == (by_energy > 0):
            wrong |= month == one
            shifts.append(by_day // 60)
    if shifts:
        facts = (("months", str(len(shifts))), ("least", str(min(shifts))), ("most", str(max(shifts))))
        yield Seen("Q15", series.places_of_days(wrong), "", facts)
