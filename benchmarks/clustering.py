"""How fast raw files become a clustered store, beside plain readers and beside pandas doing the same job.

    python benchmarks/clustering.py [ROWS]      (default 10,000,000)

One CSV (meter, time, Wh) and Parquet files, both in order of arrival, of the same seeded readings with faults. The
references: reading the same CSV with our reader and nothing else; pyarrow's CSV reader; and pandas (in the environment
of ``requirements-spark.lock``) reading the same CSV, sorting by meter, time and value, and writing Parquet. pandas
holds everything in memory, so it is given a part of the rows and its time is stated per row.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from parts.environment import bench_python
from parts.fleet import EACH, MAPPING, arrival_files

from openjcm.mrv.engine.clustering import cluster_files
from openjcm.mrv.readings import read_in_parts

CSV = replace(MAPPING, format="csv", time_format="%Y-%m-%d %H:%M:%S", encoding="utf-8", delimiter=",", decimal_mark=".")
TARGET = 2_000_000
PANDAS_ROWS = 5_000_000
PANDAS = """
import json, sys, time
import pandas as pd
wall, cpu = time.perf_counter(), time.process_time()
table = pd.read_csv(sys.argv[1], dtype={"meter": "category", "wh": "int64"}, parse_dates=["ts"])
table = table.sort_values(["meter", "ts", "wh"], kind="stable")
table.to_parquet(sys.argv[2], compression="zstd", index=False)
used = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1e6
print(json.dumps([len(table), time.perf_counter() - wall, time.process_time() - cpu, used]))
"""


def write_csv(files: list[Path], path: Path, rows: int) -> int:
    """The readings of the Parquet files as one CSV, and how many there are."""
    written = 0
    with path.open("wb") as out:
        out.write(b"meter,ts,wh\n")
        for file in files:
            for batch in pq.ParquetFile(file).iter_batches(1 << 20):
                part = batch.slice(0, max(rows - written, 0))
                stamps = pc.strftime(part.column("ts").cast(pa.timestamp("s")), format="%Y-%m-%d %H:%M:%S")
                table = pa.table({"meter": part.column("meter").cast(pa.string()), "ts": stamps, "wh": part["wh"]})
                options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
                pa_csv.write_csv(table, out, options)
                written += part.num_rows
    return written


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall seconds, and CPU seconds of all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main(rows: int) -> None:
    """Print the table."""
    python = bench_python()
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        files = list(arrival_files(place / "arrived", max(rows // EACH, 1)))
        csv = place / "arrived.csv"
        count = write_csv(files, csv, 10**12)
        small = place / "small.csv"
        fewer = write_csv(files, small, min(PANDAS_ROWS, count))
        cluster_files([(small, "warm", CSV)], place / "warm")
        parquet = [(path, path.name, MAPPING) for path in files]
        lines = [
            ("CSV → clustered store", timed(lambda: cluster_files([(csv, csv.name, CSV)], place / "a")), count),
            ("  of this: our CSV reader alone", timed(lambda: sum(1 for _ in read_in_parts(csv, "a", CSV))), count),
            ("  reference: pyarrow's CSV reader", timed(lambda: pa_csv.read_csv(csv)), count),
            ("Parquet by arrival → clustered store", timed(lambda: cluster_files(parquet, place / "b")), count),
            ("  reference: decoding that Parquet", timed(lambda: [pq.read_table(path) for path in files]), count),
        ]
        command = [python, "-c", PANDAS, small, place / "pandas.parquet"]
        held, *seconds, used = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert held == fewer
        lines.insert(3, (f"  reference: pandas, {fewer:,} rows", tuple(seconds), fewer))
        sizes = [sum(path.stat().st_size for path in folder.iterdir()) for folder in (place / "a", place / "b")]
        print(
            f"{count:,} rows; CSV {csv.stat().st_size / count:.1f}, Parquet by arrival "
            f"{sum(path.stat().st_size for path in files) / count:.2f}, store {sizes[0] / count:.2f} B a row"
        )
    print(f"{'':44}{'wall s':>9}{'CPU s':>9}{'M rows/s':>10}{'M rows/CPU s':>14}{'CPU ratio':>11}")
    mine = lines[0][1][1] / count
    for name, (wall, cpu), number in lines:
        speeds = f"{number / wall / 1e6:10.2f}{number / cpu / 1e6:14.2f}"
        print(f"{name:44}{wall:9.2f}{cpu:9.2f}{speeds}{cpu / number / mine:11.2f}")
    print(f"target: {TARGET / 1e6:.1f} M rows/s from CSV; most memory {_used():.2f} GB here, {used:.2f} GB pandas")


def _used() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 10_000_000)
