"""Make a clustered store from meter files in the order of their arrival, with bounded memory.

First every file is read block by block; whenever some millions of readings have come together they are laid out by
partition (a hash of the meter's name) and put aside as one run. Then, partition by partition, the readings of all runs
are brought together, put in order and written as buckets. Memory holds one run, or one partition per thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openjcm.canonical import sha256_hex
from openjcm.mrv.engine.clustered import MANIFEST, Bucket, Kind, SourceFile, Store, bucket_bytes, write_store
from openjcm.mrv.engine.windows import ahead
from openjcm.mrv.intake_bytes import BLOCK, Source
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.readings import ROWS_PER_FILE, SCHEMA, Note, read_in_parts
from openjcm.refusals import refusal

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Columns = tuple[Codes, Ints, Ints, Ints, NDArray[np.uint8]]
"""Meter codes, times, values, rows, statuses."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0: not known)."""

RUN_SCHEMA = pa.schema([pa.field("code", pa.int32()), *(SCHEMA.field(n) for n in ("t_us", "value", "row", "status"))])

METER_OF_TWO_KINDS = refusal(
    "meter_of_two_kinds",
    en="Meter {meter} stands in files that are read differently: {kinds}.",
    ja="計量器 {meter} が、読み取り設定の異なるファイルに含まれています: {kinds}。",
    remedy_en="Give the readings of one meter in files of one kind.",
    remedy_ja="1 つの計量器の計測値は、同じ種類のファイルで提出してください。",
    clause="OpenJCM: a meter has one series of readings",
)
STORE_EXISTS = refusal(
    "clustered_store_exists",
    en="“{folder}” already holds something.",
    ja="「{folder}」にはすでに何かがあります。",
    remedy_en="Name an empty or a new folder; a store is made once and never changed.",
    remedy_ja="空の、または新しいフォルダを指定してください。ストアは一度だけ作成し、変更しません。",
    clause="OpenJCM: nothing is ever edited",
)


@dataclass(frozen=True)
class Layout:
    """How the work is cut. None of these changes what is found when the readings are judged.

    ``partitions`` bounds the memory of the second pass: one partition holds about that part of all readings.
    """

    partitions: int = 256
    rows_per_bucket: int = 2_000_000
    rows_per_run: int = 4_000_000
    threads: int = 2


def cluster_files(
    files: Sequence[tuple[Path, str, Mapping]],
    folder: Path,
    layout: Layout | None = None,
    progress: Progress = lambda what, done, whole: None,
) -> Store:
    """Make a store in a new or empty folder from meter files, each with its name and its confirmed mapping.

    A file that is given twice (the same bytes) is taken once.

    Raises:
        Refused: ``clustered_store_exists``, ``meter_of_two_kinds``, and what reading a file refuses.
    """
    named = {Source(path, name).sha256(): (path, name, mapping) for path, name, mapping in files}
    whole = sum(path.stat().st_size for path, _, _ in named.values())
    writer = Writer(folder, layout or Layout())
    done = 0
    for sha256, (path, name, mapping) in sorted(named.items()):
        kind = Kind(mapping.kind, mapping.unit, mapping.least_unit, mapping.interval_seconds, mapping.interval_stamp)
        writer.begin(sha256, name, kind)
        size = path.stat().st_size
        for number, (table, notes) in enumerate(read_in_parts(path, name, mapping), start=1):
            writer.add(table, notes)
            progress("read", done + min(number * BLOCK, size), whole)
        done += size
        progress("read", done, whole)
    return writer.finish(progress)


@dataclass
class _Pending:
    """Readings of one kind that wait for their run, and the runs put aside."""

    names: dict[str, int] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    columns: list[Columns] = field(default_factory=list)
    waiting: int = 0
    runs: list[tuple[Path, dict[int, int]]] = field(default_factory=list)
    """Each run's file, and which of its batches holds a partition."""


class Writer:
    """Takes readings in any order, file by file, and makes a store of them."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        """Begin a store.

        Raises:
            Refused: ``clustered_store_exists``.
        """
        left = {item.name for item in folder.iterdir()} if folder.exists() else set()
        if MANIFEST in left or left - {"runs"} - {name for name in left if name.startswith("bucket-")}:
            raise STORE_EXISTS(folder=folder)
        self.folder, self.layout = folder, layout
        self.runs = folder / "runs"
        self.runs.mkdir(parents=True, exist_ok=True)
        for path in (*self.runs.iterdir(), *folder.glob("bucket-*")):  # what a stopped attempt left
            path.unlink()
        self.sources: list[SourceFile] = []
        self.notes: dict[tuple[str, str], tuple[list[int], int]] = {}
        self.kinds: dict[Kind, _Pending] = {}
        self.current: _Pending | None = None

    def begin(self, sha256: str, name: str, kind: Kind) -> None:
        """The readings that follow come from this file. Files come in the order of their hashes."""
        self.sources.append(SourceFile(sha256, name, 0))
        self.current = self.kinds.setdefault(kind, _Pending())

    def add(self, table: pa.Table, notes: Sequence[Note] = ()) -> None:
        """Readings of the file begun last (columns of ``readings.SCHEMA``, in any order), and notes on its rows."""
        assert self.current is not None, "a file was begun"
        place = len(self.sources) - 1
        last = self.sources[place]
        self.sources[place] = SourceFile(last.sha256, last.name, last.readings + table.num_rows)
        raised = place * ROWS_PER_FILE
        for note in notes:
            rows, count = self.notes.get((note.what, note.meter), ([], 0))
            more = [row + raised for row in note.rows][: max(100 - len(rows), 0)]
            self.notes[note.what, note.meter] = (rows + more, count + note.count)
        if table.num_rows:
            self._take(self.current, table, raised)

    def _take(self, pending: _Pending, table: pa.Table, raised: int) -> None:
        meter = table.column("meter").unify_dictionaries().combine_chunks()
        meter = meter.chunk(0) if isinstance(meter, pa.ChunkedArray) else meter
        codes = np.array([pending.names.setdefault(str(n), len(pending.names)) for n in meter.dictionary.to_pylist()])
        code = codes[meter.indices.to_numpy(zero_copy_only=False)].astype(np.int32)
        counts = np.bincount(code, minlength=len(pending.names))
        old = np.array(pending.counts + [0] * (len(counts) - len(pending.counts)), dtype=np.int64)
        pending.counts = (old + counts).tolist()
        t_us, value, row, status = (table.column(name).to_numpy() for name in ("t_us", "value", "row", "status"))
        pending.columns.append((code, t_us, value, row + raised if raised else row, status))
        pending.waiting += len(code)
        if pending.waiting >= self.layout.rows_per_run:
            self._put_aside(pending)

    def _put_aside(self, pending: _Pending) -> None:
        """Write the waiting readings as one run: a batch per partition."""
        from openjcm.mrv.engine.order import scatter

        part_of = np.array([_partition(name, self.layout.partitions) for name in pending.names], dtype=np.int32)
        counts = sum(np.bincount(part_of[each[0]], minlength=self.layout.partitions) for each in pending.columns)
        edges = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        columns = tuple(np.empty(pending.waiting, dtype=each.dtype) for each in pending.columns[0])
        cursor = edges[:-1].copy()
        for each in pending.columns:
            scatter(part_of, *each, cursor, *columns)
        pending.columns, pending.waiting = [], 0
        batch = pa.RecordBatch.from_arrays([pa.array(each) for each in columns], schema=RUN_SCHEMA)
        path = self.runs / f"{sum(len(one.runs) for one in self.kinds.values()):06d}.arrow"
        batches: dict[int, int] = {}
        with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, RUN_SCHEMA) as writer:
            for number in np.flatnonzero(np.diff(edges)).tolist():
                batches[number] = len(batches)
                writer.write_batch(batch.slice(int(edges[number]), int(edges[number + 1] - edges[number])))
        pending.runs.append((path, batches))

    def finish(self, progress: Progress = lambda what, done, whole: None) -> Store:
        """Bring the runs together into buckets and complete the store.

        Raises:
            Refused: ``meter_of_two_kinds``.
        """
        _refuse_two_kinds(self.kinds)
        whole = sum(source.readings for source in self.sources)
        jobs: list[tuple[Kind, _Pending, list[int]]] = []
        for kind in sorted(self.kinds, key=lambda one: str(vars(one))):
            pending = self.kinds[kind]
            if pending.columns:
                self._put_aside(pending)
            jobs += [(kind, pending, part) for part in self._parts(pending)]
        buckets: list[Bucket] = []
        done = 0
        with ThreadPoolExecutor(self.layout.threads) as pool:
            for bucket in ahead(pool, self.layout.threads, self._bucket, list(enumerate(jobs))):
                buckets.append(bucket)
                done += bucket.readings
                progress("order", done, whole)
        notes = tuple(Note(what, meter, tuple(rows), n) for (what, meter), (rows, n) in sorted(self.notes.items()))
        store = Store(self.folder, tuple(self.sources), notes, tuple(buckets))
        for path in self.runs.iterdir():
            path.unlink()
        self.runs.rmdir()
        write_store(store)
        return store

    def _parts(self, pending: _Pending) -> Iterator[list[int]]:
        """Partitions one after another, so many together as make a bucket: decided by the readings alone."""
        sizes = [0] * self.layout.partitions
        for name, count in zip(pending.names, pending.counts, strict=True):
            sizes[_partition(name, self.layout.partitions)] += count
        part: list[int] = []
        for number, size in enumerate(sizes):
            if part and sum(sizes[one] for one in part) + size > self.layout.rows_per_bucket:
                yield part
                part = []
            if size:
                part.append(number)
        if part:
            yield part

    def _bucket(self, job: tuple[int, tuple[Kind, _Pending, list[int]]]) -> Bucket:
        """Bring the readings of some partitions together, put them in order, and write them."""
        from openjcm.mrv.engine.order import sorted_places

        number, (kind, pending, part) = job
        code, t_us, value, row, status = _gathered(pending.runs, part)
        names = [name for name in pending.names if _partition(name, self.layout.partitions) in set(part)]
        order = sorted(names)
        rank = np.zeros(len(pending.names), dtype=np.int32)
        rank[[pending.names[name] for name in order]] = np.arange(len(order), dtype=np.int32)
        places = sorted_places(rank[code], t_us, value, status, row, len(order))
        meter = pa.DictionaryArray.from_arrays(pa.array(rank[code][places]), pa.array(order, type=pa.string()))
        columns = [meter, *(pa.array(each[places]) for each in (t_us, value, row, status))]
        data = bucket_bytes(pa.Table.from_arrays(columns, schema=SCHEMA))
        file = f"bucket-{number:05d}.parquet"
        (self.folder / file).write_bytes(data)
        first, last = int(t_us.min()), int(t_us.max())
        return Bucket(file, sha256_hex(data), kind, len(order), len(code), first, last)


def _partition(name: str, partitions: int) -> int:
    """The partition of a meter, by its name alone."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % partitions


def _gathered(runs: Sequence[tuple[Path, dict[int, int]]], part: Sequence[int]) -> Columns:
    """The readings of some partitions from all runs."""
    found: list[pa.RecordBatch] = []
    for path, batches in runs:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            found += [reader.get_batch(batches[number]) for number in part if number in batches]
    table = pa.Table.from_batches(found, schema=RUN_SCHEMA)
    columns: Columns = tuple(table.column(name).to_numpy() for name in RUN_SCHEMA.names)
    return columns


def _refuse_two_kinds(kinds: dict[Kind, _Pending]) -> None:
    pairs = sorted((name, kind.kind, kind.unit, kind.least_unit) for kind, one in kinds.items() for name in one.names)
    for name, group in groupby(pairs, key=lambda pair: pair[0]):
        found = [" ".join(pair[1:]) for pair in group]
        if len(found) > 1:
            raise METER_OF_TWO_KINDS(meter=name, kinds=found)
