"""The engine for a cluster: Spark hands buckets to its workers, each judges them with the same fold, bit for bit.

A row of Spark's table is one bucket: the path and the bytes of its file. ``mapInArrow`` gives the rows to
:func:`judge_bucket` on the workers, and the parts come back as Parquet bytes. No reading is shuffled. Every machine
needs this package with its extra (``pip install openjcm[spark]``) and Java 17.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from openjcm.mrv.engine.clustered import Bucket, Store, bucket_readings
from openjcm.mrv.engine.fleet import Cases, judge_bucket
from openjcm.mrv.engine.parts import Part, table_bytes, table_from
from openjcm.refusals import refusal

TABLES = ("energy", "daily", "findings")
BATCHES = 4
"""Buckets per core that are handed out together; their parts are kept before the next are begun."""
FORM = "number int, energy binary, daily binary, findings binary"
OUT = pa.schema([("number", pa.int32()), *((name, pa.binary()) for name in TABLES)])

NO_SPARK = refusal(
    "spark_not_installed",
    en="PySpark or Java is missing: {why}.",
    ja="PySpark または Java がありません: {why}。",
    remedy_en="Install the package with its extra, `pip install openjcm[spark]`, and Java 17 (Debian: openjdk-17-jre-"
    "headless), or use --engine local, which needs neither and gives the same answers.",
    remedy_ja="`pip install openjcm[spark]` と Java 17 (Debian では openjdk-17-jre-headless) を導入するか、"
    "どちらも不要で結果が同じ --engine local を使用してください。",
    clause="OpenJCM: every engine gives the same integers",
    status=503,
)


@dataclass(frozen=True)
class Spark:
    """Judges on a Spark cluster. ``settings`` are Spark's own, by their names."""

    master: str = "local[2]"
    settings: Mapping[str, str] = field(default_factory=dict)

    def parts(self, store: Store, cases: Cases, chosen: Sequence[Bucket]) -> Iterator[tuple[Bucket, Part]]:
        """The part of each chosen bucket, in their order.

        Raises:
            Refused: ``spark_not_installed``, ``bucket_changed``.
        """
        if not chosen:
            return
        session, own = self.session()
        try:
            session.conf.set("spark.sql.files.maxPartitionBytes", "1")  # so each bucket is a task of its own
            at_once = BATCHES * max(session.sparkContext.defaultParallelism, 1)
            for first in range(0, len(chosen), at_once):
                yield from self._group(session, store, cases, chosen[first : first + at_once])
        finally:
            if own:
                session.stop()

    def _group(
        self, session: Any, store: Store, cases: Cases, chosen: Sequence[Bucket]
    ) -> Iterator[tuple[Bucket, Part]]:
        paths = [str((store.folder / bucket.file).resolve()) for bucket in chosen]
        numbers = {bucket.file: number for number, bucket in enumerate(chosen)}
        files = session.read.format("binaryFile").load(paths).select("path", "content")
        rows = files.mapInArrow(_Work(pickle.dumps((list(chosen), cases, numbers))), FORM).collect()
        for row in sorted(rows, key=lambda one: one["number"]):
            part = Part(**{name: table_from(bytes(row[name]), name) for name in TABLES})
            yield chosen[row["number"]], part

    def session(self) -> tuple[Any, bool]:
        """The session that stands, or a new one, and whether it is new (and ours to stop).

        Raises:
            Refused: ``spark_not_installed``.
        """
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise NO_SPARK(why=str(error)) from error
        if (standing := SparkSession.getActiveSession()) is not None:
            return standing, False
        builder = SparkSession.builder.master(self.master).appName("openjcm")
        for name, value in {"spark.ui.enabled": "false", **self.settings}.items():
            builder = builder.config(name, value)
        try:
            return builder.getOrCreate(), True
        except (PySparkException, RuntimeError, OSError) as error:
            raise NO_SPARK(why=str(error)[:200]) from error


@dataclass(frozen=True)
class _Work:
    """What a worker does with the batches of its partition."""

    given: bytes

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        chosen, cases, numbers = pickle.loads(self.given)  # noqa: S301 - made by this very program
        for batch in batches:
            for path, content in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
                number = numbers[path.rpartition("/")[2]]
                part = judge_bucket(bucket_readings(chosen[number], content, path), cases)
                cells = [[number], *([table_bytes(table)] for table in part.tables().values())]
                columns = [pa.array(cell, type=one.type) for cell, one in zip(cells, OUT, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, schema=OUT)
