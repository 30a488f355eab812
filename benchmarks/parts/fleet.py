"""Made-up readings of a fleet of solar registers, with faults: the same for the same seed, meter by meter.

A meter gives a reading every quarter of an hour for a year (35,040), in Wh. Its faults, after the set-up of the domain
research: 0.1 % of the readings twice, 1 % late by up to six hours (so they stand elsewhere in order of arrival), 0.2 %
lost, 0.01 % spikes, one frozen stretch and three gaps on the average, one meter in twenty starts again from zero once,
one in ten passes the end of its register.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from openjcm.canonical import sha256_hex
from openjcm.mrv.engine.clustered import Bucket, Kind, SourceFile, Store, bucket_bytes, write_store
from openjcm.mrv.engine.clustering import _partition
from openjcm.mrv.engine.fleet import Case, Cases
from openjcm.mrv.engine.order import sorted_places
from openjcm.mrv.engine.windows import ahead
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.meters import Meter
from openjcm.mrv.readings import SCHEMA
from openjcm.mrv.sun import equation_of_time

SEED = 20261125
EACH = 35_040
"""Readings of one meter: one year of quarters of an hour."""
STEP_S = 900
START_S = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp())
PERIOD = (date(2023, 1, 1), date(2023, 12, 31))
ZONE = "+00:00"
CAPACITY_W = 100_000
SPAN = 10**9
METERS_PER_PROJECT = 29
KIND = Kind("cumulative", "Wh", "Wh", None, None)
MAPPING = Mapping(
    format="parquet", layout="long", time_column="ts", value_columns=(("wh", ""),), meter_column="meter",
    kind="cumulative", unit="Wh", least_unit="Wh", time_zone=ZONE,
)  # fmt: skip

_AHEAD = np.repeat(equation_of_time(np.arange(1, EACH // 96 + 1)), 96) / 15
"""How many quarters of an hour the sun is ahead of the clock, by day of the year."""
_PROFILE = np.maximum(np.sin((np.tile(np.arange(96) + 0.5, EACH // 96) + _AHEAD - 24) / 48 * np.pi), 0) * CAPACITY_W
_PROFILE *= 0.9 / 4
"""Wh in each quarter of the year under a clear sky (the sun stands up from about 6 to 18 o'clock)."""


def meter_name(number: int) -> str:
    """The name of the n-th meter; 29 meters make a project."""
    return f"P{number // METERS_PER_PROJECT:05d}-M{number:06d}"


def meter_facts(number: int) -> Meter:
    """What the plan says of a meter."""
    project = number // METERS_PER_PROJECT
    place = {"latitude": f"{project % 6}.25", "longitude": f"0.{project % 10}"}  # days from 6 to 18 o'clock
    return Meter(meter_name(number), "generation", CAPACITY_W, STEP_S, register_span=SPAN, solar=True, **place)


def cases_of(meters: int) -> tuple[Cases, dict[tuple[str, int], Fraction]]:
    """The projects, and what a MWh on each meter adds to the reductions (tCO2e): exact, and different by project."""
    cases, factors = [], {}
    for project in range(-(-meters // METERS_PER_PROJECT)):
        numbers = range(project * METERS_PER_PROJECT, min((project + 1) * METERS_PER_PROJECT, meters))
        cases.append(Case(f"P{project:05d}", tuple(map(meter_facts, numbers)), PERIOD, ZONE))
        factors.update({(meter_name(one), 2023): Fraction(300 + project % 400, 1000) for one in numbers})
    return Cases.of(cases), factors


def readings_of(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds, Wh and seconds of arrival of one meter, in order of time."""
    dice = np.random.default_rng([SEED, number])
    cloud = np.repeat(dice.uniform(0.25, 1.0, EACH // 96), 96)
    steps = (_PROFILE * cloud * dice.uniform(0.7, 1.0, EACH)).astype(np.int64)
    value = np.cumsum(steps) + int(dice.integers(0, SPAN // 2))
    if dice.random() < 0.1:
        value += SPAN - int(value[EACH // 2])
    value %= SPAN
    if dice.random() < 0.05:
        at = int(dice.integers(1_000, EACH - 1_000))
        value[at:] -= value[at]
        value %= SPAN
    for _ in range(dice.poisson(1)):
        at, long = int(dice.integers(0, EACH - 400)), int(dice.integers(8, 200))
        value[at : at + long] = value[at]
    spikes = dice.integers(0, EACH, max(EACH // 10_000, 1))
    value[spikes] = (value[spikes] + dice.integers(10**7, 10**8, len(spikes))) % SPAN
    keep = dice.random(EACH) > 0.002
    for _ in range(dice.poisson(2.75)):
        at = int(dice.integers(0, EACH - 400))
        keep[at : at + int(dice.integers(4, 300))] = False
    seconds = START_S + STEP_S * np.arange(1, EACH + 1, dtype=np.int64)
    places = np.sort(np.concatenate([np.flatnonzero(keep), np.flatnonzero(keep & (dice.random(EACH) < 0.001))]))
    late = np.where(dice.random(len(places)) < 0.01, dice.integers(1, 21_600, len(places)), 0)
    return seconds[places], value[places], seconds[places] + late


def arrival_files(folder: Path, meters: int, months: int = 12) -> Iterator[Path]:
    """Parquet files in order of arrival, one a month: ts (seconds UTC), meter, wh. Made by blocks of meters."""
    folder.mkdir(parents=True, exist_ok=True)
    edges = [int(datetime(2023, 1 + month, 1, tzinfo=UTC).timestamp()) for month in range(months)]
    edges += [START_S + 400 * 86_400]
    block = 1_500
    with ThreadPoolExecutor(2) as pool:
        for month in range(months):
            pieces: list[tuple[np.ndarray, ...]] = []
            for first in range(0, meters, block):
                numbers = range(first, min(first + block, meters))
                for number, (seconds, value, arrived) in zip(numbers, pool.map(readings_of, numbers), strict=True):
                    inside = (
                        (arrived > edges[month]) & (arrived <= edges[month + 1]) if month else (arrived <= edges[1])
                    )
                    code = np.full(int(inside.sum()), number, dtype=np.int32)
                    pieces.append((arrived[inside], code, seconds[inside], value[inside]))
            arrived, code, seconds, value = (np.concatenate(each) for each in zip(*pieces, strict=True))
            order = np.argsort(arrived, kind="stable")
            names = pa.array([meter_name(number) for number in range(meters)])
            table = pa.table(
                {
                    "ts": pa.array(seconds[order]).cast(pa.timestamp("s", tz="UTC")),
                    "meter": pa.DictionaryArray.from_arrays(pa.array(code[order]), names),
                    "wh": value[order],
                }
            )
            path = folder / f"arrived-{month + 1:02d}.parquet"
            pq.write_table(table, path, compression="zstd", row_group_size=1 << 20)
            yield path


def clustered_store(folder: Path, meters: int, rows_per_bucket: int = 2_000_000, threads: int = 2) -> Store:
    """The same readings straight into a clustered store, bucket by bucket, as ``cluster_files`` would lay them out."""
    folder.mkdir(parents=True)
    groups: list[list[int]] = [[]]
    for number in sorted(range(meters), key=lambda one: (_partition(meter_name(one), 256), one)):
        if (len(groups[-1]) + 1) * EACH > rows_per_bucket:
            groups.append([])
        groups[-1].append(number)

    def bucket(job: tuple[int, list[int]]) -> Bucket:
        place, numbers = job
        numbers.sort()
        each = [readings_of(number) for number in numbers]
        code = np.repeat(np.arange(len(numbers), dtype=np.int32), [len(one[0]) for one in each])
        t_us, value = (np.concatenate([one[which] for one in each]) for which in (0, 1))
        t_us *= 1_000_000
        row = np.arange(1, len(code) + 1, dtype=np.int64)
        status = np.zeros(len(code), dtype=np.uint8)
        places = sorted_places(code, t_us, value, status, row, len(numbers))
        names = pa.array([meter_name(number) for number in numbers])
        meter = pa.DictionaryArray.from_arrays(pa.array(code[places]), names)
        columns = [meter, *(pa.array(one[places]) for one in (t_us, value, row, status))]
        data = bucket_bytes(pa.Table.from_arrays(columns, schema=SCHEMA))
        file = f"bucket-{place:05d}.parquet"
        (folder / file).write_bytes(data)
        return Bucket(file, sha256_hex(data), KIND, len(numbers), len(code), int(t_us[0]), int(t_us.max()))

    with ThreadPoolExecutor(threads) as pool:
        buckets = tuple(ahead(pool, threads, bucket, list(enumerate(groups))))
    source = SourceFile("0" * 64, "made up", sum(one.readings for one in buckets))
    store = Store(folder, (source,), (), buckets)
    write_store(store)
    return store
