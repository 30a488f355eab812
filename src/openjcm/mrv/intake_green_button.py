"""Green Button XML: the Energy Services Provider Interface (ESPI, NAESB REQ.21) in an Atom feed.

A MeterReading is a data stream; its ReadingType says the unit and the kind of its values, its IntervalBlocks hold the
readings. Streams are called by the end of their address: ``UsagePoint/1/MeterReading/1``. The file is parsed as it
comes, without document types or entities, and a row is the n-th IntervalReading of the file.

The code lists (units, kinds of accumulation, qualities) follow the ESPI schema; they were checked against other readers
of the format, not against the bought standard.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from openjcm.mrv.intake_bytes import FILE_BOMB, FILE_EMPTY, FILE_TRUNCATED, MAX_ROWS, WRONG_FORMAT, Source
from openjcm.mrv.intake_cells import LARGEST, Ints, Raw, States, multiplied
from openjcm.mrv.intake_columns import whole_to_least
from openjcm.mrv.intake_nem import INTERVAL_DIFFERS, raw_of, refuse_absent
from openjcm.mrv.mapping import WRONG_UNIT, Mapping, unit_power
from openjcm.mrv.readings import ESTIMATED, QUESTIONABLE, SUBSTITUTED
from openjcm.refusals import refusal

ESPI = "NAESB REQ.21, Energy Services Provider Interface (ESPI)"

XML_FORBIDDEN = refusal(
    "xml_forbidden",
    en="“{file}” declares a document type or entities ({why}); such XML is not read.",
    ja="「{file}」には文書型または実体の宣言があります ({why})。このような XML は読み込みません。",
    remedy_en="Export the file again from the utility's portal; a Green Button file has no document type.",
    remedy_ja="電力会社のサイトからファイルを書き出し直してください。Green Button のファイルに文書型宣言はありません。",
    clause="OpenJCM: reading is bounded",
)
TYPE_MISSING = refusal(
    "green_button_type_missing",
    en="“{file}” does not say what the values of “{stream}” are: {why}.",
    ja="「{file}」では「{stream}」の値が何であるかが示されていません: {why}。",
    remedy_en="Ask the utility for a file whose MeterReading names its ReadingType with unit and accumulation.",
    remedy_ja="MeterReading が、単位と累積方法を示す ReadingType を参照しているファイルを"
    "電力会社から入手してください。",
    clause=ESPI,
)
KIND_DIFFERS = refusal(
    "kind_differs",
    en="The values of “{stream}” in “{file}” are “{found}”, but the mapping states “{kind}”.",
    ja="「{file}」の「{stream}」の値は「{found}」ですが、読み取り設定では「{kind}」です。",
    remedy_en="State the kind that the file itself states.",
    remedy_ja="ファイル自体が示す種類を指定してください。",
    clause=ESPI,
)
VALUE_WRONG = refusal(
    "green_button_value_wrong",
    en="Reading {row} of “{file}”: “{text}” is no {wanted}.",
    ja="「{file}」の {row} 番目の計測値: 「{text}」は {wanted} として読めません。",
    remedy_en="Ask the utility for the file again; values, times and durations are whole numbers.",
    remedy_ja="電力会社からファイルを再度入手してください。値、時刻、長さは整数です。",
    clause=ESPI,
)
BASES = {72: "Wh", 38: "W"}
"""ESPI unit symbols of active energy and active power."""
KINDS = {
    (72, 4): "interval_energy", (72, 1): "cumulative", (72, 3): "cumulative", (38, 6): "interval_power",
    (38, 12): "interval_power",
}  # fmt: skip
"""(unit, accumulation) → kind: 4 delta data, 1 bulk quantity, 3 cumulative, 6 indicating, 12 instantaneous."""
GOOD = {0, 14, 17, 18, 19}
"""Qualities of plain readings: valid, raw, validated, verified, revenue quality."""
QUALITIES = {7: SUBSTITUTED, 8: ESTIMATED, 9: ESTIMATED, 11: SUBSTITUTED, 12: ESTIMATED, 15: SUBSTITUTED}
"""Edited by hand, estimated (two ways), derived, projected, normalized for weather. All others are questionable."""
NO_VALUE = -(2**62)
MAX_DEPTH, MAX_TEXT, MAX_TOKEN, MAX_STREAMS = 64, 4096, 4 << 20, 4096
_INTEGER = re.compile(r"\s*[+-]?\d{1,17}\s*")
_WANTED = {
    "start", "duration", "value", "quality", "uom", "powerOfTenMultiplier", "accumulationBehaviour", "intervalLength",
    "defaultQuality", "flowDirection",
}  # fmt: skip


@dataclass
class ReadingType:
    """What the values of a stream are; ``None`` where the file does not say."""

    uom: int | None = None
    power: int = 0
    accumulation: int | None = None
    interval: int | None = None
    quality: int = 0
    flow: int | None = None

    @property
    def unit(self) -> str | None:
        """The unit as meters' files name it, for powers of ten that have a name; else of watts or watt-hours."""
        base = BASES.get(self.uom or 0)
        return {0: "", 3: "k", 6: "M", 9: "G"}.get(self.power, "") + base if base else None

    @property
    def kind(self) -> str | None:
        """The kind of value, where unit and accumulation settle it."""
        return KINDS.get((self.uom or 0, self.accumulation or 0))


@dataclass
class Block:
    """Readings in the order of the file: start, duration, value, status, row; ``NO_VALUE`` where one is not stated."""

    columns: tuple[array[int], ...] = field(default_factory=lambda: tuple(array("q") for _ in range(5)))

    def arrays(self) -> list[Ints]:
        """The columns as arrays."""
        return [np.array(column, dtype=np.int64) for column in self.columns]


@dataclass
class Feed:
    """A whole file: types and meter readings by address, blocks by the address that they belong to."""

    types: dict[str, ReadingType] = field(default_factory=dict)
    readings: dict[str, list[str]] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)

    def streams(self) -> dict[str, tuple[ReadingType | None, Block]]:
        """The streams that hold readings, by name."""
        found: dict[str, tuple[ReadingType | None, Block]] = {}
        for up, block in self.blocks.items():
            owners = (own for own, links in self.readings.items() if up in links or up.startswith(own + "/"))
            address = next(owners, up)
            links = self.readings.get(address, [])
            kind = next((self.types[link] for link in links if link in self.types), None)
            found[stream_name(address)] = (kind, block)
        return found


def stream_name(address: str) -> str:
    """The end of a MeterReading's address, from its UsagePoint on."""
    place = address.find("UsagePoint/")
    return address[max(place, 0) :].removesuffix("/IntervalBlock").strip("/")


class _Reader(ContentHandler):
    """Takes the parser's events. Elements are known by their local names."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file, self.feed = file, Feed()
        self.stack: list[str] = []
        self.text: list[str] | None = None
        self.size = self.events = self.row = 0
        self._entry()

    def _entry(self) -> None:
        self.links: dict[str, list[str]] = {}
        self.content = ""
        self.kind = ReadingType()
        self.block = Block()
        self.block_start, self.count = NO_VALUE, 0

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802 - the parser's name
        """An element begins."""
        self.events += 1
        local = name.rpartition(":")[2]
        if not self.stack and local not in {"feed", "entry"}:
            raise WRONG_FORMAT(file=self.file, wanted="green_button", found=f"<{local[:40]}>")
        self.stack.append(local)
        if len(self.stack) > MAX_DEPTH:
            raise FILE_BOMB(file=self.file, found=f"> {MAX_DEPTH} levels", limit=f"{MAX_DEPTH} levels", place="XML")
        self.text = [] if local in _WANTED else None
        self.size = 0
        if local == "entry":
            self._entry()
        elif local == "link":
            rel, href = (str(attrs.get(key, ""))[:1000] for key in ("rel", "href"))  # type: ignore[attr-defined]
            if rel in {"self", "up", "related"} and len(self.links.setdefault(rel, [])) < 1000:
                self.links[rel].append(href)
        elif local in {"MeterReading", "ReadingType", "IntervalBlock"}:
            self.content = local
        elif local == "IntervalReading":
            self.row += 1
            self.values = {"start": NO_VALUE, "duration": NO_VALUE, "value": NO_VALUE, "status": -1}
            if self.row > MAX_ROWS:
                raise FILE_BOMB(file=self.file, found=f"> {MAX_ROWS} rows", limit=f"{MAX_ROWS} rows", place="XML")

    def characters(self, content: str) -> None:
        """Text inside an element."""
        self.events += 1
        if self.text is not None:
            self.size += len(content)
            if self.size > MAX_TEXT:
                raise FILE_BOMB(file=self.file, found=f"> {MAX_TEXT} B", limit=f"{MAX_TEXT} B", place=self.stack[-1])
            self.text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's name
        """An element ends."""
        self.events += 1
        local = self.stack.pop()
        if self.text is not None and local in _WANTED:
            self._value(local, "".join(self.text))
            self.text = None
        elif local == "IntervalReading" and self.content == "IntervalBlock":
            self._reading()
        elif local == "entry" or (local == "feed" and not self.stack):
            self._close()

    def _value(self, local: str, text: str) -> None:
        if not _INTEGER.fullmatch(text):
            if local == "value" and not text.strip():
                return
            raise VALUE_WRONG(file=self.file, row=self.row, text=text[:60], wanted=f"{local}: a whole number / 整数")
        number = int(text)
        if local == "duration" and number < 0:
            raise VALUE_WRONG(file=self.file, row=self.row, text=text[:60], wanted="duration: seconds / 秒")
        if "IntervalReading" in self.stack:
            if local == "quality":
                status = 0 if number in GOOD else QUALITIES.get(number, QUESTIONABLE)
                self.values["status"] = max(self.values["status"], status)
            elif local in self.values:
                self.values[local] = number
        elif self.content == "ReadingType":
            names = {
                "uom": "uom", "powerOfTenMultiplier": "power", "accumulationBehaviour": "accumulation",
                "intervalLength": "interval", "defaultQuality": "quality", "flowDirection": "flow",
            }  # fmt: skip
            if local in names:
                setattr(self.kind, names[local], number)
        elif local == "start" and self.content == "IntervalBlock":
            self.block_start = number

    def _reading(self) -> None:
        values, self.count = self.values, self.count + 1
        if values["start"] == NO_VALUE:
            # Without a period of its own, the n-th reading stands at the n-th interval of its block: n is kept.
            values["start"] = self.block_start
            values["duration"] = NO_VALUE if self.block_start == NO_VALUE else -self.count
        if abs(values["start"]) > 13_000_000_000:
            shown = "–" if values["start"] == NO_VALUE else str(values["start"])
            raise VALUE_WRONG(file=self.file, row=self.row, text=shown, wanted="start: a time / 時刻")
        for column, key in zip(self.block.columns, ("start", "duration", "value", "status"), strict=False):
            column.append(values[key])
        self.block.columns[4].append(self.row)

    def _close(self) -> None:
        address = next(iter(self.links.get("self", [])), "")
        if len(self.feed.readings) + len(self.feed.types) + len(self.feed.blocks) > MAX_STREAMS:
            raise FILE_BOMB(file=self.file, found=f"> {MAX_STREAMS} streams", limit=str(MAX_STREAMS), place="XML")
        if self.content == "ReadingType":
            self.feed.types[address] = self.kind
        elif self.content == "MeterReading":
            self.feed.readings[address] = self.links.get("related", [])
        elif self.content == "IntervalBlock" and self.block.columns[0]:
            mine = self.feed.blocks.setdefault(next(iter(self.links.get("up", [])), address), Block())
            for column, more in zip(mine.columns, self.block.columns, strict=True):
                column.extend(more)
        self._entry()


def read_feed(source: Source) -> Feed:
    """The whole feed, parsed as it comes.

    Raises:
        Refused: ``xml_forbidden``, ``meter_file_empty``, ``meter_file_truncated``, ``meter_file_wrong_format``,
            ``meter_file_unpacks_too_large``, ``green_button_value_wrong``.
    """
    if source.format() in {"parquet", "excel", "old excel"}:
        raise WRONG_FORMAT(file=source.name, wanted="green_button", found=source.format())
    reader = _Reader(source.name)
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(reader)
    silent, events, begun = 0, 0, False
    try:
        for block in source.plain_blocks():
            for at in range(0, len(block), 1 << 16):
                begun = True
                parser.feed(block[at : at + (1 << 16)])
                silent = silent + (1 << 16) if events == reader.events else 0
                events = reader.events
                if silent > MAX_TOKEN:
                    raise FILE_BOMB(file=source.name, found=f"> {MAX_TOKEN} B", limit=f"{MAX_TOKEN} B", place="XML")
        if not begun:
            raise FILE_EMPTY(file=source.name)
        parser.close()
    except DefusedXmlException as error:
        raise XML_FORBIDDEN(file=source.name, why=type(error).__name__) from error
    except (LookupError, UnicodeError, ValueError) as error:  # an encoding that the parser does not know
        raise FILE_TRUNCATED(file=source.name, place="XML", why=str(error)[:160]) from error
    except SAXParseException as error:
        place = f"line {error.getLineNumber()}"
        raise FILE_TRUNCATED(file=source.name, place=place, why=f"XML: {error.getMessage()}"[:160]) from error
    return reader.feed


def read_green_button(source: Source, mapping: Mapping) -> Iterator[Raw]:
    """The wanted streams of a Green Button file, one after another.

    Raises:
        Refused: what ``read_feed`` refuses; ``meter_column_missing``, ``green_button_type_missing``, ``wrong_unit``,
            ``kind_differs``, ``interval_differs``.
    """
    streams = read_feed(source).streams()
    refuse_absent(source.name, mapping, dict.fromkeys(streams, 1))
    for name, meter in mapping.value_columns:
        if name in streams:
            kind, block = streams[name]
            yield _raw(source.name, mapping, (name, meter), kind, block)


def _raw(file: str, mapping: Mapping, column: tuple[str, str], kind: ReadingType | None, block: Block) -> Raw:
    name = column[0]
    if kind is None or kind.uom is None:
        raise TYPE_MISSING(file=file, stream=name, why="ReadingType" if kind is None else "uom")
    if kind.unit != mapping.unit:
        raise WRONG_UNIT(column=name, found=kind.unit or f"uom {kind.uom}", unit=mapping.unit)
    if kind.kind not in {None, mapping.kind}:
        raise KIND_DIFFERS(file=file, stream=name, found=kind.kind, kind=mapping.kind)
    start, duration, value, status, rows = block.arrays()
    start, duration = _placed(file, name, kind, start, duration, rows)
    if mapping.kind == "cumulative":
        start = start + duration
    elif len(wrong := np.flatnonzero(duration != mapping.interval_seconds)):
        first, wanted = int(wrong[0]), mapping.interval_seconds
        raise INTERVAL_DIFFERS(file=file, row=int(rows[first]), column=name, found=int(duration[first]), wanted=wanted)
    said = np.where(status < 0, 0 if kind.quality in GOOD else QUALITIES.get(kind.quality, QUESTIONABLE), status)
    values, states = _least_units(value, kind, mapping)
    times = (start * 1_000_000, np.zeros(len(start), dtype=np.uint8))
    return raw_of(column, rows, times, (values, states), said.astype(np.uint8), lambda _, index: str(value[index]))


def _placed(file: str, name: str, kind: ReadingType, start: Ints, duration: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Start and duration of each reading; those without a period of their own follow one another in their block."""
    counted = (duration < 0) & (duration != NO_VALUE)
    length = kind.interval if kind.interval and 0 < kind.interval <= 366 * 86_400 else None
    if length is None and (counted.any() or (duration == NO_VALUE).any()):
        raise TYPE_MISSING(file=file, stream=name, why="duration, intervalLength")
    start = np.where(counted, start + (-duration - 1) * (length or 0), start)
    duration = np.where(duration < 0, length or 0, duration)
    if (duration > 366 * 86_400).any():
        row = int(rows[np.argmax(duration > 366 * 86_400)])
        raise VALUE_WRONG(file=file, row=row, text=str(int(duration.max())), wanted="duration: seconds / 秒")
    return start, duration


def _least_units(value: Ints, kind: ReadingType, mapping: Mapping) -> tuple[Ints, States]:
    """Whole numbers of 10^power watts or watt-hours as least units."""
    from openjcm.mrv.engine import text as engine

    fine = mapping.fine_places()
    shift = max(min(kind.power, 18), -18) - unit_power(mapping.least_unit, mapping.kind) + fine
    missing = value == NO_VALUE
    steps, states = whole_to_least(np.where(missing, 0, value), shift, mapping.rounding is not None)
    steps, states = multiplied(steps, states, mapping, fine)
    states[np.abs(steps) > LARGEST] = engine.VALUE_TOO_LARGE
    states[missing] = engine.VALUE_BLANK
    return steps, states
