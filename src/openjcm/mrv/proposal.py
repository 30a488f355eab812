# ruff: noqa: E501 - each question stands on one line, so that the two languages can be read side by side
"""A first mapping from what a meter file says of itself, with a reason for each field, and questions for the rest.

Read from the file: its format, encoding, delimiter, decimal mark, header, the form of its times, the unit or zone that
a header names. Never derived: a unit from the size of the numbers, a zone from the shape of the day, day before month
where both would fit. What stays open is a question for a person.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from openjcm.mrv.intake_bytes import FILE_EMPTY, LINE_TOO_LONG, MAX_LINE, WRONG_FORMAT, FileData, Source
from openjcm.mrv.intake_cells import parse_times
from openjcm.mrv.intake_csv import MIXED_ENCODINGS, Lines, header_cells
from openjcm.mrv.mapping import ALLOWED, POWER_UNITS, Proposal, Question, units_by_lower

SAMPLE_ROWS = 2000
SHOWN_ROWS = 5
TIME_FORMATS = tuple(
    f"{day}{between}{clock}"
    for day in ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y年%m月%d日", "%Y%m%d")
    for between in (" ", "T")
    for clock in ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S%z", "%H:%M:%S.%f%z", "%H:%M%z", "%H%M", "%H%M%S")
)
TIME_WORDS = re.compile(r"time|date|日時|時刻|年月日|^ts$|measured_on", re.IGNORECASE)
METER_WORDS = re.compile(r"meter|sensor|asset|device|serial|nmi|計器|計量器|メーター|^id$|randid|site", re.IGNORECASE)
VALUE_WORDS = re.compile(
    r"energy|power|kwh|mwh|wh\b|watt|generation|発電|電力|計測値|指示値|積算|reading|value|meas_val", re.IGNORECASE
)
REGISTER_WORDS = re.compile(r"cumul|register|積算|指示値|totali[sz]|lifetime", re.IGNORECASE)
UNIT_IN_NAME = re.compile(r"(?<![A-Za-z])(GWh|MWh|kWh|Wh|GW|MW|kW|W)(?![A-Za-z])", re.IGNORECASE)
ZONE_IN_NAME = re.compile(r"(?<![A-Za-z])(UTC|GMT|JST)(?![A-Za-z])")
ZONES = {"UTC": "+00:00", "GMT": "+00:00", "JST": "Asia/Tokyo"}
NUMBER = re.compile(r"^\s*[+-]?\d+(?:[.,]\d+)?\s*$")

QUESTIONS = {
    "unit": ("In which unit are the values of “{about}”?", "「{about}」の値の単位は何ですか。"),
    "time_zone": ("Which time zone does the logger's clock keep?", "記録装置の時計はどのタイムゾーンですか。"),
    "time_format": ("Which of these is the form of the times in “{about}”?", "「{about}」の時刻の書式はどれですか。"),
    "time_column": ("Which column holds the time?", "時刻の列はどれですか。"),
    "value_columns": ("Which column holds the values, and of which meter?", "値の列はどれで、どの計量器のものですか。"),
    "meter_column": ("Which column names the meter, or of which meter is the file?", "計量器を示す列はどれですか。または、どの計量器のファイルですか。"),
    "kind": ("Is “{about}” a cumulative register, energy per interval or power?", "「{about}」は積算値、区間の電力量、電力のどれですか。"),
    "least_unit": ("What is the smallest step that the meter shows?", "計量器が表示する最小単位は何ですか。"),
    "interval_seconds": ("How many seconds lie between two values?", "値と値の間隔は何秒ですか。"),
    "interval_stamp": ("Is the time of a value the start or the end of its interval?", "値の時刻は区間の開始と終了のどちらですか。"),
    "delimiter": ("Which sign separates the cells?", "セルの区切り文字はどれですか。"),
    "decimal_mark": ("Is the decimal mark a point or a comma?", "小数点はピリオドとカンマのどちらですか。"),
    "header_row": ("Which row holds the column names?", "見出しは何行目ですか。"),
}  # fmt: skip


@dataclass
class _Draft:
    fields: dict[str, object] = field(default_factory=dict)
    reasons: dict[str, tuple[str, str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def found(self, name: str, value: object, en: str, ja: str) -> None:
        self.fields[name], self.reasons[name] = value, (en, ja)

    def ask(self, name: str, about: str = "", choices: tuple[str, ...] = ()) -> None:
        en, ja = QUESTIONS[name]
        self.questions.append(Question(name, en.format(about=about), ja.format(about=about)))
        self.choices[name] = choices or (ALLOWED.get(name, ""),)

    def proposal(self, columns: list[str], rows: list[list[str]]) -> Proposal:
        shown = tuple(tuple(row) for row in rows[:SHOWN_ROWS])
        return Proposal(self.fields, self.reasons, tuple(self.questions), tuple(columns), shown, self.choices)


def propose_mapping(data: FileData, name: str) -> Proposal:
    """What a meter file says of how it is to be read (see the module's text).

    Raises:
        Refused: where no mapping could help: an empty, cut-off, oversized or mixed-encoding file, an old Excel file.
    """
    source = Source(data, name)
    kind = source.format()
    if kind == "old excel":
        raise WRONG_FORMAT(file=name, wanted="excel (.xlsx)", found="Excel 97-2003 (.xls)")
    draft = _Draft()
    if kind == "parquet":
        return _from_parquet(draft, source)
    if kind == "excel":
        return _from_excel(draft, source)
    return _from_text(draft, source)


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


def _from_text(draft: _Draft, source: Source) -> Proposal:
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
    _from_table(draft, table, delimiter=delimiter)
    header = draft.fields.get("header_row")
    columns = table[int(str(header)) - 1] if header else []
    rows = [row for row in table[int(str(header or 0)) :] if row]
    return draft.proposal(columns, rows)


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


def _from_table(draft: _Draft, table: list[list[str]], *, delimiter: str | None) -> None:
    """Fields from a table of texts, its header among the first rows."""
    width = Counter(len(row) for row in table if row).most_common(1)[0][0]
    headers = [place for place, row in enumerate(table[:50]) if len(row) == width and _is_header(row)]
    with_time = (place for place in headers if any(TIME_WORDS.search(cell.strip()) for cell in table[place]))
    header = next(with_time, headers[0] if headers else None)
    if header is None:
        draft.ask("header_row")
        return
    names = [cell.strip() for cell in table[header]]
    draft.found("header_row", header + 1, "the first row of names", "最初の見出しの行です")
    formats = [_time_formats(_cells(table[header + 1 :], column)) for column in range(width)]
    first = header + 1
    while first < len(table) and not any(
        len(table[first]) == width and formats[column] and _is_time(table[first][column], formats[column][0])
        for column in range(width)
    ):
        first += 1
    before = [cell for row in table[header + 1 : first] for cell in row]
    if header + 1 < first < len(table) and first - header <= 10 and not any(NUMBER.match(cell) for cell in before):
        draft.found("first_data_row", first + 1, "rows of units stand before it", "その前に単位などの行があります")
    rows = [row for row in table[first if first < len(table) else header + 1 :] if len(row) == width]
    time_place = _choose_time(draft, names, formats)
    numeric = [
        place
        for place in range(width)
        if place != time_place and names[place] and _mostly_numbers([row[place] for row in rows])
    ]
    if delimiter is not None:
        _decimal_mark(draft, [row[place] for row in rows for place in numeric], delimiter)
    zone_hint = names[time_place] if time_place is not None else ""
    _zone(draft, zone_hint, str(draft.fields.get("time_format", "")))
    value = _values_and_meter(draft, names, numeric, rows, time_place)
    if value is not None:
        _unit_and_kind(draft, names[value], [row[value] for row in rows])
    if time_place is not None and "time_format" in draft.fields:
        _interval(draft, [row[time_place] for row in rows], str(draft.fields["time_format"]))


def _is_header(row: list[str]) -> bool:
    texts = [cell for cell in row if cell.strip()]
    return (
        2 * len(texts) >= len(row) > 1
        and len(set(texts)) == len(texts)
        and not any(NUMBER.match(cell) for cell in texts)
    )


def _cells(rows: list[list[str]], column: int) -> list[str]:
    return [row[column] for row in rows if column < len(row) and row[column].strip()]


def _is_time(text: str, time_format: str) -> bool:
    return int(_parsed([text], time_format)[1][0]) == 0


def _parsed(texts: list[str], time_format: str) -> tuple[np.ndarray, np.ndarray]:
    from openjcm.mrv.engine import text as engine

    joined = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in joined], dtype=np.int64)
    ends = np.cumsum(lengths)
    buffer = engine.as_bytes(b"".join(joined) or b"\0")
    local_us, _, states = parse_times((buffer, ends - lengths, ends), time_format)
    return local_us, states


def _time_formats(texts: list[str]) -> list[str]:
    """The formats in which most of the texts are times (nine of ten, for stray headers and unit rows)."""
    if not texts or not re.search(r"\d{4}", texts[-1]):
        return []
    fits = []
    for time_format in TIME_FORMATS:
        states = _parsed(texts[-20:], time_format)[1]
        if 10 * int((states == 0).sum()) < 9 * len(states):
            continue
        states = _parsed(texts, time_format)[1]
        if 10 * int((states == 0).sum()) >= 9 * len(states):
            fits.append(time_format)
    whole = [one for one in fits if int((_parsed(texts, one)[1] == 0).sum()) == len(texts)]
    return whole or fits


def _choose_time(draft: _Draft, names: list[str], formats: list[list[str]]) -> int | None:
    places = [place for place, found in enumerate(formats) if found]
    named = [place for place in places if TIME_WORDS.search(names[place])]
    chosen = named if len(named) == 1 else places
    if len(chosen) != 1:
        draft.ask("time_column", choices=tuple(names[place] for place in chosen or range(len(names))))
        return None
    place = chosen[0]
    draft.found("time_column", names[place], "its cells are times", "セルが時刻です")
    if len(formats[place]) == 1:
        draft.found(
            "time_format", formats[place][0], "the only known form that fits every row", "全行に合う唯一の書式です"
        )
    else:
        draft.ask("time_format", names[place], tuple(formats[place]))
    return place


def _mostly_numbers(texts: list[str]) -> bool:
    full = [text for text in texts if text.strip()]
    return bool(full) and 10 * sum(bool(NUMBER.match(text)) for text in full) >= 9 * len(full)


def _decimal_mark(draft: _Draft, texts: list[str], delimiter: str) -> None:
    points, commas = any("." in text for text in texts), any("," in text for text in texts)
    if points and commas:
        draft.ask("decimal_mark")
    elif commas and delimiter != ",":
        draft.found("decimal_mark", ",", "numbers are written with a comma", "数値にカンマが使われています")
    else:
        why = ("numbers are written with a point", "数値にピリオドが使われています")
        draft.found("decimal_mark", ".", *(why if points else ("no number has a mark", "小数のある数値がありません")))


def _zone(draft: _Draft, hint: str, time_format: str) -> None:
    named = ZONE_IN_NAME.search(hint)
    if time_format.endswith("%z"):
        draft.found("time_zone", "file", "every time carries its own offset", "各時刻に時差が付いています")
    elif named:
        draft.found("time_zone", ZONES[named[1]], f"the header says {named[1]}", f"見出しに {named[1]} とあります")
    else:
        draft.ask("time_zone")


def _values_and_meter(
    draft: _Draft, names: list[str], numeric: list[int], rows: list[list[str]], time_place: int | None
) -> int | None:
    """The value column (or the wide layout) and the meter column; ``None`` where it stays open."""
    with_unit = [place for place in numeric if UNIT_IN_NAME.search(names[place].replace("_", " "))]
    named = [place for place in numeric if VALUE_WORDS.search(names[place])]
    candidates = with_unit or named or numeric
    meters = [
        place
        for place in range(len(names))
        if place != time_place and METER_WORDS.search(names[place]) and all(row[place].strip() for row in rows)
    ]
    draft.found("layout", "long", "one column of values is taken", "値の列を 1 つとします")
    if len(candidates) != 1:
        draft.ask("value_columns", choices=tuple(names[place] for place in candidates or range(len(names))))
    meters = [place for place in meters if place not in candidates] or meters
    if len(meters) == 1 and len(candidates) == 1 and meters != candidates:
        draft.found("meter_column", names[meters[0]], "its name says so", "列名が計量器を示しています")
    else:
        draft.ask("meter_column", choices=tuple(names[place] for place in meters) or ("–",))
    if len(candidates) != 1:
        return None
    if "meter_column" in draft.fields:
        why = ("the only column of values", "値の列は 1 つだけです")
        draft.found("value_columns", [[names[candidates[0]], ""]], *why)
    else:
        draft.ask("value_columns", choices=(names[candidates[0]],))
    return candidates[0]


def _unit_and_kind(draft: _Draft, name: str, texts: list[str]) -> None:
    named = UNIT_IN_NAME.search(name.replace("_", " "))
    unit = units_by_lower[named[1].lower()] if named else None
    if unit is None:
        draft.ask("unit", name)
    else:
        draft.found("unit", unit, f"the header “{name}” says so", f"見出し「{name}」にあります")
    if unit in POWER_UNITS:
        draft.found("kind", "interval_power", "its unit is one of power", "電力の単位です")
    elif REGISTER_WORDS.search(name):
        draft.found("kind", "cumulative", f"the header “{name}” says so", f"見出し「{name}」にあります")
    else:
        draft.ask("kind", name)
    places = max((len(re.split("[.,]", text.strip())[1]) for text in texts if re.search("[.,]", text)), default=0)
    if unit is None or places > 6:
        draft.ask("least_unit")
    else:
        least = unit if not places else f"0.{'0' * (places - 1)}1 {unit}"
        draft.found("least_unit", least, f"the values have {places} decimals", f"値の小数は {places} 桁です")
    if draft.fields.get("kind") != "cumulative":
        draft.ask("interval_stamp", choices=("start", "end"))


def _interval(draft: _Draft, texts: list[str], time_format: str) -> None:
    local_us, states = _parsed([text for text in texts if text.strip()], time_format)
    _interval_of(draft, local_us[states == 0])


def _interval_of(draft: _Draft, local_us: np.ndarray) -> None:
    steps = Counter(int(step) // 1_000_000 for step in np.diff(np.unique(local_us)))
    often = steps.most_common(1)
    if often and 2 * often[0][1] > sum(steps.values()):
        draft.found("interval_seconds", often[0][0], "the most frequent step of time", "最も多い時刻の間隔です")
    else:
        draft.ask("interval_seconds")


def _from_excel(draft: _Draft, source: Source) -> Proposal:
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
    _from_table(draft, blanked, delimiter=None)
    header = int(str(draft.fields.get("header_row", 0)))
    return draft.proposal(table[header - 1] if header else [], table[header:])


def _shown(cell: object, cell_text: object) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00:00"
    return cell_text(cell)  # type: ignore[operator, no-any-return]


def _from_parquet(draft: _Draft, source: Source) -> Proposal:
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
        _interval_of(draft, times.to_numpy(zero_copy_only=False))
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
    value = _values_and_meter(draft, names, numeric, rows, time_place)
    if value is not None:
        _unit_and_kind(draft, names[value], [text for text in columns[names[value]] if text not in {"nan", "None"}])
    return draft.proposal(names, rows)
