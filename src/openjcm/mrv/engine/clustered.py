"""The clustered store: readings of many meters in a folder of buckets, each meter whole in one of them, by time.

A bucket is a Parquet file of integers: meter, t_us, value, row, and status where a file says something of a reading;
sorted, delta-encoded, packed with zstd: about one to three bytes a reading. Buckets are judged one by one, so memory
does not grow with the number of readings. ``store.json`` names each bucket by its SHA-256, says how its values are to
be understood, and which files the readings came from; a ``row`` is the row in its file, raised by the file's place in
that list times ``ROWS_PER_FILE``.

The bytes depend on the readings and on the names and bytes of their files alone: not on the order in which the files
were given, nor on the number of threads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.mrv.intake_bytes import MAX_ROWS
from openjcm.mrv.readings import SCHEMA, STATUSES, Note, Readings
from openjcm.refusals import refusal

FORM = {"name": "openjcm/clustered-readings", "version": 1}
MANIFEST = "store.json"
METERS = b"openjcm.meters"
"""Where a bucket's metadata names its meters and how many readings each has."""
COLUMNS = ("t_us", "value", "row", "status")
LARGEST_BUCKET = 1 << 31
"""Bytes. A bucket is read whole; what is larger was not written by this program."""

NO_STORE = refusal(
    "no_clustered_store",
    en="“{folder}” is no complete store of readings: {why}.",
    ja="「{folder}」は完全な計測値ストアではありません: {why}。",
    remedy_en="Make one with `openjcm readings cluster`. A store without {manifest} was not finished; make it anew.",
    remedy_ja="`openjcm readings cluster` で作成してください。{manifest} のないストアは未完成です。"
    "作り直してください。",
    clause="OpenJCM: nothing half done",
)
BUCKET_CHANGED = refusal(
    "bucket_changed",
    en="“{file}” of the store “{folder}” is not what was written: {why}.",
    ja="ストア「{folder}」の「{file}」は書き込まれた内容と異なります: {why}。",
    remedy_en="Make the store anew from the meter files; they are kept byte for byte.",
    remedy_ja="バイト単位で保管されている計量ファイルからストアを作り直してください。",
    clause="OpenJCM: files are named by their SHA-256",
)


@dataclass(frozen=True)
class Kind:
    """How the values of a bucket are to be understood (as in :class:`Readings`)."""

    kind: str
    unit: str
    least_unit: str
    interval_seconds: int | None
    interval_stamp: str | None

    @classmethod
    def of(cls, readings: Readings) -> Kind:
        return cls(
            readings.kind, readings.unit, readings.least_unit, readings.interval_seconds, readings.interval_stamp
        )

    def empty(self, notes: tuple[Note, ...] = ()) -> Readings:
        """No readings of this kind."""
        return Readings(SCHEMA.empty_table(), **vars(self), source_sha256="", source_name="", notes=notes)


@dataclass(frozen=True)
class Bucket:
    """One file of the store."""

    file: str
    sha256: str
    kind: Kind
    meters: int
    readings: int
    first_us: int
    last_us: int

    def as_data(self) -> dict[str, Any]:
        return {**vars(self), "kind": vars(self.kind)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Bucket:
        return cls(**{**data, "kind": Kind(**data["kind"])})


@dataclass(frozen=True)
class SourceFile:
    """A file that readings of the store came from, and how many."""

    sha256: str
    name: str
    readings: int


@dataclass(frozen=True)
class Store:
    """An opened store."""

    folder: Path
    sources: tuple[SourceFile, ...]
    notes: tuple[Note, ...]
    buckets: tuple[Bucket, ...]

    @property
    def readings(self) -> int:
        """How many readings the store holds."""
        return sum(bucket.readings for bucket in self.buckets)

    def as_data(self) -> dict[str, Any]:
        """What ``store.json`` holds."""
        return {
            "schema": dict(FORM),
            "sources": [vars(item) for item in self.sources],
            "notes": [[note.what, note.meter, list(note.rows), note.count] for note in self.notes],
            "buckets": [bucket.as_data() for bucket in self.buckets],
        }

    def read(self, bucket: Bucket) -> Readings:
        """The readings of a bucket.

        Raises:
            Refused: ``bucket_changed``.
        """
        path = self.folder / bucket.file
        try:
            if path.stat().st_size > LARGEST_BUCKET:
                raise BUCKET_CHANGED(file=bucket.file, folder=self.folder, why=f"> {LARGEST_BUCKET} B")
            data = path.read_bytes()
        except OSError as error:
            raise BUCKET_CHANGED(file=bucket.file, folder=self.folder, why=error.strerror or "–") from error
        return bucket_readings(bucket, data, str(self.folder))


def open_store(folder: Path) -> Store:
    """The store of a folder.

    Raises:
        Refused: ``no_clustered_store``.
    """
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
        if data["schema"] != FORM:
            raise ValueError(f"schema {data['schema']}")
        buckets = tuple(Bucket.from_data(item) for item in data["buckets"])
        if any("/" in bucket.file or "\\" in bucket.file or bucket.file.startswith(".") for bucket in buckets):
            raise ValueError("file")
        notes = tuple(Note(what, meter, tuple(rows), count) for what, meter, rows, count in data["notes"])
        return Store(folder, tuple(SourceFile(**item) for item in data["sources"]), notes, buckets)
    except FileNotFoundError as error:
        raise NO_STORE(folder=folder, why=f"{MANIFEST}: –", manifest=MANIFEST) from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise NO_STORE(folder=folder, why=f"{MANIFEST}: {error}"[:200], manifest=MANIFEST) from error


def bucket_readings(bucket: Bucket, data: bytes, folder: str = "–") -> Readings:
    """The readings of a bucket from its bytes, checked against the bucket's hash.

    Raises:
        Refused: ``bucket_changed``.
    """
    found = sha256_hex(data)
    if found != bucket.sha256:
        raise BUCKET_CHANGED(file=bucket.file, folder=folder, why=f"SHA-256 {found}")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        meters = json.loads((file.metadata.metadata or {})[METERS])
        if file.metadata.num_rows != bucket.readings or bucket.readings > MAX_ROWS * 20:
            raise ValueError(f"{file.metadata.num_rows} readings")
        said = [name for name in ("status",) if name in file.schema_arrow.names]
        table = file.read(columns=["t_us", "value", "row", *said], use_threads=False)
        return Readings(
            _in_order(table, meters), **vars(bucket.kind), source_sha256=bucket.sha256, source_name=bucket.file
        )
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise BUCKET_CHANGED(file=bucket.file, folder=folder, why=str(error)[:160]) from error


def _in_order(table: pa.Table, meters: list[tuple[str, int]]) -> pa.Table:
    """The table in the form of :class:`Readings`. Raises ``ValueError`` where it does not stand in order.

    The meters and how many readings each has stand in the file's metadata too: the column itself need not be unpacked.
    """
    from openjcm.mrv.engine.order import meters_in_order

    names, counts = [str(name) for name, _ in meters], [int(count) for _, count in meters]
    if names != sorted(set(names)) or sum(counts) != table.num_rows or min(counts, default=1) < 1:
        raise ValueError("meters")
    codes = pa.array(np.repeat(np.arange(len(names), dtype=np.int32), counts))
    meter = pa.DictionaryArray.from_arrays(codes, pa.array(names, type=pa.string()), safe=False)
    if "status" not in table.column_names:
        table = table.append_column("status", pa.array(np.zeros(table.num_rows, dtype=np.uint8)))
    columns = [table.column("status").cast(pa.uint8()) if name == "status" else table.column(name) for name in COLUMNS]
    t_us, value, row, status = (column.to_numpy() for column in columns)
    if len(status) and int(status.max()) >= len(STATUSES):
        raise ValueError("status")
    if not meters_in_order(np.cumsum([0, *counts]), t_us, value, status, row):
        raise ValueError("order")
    return pa.Table.from_arrays([meter, *columns], schema=SCHEMA)


def bucket_bytes(table: pa.Table) -> bytes:
    """Sorted readings as Parquet with their meters: one row group, integers by their differences, packed with zstd."""
    said = ["status"] if table.column("status").to_numpy().any() else []
    meter = table.column("meter").combine_chunks()
    meter = meter.chunk(0) if isinstance(meter, pa.ChunkedArray) else meter
    counts = np.bincount(meter.indices.to_numpy(), minlength=len(meter.dictionary)).tolist()
    meters = [pair for pair in zip(meter.dictionary.to_pylist(), counts, strict=True) if pair[1]]
    table = table.select(["meter", "t_us", "value", "row", *said]).replace_schema_metadata(None)
    out = pa.BufferOutputStream()
    with pq.ParquetWriter(
        out, table.schema, compression="zstd", compression_level=3, use_dictionary=["meter"], version="2.6",
        data_page_version="2.0", store_schema=False,
        column_encoding=dict.fromkeys(("t_us", "value", "row"), "DELTA_BINARY_PACKED"),
    ) as writer:  # fmt: skip
        writer.write_table(table, row_group_size=max(table.num_rows, 1))
        writer.add_key_value_metadata({METERS.decode(): canonical_bytes(meters).decode()})
    return bytes(out.getvalue())


def write_store(store: Store) -> None:
    """Write ``store.json``, last of all: a folder without it is no store."""
    unfinished = store.folder / f"{MANIFEST}.unfinished"
    unfinished.write_bytes(canonical_bytes(store.as_data()))
    unfinished.replace(store.folder / MANIFEST)
