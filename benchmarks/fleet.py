"""How long it takes to judge a fleet: all rules, energy by meter and month and day, findings, reductions by month.

    python benchmarks/fleet.py [READINGS …]      (default 100,000,000; each size after the other, beside the first)

The references, in the same process: decoding the very same columns of the very same Parquet files, in as many threads;
and judging them in one thread. Wall time tells what a user waits; CPU time of all threads is fair on a shared machine.
The store is made of seeded readings with faults (``parts/fleet.py``) in a folder beside the temporary files, which
``OPENJCM_BENCH`` names if they are to be kept.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
from parts.fleet import EACH, cases_of, clustered_store

from openjcm.mrv.engine.clustered import Bucket, Store, open_store
from openjcm.mrv.engine.fleet import Local, judge_bucket, judge_store
from openjcm.mrv.engine.parts import reductions
from openjcm.mrv.plausibility import rules

THREADS = 2
COLUMNS = ["meter", "t_us", "value", "row"]
TARGET = 2.5


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Wall seconds, CPU seconds of all threads, and the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return time.perf_counter() - wall, time.process_time() - cpu, answer


def decode(store: Store, bucket: Bucket) -> int:
    """The reference: the columns of a bucket as arrays, and nothing else."""
    file = pq.ParquetFile(store.folder / bucket.file, read_dictionary=["meter"])
    table = file.read(columns=COLUMNS, use_threads=False)
    return sum(len(table.column(name).to_numpy()) for name in COLUMNS[1:])


def decode_all(store: Store) -> int:
    """All buckets, in as many threads as judging uses."""
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(lambda bucket: decode(store, bucket), store.buckets))


def measure(folder: Path, meters: int) -> dict[str, object]:
    """Decode and judge a store, warm: once before, to compile and to fill the file cache; then the best of three."""
    store = open_store(folder)
    cases, factors = cases_of(meters)
    judge_bucket(store.read(store.buckets[0]), cases)
    decode_all(store)
    tries = 3 if store.readings < 5 * 10**8 else 1
    decoding = min(timed(lambda: decode_all(store))[:2] for _ in range(tries))
    judging, part = (9e9, 9e9), None
    for _ in range(tries):
        *seconds, part = timed(lambda: judge_store(Local(THREADS), store, cases))
        judging = min(judging, tuple(seconds))
    whole, rules.RULES = rules.RULES, ()
    energy = min(timed(lambda: judge_store(Local(THREADS), store, cases))[:2] for _ in range(tries))
    rules.RULES = whole
    reducing = timed(lambda: reductions(part.energy, factors))
    return {
        "readings": store.readings, "buckets": len(store.buckets), "meters": meters,
        "bytes": sum((folder / bucket.file).stat().st_size for bucket in store.buckets),
        "decode": decoding, "energy": energy, "judge": judging, "reduce": reducing[:2],
        "project_months": reducing[2].num_rows,
        "findings": part.findings.num_rows, "sha256": part.sha256,
        "wh": sum(reducing[2].column("counted_wh").to_pylist()),
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }  # fmt: skip


def show(found: dict[str, object], first: dict[str, object]) -> None:
    """The table of one size, and its ratio to the first."""
    rows = found["readings"]
    print(
        f"{rows:,} readings, {found['meters']:,} meters, {found['buckets']} buckets, "
        f"{found['bytes'] / rows:.2f} B a reading; {found['findings']:,} findings, {found['project_months']:,} "
        f"project-months, {found['wh']:,} Wh, answer {found['sha256'][:16]}"
    )
    print(f"{'':58}{'wall s':>9}{'ratio':>7}{'CPU s':>9}{'ratio':>7}{'M rows/s':>10}")
    judged, energy = (
        [one + other for one, other in zip(found[name], found["reduce"], strict=True)] for name in ("judge", "energy")
    )
    for name, (wall, cpu) in (
        (f"decode the Parquet, {THREADS} threads (reference)", found["decode"]),
        ("rules that decide energy, findings, reductions", energy),
        ("all rules, findings, reductions", judged),
    ):
        ratios = (wall / found["decode"][0], cpu / found["decode"][1])
        print(f"{name:58}{wall:9.2f}{ratios[0]:7.2f}{cpu:9.2f}{ratios[1]:7.2f}{rows / wall / 1e6:10.1f}")
    print(f"{'target: at most':58}{'':9}{TARGET:7.2f}{'':9}{TARGET:7.2f}")
    print(f"{'most memory of the process that decodes and judges':58}{found['gb']:9.2f} GB")
    if found is not first:
        times = rows / first["readings"]
        wall, cpu = (found["judge"][place] / first["judge"][place] / times for place in (0, 1))
        print(f"{f'{times:.1f} times the readings: time per reading, of the first':58}{wall:9.2f}{'':7}{cpu:9.2f}")


def main(sizes: list[int]) -> None:
    """Make, measure and show each size; each in a process of its own, so that memory is its own."""
    first = None
    with tempfile.TemporaryDirectory() as made:
        place = Path(os.environ.get("OPENJCM_BENCH") or made)
        for size in sizes:
            meters = max(size // EACH, 1)
            folder = place / f"store-{meters}"
            if not (folder / "store.json").exists():
                began = time.perf_counter()
                clustered_store(folder, meters)
                print(f"(made in {time.perf_counter() - began:.0f} s)")
            command = [sys.executable, __file__, "--measure", str(folder), str(meters)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            first = first or found
            show(found, first)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        main([int(word.replace("_", "")) for word in sys.argv[1:]] or [100_000_000])
