"""A table written column by column is, byte for byte, the one that XlsxWriter writes cell by cell."""

from __future__ import annotations

import gc
from datetime import datetime
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from openjcm.refusals import Refused
from openjcm.reports.collector import collector_paused
from openjcm.reports.column_sheet import TOGETHER, ColumnSheet

Columns = list[list[str | int | None]]


class CellByCell(xlsxwriter.worksheet.Worksheet):  # type: ignore[misc]
    def write_column_of(self, row: int, column: int, values: list[str | int | None], style: object) -> None:
        for place, value in enumerate(values, row):
            if isinstance(value, int):
                self.write_number(place, column, value, style)
            elif value is not None:
                self.write_string(place, column, value, style)


def workbook(kind: type, columns: Columns, top: int = 6) -> bytes:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - the format has no zone
    label, cell = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheets = [book.add_worksheet(name, kind) for name in ("Table", "Other")]
    for sheet in sheets:
        sheet.write_string(0, 0, "Title")
        for column, values in enumerate(columns):
            sheet.write_string(top - 1, 2 * column, f"Label {column}", label)
            sheet.write_column_of(top, 2 * column, values, cell)
    book.close()
    return buffer.getvalue()


def filled(columns: Columns) -> Columns:
    """With a column of numbers in the middle: every row of a table has a cell."""
    half = len(columns) // 2
    return [*columns[:half], list(range(len(columns[0]))), *columns[half:]]


CELLS = st.none() | st.integers(-1, 10**17) | st.sampled_from(["", "a", "<r>&</r>", " x ", "排出", "\x01", "_x0001_"])


@given(st.integers(0, 24).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=3)))
def test_the_bytes_are_those_of_single_cells(columns: Columns) -> None:
    assert workbook(ColumnSheet, filled(columns)) == workbook(CellByCell, filled(columns))


@pytest.mark.parametrize("top", [1, 15, 16, 17])
def test_rows_are_written_together_and_spans_are_named_by_sixteen(top: int) -> None:
    rows = TOGETHER + 40
    sparse: Columns = [[None if row % 100 < 60 else "x" for row in range(rows)]] * 2
    assert workbook(ColumnSheet, filled(sparse), top) == workbook(CellByCell, filled(sparse), top)


def test_a_text_too_long_for_a_cell_is_cut_where_xlsxwriter_cuts_it() -> None:
    columns: Columns = [["a" * 20_000, "b" * 40_000, "😀" * 20_000, "short"]]
    assert workbook(ColumnSheet, filled(columns)) == workbook(CellByCell, filled(columns))


def test_more_rows_than_a_sheet_holds_are_refused() -> None:
    """The last row of a sheet can be filled; one more is refused, in both languages, with what to do."""
    last = 1_048_576
    assert workbook(ColumnSheet, [["a"]], last - 1)
    with pytest.raises(Refused) as refused:
        workbook(ColumnSheet, [["a", "b"]], last - 1)
    assert refused.value.code == "table_too_long" and refused.value.remedy("ja")
    assert str(last + 1) in refused.value.message("en")


def test_the_collector_is_on_again_afterwards_and_stays_off_where_it_was_off() -> None:
    with pytest.raises(ZeroDivisionError), collector_paused():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()
    with collector_paused(), collector_paused():
        pass
    assert gc.isenabled()
