"""Series of other people's sites, read from the test data as readings in fine least units. Times are kept as stated."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import Judgement, QualityRules, judge
from openjcm.mrv.readings import Readings

from .meter_files import readings_of

DATA = Path(__file__).parent.parent / "data" / "meters"
GOLDEN = {"latitude": "39.7406", "longitude": "-105.1775"}
"""Golden, Colorado: NREL's plants (SERF, the tracker at Mesa) and PVDAQ system 50."""


@dataclass(frozen=True)
class Site:
    """A real series: UTC seconds, values in ``least_unit``, its meter; ``labels`` marks rows, if there are any."""

    name: str
    meter: Meter
    seconds: NDArray[np.int64]
    values: NDArray[np.int64]
    least_unit: str
    interval: int
    zone: str = "+00:00"
    kind: str = "interval_power"
    labels: NDArray[np.bool_] | None = None

    def readings(self, seconds: Sequence[int] | None = None, values: Sequence[int] | None = None) -> Readings:
        """The series, or another in its place, as readings."""
        times = self.seconds if seconds is None else seconds
        numbers = self.values if values is None else values
        return readings_of(
            [int(one) for one in times], [int(one) for one in numbers], kind=self.kind, least_unit=self.least_unit,
            meter=self.meter.meter_id, interval_seconds=self.interval,
        )  # fmt: skip

    def judged(
        self, seconds: Sequence[int] | None = None, values: Sequence[int] | None = None,
        rules: QualityRules | None = None, meter: Meter | None = None,
    ) -> Judgement:  # fmt: skip
        """The judgement over all days that the series touches."""
        readings = self.readings(seconds, values)
        times = readings.column("t_us")
        first, last = (datetime.fromtimestamp(int(one) // 10**6, UTC).date() for one in (times.min(), times.max()))
        period = (first - timedelta(days=1), last + timedelta(days=1))
        return judge(readings, [meter or self.meter], period, self.zone, rules)


def marks(judgement: Judgement, count: int, *rules: str) -> NDArray[np.bool_]:
    """Which readings rules of plausibility saw, whatever was done with them."""
    found = np.zeros(count, dtype=np.bool_)
    for rule, _, places in judgement.seen:
        if rule.removesuffix(" withheld") in rules:
            found[places] = True
    return found


def precision_recall(found: NDArray[np.bool_], labels: NDArray[np.bool_]) -> tuple[float, float]:
    """Share of what was found that is labelled, and share of what is labelled that was found."""
    right = int((found & labels).sum())
    return right / max(int(found.sum()), 1), right / max(int(labels.sum()), 1)


def read_csv_site(
    path: str, time: str | int, value: str, label: str = "", where: tuple[str, str] = ("", "")
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Times in UTC seconds (naive ones as UTC), values and labels of the rows that have a value, sorted by time."""
    data = (DATA / path).read_bytes()
    text = (gzip.decompress(data) if path.endswith(".gz") else data).decode()
    rows = [row for row in csv.DictReader(text.splitlines()) if not where[0] or row[where[0]] == where[1]]
    column = list(rows[0])[time] if isinstance(time, int) else time
    rows = [row for row in rows if row[value] and row[value].lower() != "nan"]
    seconds = np.array([_seconds(row[column]) for row in rows], dtype=np.int64)
    order = np.argsort(seconds, kind="stable")
    values = np.array([float(row[value]) for row in rows])
    labels = np.array([bool(label) and row[label].strip().lower() in {"true", "1"} for row in rows], dtype=np.bool_)
    return seconds[order], values[order], labels[order]


def _seconds(text: str) -> int:
    for form in ("%m/%d/%Y %H:%M", "%m/%d/%Y"):
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def labelled(name: str, label: str, interval: int = 900) -> Site:
    """A labelled file of normalised power, as a plant of 100 kW in steps of 0.00001 W."""
    seconds, values, found = read_csv_site(f"labelled/{name}.csv", "timestamp", "value_normalized", label)
    meter = Meter(name, "generation", 100_000, interval, solar=True)
    whole = np.round(values * 10**10).astype(np.int64)
    return Site(name, meter, seconds, whole, "0.00001 W", interval, labels=found)


def data_shift() -> Site:
    """Simulated daily energy with one step (its unit is not told; taken as Wh)."""
    seconds, values, found = read_csv_site("labelled/pvlib_data_shift.csv", "timestamp", "value", "label")
    meter = Meter("shift", "generation", 8_000, 86_400, solar=True)
    whole = np.round(values).astype(np.int64)
    return Site("shift", meter, seconds, whole, "Wh", 86_400, kind="interval_energy", labels=found)


def system_50() -> Site:
    """A 4 kW system whose clock was left on daylight saving time; readings as if it kept standard time."""
    table = pq.read_table(DATA / "system_50_ac_power_2_full_DST.parquet")
    seconds = table.column("measured_on").cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()
    values = table.column("ac_power_2").to_numpy()
    known = ~np.isnan(values)
    meter = Meter("system-50", "generation", 4_000, 900, solar=True, **GOLDEN)
    whole = np.round(values[known] * 100).astype(np.int64)
    return Site("system-50", meter, seconds[known], whole, "0.01 W", 900, "-07:00")


def serf() -> Site:
    """SERF East, 6 kW."""
    seconds, values, _ = read_csv_site("sites/serf_east_15min_ac_power.csv", "measured_on", "ac_power")
    meter = Meter("serf-east", "generation", 6_000, 900, solar=True, **GOLDEN)
    return Site("serf-east", meter, seconds, np.round(values * 10).astype(np.int64), "0.1 W", 900, "-07:00")


def inverter_2173() -> Site:
    """Inverter 2173 without altered rows, as a plant of 1 kW."""
    seconds, values, _ = read_csv_site("sites/ac_power_inv_2173.csv", "timestamp", "value_normalized")
    meter = Meter("inverter-2173", "generation", 1_000, 900, solar=True)
    return Site("inverter-2173", meter, seconds, np.round(values * 10**8).astype(np.int64), "0.00001 W", 900)


def covariates(site: str) -> Site:
    """R10 or R15 of pvops: kW by the hour, in daylight."""
    seconds, values, _ = read_csv_site(
        "sites/example_prod_with_covariates.csv", "date", "generated_kW", where=("randid", site)
    )
    meter = Meter(site, "generation", 20_300_000, 3600, solar=True)
    return Site(site, meter, seconds, np.round(values * 1_000).astype(np.int64), "W", 3600)


def consumer(number: int) -> Site:
    """A UK electricity meter of opendsm."""
    name = f"sites/uk-electricity-hdd-only-hourly-sample-{number}.csv.gz"
    seconds, values, _ = read_csv_site(name, "start", "value")
    interval = int(np.median(np.diff(seconds)))
    meter = Meter(f"uk-{number}", "consumption", 10_000, interval)
    whole = np.round(values * 1_000).astype(np.int64)
    return Site(meter.meter_id, meter, seconds, whole, "Wh", interval, kind="interval_energy")


def residential() -> Site:
    """The SMA inverter of solar-data-tools, 7 kW, error codes left out; its place is not published."""
    table = pq.read_table(DATA / "TAEFC1044741.parquet")
    rows = [row for row in table.to_pylist() if row["meas_name"] == "ac_power" and row["meas_val_f"] > -1_000]
    seconds = np.array([int(row["ts"].replace(tzinfo=UTC).timestamp()) for row in rows], dtype=np.int64)
    values = np.round(np.array([row["meas_val_f"] for row in rows]) * 10_000).astype(np.int64)
    order = np.argsort(seconds, kind="stable")
    meter = Meter("residential", "generation", 7_000, 300, solar=True)
    return Site("residential", meter, seconds[order], values[order], "0.1 W", 300, "-07:00")
