"""How fast meter files are taken in and judged, as ratios against plain decoding in the same run.

    python benchmarks/readings.py [ROWS]      (default 10,000,000)

Absolute speeds differ from machine to machine; the ratios should not. References: pyarrow's own CSV reader into Arrow
columns of integers and timestamps (several threads), Python's ``csv`` module (on a tenth of the rows), the decoding of
our Parquet form into arrays, and one sum over the decoded values with numpy.
"""

from __future__ import annotations

import csv
import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from openjcm.mrv.mapping import Mapping
from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import judge
from openjcm.mrv.readings import Readings, read_meter_file, readings_from_parquet, readings_to_parquet

METERS = 40
START = datetime(2022, 1, 1, tzinfo=UTC)
MAPPING = Mapping(
    format="csv",
    layout="long",
    time_column="time",
    value_columns=(("kWh", ""),),
    meter_column="meter",
    kind="cumulative",
    unit="kWh",
    least_unit="0.001 kWh",
    time_zone="+00:00",
    time_format="%Y-%m-%d %H:%M:%S",
    encoding="utf-8",
    delimiter=",",
    decimal_mark=".",
)


def write_file(path: Path, rows: int) -> tuple[list[Meter], int]:
    """A file of forty registers, one reading a minute, with a low reading and a duplicate now and then."""
    each = rows // METERS
    dice = np.random.default_rng(20261121)
    with path.open("wb") as out:
        out.write(b"meter,time,kWh\n")
        for number in range(METERS):
            steps = dice.integers(0, 1_500, each)
            values = np.cumsum(steps) + 1_000_000
            values[dice.integers(1, each - 5, max(each // 10_000, 1))] = 0
            seconds = np.arange(each, dtype=np.int64) * 60 + int(START.timestamp())
            stamps = pc.strftime(pa.array(seconds).cast(pa.timestamp("s")), format="%Y-%m-%d %H:%M:%S")
            decimals = pa.array(values).cast(pa.decimal128(19, 0)).cast(pa.string())
            texts = pc.binary_join_element_wise(pa.scalar(f"meter-{number:03d}"), stamps, _with_point(decimals), ",")
            out.write(("\n".join(texts.to_pylist()) + "\n").encode())
    return [Meter(f"meter-{number:03d}", "generation", 100_000, 60) for number in range(METERS)], each * METERS


def _with_point(texts: pa.Array) -> pa.Array:
    padded = pc.utf8_lpad(texts, 4, "0")
    whole = pc.utf8_slice_codeunits(padded, 0, -3)
    return pc.binary_join_element_wise(whole, pc.utf8_slice_codeunits(padded, -3), ".")


def timed(work: Callable[[], object], repeat: int = 1) -> tuple[float, object]:
    """The least CPU time of some runs (all threads: fair on a shared machine), and the last answer."""
    best, answer = float("inf"), None
    for _ in range(repeat):
        begin = time.process_time()
        answer = work()
        best = min(best, time.process_time() - begin)
    return best, answer


def arrow_csv(path: Path) -> pa.Table:
    """The reference: pyarrow's reader with types given."""
    types = {"meter": pa.dictionary(pa.int32(), pa.string()), "time": pa.timestamp("s"), "kWh": pa.decimal128(18, 3)}
    return pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=types))


def csv_module(path: Path, rows: int) -> int:
    """The reference of the standard library: every row through Python."""
    total = 0
    with path.open(newline="") as stream:
        reader = csv.reader(stream)
        next(reader)
        for _, row in zip(range(rows), reader, strict=False):
            datetime.fromisoformat(row[1])
            total += int(row[2].replace(".", ""))
    return total


def decode(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The reference for judging: only the decoding of the Parquet form."""
    table = pq.read_table(pa.BufferReader(data), columns=["t_us", "value"])
    return table.column("t_us").to_numpy(), table.column("value").to_numpy()


def main(rows: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.csv"
        meters, rows = write_file(path, rows)
        last = START + timedelta(minutes=rows // METERS)
        period = (START.date(), last.date())
        small = path.open("rb").read(100_000).rpartition(b"\n")[0] + b"\n"
        judge(read_meter_file(small, "warm", MAPPING), meters, period, "Asia/Tokyo")  # compile once

        arrow, _ = timed(lambda: arrow_csv(path))
        plain, _ = timed(lambda: csv_module(path, rows // 10))
        intake, readings = timed(lambda: read_meter_file(path, path.name, MAPPING))
        assert isinstance(readings, Readings)
        write, data = timed(lambda: readings_to_parquet(readings))
        assert isinstance(data, bytes)
        decoding, arrays = timed(lambda: decode(data), 3)
        assert isinstance(arrays, tuple)
        sums, _ = timed(arrays[1].sum, 3)
        load, again = timed(lambda: readings_from_parquet(data), 3)
        assert isinstance(again, Readings)
        judging, judgement = timed(lambda: judge(again, meters, period, "Asia/Tokyo"), 3)
        size = path.stat().st_size
    shuffled = np.random.default_rng(1).permutation(rows)
    table = readings.table.take(pa.array(shuffled))

    def sort_again() -> bytes:
        from openjcm.mrv.readings import sorted_table

        columns = (table.column(name).to_numpy() for name in ("t_us", "value", "row"))
        return readings_to_parquet(
            Readings(**{**vars(readings), "table": sorted_table(table.column("meter"), *columns)})
        )

    sorting, same = timed(sort_again)
    assert same == data, "the order of rows changed the bytes"
    out = io.StringIO()
    print(
        f"{rows:,} readings, {METERS} meters, CSV {size / 1e6:.0f} MB, Parquet {len(data) / rows:.2f} B a reading",
        file=out,
    )
    lines = [
        ("CSV: intake (exact integers, every cell checked)", intake, "pyarrow CSV, all threads", arrow),
        ("CSV: intake", intake, "Python csv module", plain * 10),
        ("Parquet form: write", write, "CSV intake", intake),
        ("Parquet form: load and check order", load, "Parquet decode alone", decoding),
        ("judge: all rules, months, days", judging, "Parquet decode alone", decoding),
        ("judge", judging, "numpy sum of the values", sums),
        ("shuffled: sort and write", sorting, "write alone", write),
    ]
    for name, seconds, reference, against in lines:
        figures = f"{seconds:7.2f} CPU s {rows / seconds / 1e6:8.1f} M rows/s {seconds / against:7.2f} x"
        print(f"{name:50} {figures} {reference}", file=out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{judgement.energy[0].counted_wh:,} Wh in the first month; peak memory {peak:.2f} GB", file=out)  # type: ignore[attr-defined]
    sys.stdout.write(out.getvalue())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
