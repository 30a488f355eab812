"""A worksheet of XlsxWriter that takes whole columns: for tables of a hundred thousand rows.

XlsxWriter keeps an object for each cell and writes each with a handful of calls. Where every cell of a table has one
style and is a text or a whole number, a column can be kept as the endings of its cells' elements and written many rows
at a time. The file is the same, byte for byte, as that of ``write_string`` and ``write_number`` cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from openjcm.refusals import refusal

TABLE_TOO_LONG = refusal(
    "table_too_long",
    en="The table would end in row {last}; a worksheet has {most} rows.",
    ja="表が {last} 行目に達しますが、1 つのワークシートは {most} 行までです。",
    remedy_en="Take the same information as data (JSON), which has no such limit, and divide it as its recipient asks.",
    remedy_ja="行数に上限のないデータ (JSON) として取得し、提出先の求める形に分けてください。",
    clause="ECMA-376, spreadsheets as programs read them: 1,048,576 rows",
)

SPAN = 16
"""Rows for which XlsxWriter names the outermost used columns together."""
TOGETHER = 256 * SPAN
"""Rows put together before they are written."""


class _Column(NamedTuple):
    number: int
    ends: list[str]
    """What follows the style of each cell; empty where there is no cell."""
    whole: bool
    style: Format


class ColumnSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A worksheet with at most one table of columns, below all cells that are written one by one.

    The row above the table holds the labels of all its columns; every row of the table has a cell.
    """

    def __init__(self) -> None:
        super().__init__()
        self._table_columns: list[_Column] = []
        self._table_row = 0

    def write_column_of(self, row: int, column: int, values: Sequence[str | int | None], style: Format) -> None:
        """One column of the table that begins in a row; ``None`` leaves a cell out. Columns come from left to right.

        Raises:
            Refused: ``table_too_long``.
        """
        if not values:
            return
        if self._check_dimensions(row + len(values) - 1, column):
            raise TABLE_TOO_LONG(last=row + len(values), most=self.xls_rowmax)
        end_of = {value: self._end(row, column, value) for value in dict.fromkeys(values)}
        ends = [end_of[value] for value in values]
        texts = sum(isinstance(value, str) for value in end_of)
        all_texts = len(ends) - ends.count("")
        if texts and texts + (None in end_of) < len(end_of):
            all_texts = sum(isinstance(value, str) for value in values)
        if texts:
            self.str_table.count += all_texts - texts  # the library counts every use, and has counted one of each
        self._table_row = row
        self._table_columns.append(_Column(column, ends, "" not in ends, style))

    def _end(self, row: int, column: int, value: str | int | None) -> str:
        """What follows the style in the element of a cell."""
        if value is None:
            return ""
        if not isinstance(value, str):
            return f"><v>{value:.16G}</v></c>"
        if len(value) <= self.xls_strmax // 2:
            return f' t="s"><v>{self.str_table._get_shared_string_index(value)}</v></c>'
        self._write_string(row, column, value)  # cuts what is too long for a cell
        return f' t="s"><v>{self.table.pop(row)[column].string}</v></c>'

    def _write_rows(self) -> None:
        """The single cells, then the table."""
        if not self._table_columns:
            super()._write_rows()
            return
        last: int = self.dim_rowmax
        self.dim_rowmax: int = self._table_row - 1
        super()._write_rows()
        self.dim_rowmax = last
        start = self._table_row
        while start <= last:
            stop = min((start // TOGETHER + 1) * TOGETHER, last + 1)
            self.fh.write(self._table_rows(start, stop))
            start = stop

    def _table_rows(self, start: int, stop: int) -> str:
        parts: list[Sequence[str]] = [
            [f'<row r="{number}" spans="{span}">' for number, span in enumerate(self._spans(start, stop), start + 1)]
        ]
        for column in self._table_columns:
            head, middle = f'<c r="{xl_col_to_name(column.number)}', f'" s="{column.style._get_xf_index()}"'
            ends = column.ends[start - self._table_row : stop - self._table_row]
            parts.append([f"{head}{number}{middle}{end}" if end else "" for number, end in enumerate(ends, start + 1)])
        parts.append(["</row>"] * (stop - start))
        return "".join(map("".join, zip(*parts, strict=True)))

    def _spans(self, start: int, stop: int) -> list[str]:
        """For each row the outermost columns, counted from 1, of the sixteen rows to which it belongs."""
        spans: list[str] = []
        while start < stop:
            end = min((start // SPAN + 1) * SPAN, stop)
            with_labels = start == self._table_row and start % SPAN != 0
            columns = self._table_columns
            rows = slice(start - self._table_row, end - self._table_row)
            first, last = (
                next(one.number for one in order if with_labels or one.whole or any(one.ends[rows]))
                for order in (columns, columns[::-1])
            )
            spans += [f"{first + 1}:{last + 1}"] * (end - start)
            start = end
        return spans
