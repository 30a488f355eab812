"""Text files: one record per line, in blocks, with the place of everything that is wrong."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from openjcm.mrv.intake_bytes import (
    CLAUSE,
    FILE_TRUNCATED,
    LINE_TOO_LONG,
    MAX_COLUMNS,
    MAX_LINE,
    WRONG_FORMAT,
    Source,
)
from openjcm.mrv.intake_cells import (
    Cells,
    Ints,
    Raw,
    equal_to,
    joined_cells,
    parse_numbers,
    parse_times,
    repeated_texts,
    text_array,
)
from openjcm.mrv.mapping import Mapping
from openjcm.refusals import refusal

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


@dataclass(frozen=True)
class Chunk:
    """Some whole lines of a text file as UTF-8."""

    data: bytes
    row: int
    """Row number of the first line."""
    byte: int
    """Byte position of the first line (in the decoded text for UTF-16)."""
    count: int
    """Number of lines."""


@dataclass
class Lines:
    """The complete lines of a text file as UTF-8, chunk by chunk, with row numbers and byte positions."""

    source: Source
    encoding: str
    row: int = 1
    byte: int = 0
    ends_open: bool = field(default=False)
    """Whether the last line had no line feed."""

    def chunks(self) -> Iterator[Chunk]:
        """Chunks of whole lines.

        Raises:
            Refused: ``line_too_long``, ``mixed_encodings``, and what unpacking refuses.
        """
        carry = b""
        for block in self._text_blocks():
            cut = block.rfind(b"\n") + 1
            if cut:
                yield self._give(carry + block[:cut] if carry else block[:cut])
                carry = block[cut:]
            else:
                carry += block
            if len(carry) > MAX_LINE:
                raise too_long(self.source.name, self.row, self.byte)
        if carry:
            self.ends_open = True
            yield self._give(carry + b"\n")

    def _give(self, lines: bytes) -> Chunk:
        from openjcm.mrv.engine import text as engine

        chunk = Chunk(self._utf8(lines), self.row, self.byte, engine.lines(engine.as_bytes(lines)))
        self.row += chunk.count
        self.byte += len(lines)
        return chunk

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


def too_long(file: str, row: int, byte: int) -> Exception:
    """The refusal of a line."""
    return LINE_TOO_LONG(file=file, row=row, byte=byte, limit=MAX_LINE)


def find_columns(
    header: list[str], wanted: tuple[str, ...], *, file: str, row: int, sheet: str = "–"
) -> dict[str, int]:
    """The places (from 0) of the wanted columns in a header.

    Raises:
        Refused: ``too_many_columns``, ``meter_column_twice``, ``meter_column_missing``.
    """
    if len(header) > MAX_COLUMNS:
        raise TOO_MANY_COLUMNS(file=file, row=row, found=len(header), limit=MAX_COLUMNS)
    names = names_of(header)
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


def names_of(header: list[str]) -> list[str]:
    """The names of columns without blanks around them; a column without a name is called by its place: ``#1``."""
    return [name.strip() or f"#{place}" for place, name in enumerate(header, 1)]


def joined_header(rows: list[list[str]]) -> list[str]:
    """The names of columns from the rows of a header: the texts of a column, top to bottom, with a blank between.

    A blank in an upper row stands under the group to its left (exports of merged cells), unless nothing is to its left.
    """
    width = max((len(row) for row in rows), default=0)
    filled = []
    for place, row in enumerate(rows):
        names = [name.strip() for name in row] + [""] * (width - len(row))
        for column in range(1, width if place < len(rows) - 1 else 0):
            names[column] = names[column] or names[column - 1]
        filled.append(names)
    return [" ".join(name for name in column if name) for column in zip(*filled, strict=True)]


def read_csv(source: Source, mapping: Mapping) -> Iterator[Callable[[], Raw]]:
    """The rows of a text file, chunk by chunk, each chunk as work that may be done beside the others.

    Raises:
        Refused: everything that this module and ``intake_bytes`` declare.
    """
    if source.format() in {"parquet", "excel", "old excel"}:
        raise WRONG_FORMAT(file=source.name, wanted="csv", found=source.format())
    header: list[list[str]] = []
    table: _Table | None = None
    for chunk in Lines(source, mapping.encoding or "utf-8").chunks():
        at, row = 0, chunk.row
        while row < mapping.data_row and at < len(chunk.data):
            end = chunk.data.index(b"\n", at) + 1
            if end - at > MAX_LINE + 2:
                raise too_long(source.name, row, chunk.byte + at)
            if 0 <= row - mapping.header_row < mapping.header_rows:
                line, place = chunk.data[at:end], {"row": row, "byte": chunk.byte + at}
                header.append(header_cells(line, mapping.delimiter or ",", file=source.name, **place))
            at, row = end, row + 1
        if not mapping.header_rows and table is None and at < len(chunk.data):
            line = chunk.data[at : chunk.data.index(b"\n", at) + 1]
            place = {"row": row, "byte": chunk.byte + at}
            header = [[""] * len(header_cells(line, mapping.delimiter or ",", file=source.name, **place))]
        if table is None and len(header) == max(mapping.header_rows, 1):
            table = _Table.of(joined_header(header) if len(header) > 1 else header[0], source.name, mapping)
        if at < len(chunk.data) and table is not None:
            rest = chunk.count - (row - chunk.row)
            yield partial(table.read, Chunk(chunk.data[at:] if at else chunk.data, row, chunk.byte + at, rest))


@dataclass(frozen=True)
class _Table:
    """Where the wanted columns of one text file stand."""

    file: str
    mapping: Mapping
    slots: Ints
    """Column of the file → place among the wanted columns, or -1."""

    @classmethod
    def of(cls, header: list[str], file: str, mapping: Mapping) -> _Table:
        places = find_columns(header, mapping.columns, file=file, row=mapping.header_row)
        slots = np.full(len(header), -1, dtype=np.int64)
        for slot, name in enumerate(mapping.columns):
            slots[places[name]] = slot
        return cls(file, mapping, slots)

    def read(self, chunk: Chunk) -> Raw:
        """The rows of a chunk."""
        from openjcm.mrv.engine import text as engine

        mapping, buffer = self.mapping, engine.as_bytes(chunk.data)
        starts = np.empty((len(mapping.columns), chunk.count), dtype=np.int64)
        ends, rows = np.empty_like(starts), np.empty(chunk.count, dtype=np.int64)
        kept, _, status, bad_row, column, at = engine.split(
            buffer, len(chunk.data), ord(mapping.delimiter or ","), self.slots, chunk.row, starts, ends, rows
        )
        if status != engine.OK:
            self._refuse(chunk, status, bad_row, column, at)
        slot_of = {name: slot for slot, name in enumerate(mapping.columns)}

        def text(name: str, index: int) -> str:
            slot = slot_of[name]
            found = chunk.data[starts[slot, index] : ends[slot, index]].decode()
            clock = name == mapping.time_column and mapping.clock_column
            return f"{found} {text(clock, index)}" if clock else found

        def cells(name: str) -> Cells:
            return buffer, starts[slot_of[name], :kept], ends[slot_of[name], :kept]

        times = cells(mapping.time_column)
        if mapping.clock_column:
            times = joined_cells(times, cells(mapping.clock_column))
        values = [parse_numbers(cells(name), mapping) for name, _ in mapping.value_columns]
        meters = repeated_texts(cells(mapping.meter_column)) if mapping.meter_column else None
        keep = equal_to(text_array(cells(mapping.row_filter[0])), mapping.row_filter[1]) if mapping.row_filter else None
        parsed = parse_times(times, mapping.time_format or "", mapping.decimal_mark)
        return Raw(rows[:kept], *parsed, values, meters, keep, text)

    def _refuse(self, chunk: Chunk, status: int, row: int, column: int, at: int) -> None:
        from openjcm.mrv.engine import text as engine

        byte = chunk.byte + at
        if status == engine.LONG_LINE:
            raise too_long(self.file, row, byte)
        if status == engine.NUL:
            raise NUL_BYTE(file=self.file, row=row, byte=byte)
        if status == engine.SHORT_ROW and at >= len(chunk.data) - 1:
            raise FILE_TRUNCATED(file=self.file, place=f"row {row}", why="the last line has too few cells")
        raise ROW_MALFORMED(file=self.file, row=row, column=column + 1, byte=byte, why=_WHY[status])
