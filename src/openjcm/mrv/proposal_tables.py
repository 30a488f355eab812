"""A first mapping from a table of texts: its header, its times, its values, the unit and zone that its names state.

Nothing is derived from the size of the numbers or the shape of the day. Where two answers fit, both are offered.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from openjcm.mrv.intake_cells import parse_times
from openjcm.mrv.intake_csv import joined_header, names_of
from openjcm.mrv.mapping import POWER_UNITS, units_by_lower
from openjcm.mrv.proposal_draft import Draft

DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y年%m月%d日", "%Y%m%d", "%d-%b-%Y",
    "%d %b %Y", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d.%m.%y",
)  # fmt: skip
CLOCKS = (
    "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S%z", "%H:%M:%S.%f%z", "%H:%M%z", "%H%M", "%H%M%S", "%I:%M %p",
    "%I:%M:%S %p", "%I:%M%p", "%p %I:%M", "%p%I:%M", "%p%I:%M:%S", "%H時%M分",
)  # fmt: skip
TIME_FORMATS = (
    *(f"{day}{between}{clock}" for day in DAYS for between in (" ", "T") for clock in CLOCKS),
    *("%Y%m%d%H%M", "%Y%m%d%H%M%S"),
)
TIME_WORDS = re.compile(
    r"time|date|日時|時刻|日付|年月日|^ts$|^dt$|measured_on|start|datum|zeit|fecha|tanggal|waktu|ngày|giờ|วันที่|เวลา|огноо|цаг",
    re.IGNORECASE,
)
METER_WORDS = re.compile(r"meter|sensor|asset|device|serial|nmi|計器|計量器|メーター|^id$|randid|site", re.IGNORECASE)
VALUE_WORDS = re.compile(
    r"energy|power(?!_? ?factor)|kwh|mwh|wh\b|watt|generation|発電|電力|計測値|指示値|積算|reading|value|meas_val",
    re.IGNORECASE,
)
REGISTER_WORDS = re.compile(r"cumul|register|積算|指示値|totali[sz]|lifetime", re.IGNORECASE)
MULTIPLIER_WORDS = re.compile(r"multiplier|pulse|(?<![a-z])ct ?ratio|乗率|変流比|パルス", re.IGNORECASE)
UNIT_IN_NAME = re.compile(r"(?<![A-Za-z])(GWh|MWh|kWh|Wh|GW|MW|kW|W)(?![A-Za-z])", re.IGNORECASE)
UNIT_BEHIND = re.compile(r"^(.*\d) ?(GWh|MWh|kWh|Wh|GW|MW|kW|W)$", re.IGNORECASE)
ZONE_IN_NAME = re.compile(r"(?<![A-Za-z])(UTC|GMT|JST)(?![A-Za-z])")
ZONES = {"UTC": "+00:00", "GMT": "+00:00", "JST": "Asia/Tokyo"}
NUMBER = re.compile(r"^\s*[+-]?\d*[.,]?\d+[.,]?(?:[eE][+-]?\d+)?\s*$")
TIME_OF_DAY = re.compile(r"^\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?\s*$")
NO_NUMBERS = re.compile(r"^(?:nan|na|n/a|null|none|-+|\*+|欠測|－|—)?$", re.IGNORECASE)
HEADER_WITHIN = 50
HEADER_ROWS = 4


@dataclass(frozen=True)
class Table:
    """The rows below a header, each as wide as it, and what the rows between header and readings say of the columns."""

    names: list[str]
    rows: list[list[str]]
    units: list[str]

    def column(self, place: int) -> list[str]:
        """The cells of a column."""
        return [row[place] for row in self.rows]


def from_table(draft: Draft, table: list[list[str]], *, delimiter: str | None) -> list[str]:
    """Fields from a table of texts, its header among the first rows. Gives the names of its columns."""
    width = Counter(len(row) for row in table if row).most_common(1)[0][0]
    found = _find_header(table, width)
    part = _table(draft, table, *found, width) if found else _without_header(draft, table, width)
    if part is None:
        draft.ask("header_row")
        return []
    time_place = _time(draft, part)
    numeric = [
        place
        for place in range(width)
        if place != time_place and part.names[place] not in draft.fields.values() and _is_numeric(part.column(place))
    ]
    if delimiter is not None:
        _decimal_mark(draft, [cell for place in numeric for cell in part.column(place)], delimiter)
    if time_place is not None:
        zone(draft, part.names[time_place], str(draft.fields.get("time_format", "")))
    else:
        draft.ask("time_zone")
    value = values_and_meter(draft, part, numeric, time_place)
    if value is not None:
        unit_and_kind(draft, part.names[value], part.column(value), part.units[value])
    else:
        _shared_unit(draft, part, numeric)
    formats = (str(draft.fields["time_format"]),) if "time_format" in draft.fields else draft.choices.get("time_format")
    if time_place is not None and formats:
        _interval(draft, _moments(draft, part, time_place), formats)
    else:
        draft.ask("interval_seconds")
    return part.names


# The header ----------------------------------------------------------------------------------------------------------


def _find_header(table: list[list[str]], width: int) -> tuple[int, int] | None:
    """The first row of the header and how many rows it has; a header that names a time before one that does not."""
    first = table[: HEADER_WITHIN + HEADER_ROWS]
    single = [place for place, row in enumerate(first[:HEADER_WITHIN]) if len(row) == width and _is_header(row)]
    if first and first[0][:1] == ["TOA5"] and 1 in single:
        return 1, 1
    for place in single:
        if any(TIME_WORDS.search(cell.strip()) for cell in first[place]):
            return place, 1
    for place in range(min(HEADER_WITHIN, len(first))):
        for count in range(2, HEADER_ROWS):
            names = joined_header(first[place : place + count])
            rows = first[place : place + count]
            if len(rows) == count and len(names) == width and all(_is_words(row) for row in rows) and all(names):
                unique = len(set(names)) == len(names)
                if unique and any(TIME_WORDS.search(name) for name in names):
                    return place, count
    return (single[0], 1) if single else None


def _without_header(draft: Draft, table: list[list[str]], width: int) -> Table | None:
    """A table without names, where each of its rows begins with a time and holds numbers; else ``None``."""
    rows = [row for row in table if len(row) == width]
    first = next((place for place, row in enumerate(table[:HEADER_WITHIN]) if len(row) == width), 0)
    times = [place for place in range(width) if _formats([row[place] for row in rows], TIME_FORMATS)]
    if width < 2 or len(times) != 1 or not _formats([rows[0][times[0]]], TIME_FORMATS):
        return None
    draft.found("header_row", first + 1, "the first row of readings", "計測値の最初の行です")
    draft.found(
        "header_rows",
        0,
        "no row names the columns: they are called by their places",
        "見出しの行がないため、列は位置で呼びます",
    )
    return Table(names_of([""] * width), rows, [""] * width)


def _is_header(row: list[str]) -> bool:
    texts = [cell for cell in row if cell.strip()]
    return 2 * len(texts) >= len(row) > 1 and len(texts) > 1 and len(set(texts)) == len(texts) and _is_words(row)


def _is_words(row: list[str]) -> bool:
    """Whether a row holds texts and no numbers or times."""
    cells = [cell for cell in row if cell.strip()]
    return bool(cells) and not any(NUMBER.match(cell) or re.search(r"\d[:/.-]\d", cell) for cell in cells)


def _table(draft: Draft, table: list[list[str]], header: int, count: int, width: int) -> Table:
    """The rows of readings below the header, with what the rows between them say."""
    first = header + count
    while first < len(table) and (len(table[first]) != width or (_is_words(table[first]))) and first - header <= 10:
        first += 1
    between = table[header + count : first]
    if first >= len(table) or first - header > 10:
        first, between = header + count, []
    rows = table[header : header + count]
    if between and count == 1 and not all(cell.strip() for cell in rows[0]):
        names = joined_header(table[header:first])
        group = any(not cell.strip() and any(row[place : place + 1] != [""] for row in between)
                    for place, cell in enumerate(rows[0]) if place)  # fmt: skip
        if group and len(names) == width and all(names) and len(set(names)) == width:
            rows, count, between = table[header:first], first - header, []
    why = ("the first row of names", "最初の見出しの行です")
    draft.found("header_row", header + 1, *why)
    if count > 1:
        draft.found(
            "header_rows",
            count,
            f"{count} rows of names stand above the values",
            f"値の上に見出しが {count} 行あります",
        )
    if between:
        draft.found("first_data_row", first + 1, "rows of units stand before it", "その前に単位などの行があります")
    names = names_of(joined_header(rows) if count > 1 else rows[0])
    units = [
        " ".join(row[place] for row in between if place < len(row) and row[place].strip()) for place in range(width)
    ]
    return Table(names, [row for row in table[first:] if len(row) == width], units)


# Times ---------------------------------------------------------------------------------------------------------------


def _parsed(texts: list[str], time_format: str) -> tuple[np.ndarray, np.ndarray]:
    from openjcm.mrv.engine import text as engine

    joined = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in joined], dtype=np.int64)
    ends = np.cumsum(lengths)
    buffer = engine.as_bytes(b"".join(joined) or b"\0")
    local_us, _, states = parse_times((buffer, ends - lengths, ends), time_format)
    return local_us, states


def _formats(texts: list[str], known: tuple[str, ...]) -> list[str]:
    """The formats in which most of the texts are times (nine of ten, for stray headers and unit rows)."""
    full = [text for text in texts if text.strip()]
    if not full or not re.search(r"\d\D+\d|\d{8}", full[-1]) or max(map(len, full[-20:])) > 60:
        return []
    if NUMBER.match(full[-1]) and not re.fullmatch(r"\d{8,14}", full[-1].strip()):
        return []
    fits = []
    for time_format in known:
        states = _parsed(full[-20:], time_format)[1]
        if 10 * int((states == 0).sum()) < 9 * len(states):
            continue
        states = _parsed(full, time_format)[1]
        if 10 * int((states == 0).sum()) >= 9 * len(states):
            fits.append((time_format, int((states == 0).sum())))
    whole = [time_format for time_format, count in fits if count == len(full)]
    return whole or [time_format for time_format, _ in fits]


def _time(draft: Draft, table: Table) -> int | None:
    """The column of times and its form, or the columns of date and time of day."""
    columns = {place: _formats(table.column(place), TIME_FORMATS) for place in range(len(table.names))}
    places = [place for place, formats in columns.items() if formats]
    if not places:
        return _date_and_clock(draft, table)
    named = [place for place in places if TIME_WORDS.search(table.names[place])]
    chosen = named if len(named) == 1 else places
    if len(chosen) != 1:
        draft.ask("time_column", choices=tuple(table.names[place] for place in chosen))
        return None
    place = chosen[0]
    draft.found("time_column", table.names[place], "its cells are times", "セルが時刻です")
    _form(draft, table.names[place], columns[place])
    return place


def _form(draft: Draft, name: str, formats: list[str]) -> None:
    if len(formats) == 1:
        why = ("the only known form that fits every row", "全行に合う唯一の書式です")
        draft.found("time_format", formats[0], *why)
    else:
        draft.ask("time_format", name, tuple(formats))


def _date_and_clock(draft: Draft, table: Table) -> int | None:
    """A column of dates beside one of times of day; dates alone; day numbers or seconds under a name of time."""
    dates = {place: _formats(table.column(place), DAYS) for place in range(len(table.names))}
    clocks = [place for place in range(len(table.names)) if _mostly(table.column(place), TIME_OF_DAY)]
    days = [place for place, formats in dates.items() if formats]
    if len(days) == 1 and len(clocks) <= 1:
        name = table.names[days[0]]
        draft.found("time_column", name, "its cells are dates", "セルが日付です")
        if not clocks:
            _form(draft, name, dates[days[0]])
            return days[0]
        draft.found("clock_column", table.names[clocks[0]], "its cells are times of day", "セルが時刻です")
        pairs = [f"{day} {clock}" for day, clock in zip(table.column(days[0]), table.column(clocks[0]), strict=True)]
        _form(draft, name, _formats(pairs, tuple(f"{day} {clock}" for day in dates[days[0]] for clock in CLOCKS)))
        return days[0]
    counted = [
        place for place, name in enumerate(table.names) if TIME_WORDS.search(name) and _count_forms(table.column(place))
    ]
    if not days and len(counted) == 1:
        draft.found(
            "time_column",
            table.names[counted[0]],
            "its name says so, and it counts",
            "列名が時刻を示し、数値で表されています",
        )
        _form(draft, table.names[counted[0]], _count_forms(table.column(counted[0])))
        return counted[0]
    draft.ask("time_column", choices=tuple(table.names[place] for place in days or range(len(table.names))))
    return None


def _count_forms(texts: list[str]) -> list[str]:
    """The forms of counted time that numbers may have: day numbers of a spreadsheet, or seconds since 1970."""
    full = [text.strip().replace(",", ".") for text in texts if text.strip()]
    if not full or not all(re.fullmatch(r"\d+(?:\.\d+)?", text) for text in full):
        return []
    sizes = {len(text.partition(".")[0]) for text in full}
    if sizes == {5}:
        return ["excel_serial", "excel_serial_1904"]
    return {10: ["epoch_seconds"], 13: ["epoch_milliseconds"]}.get(max(sizes), []) if len(sizes) == 1 else []


def _moments(draft: Draft, table: Table, place: int) -> list[str]:
    if "clock_column" not in draft.fields:
        return table.column(place)
    clock = table.column(table.names.index(str(draft.fields["clock_column"])))
    return [f"{day} {time}" for day, time in zip(table.column(place), clock, strict=True)]


def _interval(draft: Draft, texts: list[str], formats: tuple[str, ...]) -> None:
    """The interval, where all forms that the times may have agree on it."""
    series = []
    for time_format in formats:
        local_us, states = _parsed([text.replace(",", ".") for text in texts if text.strip()], time_format)
        series.append(local_us[states == 0])
    interval_of(draft, *series)


def interval_of(draft: Draft, *series: np.ndarray) -> None:
    """The interval that most steps of time have, in each reading of the times."""
    intervals = set()
    for local_us in series:
        steps = Counter(round(int(step) / 1_000_000) for step in np.diff(np.unique(local_us)))
        often = steps.most_common(1)
        intervals.add(often[0][0] if often and 2 * often[0][1] > sum(steps.values()) else 0)
    if len(intervals) == 1 and (interval := intervals.pop()) > 0:
        draft.found("interval_seconds", interval, "the most frequent step of time", "最も多い時刻の間隔です")
    else:
        draft.ask("interval_seconds")


def zone(draft: Draft, hint: str, time_format: str) -> None:
    """The time zone, where each time or the header states it."""
    named = ZONE_IN_NAME.search(hint)
    if time_format.endswith("%z"):
        draft.found("time_zone", "file", "every time carries its own offset", "各時刻に時差が付いています")
    elif time_format.startswith("epoch"):
        draft.found("time_zone", "file", "such a count begins in UTC", "この数え方は UTC が基準です")
    elif named:
        draft.found("time_zone", ZONES[named[1]], f"the header says {named[1]}", f"見出しに {named[1]} とあります")
    else:
        draft.ask("time_zone")


# Values --------------------------------------------------------------------------------------------------------------


def _mostly(texts: list[str], form: re.Pattern[str]) -> bool:
    full = [text for text in texts if text.strip()]
    return bool(full) and 10 * sum(bool(form.match(text)) for text in full) >= 9 * len(full)


def _is_numeric(texts: list[str]) -> bool:
    """Whether most cells are numbers, perhaps with their unit behind them; texts for nothing do not count."""
    full = [text.strip() for text in texts if not NO_NUMBERS.match(text.strip())]
    behind = [match[1] if (match := UNIT_BEHIND.match(text)) else text for text in full]
    return _mostly(behind, NUMBER)


def _decimal_mark(draft: Draft, texts: list[str], delimiter: str) -> None:
    points, commas = any("." in text for text in texts), any("," in text for text in texts)
    if points and commas:
        draft.ask("decimal_mark")
    elif commas and delimiter != ",":
        draft.found("decimal_mark", ",", "numbers are written with a comma", "数値にカンマが使われています")
    else:
        why = ("numbers are written with a point", "数値にピリオドが使われています")
        draft.found("decimal_mark", ".", *(why if points else ("no number has a mark", "小数のある数値がありません")))


def values_and_meter(draft: Draft, table: Table, numeric: list[int], time_place: int | None) -> int | None:
    """The value column (or the wide layout) and the meter column; ``None`` where it stays open."""
    names = table.names
    with_unit = [place for place in numeric if _unit_of(names[place], table.units[place])]
    named = [place for place in numeric if VALUE_WORDS.search(names[place])]
    candidates = with_unit or named or numeric
    used = {str(draft.fields.get("clock_column"))}
    meters = [
        place
        for place in range(len(names))
        if place != time_place
        and names[place] not in used
        and METER_WORDS.search(names[place])
        and all(row[place].strip() for row in table.rows)
    ]
    meters = [place for place in meters if place not in candidates]
    if len(candidates) == 1 or meters:
        draft.found("layout", "long", "one column of values is taken", "値の列を 1 つとします")
    else:
        draft.found("layout", "wide", "several columns may hold values", "値の列が複数ある可能性があります")
    if len(candidates) != 1:
        others = [place for place in numeric or range(len(names)) if place not in candidates]
        draft.ask("value_columns", choices=tuple(names[place] for place in [*candidates, *others]))
        if meters:
            draft.ask("meter_column", choices=tuple(names[place] for place in meters))
        return None
    if len(meters) == 1:
        draft.found("meter_column", names[meters[0]], "its name says so", "列名が計量器を示しています")
        why = ("the only column of values", "値の列は 1 つだけです")
        draft.found("value_columns", [[names[candidates[0]], ""]], *why)
    else:
        draft.ask("meter_column", choices=tuple(names[place] for place in meters) or ("–",))
        draft.ask("value_columns", choices=(names[candidates[0]],))
    return candidates[0]


def _shared_unit(draft: Draft, table: Table, numeric: list[int]) -> None:
    """What all columns that name a unit share, where several columns may hold the values; the rest is asked."""
    units = {place: _unit_of(table.names[place], table.units[place]) for place in numeric}
    named = {unit for unit in units.values() if unit}
    if len(named) != 1:
        for field in ("unit", "kind", "least_unit"):
            draft.ask(field)
    else:
        name = named.pop()
        texts = [text for place, unit in units.items() if unit for text in table.column(place)]
        unit_and_kind(draft, "", texts, name)
        return
    draft.ask("interval_stamp", choices=("start", "end"))


def _unit_of(*texts: str) -> str | None:
    """The unit that the first of some texts names."""
    for text in texts:
        if named := UNIT_IN_NAME.search(text.replace("_", " ")):
            return units_by_lower[named[1].lower()]
    return None


def unit_and_kind(draft: Draft, name: str, texts: list[str], units: str = "") -> None:
    """Unit, kind, least unit and multiplier of the value column, from its name, the row of units and its cells."""
    texts = _without_units(draft, texts)
    unit = _unit_of(name, units, str(draft.fields.get("value_suffix", "")))
    if unit is None:
        draft.ask("unit", name)
    else:
        where = name if _unit_of(name) else (units or "values")
        draft.found("unit", unit, f"“{where}” says so", f"「{where}」にあります")
    if unit in POWER_UNITS:
        draft.found("kind", "interval_power", "its unit is one of power", "電力の単位です")
    elif REGISTER_WORDS.search(name):
        draft.found("kind", "cumulative", f"the header “{name}” says so", f"見出し「{name}」にあります")
    else:
        draft.ask("kind", name)
    if MULTIPLIER_WORDS.search(f"{name} {units}"):
        draft.ask("multiplier", name)
    else:
        en = "the file names none; state a CT or VT ratio or the weight of a pulse if the values still lack it"
        ja = "ファイルに記載がありません。変流比・変圧比・パルス定数を乗じる前の値であれば指定してください"
        draft.found("multiplier", "1", en, ja)
    places = max((len(re.split("[.,]", text.strip())[1]) for text in texts if re.search("[.,]", text)), default=0)
    if unit is None or places > 6 or any("e" in text.lower() for text in texts if NUMBER.match(text)):
        draft.ask("least_unit")
    else:
        least = unit if not places else f"0.{'0' * (places - 1)}1 {unit}"
        draft.found("least_unit", least, f"the values have {places} decimals", f"値の小数は {places} 桁です")
    _missing(draft, name, texts)
    if draft.fields.get("kind") != "cumulative":
        draft.ask("interval_stamp", choices=("start", "end"))


def _without_units(draft: Draft, texts: list[str]) -> list[str]:
    """The cells without the unit behind each number, where all numbers have the same."""
    matches = [UNIT_BEHIND.match(text.strip()) for text in texts if not NO_NUMBERS.match(text.strip())]
    behind = {match[2] if match else "" for match in matches}
    if len(behind) != 1 or "" in behind:
        return texts
    draft.found("value_suffix", behind.pop(), "it stands behind every number", "すべての数値の後に付いています")
    return [match[1].strip() if (match := UNIT_BEHIND.match(text.strip())) else text for text in texts]


def _missing(draft: Draft, name: str, texts: list[str]) -> None:
    """Blanks and texts for nothing among the values: whether they are missing is asked."""
    nothing = sorted({text.strip() for text in texts if NO_NUMBERS.match(text.strip())})
    if not nothing:
        return
    named = [text for text in nothing if text]
    if named:
        draft.found("missing_texts", named, "they stand where numbers should", "数値の位置にある文字です")
    draft.ask("blank", name, ("missing", "refuse"))
