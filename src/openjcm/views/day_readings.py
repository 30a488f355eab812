"""What did a meter read on one day, and what lies on both sides of a gap?"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from openjcm.mrv.readings import Readings, readings_from_parquet


class Files(Hashable, Protocol):
    """Where kept bytes are; reading checks that they still have their hash."""

    def get(self, sha256: str) -> bytes:
        """The bytes under a hash."""
        ...


@dataclass(frozen=True)
class Reading:
    """One reading: local time, value in the meter's least unit, Wh since the reading before, mean power in W.

    ``energy_wh`` and ``power_w`` are ``None`` where the reading before is missing.
    """

    at: datetime
    row: int
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


def day_readings(files: Files, parquet_sha256: str, meter: str, day: date, zone: str) -> DayReadings:
    """The readings of a day. For the eye: the report's figures come from the exact calculation, not from here.

    Raises:
        Refused: as the file store refuses: a file that is not there, or whose bytes changed.
    """
    readings = _kept(files, parquet_sha256)
    table = readings.table
    names = table.column("meter").to_pylist() if len(readings.meters()) > 1 else None
    at = table.column("t_us").to_numpy()
    values = table.column("value").to_numpy()
    rows = table.column("row").to_numpy()
    if names is not None:
        chosen = np.array([name == meter for name in names])
        at, values, rows = at[chosen], values[chosen], rows[chosen]
    local = ZoneInfo(zone)
    begin = _micros(datetime.combine(day, time(), local))
    end = _micros(datetime.combine(day + timedelta(days=1), time(), local))
    first, last = int(np.searchsorted(at, begin)), int(np.searchsorted(at, end))
    unit_wh = {"kWh": 1000.0, "Wh": 1.0, "0.1 kWh": 100.0, "MWh": 1_000_000.0}.get(readings.least_unit, 1.0)
    unit_w = {"0.1 W": 0.1, "W": 1.0, "kW": 1000.0}.get(readings.least_unit, 1.0)
    shown = tuple(
        _reading(readings, at, values, rows, place, unit_wh, unit_w, local)
        for place in range(first, last)
        if values[place] >= 0
    )
    gap = None
    if readings.kind == "cumulative" and last - first < 4 and 0 < first < len(at):
        after = min(max(last, first), len(at) - 1)
        gap = Gap(_local(at[first - 1], local), _local(at[after], local), int(values[first - 1]), int(values[after]))
    return DayReadings(meter, day, readings.kind, readings.least_unit, shown, gap)


def _reading(
    readings: Readings, at: Any, values: Any, rows: Any, place: int, unit_wh: float, unit_w: float, zone: ZoneInfo
) -> Reading:
    value = int(values[place])
    seconds = (int(at[place]) - int(at[place - 1])) / 1_000_000 if place else 0.0
    if readings.kind == "cumulative":
        steady = 0 < seconds <= 7200
        energy = (value - int(values[place - 1])) * unit_wh if steady else None
        power = energy * 3600 / seconds if energy is not None else None
    elif readings.kind == "interval_power":
        power = value * unit_w
        energy = power * (readings.interval_seconds or 0) / 3600
    else:
        energy = value * unit_wh
        power = energy * 3600 / (readings.interval_seconds or 3600)
    return Reading(_local(at[place], zone), int(rows[place]), value, energy, power)


@lru_cache(maxsize=8)
def _kept(files: Files, parquet_sha256: str) -> Readings:
    return readings_from_parquet(files.get(parquet_sha256))


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _local(micros: Any, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(int(micros) / 1_000_000, zone)
