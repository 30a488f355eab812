"""One dated fact of a meter, with the documents that show it. Facts are added, never changed.

A fact has a kind (:data:`KINDS`), the day or the instant from which it holds, a value and its documents. Its name is
the SHA-256 of its canonical bytes. A *correction* is a new fact that names the one it puts right; ``withdrawn`` says
that the corrected fact never held and nothing takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from openjcm.canonical import Plain, canonical_hash, plain
from openjcm.mrv.mapping import ENERGY_UNITS
from openjcm.refusals import Refused, refusal
from openjcm.units import exact

METER_FACT_INVALID = refusal(
    "meter_fact_invalid",
    en="The fact “{kind}” of meter “{meter}” is not usable: “{field}” is “{value}”.",
    ja="計量器「{meter}」の情報「{kind}」が使えません: 「{field}」が「{value}」です。",
    remedy_en="State it as {allowed}. docs/meters.md lists the kinds of facts and their fields.",
    remedy_ja="次の形で指定してください: {allowed}。情報の種類と項目は docs/meters.md にあります。",
    clause="OpenJCM: readings are judged by the facts of their day",
)


@dataclass(frozen=True)
class Document:
    """A document that shows a fact: its name, and the SHA-256 of its bytes if it is on file."""

    name: str
    sha256: str = ""

    def as_data(self) -> dict[str, str]:
        """The document as plain data."""
        return {"name": self.name} | ({"sha256": self.sha256} if self.sha256 else {})


@dataclass(frozen=True)
class Form:
    """What the value of a field must be."""

    allowed: str
    fits: Callable[[object], bool]


def _number(value: object) -> Fraction | None:
    try:
        return exact(value) if isinstance(value, str) else None
    except Refused:
        return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 300


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value)) and len(value) == 10
    except ValueError:
        return False


def _in(least: Fraction | int, most: Fraction | int) -> Callable[[object], bool]:
    return lambda value: (number := _number(value)) is not None and least <= number <= most


TEXT = Form("a text of at most 300 characters", _is_text)
DAY = Form("a day, YYYY-MM-DD", _is_day)
FLAG = Form("true or false", lambda value: isinstance(value, bool))
INDEX = Form("a register's reading as text, from 0", _in(0, 10**15))
POSITIVE = Form("a number above 0 as text", _in(Fraction(1, 10**9), 10**15))
PERCENT = Form("a number of percent as text, above 0 and at most 20", _in(Fraction(1, 10**6), 20))
ERROR = Form("a number of percent as text, with its sign, from -100 to 100", _in(-100, 100))
UNIT = Form("Wh, kWh, MWh or GWh", lambda value: value in ENERGY_UNITS)
MONTHS = Form(
    "a whole number of months from 1 to 600",
    lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 600,
)
EXPLAINABLE = ("Q12", "Q13", "Q19", "Q32", "Q33")
"""Rules whose findings a documented explanation may answer: there is an honest cause that readings cannot show (storage
behind the meter, a plant that was enlarged). What only a fact can mend (capacity, replacement) is none of them."""
RULE = Form(f"one of the rules {', '.join(EXPLAINABLE)}", lambda value: value in EXPLAINABLE)
RESULT = Form("passed, adjusted or failed", lambda value: value in {"passed", "adjusted", "failed"})


@dataclass(frozen=True)
class Kind:
    """A kind of fact: its names, what its value holds, and whether a change of it departs from the registered plan."""

    en: str
    ja: str
    required: Mapping[str, Form] = field(default_factory=dict)
    optional: Mapping[str, Form] = field(default_factory=dict)
    alters_plan: bool = False
    dated: bool = True
    """Whether a fact of this kind must have a day. A calibration without one is kept, and covers nothing."""


_INSTRUMENT = {"serial": TEXT, "make": TEXT, "model": TEXT}
_RATIO = {"primary": POSITIVE, "secondary": POSITIVE, "in_register": FLAG}

KINDS: dict[str, Kind] = {
    "installation": Kind("installation", "設置", optional=_INSTRUMENT),
    "accuracy": Kind("accuracy", "精度", optional={"class": TEXT, "percent": PERCENT}, alters_plan=True),
    "register_span": Kind("span of the register", "積算値の上限", {"span": POSITIVE, "unit": UNIT}),
    "ct_ratio": Kind("current transformer ratio", "変流比", _RATIO, {"index": INDEX, "unit": UNIT}, alters_plan=True),
    "vt_ratio": Kind("voltage transformer ratio", "変圧比", _RATIO, {"index": INDEX, "unit": UNIT}, alters_plan=True),
    "replacement": Kind(
        "replacement", "交換", {"end_index": INDEX, "start_index": INDEX, "unit": UNIT}, _INSTRUMENT, alters_plan=True
    ),
    "firmware": Kind("firmware", "ファームウェア", {"version": TEXT}),
    "calibration": Kind(
        "calibration", "校正",
        optional={
            "result": RESULT, "error_percent": ERROR, "laboratory": TEXT, "accreditation": TEXT, "certificate": TEXT,
            "valid_from": DAY, "valid_until": DAY,
        },
        dated=False,
    ),
    "calibration_interval": Kind("calibration interval", "校正間隔", {"months": MONTHS}, alters_plan=True),
    "invoice": Kind(
        "invoice", "請求書", {"start": DAY, "end": DAY, "energy": INDEX, "unit": UNIT}, {"error_percent": PERCENT}
    ),
    "operation": Kind("proof of operation", "運転の証拠", {"start": DAY, "end": DAY}),
    "explanation": Kind(
        "explanation of a finding", "指摘事項の説明", {"rule": RULE, "start": DAY, "end": DAY, "reason": TEXT}
    ),
}  # fmt: skip
"""The kinds of facts, with the fields of their values. Numbers are text, so that they are exact."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class MeterFact:
    """A fact (see the module's text). ``at`` is the instant with its offset, where it is known to the minute.

    ``approval`` names the decision by which a change that departs from the registered plan was approved.
    """

    meter: str
    kind: str
    day: date | None
    value: Mapping[str, Plain] = field(default_factory=dict, hash=False)
    documents: tuple[Document, ...] = ()
    at: str = ""
    corrects: str = ""
    withdrawn: bool = False
    approval: Document | None = None

    def __post_init__(self) -> None:
        self._must("meter", _is_text(self.meter), self.meter, TEXT.allowed)
        self._must("kind", self.kind in KINDS, self.kind, ", ".join(KINDS))
        self._must("corrects", not self.corrects or bool(_SHA256.fullmatch(self.corrects)), self.corrects, "a SHA-256")
        self._must("withdrawn", not self.withdrawn or bool(self.corrects), "true", "a fact that corrects another")
        self._check_time()
        if not self.withdrawn:
            self._check_value()
        for document in (*self.documents, *([self.approval] if self.approval else ())):
            self._must("documents", _is_text(document.name), document.name, TEXT.allowed)
            good = not document.sha256 or bool(_SHA256.fullmatch(document.sha256))
            self._must("documents", good, document.sha256, "a SHA-256")

    def _check_time(self) -> None:
        self._must("day", self.day is not None or not KINDS[self.kind].dated, "–", DAY.allowed)
        if self.at:
            good = self.day is not None and _instant_us(self.at) is not None and self.at[:10] == self.day.isoformat()
            self._must("at", good, self.at, "an instant of that day with its offset, 2024-05-01T10:30:00+09:00")

    def _check_value(self) -> None:
        kind = KINDS[self.kind]
        known = {**kind.required, **kind.optional}
        for name in sorted(self.value.keys() - known.keys()):
            self._must(name, False, self.value[name], f"one of {', '.join(known)}")
        for name in sorted(kind.required.keys() - self.value.keys()):
            self._must(name, False, "–", kind.required[name].allowed)
        for name, value in self.value.items():
            self._must(name, known[name].fits(value), value, known[name].allowed)
        if self.kind == "accuracy":
            self._must("class", len(self.value) == 1, sorted(self.value), "either class or percent")
        if "index" in known:
            self._must("unit", ("index" in self.value) == ("unit" in self.value), "–", "index and unit together")
        first, last = ("valid_from", "valid_until") if self.kind == "calibration" else ("start", "end")
        if first in self.value and last in self.value:
            self._must(
                last, str(self.value[first]) <= str(self.value[last]), self.value[last], f"no day before {first}"
            )

    def _must(self, name: str, good: bool, value: object, allowed: str) -> None:
        if not good:
            raise METER_FACT_INVALID(
                meter=self.meter, kind=self.kind, field=name, value=str(value)[:100], allowed=allowed
            )

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical bytes: the name of the fact."""
        return canonical_hash(self.as_data())

    @property
    def at_us(self) -> int | None:
        """The instant in UTC microseconds, where one is stated."""
        return _instant_us(self.at) if self.at else None

    def number(self, name: str) -> Fraction | None:
        """A number of the value, exactly; ``None`` where it is not stated."""
        return _number(self.value.get(name))

    def energy_wh(self, name: str) -> Fraction | None:
        """A number of the value that is an energy or an index, in Wh by the unit beside it."""
        number, unit = self.number(name), self.value.get("unit")
        return None if number is None else number * Fraction(10) ** ENERGY_UNITS[str(unit)]

    def day_of(self, name: str) -> date | None:
        """A day of the value; ``None`` where it is not stated."""
        text = self.value.get(name)
        return date.fromisoformat(str(text)) if text is not None else None

    def as_data(self) -> dict[str, Any]:
        """The fact as plain data; what is not stated is left out."""
        data: dict[str, Any] = {
            "meter": self.meter, "kind": self.kind, "day": self.day, "value": dict(self.value),
            "documents": [item.as_data() for item in self.documents],
        }  # fmt: skip
        more = {"at": self.at, "corrects": self.corrects, "withdrawn": self.withdrawn}
        data |= {name: value for name, value in more.items() if value}
        return data | ({"approval": self.approval.as_data()} if self.approval else {})

    @classmethod
    def from_data(cls, data: Mapping[str, Any], meter: str = "") -> MeterFact:
        """A fact from plain data. Within the facts of a meter, its identifier may be left out.

        Raises:
            Refused: ``meter_fact_invalid``.
        """
        name, kind = data.get("meter", meter), data.get("kind")
        known = {"meter", "kind", "day", "value", "documents", "at", "corrects", "withdrawn", "approval"}
        facts = {"meter": name, "kind": kind}
        for key in sorted(data.keys() - known):
            raise METER_FACT_INVALID(**facts, field=key, value="?", allowed=", ".join(sorted(known)))
        try:
            day = data.get("day")
            return cls(
                meter=name,
                kind=str(kind),
                day=day if day is None or isinstance(day, date) else date.fromisoformat(day),
                value={str(key): plain(value) for key, value in dict(data.get("value") or {}).items()},
                documents=tuple(_document(item) for item in data.get("documents") or ()),
                at=str(data.get("at") or ""),
                corrects=str(data.get("corrects") or ""),
                withdrawn=data.get("withdrawn") is True,
                approval=_document(data["approval"]) if data.get("approval") else None,
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise METER_FACT_INVALID(
                **facts, field="fact", value=str(error)[:100], allowed="the described fields"
            ) from error


def _document(item: object) -> Document:
    if isinstance(item, str):
        return Document(item)
    if not isinstance(item, Mapping) or item.keys() - {"name", "sha256"}:
        raise TypeError("document")
    return Document(str(item["name"]), str(item.get("sha256") or ""))


def _instant_us(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or len(text) > 40:
            return None
        since = moment - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    except (ValueError, OverflowError):
        return None
