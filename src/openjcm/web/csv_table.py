"""Tables as CSV that people open in spreadsheets: readable Japanese, and no text that becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")
"""A cell that begins with one of these is computed by a spreadsheet instead of shown (the wide forms in Japanese)."""


def csv_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table by RFC 4180, with a byte order mark so that spreadsheets read Japanese. ``None`` is empty.

    Texts come from outside (titles, names, sources). One that a spreadsheet would take for a formula gets an apostrophe
    before it. Figures are numbers and stay as they are.
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.lstrip(" \u3000\ufeff").startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value
