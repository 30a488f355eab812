"""How many readings a local day has: a day without any is not a day of zeros."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from openjcm.mrv.readings import Readings, sorted_table
from openjcm.project_cycle.metered import readings_by_day

TOKYO_MIDNIGHT = datetime(2022, 3, 9, 15, tzinfo=UTC)
"""The beginning of 10 March 2022 in Tokyo."""


def readings(stamp: str, hours: dict[str, list[int]]) -> Readings:
    """Hourly readings of zero, by meter, at hours after the midnight."""
    rows = [
        (name, int((TOKYO_MIDNIGHT + timedelta(hours=hour)).timestamp()) * 10**6)
        for name in hours
        for hour in hours[name]
    ]
    count = len(rows)
    table = sorted_table(
        pa.chunked_array([pa.array([name for name, _ in rows]).dictionary_encode()]),
        np.array([at for _, at in rows], dtype=np.int64), np.zeros(count, dtype=np.int64),
        np.arange(count), np.zeros(count, dtype=np.uint8),
    )  # fmt: skip
    return Readings(
        table=table, kind="interval_energy", unit="kWh", least_unit="kWh", interval_seconds=3600, interval_stamp=stamp,
        source_sha256="0" * 64, source_name="x",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stamp", "expected"), [("start", {"a": [2, 0, 1], "b": [0, 1, 0]}), ("end", {"a": [1, 0, 1], "b": [1, 0, 0]})]
)
def test_a_reading_belongs_to_the_local_day_of_its_interval(stamp: str, expected: dict[str, list[int]]) -> None:
    given = readings(stamp, {"b": [24], "a": [0, 1, 49]})
    assert readings_by_day(given, date(2022, 3, 10), date(2022, 3, 12), "Asia/Tokyo") == expected
