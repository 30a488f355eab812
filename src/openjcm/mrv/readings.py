"""Readings: a meter file taken in as exact integers, or refused with the place of what is wrong.

The bytes are named by their SHA-256. Every value becomes a whole number of the meter's least unit, every time an
instant in UTC microseconds, every reading keeps the row it came from. The rows are sorted by meter, time and value, so
the order in which they stood in the file changes no result and no byte of the Parquet form.
"""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.mrv.intake_bytes import FILE_BOMB, FILE_EMPTY, FILE_TRUNCATED, MAX_ROWS, FileData, Source
from openjcm.mrv.intake_cells import Ints, Raw, States
from openjcm.mrv.intake_csv import read_csv
from openjcm.mrv.intake_refusals import (
    BLANK_VALUE,
    DOUBTFUL_TIME,
    HEADER_REPEATED,
    NOT_WHOLE,
    TOO_LARGE,
    UNPARSABLE_NUMBER,
    UNPARSABLE_TIME,
    WRONG_TIME_ZONE,
    ZONE_NOT_IN_FILE,
)
from openjcm.mrv.intake_time import instant_text, offsets_at, to_utc
from openjcm.mrv.mapping import ZONE_IN_FILE, Mapping, least_unit_size
from openjcm.refusals import Refused

WORKERS = 3
"""Chunks of a text file that are read at the same time. More threads than cores do no harm; each holds some 40 MB."""
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

    def _dictionary(self) -> pa.DictionaryArray:
        column = self.table.column("meter").combine_chunks()
        return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def stated(readings: Readings, part: slice) -> Iterator[tuple[str, Ints]]:
    """What a file itself says against some of its readings, and the places of those in ``part``."""
    status = readings.column("status")[part]
    if not status.any():
        return
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
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(source.sha256)
        return _joined(list(_parts(source, mapping, MAX_ROWS)), source, mapping, digest)


def read_in_parts(data: FileData, name: str, mapping: Mapping) -> Iterator[tuple[pa.Table, tuple[Note, ...]]]:
    """Read a meter file of any length block by block: each block's readings, not sorted, and notes.

    A note's rows are those of its block. Refuses what ``read_meter_file`` refuses, but not the number of rows.
    """
    mapping.check()
    source, found = Source(data, name), False
    for part in _parts(source, mapping, None):
        found = found or bool(len(part.row) or part.left_out)
        columns = (pa.array(each) for each in (part.t_us, part.value, part.row, part.status))
        meter = part.meter.combine_chunks() if isinstance(part.meter, pa.ChunkedArray) else part.meter
        meter = pa.chunked_array([meter], type=SCHEMA.field("meter").type)
        yield pa.Table.from_arrays([meter, *columns], schema=SCHEMA), _notes(part.left_out)
    if not found:
        raise FILE_EMPTY(file=name)


def _parts(source: Source, mapping: Mapping, most: int | None) -> Iterator[_Part]:
    """The readings of a file, some rows at a time, in the order of the file, and not more than ``most``."""

    def read(work: Callable[[], Raw]) -> _Part:
        return _Part.of(work(), mapping, source.name)

    if mapping.format == "csv":
        parts = _in_order(partial(read, work) for work in read_csv(source, mapping))
    else:
        parts = (_Part.of(raw, mapping, source.name) for raw in _rows(source, mapping))
    count = 0
    for part in parts:
        count += len(part.row)
        if most is not None and count > most:
            raise FILE_BOMB(file=source.name, found=f"> {most} readings", limit=f"{most} readings", place="–")
        yield part


def _rows(source: Source, mapping: Mapping) -> Iterator[Raw]:
    if mapping.format == "parquet":
        from openjcm.mrv.intake_parquet import read_parquet

        return read_parquet(source, mapping)
    if mapping.format == "excel":
        from openjcm.mrv.intake_excel import read_excel

        return read_excel(source, mapping)
    from openjcm.mrv.intake_nem import read_nem12, read_nem13

    return {"nem12": read_nem12, "nem13": read_nem13}[mapping.format](source, mapping)


def _in_order(work: Iterator[Callable[[], _Part]]) -> Iterator[_Part]:
    """The answers to pieces of work in their order, some pieces being done at the same time.

    What is refused is what would be refused one piece after the other: the first fault of the file.
    """
    waiting: deque[Future[_Part]] = deque()
    fault: Refused | None = None
    with ThreadPoolExecutor(WORKERS) as pool:
        while fault is None:
            try:
                waiting.append(pool.submit(next(work)))
            except StopIteration:
                break
            except Refused as refused:
                fault = refused
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    if fault is not None:
        raise fault


@dataclass
class _Part:
    """The readings of some rows, and the rows that became none."""

    meter: pa.Array
    t_us: Ints
    value: Ints
    row: Ints
    status: States
    left_out: list[tuple[str, str, Ints]]
    """(what, meter, rows)"""

    @classmethod
    def of(cls, raw: Raw, mapping: Mapping, file: str) -> _Part:
        chosen = np.ones(len(raw.rows), dtype=np.bool_) if raw.keep is None else raw.keep
        left_out: list[tuple[str, str, Ints]] = list(raw.notes)
        good_time = _check_states(raw, raw.time_states, mapping.time_column, chosen, mapping, file)
        _leave_out(left_out, "missing_time", "", raw.rows[chosen & ~good_time])
        t_us, doubtful = _instants(raw, mapping, chosen & good_time, file)
        _leave_out(left_out, "doubtful_time", "", raw.rows[doubtful])
        usable = chosen & good_time & ~doubtful
        if raw.meters is not None:
            blank = equal_blank(raw.meters)
            _refuse_blank(raw, mapping, mapping.meter_column or "", chosen & blank, file)
            _leave_out(left_out, "missing_meter", "", raw.rows[usable & blank])
            usable &= ~blank
        meters, instants, values, rows, status = [], [], [], [], []
        for (column, meter), (numbers, states) in zip(raw.columns or mapping.value_columns, raw.values, strict=True):
            good = _check_states(raw, states, column, usable, mapping, file)
            _leave_out(left_out, "missing_value", meter if raw.meters is None else "", raw.rows[usable & ~good])
            whole = bool(usable.all()) and bool(good.all())
            picked = np.flatnonzero(usable & good)
            place = slice(None) if whole else picked
            count = len(picked)
            named = raw.meters if whole or raw.meters is None else raw.meters.take(pa.array(picked))
            meters.append(_dictionary(meter if named is None else named, count))
            instants.append(t_us[place])
            values.append(numbers[place])
            rows.append(raw.rows[place])
            status.append(raw.status[place] if raw.status is not None else np.zeros(count, dtype=np.uint8))
        joined = pa.chunked_array(meters).unify_dictionaries()
        t_us, value, row = (np.concatenate(each) for each in (instants, values, rows))
        return cls(joined, t_us, value, row, np.concatenate(status), left_out)


def _dictionary(meters: pa.Array | str, count: int) -> pa.DictionaryArray:
    if isinstance(meters, str):
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([meters]))
    texts = meters if pa.types.is_dictionary(meters.type) else meters.dictionary_encode()
    return texts.cast(pa.dictionary(pa.int32(), pa.string()))


def equal_blank(meters: pa.Array) -> NDArray[np.bool_]:
    """Which meter cells are blank."""
    texts = meters.cast(meters.type.value_type) if pa.types.is_dictionary(meters.type) else meters
    mask: NDArray[np.bool_] = np.asarray(pc.equal(pc.fill_null(pc.utf8_trim_whitespace(texts), ""), ""))
    return mask


def _leave_out(left_out: list[tuple[str, str, Ints]], what: str, meter: str, rows: Ints) -> None:
    if len(rows):
        left_out.append((what, meter, rows))


def _check_states(
    raw: Raw, states: States, column: str, chosen: NDArray[np.bool_], mapping: Mapping, file: str
) -> NDArray[np.bool_]:
    """Which cells are values; blanks pass only where the mapping takes them as missing. Anything else is refused."""
    from openjcm.mrv.engine import text as engine

    good: NDArray[np.bool_] = states == engine.VALUE_OK
    if good.all():
        return good
    blank = states == engine.VALUE_BLANK
    if mapping.missing_texts:
        for index in np.flatnonzero(chosen & (states == engine.VALUE_BAD)):
            blank[index] = raw.text(column, int(index)).strip() in mapping.missing_texts
    _refuse_blank(raw, mapping, column, chosen & blank, file)
    wrong = np.flatnonzero(chosen & ~good & ~blank)
    if len(wrong):
        _refuse_cell(raw, mapping, column, int(wrong[0]), states, chosen, file)
    return good


def _refuse_blank(raw: Raw, mapping: Mapping, column: str, blank: NDArray[np.bool_], file: str) -> None:
    if mapping.blank == "refuse" and blank.any():
        row = int(raw.rows[np.argmax(blank)])
        raise BLANK_VALUE(file=file, sheet=raw.sheet, row=row, column=column, count=int(blank.sum()))


def _refuse_cell(
    raw: Raw, mapping: Mapping, column: str, index: int, states: States, chosen: NDArray[np.bool_], file: str
) -> None:
    from openjcm.mrv.engine import text as engine

    place = {"file": file, "sheet": raw.sheet, "row": int(raw.rows[index])}
    text = raw.text(column, index)[:80]
    state = states[index]
    if text.strip() == column:
        raise HEADER_REPEATED(**place)
    if column == mapping.time_column:
        raise UNPARSABLE_TIME(**place, column=column, text=text, time_format=mapping.time_format or "–")
    if state == engine.VALUE_NOT_WHOLE:
        count = int((chosen & (states == engine.VALUE_NOT_WHOLE)).sum())
        raise NOT_WHOLE(
            **place, column=column, text=text, unit=mapping.unit, least_unit=mapping.least_unit, count=count
        )
    if state == engine.VALUE_TOO_LARGE:
        raise TOO_LARGE(**place, column=column, text=text)
    raise UNPARSABLE_NUMBER(**place, column=column, text=text)


def _instants(raw: Raw, mapping: Mapping, chosen: NDArray[np.bool_], file: str) -> tuple[Ints, NDArray[np.bool_]]:
    """UTC microseconds of the chosen rows, and which of them are doubtful local times."""
    from openjcm.mrv.engine import text as engine

    t_us = np.zeros(len(raw.rows), dtype=np.int64)
    doubtful = np.zeros(len(raw.rows), dtype=np.bool_)
    place = np.flatnonzero(chosen)
    local, offset = raw.local_us[place], raw.offset_s[place]
    stated = offset != engine.NO_OFFSET
    if stated.any():
        t_us[place] = local - np.where(stated, offset, 0) * 1_000_000
        if mapping.time_zone != ZONE_IN_FILE:
            _check_offsets(raw, mapping, place, t_us, offset, file)
    elif mapping.time_zone == ZONE_IN_FILE:
        if len(place):
            raise ZONE_NOT_IN_FILE(
                file=file,
                sheet=raw.sheet,
                row=int(raw.rows[place[0]]),
                text=raw.text(mapping.time_column, int(place[0])),
            )
    else:
        t_us[place], unsure = to_utc(mapping.time_zone, local)
        doubtful[place] = unsure
        if unsure.any() and mapping.doubtful_times == "refuse":
            _refuse_doubtful(raw, mapping, place[unsure], t_us, file)
    t_us[place] += mapping.clock_correction_seconds * 1_000_000
    return t_us, doubtful


def _check_offsets(raw: Raw, mapping: Mapping, place: Ints, t_us: Ints, offset: Ints, file: str) -> None:
    expected = offsets_at(mapping.time_zone, t_us[place])
    wrong = np.flatnonzero(expected != offset)
    if len(wrong):
        first = int(wrong[0])
        index = int(place[first])
        raise WRONG_TIME_ZONE(
            file=file, sheet=raw.sheet, row=int(raw.rows[index]), found=int(offset[first]), zone=mapping.time_zone,
            expected=int(expected[first]), time=instant_text(int(t_us[index])),
        )  # fmt: skip


def _refuse_doubtful(raw: Raw, mapping: Mapping, which: Ints, t_us: Ints, file: str) -> None:
    index = int(which[0])
    # A local time that exists comes back from its instant; one that never occurs does not.
    utc = t_us[index : index + 1]
    exists = int(utc[0] + offsets_at(mapping.time_zone, utc)[0] * 1_000_000) == int(raw.local_us[index])
    how = "twice / 2 回あります" if exists else "never / 存在しません"
    raise DOUBTFUL_TIME(
        file=file, sheet=raw.sheet, row=int(raw.rows[index]), text=raw.text(mapping.time_column, index),
        zone=mapping.time_zone, how=how, count=len(which),
    )  # fmt: skip


def _joined(parts: list[_Part], source: Source, mapping: Mapping, digest: Future[str]) -> Readings:
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
