"""The monitoring plan: what is measured where, by which methodology and rules. Frozen at registration.

A plan is plain data with a canonical form, so its SHA-256 names it. A meter feeds one symbol at one index (``EG_i_p``
of system 1). Parameters are what does not come from meters: each with value, unit, source and grade.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openjcm.canonical import canonical_hash
from openjcm.mrv.calculation import Given
from openjcm.mrv.choices import CalibrationChoice, GapChoice
from openjcm.mrv.mapping import ZONE_IN_FILE, Mapping, check_zone
from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import QualityRules
from openjcm.refusals import refusal
from openjcm.units import ROUNDING_RULES

SCHEMA = {"name": "openjcm/monitoring-plan", "version": 1}

PLAN_NOT_UNDERSTOOD = refusal(
    "plan_not_understood",
    en="The monitoring plan is not complete or not well formed: {place}.",
    ja="モニタリング計画に不足または誤りがあります: {place}。",
    remedy_en="State every field of docs/monitoring_report.md, section “plan”.",
    remedy_ja="docs/monitoring_report.md の「plan」の節にある項目をすべて記載してください。",
    clause="JCM: monitoring follows the plan that was registered",
)
UNITS_NOT_MEASURED = refusal(
    "units_not_measured",
    en="The plan describes {described} units for {symbol}, but its meters measure {measured}.",
    ja="計画の {symbol} は {described} 台と記載されていますが、計量器があるのは {measured} 台です。",
    remedy_en="List a meter for each unit, or cite the approved change of the number of units.",
    remedy_ja="すべての設備について計量器を記載するか、台数の変更を反映した計画を登録してください。",
    clause="JCM: monitoring follows the plan; every unit described is measured",
)
UNKNOWN_ROUNDING_RULE = refusal(
    "unknown_rounding_rule",
    en="There is no rounding rule “{rule}” that gives whole tonnes.",
    ja="整数トンにする端数処理規則「{rule}」はありません。",
    remedy_en="Name one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="OpenJCM: rounding only by a named, cited rule",
)


@dataclass(frozen=True)
class PlanMeter:
    """A meter and what it measures: the symbol and its index (``at``: ``"1"``; empty for a symbol without index)."""

    meter: Meter
    symbol: str
    at: str = ""


@dataclass(frozen=True)
class FileReading:
    """How files are read: ``file`` is a SHA-256, a file name, or ``*`` for every file without an entry of its own."""

    file: str
    mapping: Mapping


@dataclass(frozen=True)
class MonitoringPlan:
    """The plan (see the module's text). ``crediting_period`` includes both days."""

    project: str
    methodology: str
    version: str
    crediting_period: tuple[date, date]
    time_zone: str
    meters: tuple[PlanMeter, ...]
    parameters: AbstractMapping[str, Given]
    readings: tuple[FileReading, ...] = ()
    rounding: str = "down_to_whole_tonne"
    quality: QualityRules = field(default_factory=QualityRules)
    interpretations: AbstractMapping[str, str] = field(default_factory=dict)
    days: AbstractMapping[str, date] = field(default_factory=dict)
    calibration: CalibrationChoice = field(default_factory=CalibrationChoice)
    gaps: GapChoice = field(default_factory=GapChoice)
    units: AbstractMapping[str, int] = field(default_factory=dict)
    """By symbol: how many units the project describes. Each must be measured."""
    uncertainty: AbstractMapping[str, Any] = field(default_factory=dict)
    """By symbol: what is stated of the errors of an input, as ``docs/uncertainty.md`` shows."""

    def as_data(self) -> dict[str, Any]:
        """The plan as plain data; :meth:`from_data` is the inverse. Meters stand in the order of their identifiers.

        ``calibration``, ``gaps``, ``units`` and ``uncertainty`` are left out where the plan says nothing of them.
        """
        more = {
            "calibration": self.calibration.as_data(), "gaps": self.gaps.as_data(), "units": dict(self.units),
            "uncertainty": dict(self.uncertainty),
        }  # fmt: skip
        return {name: value for name, value in more.items() if value} | {
            "schema": dict(SCHEMA),
            "project": self.project,
            "methodology": {"id": self.methodology, "version": self.version},
            "crediting_period": {"start": self.crediting_period[0], "end": self.crediting_period[1]},
            "time_zone": self.time_zone,
            "meters": [
                {"meter": item.meter.as_data(), "symbol": item.symbol, "at": item.at}
                for item in sorted(self.meters, key=lambda item: item.meter.meter_id)
            ],
            "parameters": {name: given.as_data() for name, given in self.parameters.items()},
            "readings": [
                {"file": item.file, "mapping": item.mapping.as_data()}
                for item in sorted(self.readings, key=lambda item: item.file)
            ],
            "rounding": self.rounding,
            "quality": self.quality.as_data(),
            "interpretations": dict(self.interpretations),
            "days": dict(self.days),
        }

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical bytes of the plan."""
        return canonical_hash(self.as_data())

    @classmethod
    def from_data(cls, data: AbstractMapping[str, Any]) -> MonitoringPlan:
        """A plan from plain data.

        Raises:
            Refused: ``plan_not_understood``, ``unknown_rounding_rule``, and what mapping and meters refuse.
        """
        try:
            plan = cls._read(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PLAN_NOT_UNDERSTOOD(place=f"{type(error).__name__} {error}") from error
        plan.check()
        return plan

    @classmethod
    def _read(cls, data: AbstractMapping[str, Any]) -> MonitoringPlan:
        if data.get("schema", SCHEMA) != SCHEMA:
            raise ValueError(f"schema {data['schema']}")
        period = data["crediting_period"]
        known = {
            "schema",
            "project",
            "methodology",
            "crediting_period",
            "time_zone",
            "meters",
            "parameters",
            "readings",
        }
        optional = {"rounding", "quality", "interpretations", "days", "calibration", "gaps", "units", "uncertainty"}
        unknown = data.keys() - known - optional
        if unknown:
            raise ValueError(f"unknown fields {sorted(unknown)}")
        return cls(
            project=_text(data["project"]),
            methodology=_text(data["methodology"]["id"]),
            version=_text(data["methodology"]["version"]),
            crediting_period=(_day(period["start"]), _day(period["end"])),
            time_zone=_text(data["time_zone"]),
            meters=tuple(
                PlanMeter(Meter.from_data(item["meter"]), _text(item["symbol"]), _text(item.get("at", "")))
                for item in data["meters"]
            ),
            parameters={name: Given.from_data(given, name) for name, given in data["parameters"].items()},
            readings=tuple(
                FileReading(_text(item["file"]), Mapping.from_data(item["mapping"]))
                for item in data.get("readings", ())
            ),
            rounding=_text(data.get("rounding", "down_to_whole_tonne")),
            quality=QualityRules.from_data(data.get("quality", {})),
            interpretations={name: _text(taken) for name, taken in data.get("interpretations", {}).items()},
            days={name: _day(day) for name, day in data.get("days", {}).items()},
            calibration=CalibrationChoice.from_data(data.get("calibration", {})),
            gaps=GapChoice.from_data(data.get("gaps", {})),
            units={name: int.__index__(count) for name, count in data.get("units", {}).items()},
            uncertainty=dict(data.get("uncertainty", {})),
        )

    def check(self) -> None:
        """Refuse a plan that contradicts itself.

        Raises:
            Refused: ``plan_not_understood``, ``unknown_rounding_rule``, ``unknown_time_zone``, ``units_not_measured``.
        """
        start, end = self.crediting_period
        if self.time_zone == ZONE_IN_FILE:
            raise PLAN_NOT_UNDERSTOOD(place="time_zone: days, months and years need one zone")
        check_zone(self.time_zone)
        names = [item.meter.meter_id for item in self.meters]
        if end < start:
            raise PLAN_NOT_UNDERSTOOD(place=f"crediting_period ends ({end}) before it begins ({start})")
        if len(set(names)) != len(names):
            raise PLAN_NOT_UNDERSTOOD(place="meters: one meter stands twice")
        if doubled := {item.symbol for item in self.meters} & self.parameters.keys():
            raise PLAN_NOT_UNDERSTOOD(place=f"{sorted(doubled)} come from meters and are given as parameters")
        for symbol, described in self.units.items():
            measured = len({item.at for item in self.meters if item.symbol == symbol})
            if measured != described:
                raise UNITS_NOT_MEASURED(symbol=symbol, described=described, measured=measured)
        for source in self.gaps.sources:
            if source.meter not in names or source.series in names:
                raise PLAN_NOT_UNDERSTOOD(place=f"gaps.sources: {source.series} for {source.meter}")
        whole = [name for name in ROUNDING_RULES if name.endswith("_whole_tonne")]
        if self.rounding not in whole:
            raise UNKNOWN_ROUNDING_RULE(rule=self.rounding, known=whole)

    def mapping_of(self, sha256: str, name: str) -> Mapping | None:
        """How the plan says that a file is read: by its SHA-256, its name, or ``*``; ``None`` if it does not."""
        by_file = {item.file: item.mapping for item in self.readings}
        return by_file.get(sha256) or by_file.get(name) or by_file.get("*")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
