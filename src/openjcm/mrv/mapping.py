"""How one meter file is to be read: stated by a person, checked against the file, never guessed.

A :class:`Mapping` names the columns, the unit, the time zone and the kind of value of one file. ``propose`` (in
:mod:`openjcm.mrv.proposal`) fills in what the file itself says and leaves the rest as open questions; whoever confirms
gives the complete mapping. Unit and time zone are never derived from the size of the numbers or the shape of the day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import lru_cache

from openjcm.mrv.zones import zone_of
from openjcm.refusals import refusal

FORMATS = ("csv", "parquet", "excel", "nem12", "nem13", "green_button")
OWN_FORMS: dict[str, dict[str, object]] = {
    "nem12": {"layout": "wide", "time_column": "IntervalDate", "interval_stamp": "start"},
    "nem13": {"layout": "wide", "time_column": "RegisterReadDateTime", "kind": "cumulative"},
    "green_button": {
        "layout": "wide", "time_column": "timePeriod", "interval_stamp": "start", "time_zone": "+00:00",
    },
}  # fmt: skip
"""Formats whose form is laid down elsewhere, and what that fixes. Their value columns are data streams."""
LAYOUTS = ("long", "wide")
KINDS = ("cumulative", "interval_energy", "interval_power")
ENERGY_UNITS = {"Wh": 0, "kWh": 3, "MWh": 6, "GWh": 9}
POWER_UNITS = {"W": 0, "kW": 3, "MW": 6, "GW": 9}
ZONE_IN_FILE = "file"
"""Time zone of a file whose every time carries its own offset from UTC."""
ROUNDINGS = ("down_to_whole_unit",)
DECIMAL_PLACES_MAX = 12

CLAUSE = "OpenJCM: a mapping is proposed from the file and confirmed by a person, never guessed"

MAPPING_INCOMPLETE = refusal(
    "mapping_incomplete",
    en="The mapping of the meter file does not state “{field}”.",
    ja="計量ファイルの読み取り設定に「{field}」が指定されていません。",
    remedy_en="State it: {allowed}. What the file does not say is asked, never assumed.",
    remedy_ja="次のいずれかで指定してください: {allowed}。ファイルに書かれていないことは推測せず、必ず確認します。",
    clause=CLAUSE,
)
MAPPING_INVALID = refusal(
    "mapping_invalid",
    en="In the mapping of the meter file, “{field}” is “{value}”, which is not allowed.",
    ja="計量ファイルの読み取り設定の「{field}」に指定された「{value}」は使えません。",
    remedy_en="Allowed: {allowed}.",
    remedy_ja="指定できる値: {allowed}。",
    clause=CLAUSE,
)
UNKNOWN_METER_UNIT = refusal(
    "unknown_meter_unit",
    en="“{unit}” is not a unit of a meter reading of the kind “{kind}”.",
    ja="「{unit}」は「{kind}」の計測値の単位として使えません。",
    remedy_en="Energy is stated in Wh, kWh, MWh or GWh; power in W, kW, MW or GW; the least unit as one of these, "
    "with a power of ten before it where needed (0.1 W).",
    remedy_ja="電力量は Wh、kWh、MWh、GWh、電力は W、kW、MW、GW で指定してください。"
    "最小単位には、必要に応じて 10 のべき乗を前に付けられます (例: 0.1 W)。",
    clause="OpenJCM: every reading has a stated unit",
)
WRONG_UNIT = refusal(
    "wrong_unit",
    en="The column “{column}” names the unit {found}, but the mapping states {unit}.",
    ja="列「{column}」の名前は単位 {found} を示していますが、読み取り設定では {unit} です。",
    remedy_en="State the unit that the column has. If its name is wrong, correct the name in the file and say so.",
    remedy_ja="列の実際の単位を指定してください。列名が誤っている場合は、ファイルの列名を直し、その旨を記録してください。",
    clause="OpenJCM: every reading has a stated unit",
)


@dataclass(frozen=True)
class Mapping:
    """How to read one meter file. ``check`` refuses an incomplete or contradictory one.

    ``value_columns`` are pairs (column, meter). In the long layout there is one pair, and ``meter_column`` names the
    column that holds the meter's identifier, unless the whole file is one meter's. ``least_unit`` is the smallest step
    that the meter shows: values become whole numbers of it. ``interval_stamp`` says whether the time of an interval
    value is the interval's start or end. ``clock_correction_seconds`` is added to every time (a documented correction
    of the logger's clock, with its reason). ``row_filter`` (column, text) keeps only the rows with that text.

    A header of several rows (``header_rows``, beginning at ``header_row``; 0: none, columns are ``#1``, ``#2`` …) is
    read as one: see ``joined_header`` in
    :mod:`openjcm.mrv.intake_csv`. Where the time of day has a column of its own, ``clock_column`` names it, and
    ``time_format`` is the form of date, one space and time. ``value_suffix`` is a text behind every number, such as
    its unit. ``multiplier`` is what the file's values are multiplied by to be energy at the metering point (a CT or VT
    ratio, the weight of a pulse), exactly, with its reason; ``unit`` is then the unit after it.
    """

    format: str
    layout: str
    time_column: str
    value_columns: tuple[tuple[str, str], ...]
    kind: str
    unit: str
    least_unit: str
    time_zone: str
    time_format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal_mark: str | None = None
    sheet: str | None = None
    header_row: int = 1
    first_data_row: int | None = None
    meter_column: str | None = None
    interval_seconds: int | None = None
    interval_stamp: str | None = None
    row_filter: tuple[str, str] | None = None
    clock_correction_seconds: int = 0
    clock_correction_reason: str = ""
    rounding: str | None = None
    """``None``: a value that is not a whole number of least units is refused. ``down_to_whole_unit``: it is cut down
    (towards minus infinity)."""
    blank: str = "refuse"
    """``refuse`` a row whose time or value is blank, or take it as ``missing`` (a finding, never zero)."""
    missing_texts: tuple[str, ...] = ()
    """Texts that stand for a blank in this file, such as ``NA``."""
    doubtful_times: str = "refuse"
    """What to do with a local time that occurs twice or never (daylight saving): ``refuse`` or ``leave_out``."""
    header_rows: int = 1
    clock_column: str | None = None
    value_suffix: str | None = None
    multiplier: str | None = None
    """An exact decimal or fraction as text: ``120``, ``0.05``, ``1/1000``."""
    multiplier_reason: str = ""

    def as_data(self) -> dict[str, object]:
        """The mapping as plain data for canonical JSON; fields at their default are left out."""
        data: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value == item.default:
                continue
            data[item.name] = _listed(value)
        return data

    @classmethod
    def from_data(cls, data: AbstractMapping[str, object]) -> Mapping:
        """A mapping from plain data.

        Raises:
            Refused: ``mapping_invalid`` for a name that is not a field or a value of the wrong shape,
                ``mapping_incomplete`` for a missing one, and all that ``check`` refuses.
        """
        known = {item.name: item for item in fields(cls)}
        for name in data:
            if name not in known:
                raise MAPPING_INVALID(field="mapping", value=name, allowed=", ".join(sorted(known)))
        values = {name: _shaped(name, value) for name, value in data.items() if value is not None}
        if values.get("multiplier") == "1":
            del values["multiplier"]
        values = {**OWN_FORMS.get(str(values.get("format")), {}), **values}
        for name in REQUIRED:
            if name not in values:
                raise MAPPING_INCOMPLETE(field=name, allowed=ALLOWED.get(name, name))
        mapping = cls(**values)  # type: ignore[arg-type]
        mapping.check()
        return mapping

    def check(self) -> None:
        """Refuse what is unknown, missing or contradictory.

        Raises:
            Refused: ``mapping_incomplete``, ``mapping_invalid``, ``unknown_meter_unit``, ``unknown_time_zone``.
        """
        self._check_choices()
        self._check_columns()
        self.shift  # noqa: B018 - refuses unknown units
        self._check_unit_names()
        check_zone(self.time_zone)
        if self.kind != "cumulative":
            if not self.interval_seconds:
                raise MAPPING_INCOMPLETE(field="interval_seconds", allowed=ALLOWED["interval_seconds"])
            if self.interval_stamp is None:
                raise MAPPING_INCOMPLETE(field="interval_stamp", allowed=ALLOWED["interval_stamp"])
        for name, given in (("clock_correction", self.clock_correction_seconds), ("multiplier", self.multiplier)):
            if given and not getattr(self, f"{name}_reason").strip():
                raise MAPPING_INCOMPLETE(field=f"{name}_reason", allowed="the documented reason, in words")

    def _check_choices(self) -> None:
        choices: tuple[tuple[str, object, tuple[object, ...]], ...] = (
            ("format", self.format, FORMATS),
            ("layout", self.layout, LAYOUTS),
            ("kind", self.kind, KINDS),
            ("encoding", self.encoding, (None, *ENCODINGS)),
            ("delimiter", self.delimiter, (None, ",", ";", "\t", "|")),
            ("decimal_mark", self.decimal_mark, (None, ".", ",")),
            ("rounding", self.rounding, (None, *ROUNDINGS)),
            ("blank", self.blank, ("refuse", "missing")),
            ("doubtful_times", self.doubtful_times, ("refuse", "leave_out")),
            ("interval_stamp", self.interval_stamp, (None, "start", "end")),
        )
        for name, value, allowed in choices:
            if value not in allowed:
                raise MAPPING_INVALID(
                    field=name, value=value, allowed=", ".join(repr(item) for item in allowed if item)
                )
        for name, value in OWN_FORMS.get(self.format, {}).items():
            if getattr(self, name) != value:
                raise MAPPING_INVALID(field=name, value=getattr(self, name), allowed=f"{value} ({self.format})")
        if self.format == "csv":
            for name in ("encoding", "delimiter", "decimal_mark", "time_format"):
                if not getattr(self, name):
                    raise MAPPING_INCOMPLETE(field=name, allowed=ALLOWED[name])
            if self.delimiter == self.decimal_mark:
                raise MAPPING_INVALID(
                    field="decimal_mark", value=self.decimal_mark, allowed="a mark other than the delimiter"
                )
        self._check_numbers()

    def _check_numbers(self) -> None:
        if not 1 <= self.header_row <= 1000:
            raise MAPPING_INVALID(field="header_row", value=self.header_row, allowed="1 … 1000")
        if not 0 <= self.header_rows <= 9:
            raise MAPPING_INVALID(field="header_rows", value=self.header_rows, allowed="0 … 9")
        after = self.header_row + self.header_rows
        if not after <= self.data_row <= 1010:
            raise MAPPING_INVALID(field="first_data_row", value=self.data_row, allowed=f"{after} … 1010")
        self.factor  # noqa: B018 - refuses what is no multiplier
        if self.interval_seconds is not None and not 1 <= self.interval_seconds <= 366 * 86_400:
            raise MAPPING_INVALID(field="interval_seconds", value=self.interval_seconds, allowed="1 … 31622400")
        if abs(self.clock_correction_seconds) > 100 * 366 * 86_400:
            raise MAPPING_INVALID(
                field="clock_correction_seconds", value=self.clock_correction_seconds, allowed="less than a century"
            )

    def _check_columns(self) -> None:
        if not self.value_columns:
            raise MAPPING_INCOMPLETE(field="value_columns", allowed=ALLOWED["value_columns"])
        if self.layout == "long" and len(self.value_columns) != 1:
            raise MAPPING_INVALID(
                field="value_columns", value=len(self.value_columns), allowed="one column (long layout)"
            )
        if self.layout == "wide" and self.meter_column is not None:
            raise MAPPING_INVALID(field="meter_column", value=self.meter_column, allowed="none in the wide layout")
        meters = [meter for _, meter in self.value_columns]
        if self.meter_column is None and not all(meters):
            raise MAPPING_INCOMPLETE(
                field="meter_column", allowed="the column of meters, or the meter of each value column"
            )
        if len(set(meters)) != len(meters):
            raise MAPPING_INVALID(field="value_columns", value=", ".join(meters), allowed="each meter once")

    def _check_unit_names(self) -> None:
        suffix = units_by_lower.get((self.value_suffix or "").strip().lower(), self.unit)
        if suffix != self.unit:
            raise WRONG_UNIT(column="value_suffix", found=suffix, unit=self.unit)
        for column, _ in self.value_columns if self.factor == 1 else ():
            named = {units_by_lower[text.lower()] for text in _UNIT_IN_NAME.findall(column.replace("_", " "))}
            if named and self.unit not in named:
                raise WRONG_UNIT(column=column, found=", ".join(sorted(named)), unit=self.unit)

    @property
    def data_row(self) -> int:
        """The 1-based row at which the readings begin."""
        return self.header_row + self.header_rows if self.first_data_row is None else self.first_data_row

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once, the time first."""
        names = [self.time_column, *(column for column, _ in self.value_columns)]
        more = (self.clock_column, self.meter_column, self.row_filter and self.row_filter[0])
        return tuple(dict.fromkeys([*names, *(name for name in more if name)]))

    @property
    def shift(self) -> int:
        """The power of ten from the file's unit to the least unit: kWh in steps of Wh is 3.

        Raises:
            Refused: ``unknown_meter_unit``.
        """
        return unit_power(self.unit, self.kind) - unit_power(self.least_unit, self.kind)

    @property
    def factor(self) -> Fraction:
        """The multiplier as an exact number; 1 where there is none.

        Raises:
            Refused: ``mapping_invalid`` unless it is above zero and both its parts are at most a thousand million.
        """
        match = _FACTOR.match(self.multiplier or "1")
        if match is None or not Fraction(match[1]) or not Fraction(match[2] or 1):
            raise MAPPING_INVALID(field="multiplier", value=self.multiplier, allowed=ALLOWED["multiplier"])
        found = Fraction(match[1]) / Fraction(match[2] or 1)
        if max(found.numerator, found.denominator) > 10**9:
            raise MAPPING_INVALID(field="multiplier", value=self.multiplier, allowed=ALLOWED["multiplier"])
        return found

    def fine_places(self, most: int = 6) -> int:
        """Decimal places below the least unit that are read of a file's value before it is multiplied.

        Multiplying by p removes at most as many places as p holds twos or fives; more than ``most`` are not read, and
        such a value is not whole. With a rounding rule all of ``most`` are read, and what is cut down beyond them
        lowers the result by at most one least unit.
        """
        top, places = self.factor.numerator, 0
        if self.factor == 1:
            return 0
        for prime in (2, 5):
            held, rest = 0, top
            while rest % prime == 0:
                held, rest = held + 1, rest // prime
            places = max(places, held)
        return most if self.rounding is not None else min(places, most)


ENCODINGS = ("utf-8", "cp932", "utf-16-le", "utf-16-be")
REQUIRED = ("format", "layout", "time_column", "value_columns", "kind", "unit", "least_unit", "time_zone")
ALLOWED = {
    "format": ", ".join(FORMATS),
    "layout": ", ".join(LAYOUTS),
    "kind": ", ".join(KINDS),
    "unit": "Wh, kWh, MWh, GWh, W, kW, MW, GW",
    "least_unit": "the meter's smallest step, such as kWh, Wh, W, 0.1 W",
    "time_zone": "an IANA name, a fixed offset such as +08:00, or “file”",
    "time_column": "the name of the column",
    "value_columns": "pairs of column and meter",
    "encoding": ", ".join(ENCODINGS),
    "delimiter": "comma, semicolon, tab or |",
    "decimal_mark": "point or comma",
    "time_format": "%Y %m %d %H %M %S %f %z with the signs between them",
    "interval_seconds": "seconds between two values",
    "interval_stamp": "start, end",
    "multiplier": "a decimal or a fraction above zero, such as 120, 0.05 or 1/1000",
}
_FACTOR = re.compile(r"^(\d{1,10}(?:\.\d{1,9})?)(?:/(\d{1,10}))?$")
_UNIT_IN_NAME = re.compile(r"(?<![A-Za-z])(GWh|MWh|kWh|Wh|GW|MW|kW)(?![A-Za-z])", re.IGNORECASE)
units_by_lower = {unit.lower(): unit for unit in (*ENERGY_UNITS, *POWER_UNITS)}
"""Units by their lower-case text: files write KWH and mwh; milliwatt is no meter's unit."""
_LEAST = re.compile(r"^(?:(1|10|100|1000|0\.0{0,5}1) ?)?([A-Za-z]+)$")


def _listed(value: object) -> object:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


_INTEGERS = {"header_row", "header_rows", "first_data_row", "interval_seconds", "clock_correction_seconds"}


def _shaped(name: str, value: object) -> object:
    """The value of a field from plain data, with tuples for lists."""
    if name in _INTEGERS:
        if isinstance(value, bool) or not isinstance(value, int):
            raise MAPPING_INVALID(field=name, value=value, allowed="a whole number")
        return value
    if name == "value_columns":
        if isinstance(value, list | tuple) and all(_is_texts(pair, 2) for pair in value):
            return tuple((pair[0], pair[1]) for pair in value)
        raise MAPPING_INVALID(field=name, value=value, allowed=ALLOWED[name])
    if name == "row_filter":
        if _is_texts(value, 2):
            return tuple(value)  # type: ignore[arg-type]
        raise MAPPING_INVALID(field=name, value=value, allowed="a pair of column and text")
    if name == "missing_texts":
        if _is_texts(value, None):
            return tuple(value)  # type: ignore[arg-type]
        raise MAPPING_INVALID(field=name, value=value, allowed="a list of texts")
    if not isinstance(value, str):
        raise MAPPING_INVALID(field=name, value=value, allowed="a text")
    return value


def _is_texts(value: object, length: int | None) -> bool:
    return (
        isinstance(value, list | tuple)
        and all(isinstance(item, str) for item in value)
        and length in {None, len(value)}
    )


def unit_power(unit: str, kind: str) -> int:
    """The power of ten of a unit against Wh (energy) or W (power): ``kWh`` is 3, ``0.1 W`` is -1.

    Raises:
        Refused: ``unknown_meter_unit``, also for an energy unit where the kind is power.
    """
    known = POWER_UNITS if kind == "interval_power" else ENERGY_UNITS
    match = _LEAST.match(unit)
    if match is None or match[2] not in known:
        raise UNKNOWN_METER_UNIT(unit=unit, kind=kind)
    step = match[1] or "1"
    tens = -(len(step) - 2) if step.startswith("0.") else len(step) - 1
    return known[match[2]] + tens


@lru_cache(maxsize=64)
def least_unit_size(least_unit: str, kind: str) -> Fraction:
    """The least unit in Wh (energy) or W (power), exactly: ``0.1 W`` is 1/10."""
    return Fraction(10) ** unit_power(least_unit, kind)


def check_zone(zone: str) -> None:
    """Refuse a time zone that is neither IANA, nor a fixed offset, nor ``file``.

    Raises:
        Refused: ``unknown_time_zone``.
    """
    if zone != ZONE_IN_FILE:
        zone_of(zone)


@dataclass(frozen=True)
class Question:
    """Something that the file does not say and a person must answer."""

    field: str
    en: str
    ja: str


@dataclass(frozen=True)
class Proposal:
    """What a file says of itself: the fields found with the reason for each, the open questions, the first rows."""

    fields: dict[str, object]
    reasons: dict[str, tuple[str, str]]
    """Field → why, in English and Japanese."""
    questions: tuple[Question, ...]
    columns: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Field → the answers that the file allows, where it narrows them down."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.questions

    def confirm(self, **answers: object) -> Mapping:
        """The complete mapping: what was found, with the person's answers over it.

        Raises:
            Refused: as ``Mapping.from_data``.
        """
        return Mapping.from_data({**self.fields, **answers})
