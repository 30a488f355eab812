"""A first mapping from what a meter file says of itself, with a reason for each field, and questions for the rest.

Read from the file: its format, encoding, delimiter, decimal mark, header, the form of its times, the unit or zone that
a header names. Never derived: a unit from the size of the numbers, a zone from the shape of the day, day before month
where both would fit. What stays open is a question for a person.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from datetime import date, datetime

import pyarrow as pa

from openjcm.mrv.intake_bytes import FILE_EMPTY, LINE_TOO_LONG, MAX_LINE, WRONG_FORMAT, FileData, Source
from openjcm.mrv.intake_csv import MIXED_ENCODINGS, Lines, header_cells
from openjcm.mrv.mapping import Proposal
from openjcm.mrv.proposal_draft import Draft
from openjcm.mrv.proposal_tables import Table, from_table, interval_of, unit_and_kind, values_and_meter

SAMPLE_ROWS = 2000


def propose_mapping(data: FileData, name: str) -> Proposal:
    """What a meter file says of how it is to be read (see the module's text).

    Raises:
        Refused: where no mapping could help: an empty, cut-off, oversized or mixed-encoding file, an old Excel file.
    """
    source = Source(data, name)
    kind = source.format()
    if kind == "old excel":
        raise WRONG_FORMAT(file=name, wanted="excel (.xlsx)", found="Excel 97-2003 (.xls)")
    draft = Draft()
    if kind == "parquet":
        return _from_parquet(draft, source)
    if kind == "excel":
        return _from_excel(draft, source)
    return _from_own_form(draft, source) or _from_text(draft, source)


def _from_own_form(draft: Draft, source: Source) -> Proposal | None:
    """The proposal of a format that names itself in its first bytes; ``None`` for any other text."""
    head = next(source.plain_blocks(), b"")[:4096].removeprefix(codecs.BOM_UTF8).lstrip()
    named = re.match(rb"100,(NEM1[23])\b", head)
    if not named and not re.match(rb"<(\?xml|([A-Za-z]+:)?(feed|entry)\b)", head):
        return None
    from openjcm.mrv.proposal_forms import from_green_button, from_nem

    return from_nem(draft, source, named[1].decode().lower()) if named else from_green_button(draft, source)


def detect_encoding(source: Source) -> tuple[str, str, str]:
    """The encoding of a text file and why (English, Japanese), from all of its bytes.

    Raises:
        Refused: ``mixed_encodings`` where some lines are surely UTF-8 and others surely are not, or no encoding fits.
    """
    from openjcm.mrv.engine import text as engine

    head = next(source.plain_blocks(), b"")[:4]
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16-le" if head[:2] == b"\xff\xfe" else "utf-16-be"
        return encoding, "byte order mark of UTF-16", "UTF-16 の BOM があります"
    good, bad, row, byte = None, None, 0, 0
    carry = b""
    for block in source.plain_blocks():
        joined = carry + block
        cut = joined.rfind(b"\n") + 1 or len(joined)
        if b"\n" not in joined and len(joined) > MAX_LINE:
            raise LINE_TOO_LONG(file=source.name, row=row + 1, byte=byte, limit=MAX_LINE)
        lines, carry = joined[:cut], joined[cut:]
        good_row, good_at, bad_row, bad_at = engine.utf8_lines(engine.as_bytes(lines), len(lines))
        good = (row + good_row + 1, byte + good_at) if good is None and good_row >= 0 else good
        bad = (row + bad_row + 1, byte + bad_at) if bad is None and bad_row >= 0 else bad
        row, byte = row + lines.count(b"\n"), byte + len(lines)
    if carry:
        good_row, good_at, bad_row, bad_at = engine.utf8_lines(engine.as_bytes(carry), len(carry))
        good = (row + 1, byte + good_at) if good is None and good_row >= 0 else good
        bad = (row + 1, byte + bad_at) if bad is None and bad_row >= 0 else bad
    if bad is None:
        if head[:3] == b"\xef\xbb\xbf":
            return "utf-8", "byte order mark of UTF-8", "UTF-8 の BOM があります"
        why = (
            ("every byte is ASCII", "すべて ASCII です")
            if good is None
            else ("every line is valid UTF-8", "全行が UTF-8 として正しい")
        )
        return "utf-8", *why
    if good is not None:
        raise MIXED_ENCODINGS(
            file=source.name, encoding="utf-8", row=bad[0], byte=bad[1], why=f"row {good[0]} is UTF-8, this row is not"
        )
    return (
        "cp932",
        f"row {bad[0]} is not UTF-8 but fits Shift_JIS (CP932)",
        f"{bad[0]} 行目は UTF-8 ではなく Shift_JIS (CP932) です",
    )


def _from_text(draft: Draft, source: Source) -> Proposal:
    draft.found("format", "csv", "lines of text", "テキストの行です")
    encoding, en, ja = detect_encoding(source)
    draft.found("encoding", encoding, en, ja)
    sample: list[bytes] = []
    for chunk in Lines(source, encoding).chunks():
        sample += chunk.data.splitlines(keepends=True)[: SAMPLE_ROWS + 50 - len(sample)]
        if len(sample) >= SAMPLE_ROWS:
            break
    lines = [line for line in sample if line.strip()]
    if not lines:
        raise FILE_EMPTY(file=source.name)
    delimiter = _delimiter(lines)
    if delimiter is None:
        draft.ask("delimiter", choices=(",", ";", "\\t", "|"))
        return draft.proposal([], [[line.decode()[:200]] for line in lines])
    draft.found("delimiter", delimiter, "every line has as many", "各行に同じ数あります")
    table = [header_cells(line, delimiter, file=source.name, row=place, byte=0) for place, line in enumerate(sample, 1)]
    columns = from_table(draft, table, delimiter=delimiter)
    return draft.proposal(columns, [row for row in table[_below(draft) :] if row])


def _below(draft: Draft) -> int:
    """How many rows stand above the first row of values."""
    header = int(str(draft.fields.get("header_row", 0))) + int(str(draft.fields.get("header_rows", 1))) - 1
    return int(str(draft.fields.get("first_data_row", max(header, 0) + 1))) - 1


def _delimiter(lines: list[bytes]) -> str | None:
    """The sign that splits most lines into one number of cells, the more cells the better; ``None`` for a tie."""
    scores = {}
    for sign in (b",", b";", b"\t", b"|"):
        counts = Counter(line.count(sign) for line in lines)
        cells, often = max(counts.items(), key=lambda item: (item[1], item[0]))
        if cells and 2 * often > len(lines):
            scores[sign.decode()] = (often, cells)
    if not scores:
        return None
    ranked = sorted(scores.items(), key=lambda item: item[1], reverse=True)
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _from_excel(draft: Draft, source: Source) -> Proposal:
    from openjcm.mrv.intake_columns import cell_text
    from openjcm.mrv.intake_excel import open_sheet

    sheet, cells, merged, sheets = open_sheet(source, None)
    draft.found("format", "excel", "a workbook", "Excel のブックです")
    why = ("the first of its sheets", "最初のシートです") if len(sheets) > 1 else ("its only sheet", "唯一のシートです")
    draft.found("sheet", sheet, *why)
    below = max((end[0] + 1 for _, end in merged if end[0] < 20), default=0)
    table = [[_shown(cell, cell_text) for cell in row] for row in cells[: SAMPLE_ROWS + 50]]
    if not any(any(row) for row in table):
        raise FILE_EMPTY(file=source.name)
    blanked = [[""] * len(row) if place < below else row for place, row in enumerate(table)]
    columns = from_table(draft, blanked, delimiter=None)
    return draft.proposal(columns, table[_below(draft) :])


def _shown(cell: object, cell_text: object) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell_text(cell)  # type: ignore[operator, no-any-return]


def _from_parquet(draft: Draft, source: Source) -> Proposal:
    from openjcm.mrv.intake_parquet import open_parquet

    file = open_parquet(source)
    schema = file.schema_arrow
    try:
        batch = next(file.iter_batches(SAMPLE_ROWS), None)
    except (pa.ArrowException, OSError) as error:
        from openjcm.mrv.intake_bytes import FILE_TRUNCATED

        raise FILE_TRUNCATED(file=source.name, place="Parquet", why=str(error)[:160]) from error
    if batch is None or not batch.num_rows:
        raise FILE_EMPTY(file=source.name)
    draft.found("format", "parquet", "the first bytes say so", "先頭のバイトが示しています")
    names = list(schema.names)
    columns = {name: [str(item) for item in batch.column(place).to_pylist()] for place, name in enumerate(names)}
    stamps = [item.name for item in schema if pa.types.is_timestamp(item.type)]
    if len(stamps) == 1:
        draft.found("time_column", stamps[0], "the only column of timestamps", "唯一の時刻型の列です")
        zone = schema.field(stamps[0]).type.tz
        if zone:
            draft.found(
                "time_zone", "+00:00" if zone == "UTC" else zone, "the column's type says so", "列の型が示しています"
            )
        else:
            draft.ask("time_zone")
        times = batch.column(names.index(stamps[0])).cast(pa.timestamp("us"), safe=False).drop_null().cast(pa.int64())
        interval_of(draft, times.to_numpy(zero_copy_only=False))
    else:
        draft.ask("time_column", choices=tuple(stamps or names))
        draft.ask("time_zone")
    numeric = [
        place
        for place, item in enumerate(schema)
        if pa.types.is_floating(item.type) or pa.types.is_integer(item.type) or pa.types.is_decimal(item.type)
    ]
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    time_place = names.index(stamps[0]) if len(stamps) == 1 else None
    value = values_and_meter(draft, Table(names, rows, [""] * len(names)), numeric, time_place)
    if value is not None:
        unit_and_kind(draft, names[value], columns[names[value]])
        draft.fields.pop("missing_texts", None)
        draft.reasons.pop("missing_texts", None)
    return draft.proposal(names, rows)
