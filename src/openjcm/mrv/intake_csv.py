"""Text files: one record per line, in blocks, with the place of everything that is wrong."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from openjcm.mrv.intake_bytes import (
    CLAUSE,
    FILE_TRUNCATED,
    LINE_TOO_LONG,
    MAX_COLUMNS,
    MAX_LINE,
    WRONG_FORMAT,
    Source,
)
from openjcm.mrv.intake_time import WHOLE_FORMATS, format_codes
from openjcm.mrv.mapping import Mapping
from openjcm.refusals import refusal

Ints = NDArray[np.int64]
States = NDArray[np.uint8]

MIXED_ENCODINGS = refusal(
    "mixed_encodings",
    en="“{file}” is stated to be {encoding}, but row {row} is not: {why} (byte {byte}).",
    ja="「{file}」の文字コードは {encoding} とされていますが、{row} 行目は異なります: {why} ({byte} バイト目)。",
    remedy_en="Save the file in one encoding (UTF-8 is best) and state it; a file joined from two sources often mixes "
    "UTF-8 and Shift_JIS.",
    remedy_ja="ファイル全体を 1 つの文字コード (UTF-8 を推奨) で保存し、それを指定してください。"
    "複数のファイルをつなぐと UTF-8 と Shift_JIS が混ざることがあります。",
    clause=CLAUSE,
)
COLUMN_MISSING = refusal(
    "meter_column_missing",
    en="“{file}” has no column “{column}” in row {row} ({sheet}). It has: {found}.",
    ja="「{file}」の {row} 行目 ({sheet}) に列「{column}」がありません。ある列: {found}。",
    remedy_en="Name a column that the file has, or state the row that holds the column names.",
    remedy_ja="ファイルにある列名を指定するか、列名のある行を指定してください。",
    clause=CLAUSE,
)
COLUMN_TWICE = refusal(
    "meter_column_twice",
    en="“{file}” has the column name “{column}” more than once in row {row} ({sheet}).",
    ja="「{file}」の {row} 行目 ({sheet}) に同じ列名「{column}」が複数あります。",
    remedy_en="Give every column its own name, so that nobody reads the wrong one.",
    remedy_ja="列を取り違えないよう、それぞれ異なる列名を付けてください。",
    clause=CLAUSE,
)
TOO_MANY_COLUMNS = refusal(
    "too_many_columns",
    en="“{file}” has {found} columns in row {row}; the limit is {limit}.",
    ja="「{file}」の {row} 行目には {found} 列あり、上限 {limit} を超えています。",
    remedy_en="Export only the columns of time, meter and value.",
    remedy_ja="時刻・計量器・値の列だけを書き出してください。",
    clause="OpenJCM: reading is bounded",
)
ROW_MALFORMED = refusal(
    "meter_row_malformed",
    en="Row {row} of “{file}” is not a record of the table: {why} (column {column}, byte {byte}).",
    ja="「{file}」の {row} 行目は表の行として読めません: {why} ({column} 列目、{byte} バイト目)。",
    remedy_en="Each line must have as many cells as the header, with no line break or lone quotation mark in a cell. "
    "State the delimiter that the file uses.",
    remedy_ja="各行のセル数は見出し行と同じにし、セルの中に改行や閉じていない引用符を入れないでください。"
    "実際の区切り文字を指定してください。",
    clause=CLAUSE,
)
NUL_BYTE = refusal(
    "nul_byte",
    en="Row {row} of “{file}” holds a NUL byte (byte {byte}).",
    ja="「{file}」の {row} 行目に NUL バイトがあります ({byte} バイト目)。",
    remedy_en="NUL bytes come from a logger that lost power while writing, or from UTF-16 read as another encoding. "
    "Export again, or state the encoding.",
    remedy_ja="書き込み中の停電、または UTF-16 を別の文字コードとして読んだ場合に生じます。"
    "書き出し直すか、文字コードを指定してください。",
    clause=CLAUSE,
)
_WHY = {
    2: "fewer cells than the header / 見出しよりセルが少ない",
    3: "more cells than the header / 見出しよりセルが多い",
    4: "a quotation mark is never closed / 引用符が閉じていない",
    5: "text follows a closed quotation mark / 閉じた引用符の後に文字がある",
    6: "a carriage return without a line feed / 改行が CR だけ",
}


@dataclass
class Raw:
    """Some rows of a file as exact integers with a state per cell, before anything is refused.

    ``local_us`` is on the file's own clock, ``offset_s`` the offset that the time itself states (``NO_OFFSET``: none).
    ``values`` holds, per value column of the mapping, (whole least units, states). ``meters`` the meter's text per row
    or ``None``; ``keep`` the rows that pass the row filter, or ``None`` for all. ``text`` gives a cell as it stands.
    ``columns`` are the value columns that these rows hold where that is not all of the mapping's, ``status`` what the
    file says of each row (its place in ``readings.STATUSES``), ``notes`` further (what, meter, rows) to tell of.
    """

    rows: Ints
    local_us: Ints
    offset_s: Ints
    time_states: States
    values: list[tuple[Ints, States]]
    meters: pa.Array | None
    keep: NDArray[np.bool_] | None
    text: Callable[[str, int], str]
    sheet: str = "–"
    columns: tuple[tuple[str, str], ...] | None = None
    status: States | None = None
    notes: tuple[tuple[str, str, Ints], ...] = ()


@dataclass
class Lines:
    """The complete lines of a text file as UTF-8, chunk by chunk, with row numbers and byte positions."""

    source: Source
    encoding: str
    row: int = 1
    """Row number of the first line of the chunk given last."""
    byte: int = 0
    """Byte position (in the decoded text for UTF-16) of that chunk."""
    count: int = 0
    """Number of lines of that chunk."""
    ends_open: bool = field(default=False)
    """Whether the last line had no line feed."""

    def chunks(self) -> Iterator[bytes]:
        """Chunks of whole lines. ``row`` and ``byte`` stand at the chunk given while the caller has it.

        Raises:
            Refused: ``line_too_long``, ``mixed_encodings``, and what unpacking refuses.
        """
        carry = b""
        for block in self._text_blocks():
            carry += block
            cut = carry.rfind(b"\n") + 1
            if cut:
                yield from self._give(carry[:cut])
                carry = carry[cut:]
            if len(carry) > MAX_LINE:
                raise self.too_long(self.row, self.byte)
        if carry:
            self.ends_open = True
            yield from self._give(carry + b"\n")

    def _give(self, lines: bytes) -> Iterator[bytes]:
        self.count = lines.count(b"\n")
        yield self._utf8(lines)
        self.row += self.count
        self.byte += len(lines)

    def too_long(self, row: int, byte: int) -> Exception:
        """The refusal of a line."""
        return LINE_TOO_LONG(file=self.source.name, row=row, byte=byte, limit=MAX_LINE)

    def _text_blocks(self) -> Iterator[bytes]:
        blocks = self.source.plain_blocks()
        if self.encoding.startswith("utf-16"):
            yield from self._from_utf16(blocks)
            return
        first = True
        for block in blocks:
            if first and block[:3] == codecs.BOM_UTF8:
                if self.encoding != "utf-8":
                    raise self._mixed(1, 0, "a UTF-8 byte order mark")
                block = block[3:]  # noqa: PLW2901
                self.byte = 3
            first = False
            yield block

    def _from_utf16(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        taken, lines, first = 0, 0, True
        try:
            for block in blocks:
                text = decoder.decode(block)
                if first and text:
                    text, first = text.removeprefix("\ufeff"), False
                taken += len(block)
                lines += text.count("\n")
                yield text.encode()
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            place = min(taken + error.start, self.source.size)
            raise self._mixed(lines + 1, place, error.reason) from error

    def _utf8(self, lines: bytes) -> bytes:
        """The lines as UTF-8, checked against the stated encoding."""
        if lines.isascii() or self.encoding.startswith("utf-16"):
            return lines
        from openjcm.mrv.engine import text as engine

        if self.encoding == "cp932":
            good, at, _, _ = engine.utf8_lines(engine.as_bytes(lines), len(lines))
            if good >= 0:
                raise self._mixed(self.row + good, self.byte + at, "UTF-8")
        try:
            return lines.decode(self.encoding).encode()
        except UnicodeDecodeError as error:
            row = self.row + lines.count(b"\n", 0, error.start)
            raise self._mixed(row, self.byte + error.start, error.reason) from error

    def _mixed(self, row: int, byte: int, why: str) -> Exception:
        return MIXED_ENCODINGS(file=self.source.name, encoding=self.encoding, row=row, byte=byte, why=why)


def find_columns(
    header: list[str], wanted: tuple[str, ...], *, file: str, row: int, sheet: str = "–"
) -> dict[str, int]:
    """The places (from 0) of the wanted columns in a header.

    Raises:
        Refused: ``too_many_columns``, ``meter_column_twice``, ``meter_column_missing``.
    """
    if len(header) > MAX_COLUMNS:
        raise TOO_MANY_COLUMNS(file=file, row=row, found=len(header), limit=MAX_COLUMNS)
    names = [name.strip() for name in header]
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            raise COLUMN_TWICE(file=file, row=row, column=name[:100], sheet=sheet)
        seen.add(name)
    for name in wanted:
        if name not in seen:
            shown = ", ".join(f"“{item[:40]}”" for item in names[:30])
            raise COLUMN_MISSING(file=file, row=row, column=name, sheet=sheet, found=shown or "–")
    return {name: names.index(name) for name in wanted}


def header_cells(line: bytes, delimiter: str, *, file: str, row: int, byte: int) -> list[str]:
    """The cells of a header line.

    Raises:
        Refused: ``nul_byte``, ``meter_row_malformed``.
    """
    if b"\0" in line:
        raise NUL_BYTE(file=file, row=row, byte=byte + line.index(b"\0"))
    try:
        return next(csv.reader([line.decode().rstrip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise ROW_MALFORMED(file=file, row=row, column="–", byte=byte, why=str(error)) from error


def read_csv(source: Source, mapping: Mapping) -> Iterator[Raw]:
    """The rows of a text file, chunk by chunk.

    Raises:
        Refused: everything that this module and ``intake_bytes`` declare.
    """
    if source.format() in {"parquet", "excel", "old excel"}:
        raise WRONG_FORMAT(file=source.name, wanted="csv", found=source.format())
    lines = Lines(source, mapping.encoding or "utf-8")
    row, byte = 1, 0
    places: dict[str, int] | None = None
    width = 0
    for chunk in lines.chunks():
        at = 0
        row, byte = lines.row, lines.byte
        while row < mapping.data_row and at < len(chunk):
            end = chunk.index(b"\n", at) + 1
            if end - at > MAX_LINE + 2:
                raise lines.too_long(row, byte + at)
            if row == mapping.header_row:
                header = header_cells(
                    chunk[at:end], mapping.delimiter or ",", file=source.name, row=row, byte=byte + at
                )
                places = find_columns(header, mapping.columns, file=source.name, row=row)
                width = len(header)
            at, row = end, row + 1
        if at < len(chunk) and places is not None:
            yield _raw(lines, mapping, chunk[at:] if at else chunk, row, byte + at, places, width)


def _raw(lines: Lines, mapping: Mapping, chunk: bytes, row: int, byte: int, places: dict[str, int], width: int) -> Raw:
    from openjcm.mrv.engine import text as engine

    buffer = engine.as_bytes(chunk)
    count = lines.row + lines.count - row
    slots = np.full(width, -1, dtype=np.int64)
    for slot, name in enumerate(mapping.columns):
        slots[places[name]] = slot
    starts = np.empty((count, len(mapping.columns)), dtype=np.int64)
    ends = np.empty_like(starts)
    rows = np.empty(count, dtype=np.int64)
    kept, _, status, bad_row, column, at = engine.split(
        buffer, len(chunk), ord(mapping.delimiter or ","), slots, row, starts, ends, rows
    )
    if status != engine.OK:
        _refuse_row(lines, chunk, status, bad_row, column, byte, at)
    starts, ends, rows = starts[:kept], ends[:kept], rows[:kept]
    slot_of = {name: slot for slot, name in enumerate(mapping.columns)}

    def text(name: str, index: int) -> str:
        slot = slot_of[name]
        return chunk[starts[index, slot] : ends[index, slot]].decode()

    def cells(name: str) -> tuple[Ints, Ints]:
        return np.ascontiguousarray(starts[:, slot_of[name]]), np.ascontiguousarray(ends[:, slot_of[name]])

    local_us, offset_s, time_states = parse_times(buffer, *cells(mapping.time_column), mapping.time_format or "")
    values = [parse_numbers(buffer, *cells(name), mapping) for name, _ in mapping.value_columns]
    meters = text_array(buffer, *cells(mapping.meter_column)) if mapping.meter_column else None
    keep = None
    if mapping.row_filter:
        keep = equal_to(text_array(buffer, *cells(mapping.row_filter[0])), mapping.row_filter[1])
    return Raw(rows, local_us, offset_s, time_states, values, meters, keep, text)


def _refuse_row(lines: Lines, chunk: bytes, status: int, row: int, column: int, byte: int, at: int) -> None:
    from openjcm.mrv.engine import text as engine

    name = lines.source.name
    if status == engine.LONG_LINE:
        raise lines.too_long(row, byte + at)
    if status == engine.NUL:
        raise NUL_BYTE(file=name, row=row, byte=byte + at)
    if status == engine.SHORT_ROW and at >= len(chunk) - 1:
        raise FILE_TRUNCATED(file=name, place=f"row {row}", why="the last line has too few cells")
    raise ROW_MALFORMED(file=name, row=row, column=column + 1, byte=byte + at, why=_WHY[status])


def parse_times(buffer: NDArray[np.uint8], starts: Ints, ends: Ints, time_format: str) -> tuple[Ints, Ints, States]:
    """Texts of times as microseconds on the file's clock, stated offsets, and states."""
    from openjcm.mrv.engine import text as engine

    local_us, states = np.empty(len(starts), dtype=np.int64), np.empty(len(starts), dtype=np.uint8)
    offset_s = np.full(len(starts), engine.NO_OFFSET, dtype=np.int64)
    if time_format in WHOLE_FORMATS:
        serial = time_format == "excel_serial"
        shift = 10 if serial else (6 if time_format == "epoch_seconds" else 3)
        engine.numbers(buffer, starts, ends, ord("."), shift, serial, local_us, states)
        if serial:
            local_us = serial_us(local_us / 1e10)
        else:
            offset_s[:] = 0
        states[(states > 1)] = engine.VALUE_BAD
        states[(states == 0) & (np.abs(local_us) > 13_000_000_000 * 1_000_000)] = engine.VALUE_BAD
        return local_us, offset_s, states
    codes = np.array(format_codes(time_format), dtype=np.int64)
    engine.times(buffer, starts, ends, codes, local_us, offset_s, states)
    return local_us, offset_s, states


def serial_us(days: NDArray[np.float64]) -> Ints:
    """Excel's day numbers (1900 system) as microseconds since 1970, rounded to the millisecond.

    The day number is a binary fraction that carries a time of day to about a microsecond; the millisecond is what a
    spreadsheet shows. Time only: no energy is computed from it in floating point.
    """
    whole = np.floor(days)
    milliseconds = np.rint((days - whole) * 86_400_000).astype(np.int64)
    result: Ints = ((whole.astype(np.int64) - 25_569) * 86_400_000 + milliseconds) * 1000
    return result


def parse_numbers(buffer: NDArray[np.uint8], starts: Ints, ends: Ints, mapping: Mapping) -> tuple[Ints, States]:
    """Texts of numbers as whole least units, and states."""
    from openjcm.mrv.engine import text as engine

    values, states = np.empty(len(starts), dtype=np.int64), np.empty(len(starts), dtype=np.uint8)
    mark = ord(mapping.decimal_mark or ".")
    engine.numbers(buffer, starts, ends, mark, mapping.shift, mapping.rounding is not None, values, states)
    return values, states


def text_array(buffer: NDArray[np.uint8], starts: Ints, ends: Ints) -> pa.Array:
    """Cells as an Arrow array of strings, without blanks around them."""
    from openjcm.mrv.engine import text as engine

    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    np.cumsum(ends - starts, out=offsets[1:])
    out = np.empty(int(offsets[-1]), dtype=np.uint8)
    engine.gather(buffer, starts, ends, offsets, out)
    array = pa.LargeStringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(out))
    return pa.compute.utf8_trim_whitespace(array)


def equal_to(array: pa.Array, text: str) -> NDArray[np.bool_]:
    """Which texts are this one."""
    mask: NDArray[np.bool_] = np.asarray(pa.compute.fill_null(pa.compute.equal(array, text), False))
    return mask
