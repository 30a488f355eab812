"""Parquet files, in batches, with their declared sizes bounded before a page is unpacked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from openjcm.mrv.intake_bytes import (
    CLAUSE,
    FILE_BOMB,
    FILE_EMPTY,
    FILE_TRUNCATED,
    MAX_ROWS,
    MAX_UNPACKED,
    ROWS_PER_BYTE,
    WRONG_FORMAT,
    Source,
)
from openjcm.mrv.intake_cells import Raw, equal_to
from openjcm.mrv.intake_columns import number_column, time_column
from openjcm.mrv.intake_csv import find_columns
from openjcm.mrv.mapping import Mapping
from openjcm.refusals import refusal

COLUMN_TYPE = refusal(
    "meter_column_type",
    en="Column “{column}” of “{file}” has the type {found}, which holds no {wanted}.",
    ja="「{file}」の列「{column}」の型は {found} で、{wanted} として読めません。",
    remedy_en="Name the right column, or export times as timestamps or texts and values as numbers.",
    remedy_ja="正しい列を指定するか、時刻は timestamp または文字列、値は数値として書き出してください。",
    clause=CLAUSE,
)
BATCH = 1 << 20


def open_parquet(source: Source) -> pq.ParquetFile:
    """The file, opened, with its declared sizes checked.

    Raises:
        Refused: ``meter_file_empty``, ``meter_file_wrong_format``, ``meter_file_truncated``,
            ``meter_file_unpacks_too_large``.
    """
    if source.format() == "empty":
        raise FILE_EMPTY(file=source.name)
    if source.format() != "parquet":
        raise WRONG_FORMAT(file=source.name, wanted="parquet", found=source.format())
    try:
        data = pa.BufferReader(source.data) if isinstance(source.data, bytes) else str(source.data)
        file = pq.ParquetFile(data)
        meta = file.metadata
        unpacked = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
        rows = meta.num_rows
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise FILE_TRUNCATED(file=source.name, place="Parquet", why=_short(error)) from error
    if rows > MAX_ROWS or rows < 0:
        raise FILE_BOMB(file=source.name, found=f"{rows} rows", limit=f"{MAX_ROWS} rows", place="Parquet")
    if rows > max(1_000_000, ROWS_PER_BYTE * source.size):
        limit = ROWS_PER_BYTE * source.size
        raise FILE_BOMB(file=source.name, found=f"{rows} rows", limit=f"{limit} rows", place="Parquet")
    if unpacked > MAX_UNPACKED or unpacked < 0:
        raise FILE_BOMB(file=source.name, found=f"{unpacked} B", limit=f"{MAX_UNPACKED} B", place="Parquet")
    return file


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__


def read_parquet(source: Source, mapping: Mapping) -> Iterator[Raw]:
    """The rows of a Parquet file, batch by batch. A row's number is its place in the file, from 1.

    Raises:
        Refused: as ``open_parquet``; ``meter_column_missing``, ``meter_column_twice``, ``meter_column_type``.
    """
    file = open_parquet(source)
    find_columns(list(file.schema_arrow.names), mapping.columns, file=source.name, row=0, sheet="schema")
    texts = [name for name in mapping.columns if _is_text(file.schema_arrow.field(name).type)]
    row = 1
    try:
        data = pa.BufferReader(source.data) if isinstance(source.data, bytes) else str(source.data)
        # Texts stay dictionaries: a megabyte of text repeated in every row stays one megabyte.
        batches = pq.ParquetFile(data, read_dictionary=texts).iter_batches(BATCH, columns=list(mapping.columns))
        for batch in batches:
            yield _raw(source, mapping, batch, row)
            row += batch.num_rows
    except (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
        raise FILE_TRUNCATED(file=source.name, place=f"row {row}", why=_short(error)) from error


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _raw(source: Source, mapping: Mapping, batch: pa.RecordBatch, row: int) -> Raw:
    def column(name: str) -> pa.Array:
        return batch.column(batch.schema.get_field_index(name))

    def wrong(name: str, wanted: str) -> Exception:
        return COLUMN_TYPE(file=source.name, column=name, found=str(column(name).type), wanted=wanted)

    clock = column(mapping.clock_column) if mapping.clock_column else None
    found_times = time_column(column(mapping.time_column), mapping, clock)
    if found_times is None:
        raise wrong(mapping.time_column, "time / 時刻")
    values = []
    for name, _ in mapping.value_columns:
        found = number_column(column(name), mapping)
        if found is None:
            raise wrong(name, "number / 数値")
        values.append(found)
    meters = None
    if mapping.meter_column:
        meters = _as_text(column(mapping.meter_column))
        if meters is None:
            raise wrong(mapping.meter_column, "text / 文字列")
    keep = None
    if mapping.row_filter:
        filtered = _as_text(column(mapping.row_filter[0]))
        if filtered is None:
            raise wrong(mapping.row_filter[0], "text / 文字列")
        keep = equal_to(filtered, mapping.row_filter[1])
    rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
    return Raw(
        rows, *found_times, values, meters, keep, lambda name, index: str(column(name)[index].as_py()), "Parquet"
    )


def _as_text(array: pa.Array) -> pa.Array | None:
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if _is_text(kind):
        return array
    return array.cast(pa.string()) if pa.types.is_integer(kind) else None
