"""Excel workbooks (.xlsx): unpacking bounded before anything is parsed, merged cells refused, cells named A1."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat
from xml.parsers.expat import ExpatError

import numpy as np
import pyarrow as pa
import python_calamine

from openjcm.mrv.intake_bytes import CLAUSE, FILE_BOMB, FILE_EMPTY, FILE_TRUNCATED, WRONG_FORMAT, Source
from openjcm.mrv.intake_cells import Raw, equal_to
from openjcm.mrv.intake_columns import Cell, cell_text, number_cells, time_cells, with_clock
from openjcm.mrv.intake_csv import find_columns, joined_header
from openjcm.mrv.mapping import Mapping
from openjcm.refusals import refusal

MAX_INFLATED = 512 << 20
MAX_CELLS = 20_000_000
_RATIO = 200
_RATIO_FROM = 16 << 20
_SHEET_MARK = b"sheetData"
"""The element without which no reader finds cells."""
_REFERENCE = re.compile(r"([A-Za-z]*)([0-9]*)")

SHEET_MISSING = refusal(
    "sheet_missing",
    en="“{file}” has no sheet “{sheet}”. It has: {found}.",
    ja="「{file}」にシート「{sheet}」がありません。あるシート: {found}。",
    remedy_en="Name a sheet that the workbook has.",
    remedy_ja="ブックにあるシート名を指定してください。",
    clause=CLAUSE,
)
MERGED_CELLS = refusal(
    "merged_cells",
    en="Sheet “{sheet}” of “{file}” has merged cells in the header or the readings: {cells}.",
    ja="「{file}」のシート「{sheet}」では、見出しまたは計測値のセルが結合されています: {cells}。",
    remedy_en="Unmerge them, or state the row below them that holds one name per column as header_row.",
    remedy_ja="結合を解除するか、その下で各列に名前が 1 つずつある行を header_row に指定してください。",
    clause=CLAUSE,
)


def inflate_bounded(source: Source) -> bytes:
    """The workbook's bytes, after every member was really unpacked within the limits and its cells counted.

    Declared sizes are not believed: each member is inflated and counted. Whatever holds a sheet's data, under whatever
    name, is parsed for the largest row and column: one cell at XFD1048576 makes a reader allocate the whole rectangle.

    Raises:
        Refused: ``meter_file_unpacks_too_large``, ``meter_file_truncated``, ``meter_file_wrong_format``.
    """
    if source.format() == "empty":
        raise FILE_EMPTY(file=source.name)
    if source.format() != "excel":
        raise WRONG_FORMAT(file=source.name, wanted="excel (.xlsx)", found=source.format())
    if source.size > MAX_INFLATED:
        raise FILE_BOMB(file=source.name, found=f"{source.size} B", limit=f"{MAX_INFLATED} B", place="xlsx")
    data = b"".join(source.blocks())
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _refuse_other_formats(source, {item.filename.lower() for item in members})
            if len(members) > 10_000 or sum(item.file_size for item in members) > MAX_INFLATED:
                declared = sum(item.file_size for item in members)
                raise FILE_BOMB(file=source.name, found=f"{declared} B", limit=f"{MAX_INFLATED} B", place="xlsx")
            total = 0
            for item in members:
                total += _inflate(source, archive, item, total, len(data))
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, ExpatError,
        LookupError,
    ) as error:  # fmt: skip
        raise FILE_TRUNCATED(file=source.name, place="xlsx", why=str(error)[:160] or type(error).__name__) from error
    return data


def _refuse_other_formats(source: Source, names: set[str]) -> None:
    """The reader tries three formats that are ZIP files; only .xlsx is bounded here, so only .xlsx may pass."""
    for name, found in (("content.xml", "OpenDocument (.ods)"), ("xl/workbook.bin", ".xlsb")):
        if name in names:
            raise WRONG_FORMAT(file=source.name, wanted="excel (.xlsx)", found=found)


def _inflate(source: Source, archive: zipfile.ZipFile, item: zipfile.ZipInfo, before: int, packed: int) -> int:
    size, tail, is_sheet = 0, b"", False
    with archive.open(item) as stream:
        while block := stream.read(1 << 20):
            size += len(block)
            reached = before + size
            if reached > MAX_INFLATED or (reached > _RATIO_FROM and reached > packed * _RATIO):
                limit = min(MAX_INFLATED, max(_RATIO_FROM, packed * _RATIO))
                raise FILE_BOMB(file=source.name, found=f"≥ {reached} B", limit=f"{limit} B", place=item.filename)
            is_sheet = is_sheet or _SHEET_MARK in tail + block
            tail = block[-len(_SHEET_MARK) :]
    if is_sheet:
        with archive.open(item) as stream:
            _SheetExtent(source.name, item.filename).read(stream)
    return size


class _SheetExtent:
    """The rows and columns that a worksheet's cells span, found by a strict XML parser.

    Cells and rows without a reference follow the one before. References never lower the count.
    """

    def __init__(self, file: str, member: str) -> None:
        self.file, self.member = file, member
        self.row = self.column = self.columns = 0

    def read(self, stream: IO[bytes]) -> None:
        """Refuses ``meter_file_unpacks_too_large``; raises ``ExpatError`` for what is no XML, or declares entities."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ParseFile(stream)

    def _doctype(self, *_: object) -> None:
        raise ValueError("a document type declaration")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self.row, self.column = self.row + 1, 0
        elif kind == "c":
            self.column += 1
        else:
            return
        if found := _REFERENCE.fullmatch(attributes.get("r", "")):
            self.row = max(self.row, int(found[2].lstrip("0")[:12] or 0))
            self.column = max(self.column, _column_number(found[1]))
        self.columns = max(self.columns, self.column)
        if self.row * self.columns > MAX_CELLS:
            raise FILE_BOMB(
                file=self.file,
                found=f"≥ {self.row} × {self.columns} cells",
                limit=f"{MAX_CELLS} cells",
                place=self.member,
            )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_name(row: int, column: int) -> str:
    """A cell's name from its row and column counted from 0: (0, 27) is AB1."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def open_sheet(
    source: Source, sheet: str | None
) -> tuple[str, list[list[Cell]], list[tuple[tuple[int, int], tuple[int, int]]], list[str]]:
    """A worksheet: its name, its rows (each with all columns), its merged ranges, and all sheet names.

    Raises:
        Refused: ``sheet_missing``, ``meter_file_truncated`` and what unpacking refuses.
    """
    data = inflate_bounded(source)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            raise SHEET_MISSING(file=source.name, sheet=sheet, found=", ".join(f"“{name}”" for name in names))
        chosen = sheet if sheet is not None else names[0]
        page = book.get_sheet_by_name(chosen)
        rows: list[list[Cell]] = page.to_python(skip_empty_area=False)
        merged = list(page.merged_cell_ranges or [])
    except (python_calamine.CalamineError, OSError, ValueError, IndexError, OverflowError) as error:
        raise FILE_TRUNCATED(file=source.name, place="xlsx", why=str(error)[:160] or type(error).__name__) from error
    except BaseException as error:
        # A defect in the compiled reader surfaces as PanicException, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise FILE_TRUNCATED(file=source.name, place="xlsx", why="the reader gave up") from error
    return chosen, rows, merged, names


def read_excel(source: Source, mapping: Mapping) -> Iterator[Raw]:
    """The rows of one worksheet.

    Raises:
        Refused: as ``open_sheet``; ``merged_cells``, ``meter_column_missing``, ``meter_column_twice``.
    """
    sheet, rows, merged, _ = open_sheet(source, mapping.sheet)
    touching = [item for item in merged if item[1][0] + 1 >= mapping.header_row]
    if touching:
        cells = ", ".join(f"{cell_name(*start)}:{cell_name(*end)}" for start, end in touching[:20])
        raise MERGED_CELLS(file=source.name, sheet=sheet, cells=cells)
    if len(rows) < mapping.data_row:
        raise FILE_EMPTY(file=source.name)
    header = joined_header(
        [[cell_text(cell) for cell in row] for row in rows[mapping.header_row - 1 :][: mapping.header_rows]]
    )
    header = header or [""] * len(rows[mapping.data_row - 1])
    places = find_columns(header, mapping.columns, file=source.name, row=mapping.header_row, sheet=sheet)
    numbered = [
        (number, row)
        for number, row in enumerate(rows[mapping.data_row - 1 :], mapping.data_row)
        if any(cell != "" for cell in row)
    ]

    def column(name: str) -> list[Cell]:
        return [row[places[name]] for _, row in numbered]

    moments = column(mapping.time_column)
    if mapping.clock_column:
        moments = [with_clock(*pair) for pair in zip(moments, column(mapping.clock_column), strict=True)]
    times = time_cells(moments, mapping)
    values = [number_cells(column(name), mapping) for name, _ in mapping.value_columns]
    meters = _texts(column(mapping.meter_column)) if mapping.meter_column else None
    keep = equal_to(_texts(column(mapping.row_filter[0])), mapping.row_filter[1]) if mapping.row_filter else None
    row_numbers = np.array([number for number, _ in numbered], dtype=np.int64)
    yield Raw(row_numbers, *times, values, meters, keep, lambda name, index: cell_text(column(name)[index]), sheet)


def _texts(cells: list[Cell]) -> pa.Array:
    return pa.array([cell_text(cell).strip() for cell in cells], type=pa.large_string())
