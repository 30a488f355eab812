"""The same readings judged on a Spark cluster of two workers and by the embedded engine: equal, byte for byte.

    python benchmarks/spark.py [READINGS]      (default 10,000,000)

Spark and PySpark are installed into an environment of their own from ``requirements-spark.lock``. Java 17 must be
there: on Debian ``apt-get install openjdk-17-jre-headless``, on Fedora ``dnf install java-17-openjdk-headless``, or
``JAVA_HOME`` may name any other. The cluster is Spark's own of this machine (``local-cluster``): a master and two
worker processes of one core and 1 GiB each. The reference is the embedded engine in two threads; the program ends with
an error if a byte differs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from parts.environment import bench_python
from parts.fleet import EACH, cases_of, clustered_store

from openjcm.mrv.engine.clustered import open_store
from openjcm.mrv.engine.fleet import Engine, Local, judge_store
from openjcm.mrv.engine.parts import reductions, table_bytes

MASTER = "local-cluster[2,1,1024]"


def judged(engine: Engine, folder: Path, meters: int, out: Path) -> dict[str, object]:
    """Judge twice (the first time starts and compiles), write the tables, and say how long it took."""
    store = open_store(folder)
    cases, factors = cases_of(meters)
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        part = judge_store(engine, store, cases)
        seconds.append(time.perf_counter() - began)
    out.mkdir()
    for name, table in {**part.tables(), "reductions": reductions(part.energy, factors)}.items():
        (out / f"{name}.parquet").write_bytes(table_bytes(table))
    tonnes = sum((Fraction(text) for text in reductions(part.energy, factors).column("tco2e").to_pylist()), Fraction(0))
    return {"seconds": seconds, "sha256": part.sha256, "findings": part.findings.num_rows, "tco2e": str(tonnes)}


def on_spark(folder: Path, meters: int, out: Path) -> dict[str, object]:
    """What this program does in the environment with Spark."""
    from openjcm.mrv.engine.spark import Spark

    workers = {"spark.executor.memory": "1g", "spark.cores.max": "2"}
    engine, began = Spark(MASTER, workers), time.perf_counter()
    session, _ = engine.session()
    starting = time.perf_counter() - began
    found = judged(engine, folder, meters, out)
    session.stop()
    return {**found, "starting": starting}


def main(size: int) -> int:
    """Print the table; 1 if anything differs."""
    if shutil.which("java") is None:
        print("Java 17 is missing. Debian: apt-get install openjdk-17-jre-headless")
        return 1
    meters = max(size // EACH, 1)
    python = bench_python()
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        store = clustered_store(place / "store", meters, rows_per_bucket=1_000_000)
        local = judged(Local(2), store.folder, meters, place / "local")
        command = [python, __file__, "--on-spark", store.folder, str(meters), place / "spark"]
        variables = {**os.environ, "PYSPARK_PYTHON": str(python), "SPARK_LOCAL_IP": "127.0.0.1"}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=variables)
        spark = json.loads(done.stdout.splitlines()[-1])
        files = sorted(path.name for path in (place / "local").iterdir())
        differ = [name for name in files if (place / "local" / name).read_bytes() != _bytes(place / "spark" / name)]
    print(f"{store.readings:,} readings, {meters} meters, {len(store.buckets)} buckets; {local['findings']:,} findings")
    print(f"{'':52}{'first s':>9}{'again s':>9}{'ratio':>7}{'M rows/s':>10}")
    for name, found in (("embedded, 2 threads (reference)", local), (f"Spark {MASTER}", spark)):
        first, again = found["seconds"]
        ratio, speed = again / local["seconds"][1], store.readings / again / 1e6
        print(f"{name:52}{first:9.2f}{again:9.2f}{ratio:7.1f}{speed:10.2f}")
    print(f"{'starting the cluster':52}{spark['starting']:9.2f}")
    print(f"total {local['tco2e']} tCO2e (embedded), {spark['tco2e']} tCO2e (Spark)")
    print(f"answer {local['sha256']} (embedded)\n       {spark['sha256']} (Spark)")
    print(f"files that differ: {', '.join(differ) or 'none'} (of {', '.join(files)})")
    return int(bool(differ) or local["sha256"] != spark["sha256"])


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


if __name__ == "__main__":
    if sys.argv[1:2] == ["--on-spark"]:
        print(json.dumps(on_spark(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
        sys.exit(0)
    sys.exit(main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 10_000_000))
