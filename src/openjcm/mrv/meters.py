"""The facts of a meter that readings are judged by."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation

from openjcm.mrv.meter_facts import MeterFact
from openjcm.refusals import refusal

DIRECTIONS = ("generation", "consumption")
METER_INVALID = refusal(
    "meter_facts_invalid",
    en="The facts of meter “{meter}” are not usable: “{field}” is “{value}”.",
    ja="計量器「{meter}」の情報が使えません: 「{field}」が「{value}」です。",
    remedy_en="State it as {allowed}.",
    remedy_ja="次の形で指定してください: {allowed}。",
    clause="OpenJCM: readings are judged by the facts of their meter",
)


@dataclass(frozen=True)
class Calibration:
    """A calibration of the meter and the days for which it is valid (both inclusive), with its document."""

    valid_from: date
    valid_until: date
    document: str


@dataclass(frozen=True)
class Meter:
    """The facts of one meter.

    ``direction`` is ``generation`` (more energy raises the reductions) or ``consumption`` (more lowers them).
    ``capacity_w`` is the greatest power that can flow, in W. ``register_span`` is the number of least units at which a
    cumulative register starts again from zero, or ``None`` if not known: then a rollover is never assumed.
    ``interval_seconds`` is the time between two expected readings. Coordinates are decimal texts in degrees.
    ``solar`` says that the meter measures a solar plant alone: then energy at night is a finding (rule Q13), and so is,
    without coordinates, that this cannot be told. ``facts`` are further dated facts known at registration; what is
    learned later enters the meter's timeline (:mod:`openjcm.mrv.timeline`).
    """

    meter_id: str
    direction: str
    capacity_w: int
    interval_seconds: int
    register_span: int | None = None
    installed_on: date | None = None
    latitude: str | None = None
    longitude: str | None = None
    calibration: tuple[Calibration, ...] = ()
    documents: tuple[str, ...] = ()
    solar: bool = False
    facts: tuple[MeterFact, ...] = ()

    def __post_init__(self) -> None:
        self._must("meter_id", bool(self.meter_id.strip()), "a text")
        self._must("direction", self.direction in DIRECTIONS, "generation or consumption")
        self._must("capacity_w", _whole(self.capacity_w, 1, 10**12), "a whole number of W from 1 to 10^12")
        self._must("interval_seconds", _whole(self.interval_seconds, 1, 366 * 86_400), "seconds, 1 … 31622400")
        self._must(
            "register_span", self.register_span is None or _whole(self.register_span, 1, 10**17), "least units, from 1"
        )
        self._must("latitude", self.latitude is None or _degrees(self.latitude, 90), "degrees as text, -90 … 90")
        self._must("solar", isinstance(self.solar, bool), "true or false")
        self._must("longitude", self.longitude is None or _degrees(self.longitude, 180), "degrees as text, -180 … 180")

        for fact in self.facts:
            self._must("facts", fact.meter == self.meter_id and not fact.corrects, "facts of this meter, not corrected")

    def _must(self, name: str, good: bool, allowed: str) -> None:
        if not good:
            raise METER_INVALID(meter=self.meter_id, field=name, value=getattr(self, name), allowed=allowed)

    def as_data(self) -> dict[str, object]:
        """The facts as plain data for canonical JSON; what is not known or not so is left out."""
        data: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is None or value is False or value == ():
                continue
            if item.name == "calibration":
                value = [
                    {"valid_from": one.valid_from, "valid_until": one.valid_until, "document": one.document}
                    for one in value
                ]
            if item.name == "facts":
                value = [fact.as_data() for fact in value]
            data[item.name] = list(value) if isinstance(value, tuple) else value
        return data

    @classmethod
    def from_data(cls, data: AbstractMapping[str, object]) -> Meter:
        """A meter from plain data (dates as ISO texts or dates).

        Raises:
            Refused: ``meter_facts_invalid`` for an unknown, missing or unusable field.
        """
        name = str(data.get("meter_id", "?"))
        known = {item.name for item in fields(cls)}
        for key in data:
            if key not in known:
                raise METER_INVALID(meter=name, field=key, value="?", allowed=", ".join(sorted(known)))
        for key in ("meter_id", "direction", "capacity_w", "interval_seconds"):
            if data.get(key) is None:
                raise METER_INVALID(meter=name, field=key, value="–", allowed="a value")
        values = dict(data)
        try:
            values["installed_on"] = _day(data.get("installed_on"))
            values["documents"] = tuple(str(item) for item in _items(data.get("documents")))
            values["facts"] = tuple(_fact(item, name) for item in _items(data.get("facts")))
            values["calibration"] = tuple(_calibration(item) for item in _items(data.get("calibration")))
            return cls(**values)  # type: ignore[arg-type]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise METER_INVALID(
                meter=name, field="meter", value=str(error)[:100], allowed="the described facts"
            ) from error


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _degrees(text: str, most: int) -> bool:
    try:
        return abs(Decimal(text)) <= most
    except (InvalidOperation, TypeError, ValueError):
        return False


def _day(value: object) -> date | None:
    return value if value is None or isinstance(value, date) else date.fromisoformat(str(value))


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _fact(item: object, meter: str) -> MeterFact:
    if isinstance(item, MeterFact):
        return item
    if not isinstance(item, dict):
        raise TypeError("facts")
    return MeterFact.from_data(item, meter)


def _calibration(item: object) -> Calibration:
    if isinstance(item, Calibration):
        return item
    if not isinstance(item, dict):
        raise TypeError("calibration")
    return Calibration(
        date.fromisoformat(str(item["valid_from"])), date.fromisoformat(str(item["valid_until"])), str(item["document"])
    )
