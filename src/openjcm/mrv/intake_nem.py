"""NEM12 (interval data) and NEM13 (register reads): the meter data files of the Australian electricity market.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13 (version 1.06, 2017). A line is a record; its first
cell says which: 100 begins the file, 200 describes a data stream, 300 holds a day of it, 400 the quality of some of
its intervals, 250 a pair of register reads, 500 and 550 say who asked, 900 ends the file. A column of the mapping is a
data stream: ``NMI/suffix`` in NEM12, ``NMI/suffix/serial number of the meter`` in NEM13.

The letter of a quality method becomes the status of its readings (A actual, F final substitute, S substitute, E
estimate); N (null) is missing, whatever stands in its cell; V (variable) is what the 400 records below say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.intake_bytes import CLAUSE, FILE_EMPTY, FILE_TRUNCATED, MAX_COLUMNS, MAX_LINE, WRONG_FORMAT, Source
from openjcm.mrv.intake_cells import NO_OFFSET, Bytes, Ints, Raw, parse_numbers, parse_times
from openjcm.mrv.intake_csv import COLUMN_MISSING, NUL_BYTE, TOO_MANY_COLUMNS, Chunk, Lines, too_long
from openjcm.mrv.mapping import WRONG_UNIT, Mapping
from openjcm.refusals import refusal

SPECIFICATION = "AEMO, Meter Data File Format Specification NEM12 & NEM13, version 1.06"

RECORD_UNEXPECTED = refusal(
    "nem_record_unexpected",
    en="Row {row} of “{file}” is a record “{found}”, where {wanted} must stand.",
    ja="「{file}」の {row} 行目はレコード「{found}」ですが、ここには {wanted} が必要です。",
    remedy_en="Ask the meter data provider for the file as it was sent: it begins with 100, each 300 or 400 follows "
    "its 200 or 300, and 900 ends it. Upload joined files one by one.",
    remedy_ja="計量データ提供者から元のままのファイルを入手してください。100 で始まり、300 と 400 は"
    "それぞれ 200 と 300 に続き、900 で終わります。つないだファイルは 1 つずつアップロードしてください。",
    clause=SPECIFICATION,
)
INTERVALS_WRONG = refusal(
    "nem_intervals_wrong",
    en="Row {row} of “{file}” holds {found} values of {stream}; a day of {minutes}-minute intervals has {wanted}.",
    ja="「{file}」の {row} 行目には {stream} の値が {found} 個ありますが、"
    "{minutes} 分間隔の 1 日には {wanted} 個必要です。",
    remedy_en="Ask the meter data provider for the file again: a day is never filled up or cut.",
    remedy_ja="計量データ提供者からファイルを再度入手してください。1 日分を補ったり切り捨てたりすることはありません。",
    clause=SPECIFICATION,
)
QUALITY_WRONG = refusal(
    "nem_quality_wrong",
    en="In row {row} of “{file}”, the quality of {stream} cannot be told: {why}.",
    ja="「{file}」の {row} 行目で、{stream} の品質区分を判断できません: {why}。",
    remedy_en="Ask the meter data provider for the file again. The quality is A, E, F, N, S or V; after V, 400 records "
    "cover each interval of the day once, in order.",
    remedy_ja="計量データ提供者からファイルを再度入手してください。品質区分は A、E、F、N、S、V のいずれかで、"
    "V の後には 1 日の各区間を順に 1 回ずつ示す 400 レコードが必要です。",
    clause=SPECIFICATION,
)
INTERVAL_DIFFERS = refusal(
    "interval_differs",
    en="Row {row} of “{file}” gives {column} in intervals of {found} seconds, but the mapping states {wanted}.",
    ja="「{file}」の {row} 行目では {column} の間隔は {found} 秒ですが、読み取り設定では {wanted} 秒です。",
    remedy_en="State the interval that the file has. Streams of different intervals are taken in by other mappings.",
    remedy_ja="ファイルの実際の間隔を指定してください。間隔の異なるデータは、それぞれ別の読み取り設定で取り込みます。",
    clause=CLAUSE,
)
MINUTES_OF_DAY = 1440
QUALITY = re.compile(r"([AEFNSV])\d{0,2}")
NUMBER = re.compile(r"[+-]?[\d.]+")
LETTERS = "AFSE"
"""Letters of quality in the order of ``readings.STATUSES``."""
NULL = 255
"""An interval that the file calls null."""
_OTHERS = {"nem12": {"500"}, "nem13": {"500", "550"}}


@dataclass
class Cells:
    """A chunk of lines cut at its commas: line n has the cells ``first[n]`` to ``last[n]``."""

    chunk: Chunk
    buffer: Bytes
    starts: Ints
    ends: Ints
    first: Ints
    last: Ints

    @classmethod
    def of(cls, chunk: Chunk) -> Cells:
        """The cells of a chunk. The format has no quotation marks; one is a part of its cell."""
        buffer = np.frombuffer(chunk.data, dtype=np.uint8)
        is_end = buffer == ord("\n")
        ends = np.flatnonzero((buffer == ord(",")) | is_end)
        last = np.flatnonzero(is_end[ends])
        starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])
        return cls(chunk, buffer, starts, ends, np.concatenate([np.zeros(1, dtype=np.int64), last[:-1] + 1]), last)

    def text(self, cell: int) -> str:
        """A cell without blanks around it."""
        return self.chunk.data[self.starts[cell] : self.ends[cell]].decode().strip()

    def record(self, line: int) -> list[str]:
        """All cells of a line."""
        begin, end = int(self.starts[self.first[line]]), int(self.ends[self.last[line]])
        return [cell.strip() for cell in self.chunk.data[begin:end].decode().split(",")]


def records(source: Source, encoding: str, form: str) -> Iterator[tuple[Cells, int, int, str]]:
    """The records between 100 and 900: (cells of its chunk, line in the chunk, row in the file, first cell).

    Raises:
        Refused: ``nem_record_unexpected``, ``meter_file_wrong_format``, ``meter_file_truncated``, ``nul_byte``,
            ``line_too_long``, ``too_many_columns`` and what reading lines refuses.
    """
    if source.format() in {"parquet", "excel", "old excel"}:
        raise WRONG_FORMAT(file=source.name, wanted=form, found=source.format())
    begun, ended, row = False, False, 0
    for chunk in _cut_before_days(Lines(source, encoding).chunks()):
        _refuse_wild(source.name, chunk)
        cells = Cells.of(chunk)
        for line in range(chunk.count):
            row = chunk.row + line
            kind = cells.text(int(cells.first[line]))
            if not kind and cells.first[line] == cells.last[line]:
                continue
            if not begun:
                begun = kind == "100" and cells.record(line)[1:2] == [form.upper()]
                if not begun:
                    raise RECORD_UNEXPECTED(file=source.name, row=row, found=kind[:20], wanted=f"100,{form.upper()}")
                continue
            if ended:
                raise RECORD_UNEXPECTED(file=source.name, row=row, found=kind[:20], wanted="the end / ファイルの終わり")
            ended = kind == "900"
            if not ended and kind not in _OTHERS[form]:
                yield cells, line, row, kind
    if not row:
        raise FILE_EMPTY(file=source.name)
    if not ended:
        raise FILE_TRUNCATED(file=source.name, place=f"row {row}", why="no record 900")


def _cut_before_days(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same lines in chunks that end before a 300 record, so that no day is parted from its 400 records."""
    held: Chunk | None = None
    for given in chunks:
        chunk = given
        if held is not None:
            chunk = Chunk(held.data + chunk.data, held.row, held.byte, held.count + chunk.count)
        cut = chunk.data.rfind(b"\n300,", max(len(chunk.data) - MAX_LINE, 0)) + 1
        count = chunk.data.count(b"\n", 0, cut)
        if cut:
            yield Chunk(chunk.data[:cut], chunk.row, chunk.byte, count)
        held = Chunk(chunk.data[cut:], chunk.row + count, chunk.byte + cut, chunk.count - count)
        if not cut and len(chunk.data) > MAX_LINE:  # no day with its records is so long: what comes next is refused
            yield chunk
            held = None
    if held is not None:
        yield held


def _refuse_wild(file: str, chunk: Chunk) -> None:
    """Lines that no record has: with NUL bytes, without end, or of thousands of cells."""
    nul = chunk.data.find(b"\0")
    if nul >= 0:
        raise NUL_BYTE(file=file, row=chunk.row + chunk.data.count(b"\n", 0, nul), byte=chunk.byte + nul)
    buffer = np.frombuffer(chunk.data, dtype=np.uint8)
    ends = np.flatnonzero(buffer == ord("\n"))
    lengths = np.diff(ends, prepend=-1)
    if lengths.max() > 64 << 10:
        line = int(np.argmax(lengths > 64 << 10))
        raise too_long(file, chunk.row + line, chunk.byte + int(ends[line] - lengths[line]) + 1)
    commas = np.diff(np.searchsorted(np.flatnonzero(buffer == ord(",")), ends), prepend=0)
    if commas.max() > MAX_COLUMNS:
        line = int(np.argmax(commas > MAX_COLUMNS))
        raise TOO_MANY_COLUMNS(file=file, row=chunk.row + line, found=int(commas[line]), limit=MAX_COLUMNS)


# NEM12 ---------------------------------------------------------------------------------------------------------------


@dataclass
class _Days:
    """Some days of one stream, as they came."""

    rows: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    starts: list[Ints] = field(default_factory=list)
    ends: list[Ints] = field(default_factory=list)
    status: list[NDArray[np.uint8]] = field(default_factory=list)


@dataclass
class Stream:
    """A data stream as its 200 record describes it."""

    name: str
    unit: str
    minutes: int

    @classmethod
    def of(cls, record: list[str], file: str, row: int) -> Stream:
        """A stream. Refuses ``nem_intervals_wrong`` where its interval does not divide a day."""
        cells = [*record, *[""] * 9]
        name, minutes = f"{cells[1]}/{cells[4]}", cells[8]
        if not minutes.isdecimal() or not 0 < int(minutes[:4]) <= 60 or MINUTES_OF_DAY % int(minutes[:4]):
            shown = minutes[:10] or "?"
            raise INTERVALS_WRONG(file=file, row=row, stream=name, found="–", minutes=shown, wanted="5, 15, 30")
        return cls(name, cells[7], int(minutes[:4]))


def read_nem12(source: Source, mapping: Mapping) -> Iterator[Raw]:
    """The wanted streams of a NEM12 file, chunk by chunk, one stream at a time. A row's number is its 300 record's.

    Raises:
        Refused: what ``records`` refuses; ``nem_intervals_wrong``, ``nem_quality_wrong``, ``interval_differs``,
            ``wrong_unit``, ``meter_column_missing``.
    """
    reader = _Nem12(source.name, mapping)
    cells: Cells | None = None
    for found, line, row, kind in records(source, mapping.encoding or "utf-8", "nem12"):
        if cells is not None and found is not cells:
            reader.close()
            yield from reader.give(cells)
        cells = found
        reader.take(found, line, row, kind)
    reader.close()
    if cells is not None:
        yield from reader.give(cells)
    refuse_absent(source.name, mapping, reader.seen)


def refuse_absent(file: str, mapping: Mapping, seen: dict[str, int]) -> None:
    """Refuses ``meter_column_missing`` where a wanted stream is not in a file that holds others."""
    for column, _ in mapping.value_columns:
        if seen and column not in seen:
            found = ", ".join(f"“{name[:60]}”" for name in list(seen)[:30])
            raise COLUMN_MISSING(file=file, row=min(seen.values()), column=column, sheet=mapping.format, found=found)


class _Nem12:
    """The records of a NEM12 file, one after another."""

    def __init__(self, file: str, mapping: Mapping) -> None:
        self.file, self.mapping = file, mapping
        self.meters = dict(mapping.value_columns)
        self.stream: Stream | None = None
        self.seen: dict[str, int] = {}
        self.days: dict[str, _Days] = {}
        self.day_row = 0
        self.status: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.told: int | None = None
        """The interval up to which 400 records told the quality of a variable day; ``None`` on other days."""

    def take(self, cells: Cells, line: int, row: int, kind: str) -> None:
        """One record."""
        if kind == "400":
            self._quality(cells.record(line), row)
            return
        self.close()
        if kind == "200":
            self._stream(cells.record(line), row)
        elif kind == "300" and self.stream is not None:
            if self.stream.name in self.meters:
                self._day(cells, line, row, self.stream)
        else:
            wanted = "200" if self.stream is None else "200, 300, 900"
            raise RECORD_UNEXPECTED(file=self.file, row=row, found=kind[:20], wanted=wanted)

    def _stream(self, record: list[str], row: int) -> None:
        self.stream = Stream.of(record, self.file, row)
        name = self.stream.name
        self.seen.setdefault(name, row)
        if name not in self.meters:
            return
        if self.stream.unit.lower() != self.mapping.unit.lower():
            raise WRONG_UNIT(column=name, found=self.stream.unit[:20] or "–", unit=self.mapping.unit)
        seconds, wanted = self.stream.minutes * 60, self.mapping.interval_seconds
        if seconds != wanted:
            raise INTERVAL_DIFFERS(file=self.file, row=row, column=name, found=seconds, wanted=wanted)

    def _day(self, cells: Cells, line: int, row: int, stream: Stream) -> None:
        count, first, last = MINUTES_OF_DAY // stream.minutes, int(cells.first[line]), int(cells.last[line])
        quality = cells.text(first + 2 + count) if first + 2 + count <= last else ""
        method = QUALITY.fullmatch(quality)
        if method is None:
            record = cells.record(line)[2:]
            found = next((place for place, cell in enumerate(record) if not NUMBER.fullmatch(cell)), len(record))
            if found == count:
                raise QUALITY_WRONG(file=self.file, row=row, stream=stream.name, why=f"“{quality[:20]}”")
            raise INTERVALS_WRONG(
                file=self.file, row=row, stream=stream.name, found=found, minutes=stream.minutes, wanted=count
            )
        days = self.days.setdefault(stream.name, _Days())
        days.rows.append(row)
        days.days.append(self._date(cells.text(first + 1), row))
        days.starts.append(cells.starts[first + 2 : first + 2 + count])
        days.ends.append(cells.ends[first + 2 : first + 2 + count])
        self.status = np.full(count, _status(method[1]), dtype=np.uint8)
        days.status.append(self.status)
        self.day_row, self.told = row, 0 if method[1] == "V" else None

    def _date(self, text: str, row: int) -> int:
        from openjcm.mrv.intake_refusals import UNPARSABLE_TIME

        try:
            if len(text) != 8 or not text.isdecimal() or not text.isascii():
                raise ValueError(text)
            return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal() - date(1970, 1, 1).toordinal()
        except ValueError as error:
            raise UNPARSABLE_TIME(
                file=self.file, sheet="300", row=row, column="IntervalDate", text=text[:80], time_format="%Y%m%d"
            ) from error

    def _quality(self, record: list[str], row: int) -> None:
        """A 400 record: (first interval, last interval, quality method) of the day above."""
        if self.stream is not None and self.stream.name not in self.meters:
            return
        if self.told is None:
            raise RECORD_UNEXPECTED(file=self.file, row=row, found="400", wanted="a day of quality V / 品質 V の 300")
        first, last, quality = [*record[1:4], "", "", ""][:3]
        method = QUALITY.fullmatch(quality)
        if method is None or method[1] == "V":
            raise self._unclear(row, f"“{quality[:20]}”")
        if not (first.isdecimal() and last.isdecimal() and len(first) < 5 and len(last) < 5):
            raise self._unclear(row, f"{first[:10]} – {last[:10]}")
        if int(first) != self.told + 1 or not int(first) <= int(last) <= len(self.status):
            raise self._unclear(row, f"{first} – {last}, not {self.told + 1} – {len(self.status)}")
        self.status[int(first) - 1 : int(last)] = _status(method[1])
        self.told = int(last)

    def _unclear(self, row: int, why: str) -> Exception:
        return QUALITY_WRONG(file=self.file, row=row, stream=self.stream.name if self.stream else "–", why=why)

    def close(self) -> None:
        """The 400 records of a variable day told the quality of each of its intervals, or it is refused."""
        if self.told is not None and self.told != len(self.status):
            told, count = self.told, len(self.status)
            why = f"400 records tell of {told} of {count} intervals / 400 レコードが示すのは {count} 区間中 {told} 区間"
            raise self._unclear(self.day_row, why)
        self.told = None

    def give(self, cells: Cells) -> Iterator[Raw]:
        """What came of a chunk, stream by stream."""
        for name, days in self.days.items():
            yield self._raw(name, days, cells)
        self.days = {}

    def _raw(self, name: str, days: _Days, cells: Cells) -> Raw:
        meter, count = self.meters[name], len(days.starts[0])
        starts, ends = np.concatenate(days.starts), np.concatenate(days.ends)
        values = parse_numbers((cells.buffer, starts, ends), self.mapping)
        status = np.concatenate(days.status)
        interval_us = (self.mapping.interval_seconds or 0) * 1_000_000
        begin = np.repeat(np.array(days.days, dtype=np.int64) * 86_400_000_000, count)
        local_us = begin + np.tile(np.arange(count, dtype=np.int64) * interval_us, len(days.days))
        rows = np.repeat(np.array(days.rows, dtype=np.int64), count)
        states = np.zeros(len(rows), dtype=np.uint8)

        def text(_: str, index: int) -> str:
            return cells.chunk.data[starts[index] : ends[index]].decode().strip()

        return raw_of((name, meter), rows, (local_us, states), values, status, text)


def raw_of(
    column: tuple[str, str],
    rows: Ints,
    times: tuple[Ints, NDArray[np.uint8]],
    values: tuple[Ints, NDArray[np.uint8]],
    status: NDArray[np.uint8],
    text: Callable[[str, int], str],
    notes: tuple[tuple[str, str, Ints], ...] = (),
) -> Raw:
    """Readings of one stream with what the file says of each; null ones are missing, whatever stands in their cells."""
    null = status == NULL
    if null.any():
        notes += (("missing_value", column[1], rows[null]),)
    offset_s = np.full(len(rows), NO_OFFSET, dtype=np.int64)
    said = np.where(null, 0, status).astype(np.uint8)
    local_us, states = times
    return Raw(
        rows, local_us, offset_s, states, [values], None, ~null, text, column[0], (column,), said, notes
    )  # fmt: skip


def _status(letter: str) -> int:
    return NULL if letter == "N" else max(LETTERS.find(letter), 0)


# NEM13 ---------------------------------------------------------------------------------------------------------------

NMI, SUFFIX, SERIAL, PREVIOUS, CURRENT, QUANTITY, UNIT = 1, 4, 6, 8, 13, 18, 19
"""Places of cells in a 250 record; a read is followed by its time and its quality."""


@dataclass
class _Pairs:
    """Some register pairs of one stream: rows and cells of reads and times, previous before current; what is said."""

    rows: list[int] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)


def read_nem13(source: Source, mapping: Mapping) -> Iterator[Raw]:
    """The wanted registers of a NEM13 file: two readings for each 250 record, both with its row.

    A read that one record calls current and the next calls previous is given twice; rule Q04 counts it once. Where the
    energy that the record states is not the difference of its reads, a note says so.

    Raises:
        Refused: what ``records`` refuses; ``nem_quality_wrong``, ``wrong_unit``, ``meter_column_missing``.
    """
    meters, seen = dict(mapping.value_columns), dict[str, int]()
    pairs: dict[str, _Pairs] = {}
    cells: Cells | None = None
    for found, line, row, kind in records(source, mapping.encoding or "utf-8", "nem13"):
        if cells is not None and found is not cells:
            yield from (_registers(name, meters[name], each, cells, mapping) for name, each in pairs.items())
            pairs = {}
        cells = found
        if kind != "250" or found.last[line] - found.first[line] < UNIT:
            raise RECORD_UNEXPECTED(file=source.name, row=row, found=kind[:20], wanted="250, 900")
        record = found.record(line)
        name = register_name(record)
        seen.setdefault(name, row)
        if name in meters:
            _take_pair(pairs.setdefault(name, _Pairs()), record, int(found.first[line]), row, source.name, mapping)
    if cells is not None:
        yield from (_registers(name, meters[name], each, cells, mapping) for name, each in pairs.items())
    refuse_absent(source.name, mapping, seen)


def register_name(record: list[str]) -> str:
    """The data stream of a 250 record."""
    return f"{record[NMI]}/{record[SUFFIX]}/{record[SERIAL]}"


def _take_pair(pairs: _Pairs, record: list[str], first: int, row: int, file: str, mapping: Mapping) -> None:
    name, unit = register_name(record), record[UNIT]
    if unit.lower() != mapping.unit.lower():
        raise WRONG_UNIT(column=name, found=unit[:20] or "–", unit=mapping.unit)
    for place in (PREVIOUS, CURRENT):
        quality = record[place + 2]
        method = QUALITY.fullmatch(quality)
        if method is None or method[1] == "V":
            raise QUALITY_WRONG(file=file, row=row, stream=name, why=f"“{quality[:20]}”")
        pairs.rows.append(row)
        pairs.reads.append(first + place)
        pairs.times.append(first + place + 1)
        pairs.status.append(_status(method[1]))
    if what := stated_energy(record[PREVIOUS], record[CURRENT], record[QUANTITY], mapping.factor):
        pairs.notes.append((what, row))


def stated_energy(previous: str, current: str, quantity: str, factor: Fraction) -> str:
    """How the energy that a record states differs from its two reads; empty where it does not, or states none.

    A register of n digits before the point passes its end at 10 to the power n. The sign of the energy says only its
    direction.
    """
    try:
        before, after, energy = (Decimal(text) for text in (previous, current, quantity) if len(text) <= 40)
    except (InvalidOperation, ValueError):
        return ""
    if not (before.is_finite() and after.is_finite() and energy.is_finite()):
        return ""
    stated, step = abs(Fraction(energy)), Fraction(after) - Fraction(before)
    if stated == abs(step) * factor:
        return ""
    end = 10 ** len(previous.partition(".")[0])
    return "quantity_rolls_over" if stated == (step + end) * factor else "quantity_differs"


def _registers(name: str, meter: str, pairs: _Pairs, cells: Cells, mapping: Mapping) -> Raw:
    reads, moments = np.array(pairs.reads, dtype=np.int64), np.array(pairs.times, dtype=np.int64)
    local_us, _, states = parse_times((cells.buffer, cells.starts[moments], cells.ends[moments]), "%Y%m%d%H%M%S")
    values = parse_numbers((cells.buffer, cells.starts[reads], cells.ends[reads]), mapping)

    def text(column: str, index: int) -> str:
        return cells.text(int((moments if column == mapping.time_column else reads)[index]))

    notes = tuple((what, meter, np.array([row], dtype=np.int64)) for what, row in pairs.notes)
    rows, status = np.array(pairs.rows, dtype=np.int64), np.array(pairs.status, dtype=np.uint8)
    return raw_of((name, meter), rows, (local_us, states), values, status, text, notes)
