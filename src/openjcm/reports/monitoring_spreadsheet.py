"""The monitoring spreadsheet as a file: the same facts give the same bytes.

Texts are written as texts, whatever they begin with: nothing that somebody wrote into a source or a comment can become
a formula, a link or a macro. Cells that people fill in are open, the others are protected without a password, against
slips of the hand only.
"""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction
from io import BytesIO
from typing import Any

import xlsxwriter

from openjcm.refusals import refusal
from openjcm.reports.spreadsheet_cells import Book, Cell, Place, Sheet

NUMBER_TOO_LARGE = refusal(
    "spreadsheet_number_too_large",
    en="A number with {digits} digits does not fit into a worksheet.",
    ja="{digits} 桁の数値はワークシートに記入できません。",
    remedy_en="Check the unit and the size of the values.",
    remedy_ja="単位と値の大きさを確認してください。",
    clause="OpenJCM: a worksheet computes in double precision",
)
_FIXED = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no zone; a fixed instant keeps the bytes the same
MAX_TEXT = 2_000
"""A cell holds 32,767 characters; nobody reads so many. Longer words are cut, and end with an ellipsis."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_BASE = {"valign": "top", "text_wrap": True}
_EDGE = {**_BASE, "border": 1}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "section": {"bold": True, "font_size": 12},
    "head": {**_EDGE, "bold": True, "bg_color": "#E8EDF2"},
    "text": _EDGE,
    "free": {**_EDGE, "bg_color": "#FFFBE6", "locked": False},
    "open": {**_EDGE, "bg_color": "#FFFBE6", "locked": False},
    "input": {**_EDGE, "bg_color": "#FFF2A8", "locked": False},
    "value": _EDGE,
    "formula": {**_EDGE, "bg_color": "#F2F2F2"},
    "whole": {**_EDGE, "bg_color": "#F2F2F2", "bold": True, "num_format": "#,##0"},
}


def write_spreadsheet(book: Book) -> bytes:
    """The bytes of the workbook (.xlsx)."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    made = xlsxwriter.Workbook(buffer, options)
    made.set_properties({"title": shortened(book.title)[:200], "author": "OpenJCM", "created": _FIXED})
    styles = {name: made.add_format(one) for name, one in _STYLES.items()}
    for sheet in book.sheets:
        _write_sheet(made.add_worksheet(sheet.name), sheet, styles)
    made.close()
    return buffer.getvalue()


def _write_sheet(made: xlsxwriter.worksheet.Worksheet, sheet: Sheet, styles: dict[str, object]) -> None:
    for column, width in enumerate(sheet.widths):
        made.set_column(column, column, width)
    for place, cell in sheet.cells.items():
        _write_cell(made, place, cell, styles[cell.style])
        if cell.choices and len(",".join(cell.choices)) <= 255:
            made.data_validation(*place, *place, {"validate": "list", "source": list(cell.choices)})
    made.protect("", {"format_columns": True, "format_rows": True})
    made.set_landscape()
    made.set_paper(9)
    made.fit_to_pages(1, 0)
    made.set_footer("&L&F&C&A&R&P / &N")


def _write_cell(made: xlsxwriter.worksheet.Worksheet, place: Place, cell: Cell, style: object) -> None:
    if cell.formula:
        shown = _number(cell.content) if isinstance(cell.content, Fraction) else shortened(cell.content or "")
        made.write_formula(*place, f"={cell.formula}", style, shown)
    elif isinstance(cell.content, Fraction):
        made.write_number(*place, _number(cell.content), style)
    elif cell.content:
        made.write_string(*place, shortened(cell.content), style)
    else:
        made.write_blank(*place, None, style)


def _number(value: Fraction) -> float:
    """The number as a worksheet holds it: double precision."""
    if abs(value) >= 10**300:
        raise NUMBER_TOO_LARGE(digits=len(str(abs(value.numerator // value.denominator))))
    return float(value)


def shortened(words: str) -> str:
    """Words as they fit into a cell: without the signs that XML cannot hold, and cut where they are too long."""
    words = _UNWRITABLE.sub("", words)
    return words if len(words) <= MAX_TEXT else words[: MAX_TEXT - 1] + "…"
