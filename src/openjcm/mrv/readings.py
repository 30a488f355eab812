"""Readings: a meter file taken in as exact integers, or refused with the place of what is wrong.

The bytes are named by their SHA-256. Every value becomes a whole number of the meter's least unit, every time an
instant in UTC microseconds, every reading keeps the row it came from. The rows are sorted by meter, time and value, so
the order in which they stood in the file changes no result and no byte of the Parquet form.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from threading import Event

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.mrv.intake_bytes import FILE_EMPTY, FILE_TRUNCATED, MAX_ROWS, FileData, Source
from openjcm.mrv.intake_cells import Ints, States
from openjcm.mrv.intake_rows import Part, parts_of
from openjcm.mrv.mapping import Mapping, least_unit_size

SCHEMA = pa.schema(
    [
        ("meter", pa.dictionary(pa.int32(), pa.string())),
        ("t_us", pa.int64()),
        ("value", pa.int64()),
        ("row", pa.int64()),
        ("status", pa.uint8()),
    ]
)
NOTES = (
    "missing_value", "missing_time", "doubtful_time", "missing_meter", "open_end", "quantity_rolls_over",
    "quantity_differs",
)  # fmt: skip
STATUSES = ("as_read", "final_substituted", "substituted", "estimated", "questionable")
"""What a file itself says of a reading, by its number in the column ``status``. ``as_read``: nothing against it. The
order is the order of trust, so of two readings that say the same at one time the better one stands first."""
ROWS_PER_FILE = 10**12
"""Row numbers of the n-th file of a joined series are raised by n times this, so that a row still names its file."""
AS_READ, FINAL_SUBSTITUTED, SUBSTITUTED, ESTIMATED, QUESTIONABLE = range(len(STATUSES))


@dataclass(frozen=True)
class Note:
    """Rows that became no reading, or that a reader should know of: what, the first hundred rows, and the count.

    ``what`` is one of ``NOTES``: ``open_end`` is a last line without line end, which may be cut off;
    ``quantity_rolls_over`` and ``quantity_differs`` are register pairs whose stated energy is the difference only if
    the register passed its end, or is not the difference at all.
    """

    what: str
    meter: str
    rows: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Readings:
    """The readings of one file: sorted by meter, time, value, status and row.

    ``table`` has the columns meter (dictionary of texts), t_us (UTC microseconds), value (whole least units), row
    (1-based row in the source; in a Parquet form made by us the place in sorted order) and status (what the file says
    of the reading: its place in ``STATUSES``; 0 where it says nothing).
    """

    table: pa.Table
    kind: str
    unit: str
    least_unit: str
    interval_seconds: int | None
    interval_stamp: str | None
    source_sha256: str
    source_name: str
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def least_unit_size(self) -> Fraction:
        """The least unit in Wh, or in W for power."""
        return least_unit_size(self.least_unit, self.kind)

    def column(self, name: str) -> Ints:
        """One of the integer columns as an array (``status`` as unsigned bytes, all others as 64-bit)."""
        found: Ints = self.table.column(name).to_numpy()
        return found

    def meters(self) -> list[str]:
        """The meters' identifiers, sorted; ``codes`` points into this list."""
        return [str(item) for item in self._dictionary().dictionary.to_pylist()]

    def codes(self) -> Ints:
        """Per reading, the place of its meter in ``meters()``."""
        found: Ints = self._dictionary().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return found

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where the readings of each meter stand in the table."""
        names, codes = self.meters(), self._dictionary().indices.to_numpy(zero_copy_only=False)
        edges = np.searchsorted(codes, np.arange(len(names) + 1, dtype=codes.dtype)).tolist()
        return {name: slice(edges[place], edges[place + 1]) for place, name in enumerate(names)}

    @cached_property
    def anything_said(self) -> bool:
        """Whether a file says something of any of the readings."""
        return bool(self.column("status").any())

    def _dictionary(self) -> pa.DictionaryArray:
        column = self.table.column("meter")
        if column.num_chunks == 1:
            return column.chunk(0)
        joined = column.combine_chunks()
        return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def stated(readings: Readings, part: slice) -> Iterator[tuple[str, Ints]]:
    """What a file itself says against some of its readings, and the places of those in ``part``."""
    if not readings.anything_said:
        return
    status = readings.column("status")[part]
    for number in np.unique(status[status > 0]):
        yield STATUSES[number], np.flatnonzero(status == number)


def read_meter_file(data: FileData, name: str, mapping: Mapping) -> Readings:
    """Read a meter file as the mapping says.

    ``data`` is the file's bytes or its path (read block by block). ``name`` is shown in refusals.

    Raises:
        Refused: every refusal of this module and of the ``intake_*`` modules, each with file, sheet, row and column.
    """
    mapping.check()
    source = Source(data, name)
    refused = Event()
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(source.sha256, refused.is_set)
        try:
            return _joined(list(parts_of(source, mapping, MAX_ROWS)), source, mapping, digest)
        except BaseException:
            refused.set()
            raise


def read_in_parts(data: FileData, name: str, mapping: Mapping) -> Iterator[tuple[pa.Table, tuple[Note, ...]]]:
    """Read a meter file of any length block by block: each block's readings, not sorted, and notes.

    A note's rows are those of its block. Refuses what ``read_meter_file`` refuses, but not the number of rows.
    """
    mapping.check()
    source, found = Source(data, name), False
    for part in parts_of(source, mapping, None):
        found = found or bool(len(part.row) or part.left_out)
        columns = (pa.array(each) for each in (part.t_us, part.value, part.row, part.status))
        meter = part.meter.combine_chunks() if isinstance(part.meter, pa.ChunkedArray) else part.meter
        meter = pa.chunked_array([meter], type=SCHEMA.field("meter").type)
        yield pa.Table.from_arrays([meter, *columns], schema=SCHEMA), _notes(part.left_out)
    if not found:
        raise FILE_EMPTY(file=name)


def _joined(parts: list[Part], source: Source, mapping: Mapping, digest: Future[str]) -> Readings:
    if not any(len(part.row) or part.left_out for part in parts):
        raise FILE_EMPTY(file=source.name)
    meter = pa.chunked_array([chunk for part in parts for chunk in part.meter.chunks], type=SCHEMA.field("meter").type)
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("t_us", "value", "row", "status")]
    parts_out = [item for part in parts for item in part.left_out]
    parts.clear()
    table = sorted_table(meter, columns[0], columns[1], columns[2], columns[3])
    notes = _notes(parts_out)
    if mapping.format == "csv" and _open_ended(source):
        notes += (Note("open_end", "", (), 1),)
    return Readings(
        table, mapping.kind, mapping.unit, mapping.least_unit, mapping.interval_seconds, mapping.interval_stamp,
        digest.result(), source.name, notes,
    )  # fmt: skip


def _open_ended(source: Source) -> bool:
    return source.format() == "text" and source.last() != b"\n"


def _notes(left_out: list[tuple[str, str, Ints]]) -> tuple[Note, ...]:
    groups: dict[tuple[str, str], list[Ints]] = {}
    for what, meter, rows in left_out:
        groups.setdefault((what, meter), []).append(rows)
    notes = []
    for (what, meter), pieces in sorted(groups.items()):
        rows = np.concatenate(pieces)
        notes.append(Note(what, meter, tuple(int(row) for row in np.unique(rows)[:100]), len(rows)))
    return tuple(notes)


def sorted_table(meter: pa.ChunkedArray, t_us: Ints, value: Ints, row: Ints, status: States | None = None) -> pa.Table:
    """The readings sorted by meter's text, time, value, status and row, whatever order they came in."""
    unified = meter.unify_dictionaries().combine_chunks()
    unified = unified.chunk(0) if isinstance(unified, pa.ChunkedArray) else unified
    names = unified.dictionary.to_pylist()
    order = sorted(range(len(names)), key=lambda place: names[place])
    rank = np.empty(len(names), dtype=np.int32)
    rank[order] = np.arange(len(names), dtype=np.int32)
    codes = rank[unified.indices.to_numpy(zero_copy_only=False)] if len(row) else np.zeros(0, dtype=np.int32)
    seen = np.zeros(len(names), dtype=np.bool_)
    seen[codes] = True
    codes = (np.cumsum(seen, dtype=np.int32) - 1)[codes]
    names = [names[order[place]] for place in np.flatnonzero(seen)]
    from openjcm.mrv.engine.order import in_order, sorted_places

    status = np.zeros(len(row), dtype=np.uint8) if status is None else status
    if not in_order(codes, t_us, value, status, row):
        places = sorted_places(codes, t_us, value, status, row, len(names))
        codes, t_us, value, row, status = codes[places], t_us[places], value[places], row[places], status[places]
    column = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names, type=pa.string()))
    columns = [column, *(pa.array(each) for each in (t_us, value, row, status))]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def readings_to_parquet(readings: Readings) -> bytes:
    """The readings as Parquet: meter, t_us, value; sorted, delta-encoded; the same bytes for the same readings.

    A fourth column, status, is there only where the file says something of a reading (see ``STATUSES``).
    Neither the order of the rows in the source nor the source's name is in it. What is needed to judge it again is in
    the file's metadata under ``openjcm`` as canonical JSON.
    """
    meta = {
        "kind": readings.kind, "unit": readings.unit, "least_unit": readings.least_unit,
        "interval_seconds": readings.interval_seconds, "interval_stamp": readings.interval_stamp,
        "notes": [[note.what, note.meter, note.count] for note in readings.notes if note.what != "open_end"],
    }  # fmt: skip
    said = ["status"] if readings.column("status").any() else []
    table = readings.table.select(["meter", "t_us", "value", *said]).replace_schema_metadata(None)
    out = io.BytesIO()
    with pq.ParquetWriter(
        out, table.schema, compression="zstd", compression_level=3, use_dictionary=["meter"], version="2.6",
        data_page_version="2.0", store_schema=False,
        column_encoding={"t_us": "DELTA_BINARY_PACKED", "value": "DELTA_BINARY_PACKED"},
    ) as writer:  # fmt: skip
        writer.write_table(table, row_group_size=1 << 20)
        writer.add_key_value_metadata({"openjcm": canonical_bytes(meta).decode()})
    return out.getvalue()


def readings_from_parquet(data: bytes, name: str = "readings.parquet") -> Readings:
    """Readings from the Parquet form of ``readings_to_parquet``. A reading's row is its place, from 1.

    Raises:
        Refused: ``meter_file_truncated`` where the bytes are no such form.
    """
    from openjcm.mrv.intake_parquet import open_parquet

    open_parquet(Source(data, name))
    try:
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=["meter"])
        meta = json.loads((file.metadata.metadata or {})[b"openjcm"])
        table = file.read(columns=["meter", "t_us", "value", *file.schema_arrow.names[3:4]])
        meter = table.column("meter").cast(SCHEMA.field("meter").type)
        count = table.num_rows
        sorted_ = sorted_table(
            meter, table.column("t_us").to_numpy(), table.column("value").to_numpy(),
            np.arange(1, count + 1, dtype=np.int64), _stored_status(table),
        )  # fmt: skip
        notes = tuple(Note(what, note_meter, (), number) for what, note_meter, number in meta["notes"])
        return Readings(
            sorted_, meta["kind"], meta["unit"], meta["least_unit"], meta["interval_seconds"], meta["interval_stamp"],
            sha256_hex(data), name, notes,
        )  # fmt: skip
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise FILE_TRUNCATED(file=name, place="Parquet", why=str(error)[:160] or type(error).__name__) from error


def _stored_status(table: pa.Table) -> States | None:
    """The column of statuses where the form has one. Raises ``ValueError`` where it holds none that is known."""
    if "status" not in table.column_names:
        return None
    found: States = table.column("status").cast(pa.uint8()).to_numpy()
    if len(found) and int(found.max()) >= len(STATUSES):
        raise ValueError(f"status {int(found.max())}")
    return found
