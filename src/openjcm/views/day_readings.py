"""What did a meter read on one day, and what lies on both sides of a gap?"""

from __future__ import annotations

import io
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from pyarrow import compute, parquet

from openjcm.mrv.mapping import least_unit_size
from openjcm.views.explain_tonne import MeterFile


class Files(Hashable, Protocol):
    """Where kept bytes are; reading checks that they still have their hash."""

    def get(self, sha256: str) -> bytes:
        """The bytes under a hash."""
        ...


@dataclass(frozen=True)
class Reading:
    """One reading: local time, number in the meter's series, value in least units, Wh since the one before, mean W.

    ``energy_wh`` and ``power_w`` are ``None`` where the reading before is missing.
    """

    at: datetime
    number: int
    value: int
    energy_wh: float | None
    power_w: float | None


@dataclass(frozen=True)
class Gap:
    """Two neighbouring readings with nothing between them, and how far the register moved."""

    before: datetime
    after: datetime
    before_value: int
    after_value: int


@dataclass(frozen=True)
class DayReadings:
    """The readings of one meter on one local day, and the gap around it if the day has none."""

    meter: str
    day: date
    kind: str
    least_unit: str
    readings: tuple[Reading, ...]
    gap: Gap | None


def day_readings(files: Files, file: MeterFile, meter: str, day: date, zone: str) -> DayReadings:
    """The readings of a day. For the eye: the report's figures come from the exact calculation, not from here.

    Raises:
        Refused: as the file store refuses: a file that is not there, or whose bytes changed.
    """
    at, values = readings_of_meter(files, file.parquet_sha256, meter)
    local = ZoneInfo(zone)
    begin = _micros(datetime.combine(day, time(), local))
    end = _micros(datetime.combine(day + timedelta(days=1), time(), local))
    first, last = int(np.searchsorted(at, begin)), int(np.searchsorted(at, end))
    shown = tuple(
        _reading(file, _local(at[place], local), int(values[place]), place + 1, _before(at, values, place))
        for place in range(first, last)
        if values[place] >= 0
    )
    gap = None
    if file.kind == "cumulative" and last - first < 4 and 0 < first < len(at):
        after = min(max(last, first), len(at) - 1)
        gap = Gap(_local(at[first - 1], local), _local(at[after], local), int(values[first - 1]), int(values[after]))
    return DayReadings(meter, day, file.kind, file.least_unit, shown, gap)


def _before(at: Any, values: Any, place: int) -> tuple[float, int] | None:
    """Seconds since the reading before, and its value; ``None`` for the first reading and after a gap of two hours."""
    if place == 0:
        return None
    seconds = (int(at[place]) - int(at[place - 1])) / 1_000_000
    return (seconds, int(values[place - 1])) if 0 < seconds <= 7200 else None


def _reading(file: MeterFile, at: datetime, value: int, number: int, before: tuple[float, int] | None) -> Reading:
    energy: float | None
    power: float | None
    size = float(least_unit_size(file.least_unit, file.kind))
    if file.kind == "cumulative":
        energy = (value - before[1]) * size if before else None
        power = energy * 3600 / before[0] if before and energy is not None else None
    elif file.kind == "interval_power":
        power = value * size
        energy = power * (file.interval_seconds or 0) / 3600
    else:
        energy = value * size
        power = energy * 3600 / (file.interval_seconds or 3600)
    return Reading(at, number, value, energy, power)


@lru_cache(maxsize=8)
def readings_of_meter(files: Files, parquet_sha256: str, meter: str) -> tuple[Any, Any]:
    """Times (µs) and values of one meter in order of time, from the stored table of integers."""
    chosen = parquet.read_table(
        io.BytesIO(files.get(parquet_sha256)), columns=["t_us", "value"], filters=compute.field("meter") == meter
    ).sort_by("t_us")
    return tuple(chosen.column(name).to_numpy() for name in ("t_us", "value"))


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _local(micros: Any, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(int(micros) / 1_000_000, zone)
