"""Calibration: which used days a valid calibration covers, and what the others lose to the conservative side.

The correction of a day that is not covered is the maximum permissible error of the meter on that day (its class, or
the percentage its documents state): generation is counted lower, consumption higher. Whether it is made, and whether a
larger error found later takes its place, are named rules (:class:`CalibrationRules`), handed in with their source.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openjcm.dated import Answer
from openjcm.mrv.calibration_rules import ACCURACY_CLASSES, record_finding
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.timeline import MeterTimeline
from openjcm.refusals import Finding
from openjcm.units import ROUNDING_RULES, exact_text

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CalibrationRules:
    """How lapsed calibration is treated.

    ``lapsed``: ``maximum_permissible_error`` or ``none``. ``larger_error``: what a larger error found by a later
    calibration does: ``warn`` or ``apply``. ``unrecorded``: whether a meter without any record asks to be explained
    (``explain``) or blocks the report (``refuse``).
    """

    lapsed: str = "maximum_permissible_error"
    larger_error: str = "warn"
    unrecorded: str = "explain"


@dataclass(frozen=True)
class Cover:
    """A calibration and the days for which it is valid, both included; ``None``: it covers none."""

    fact: MeterFact
    first: date | None
    last: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it covers a day."""
        return self.first is not None and self.last is not None and self.first <= day <= self.last


@dataclass(frozen=True)
class Correction:
    """The energy of one meter on lapsed days of one month, corrected by one percentage.

    ``base_wh`` was measured or bridged on those days; ``wh`` is what is withheld (generation) or added (consumption),
    a whole number of Wh raised to the conservative side. ``because`` names the class, the percentage or the error.
    """

    meter_id: str
    direction: str
    year: int
    month: int
    first: date
    last: date
    days: int
    percent: Fraction
    because: str
    base_wh: int
    wh: int

    @property
    def signed_wh(self) -> int:
        """The change of the energy that counts: never positive for generation, never negative for consumption."""
        return -self.wh if self.direction == "generation" else self.wh


@dataclass(frozen=True)
class MeterCalibration:
    """What the record says of one meter's use: *yes* (every used day covered), *no*, or *cannot tell*."""

    meter_id: str
    conclusion: Answer
    used_days: int
    covered_days: int
    covers: tuple[Cover, ...]
    corrections: tuple[Correction, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Limit:
    """The error limit of a day: percent, and what it rests on."""

    percent: Fraction
    because: str


@dataclass(frozen=True)
class UsedDays:
    """The days of a period and the energy counted on each (measured and bridged, whole Wh, cut down).

    ``monthly`` is the exact energy by (year, month), so that nothing is lost in the cutting.
    """

    days: tuple[date, ...]
    wh: Ints
    monthly: dict[tuple[int, int], int]


def check_calibration(timeline: MeterTimeline, used: UsedDays, rules: CalibrationRules) -> MeterCalibration:
    """Judge a meter's record for the days on which it was used."""
    record = _Record(timeline, used, rules)
    record.look()
    lapsed = record.lapsed_days()
    corrections = record.correct(lapsed)
    return MeterCalibration(
        timeline.meter.meter_id, record.conclusion(lapsed), len(record.used_days),
        len(record.used_days) - len(lapsed) if record.recorded else 0, record.covers, tuple(corrections),
        tuple(record.findings),
    )  # fmt: skip


def covers_of(timeline: MeterTimeline) -> tuple[Cover, ...]:
    """Every standing calibration with the days it covers, in the order of their days.

    It begins on ``valid_from`` or on the day of the calibration. It ends on ``valid_until``, or when the planned
    interval has passed since it was made, whichever is earlier; with neither, on its own first day. One that was not
    passed or has no day covers nothing.
    """
    return tuple(_cover(timeline, fact) for fact in timeline.standing("calibration"))


def _cover(timeline: MeterTimeline, fact: MeterFact) -> Cover:
    first = fact.day_of("valid_from") or fact.day
    if first is None or fact.value.get("result") == "failed":
        return Cover(fact, None, None)
    ends = [end for end in (fact.day_of("valid_until"), _planned_end(timeline, fact.day or first)) if end is not None]
    return Cover(fact, first, min(ends, default=first))


def _planned_end(timeline: MeterTimeline, made: date) -> date | None:
    months = timeline.of_day(made).calibration_interval_months
    return None if months is None else add_months(made, months) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last day of the month where there is none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def limits_on(timeline: MeterTimeline, day: date) -> list[Limit]:
    """The error limits that the newest accuracy facts of a day state: several if documents of one day disagree."""
    newest = timeline.holding("accuracy", day)
    if newest is None:
        return []
    same_day = [fact for fact in timeline.standing("accuracy") if fact.day == newest.day]
    found = [limit for fact in same_day if (limit := _limit(fact)) is not None]
    return sorted(found, key=lambda limit: (-limit.percent, limit.because))


def _limit(fact: MeterFact) -> Limit | None:
    if (percent := fact.number("percent")) is not None:
        return Limit(percent, f"{exact_text(percent)} %")
    known = ACCURACY_CLASSES.get(str(fact.value.get("class")))
    return Limit(known.percent, known.name) if known else None


@dataclass(frozen=True)
class _Group:
    """Lapsed days of one month that share their error limits and the calibration that follows them."""

    month: tuple[int, int]
    days: list[date]
    limits: list[Limit]
    following: MeterFact | None


class _Record:
    """One meter's record against its used days, and what is found on the way."""

    def __init__(self, timeline: MeterTimeline, used: UsedDays, rules: CalibrationRules) -> None:
        self.timeline, self.used, self.rules = timeline, used, rules
        self.meter = timeline.meter
        self.covers = covers_of(timeline)
        self.findings: list[Finding] = []
        self.used_days = [used.days[place] for place in np.flatnonzero(used.wh > 0).tolist()]
        self.calibrations = timeline.standing("calibration")
        self.made = [fact for fact in self.calibrations if fact.day is not None]
        self.accuracy_days = sorted({fact.day for fact in timeline.standing("accuracy") if fact.day is not None})
        self.limits = [limits_on(timeline, day) for day in self.accuracy_days]
        self.recorded = bool(self.covers) or bool(self.accuracy_days)

    def find(self, rule: str, variant: str = "", **facts: object) -> None:
        self.findings.append(record_finding(rule, self.meter.meter_id, facts, variant))

    def look(self) -> None:
        """What the documents themselves show, whatever the energy."""
        if not self.recorded and self.used_days:
            self.find("M01", "refused" if self.rules.unrecorded == "refuse" else "", days=len(self.used_days))
        for cover in self.covers:
            self._look_at(cover.fact, cover)
        for limits in self.limits:
            if len({limit.percent for limit in limits}) > 1:
                stated = ", ".join(dict.fromkeys(limit.because for limit in limits))
                self.find("M03", stated=stated, percent=exact_text(limits[0].percent))
        self._look_at_intervals()

    def _look_at(self, fact: MeterFact, cover: Cover) -> None:
        document = fact.documents[0].name if fact.documents else str(fact.value.get("certificate", "–"))
        if fact.value.get("result") == "failed":
            self.find("M09", day=fact.day or "–")
        elif cover.first is None:
            self.find("M02", document=document)
        elif "valid_until" not in fact.value and _planned_end(self.timeline, fact.day or cover.first) is None:
            self.find("M02", "no_end", document=document)

    def _look_at_intervals(self) -> None:
        made = [fact.day for fact in self.calibrations if fact.day]
        for earlier, later in pairwise(made):
            months = self.timeline.of_day(earlier).calibration_interval_months
            if months is not None and later > add_months(earlier, months):
                self.find("M04", earlier=earlier, later=later, months=months)
        valid = [cover for cover in self.covers if cover.first is not None]
        for before, after in pairwise(valid):
            assert before.last is not None and after.first is not None, "these cover days"
            if after.first > before.last + timedelta(days=1):
                days = (after.first - before.last).days - 1
                self.find("M07", later=after.fact.day or after.first, days=days, end=before.last)

    def lapsed_days(self) -> list[date]:
        """The used days that no calibration covers; none where nothing at all is on record."""
        if not self.recorded:
            return []
        return [day for day in self.used_days if not any(cover.holds_on(day) for cover in self.covers)]

    def conclusion(self, lapsed: Sequence[date]) -> Answer:
        if not self.recorded:
            return Answer.CANNOT_TELL
        return Answer.NO if lapsed else Answer.YES

    def correct(self, lapsed: Sequence[date]) -> list[Correction]:
        """The corrections of the lapsed days, with the finding that says so."""
        if not lapsed:
            return []
        span: dict[str, Any] = {"days": len(lapsed), "first": lapsed[0], "last": lapsed[-1]}
        if self.rules.lapsed == "none":
            self.find("Q21", "none", because="lapsed = none", **span)
            return []
        groups = self._groups(lapsed)
        without = sorted(day for group in groups if not group.limits for day in group.days)
        if without:
            self.find("Q21", "no_limit", days=len(without), first=without[0], last=without[-1])
            return []
        corrections = self._corrections([(group, self._with_error_found(group)) for group in groups])
        because = ", ".join(dict.fromkeys(item.because for item in corrections))
        percent = ", ".join(dict.fromkeys(exact_text(item.percent) for item in corrections))
        wh, base = sum(item.wh for item in corrections), sum(item.base_wh for item in corrections)
        self.find("Q21", wh=wh, base=base, percent=percent, because=because, **span)
        self._larger_errors(groups)
        return corrections

    def _groups(self, lapsed: Sequence[date]) -> list[_Group]:
        """The lapsed days by month, by the accuracy that holds on them, and by the calibration that follows them."""
        found: dict[tuple[int, int, int, int], list[date]] = {}
        made = [fact.day for fact in self.made if fact.day is not None]
        for day in lapsed:
            accuracy, following = bisect_right(self.accuracy_days, day) - 1, bisect_right(made, day)
            found.setdefault((day.year, day.month, accuracy, following), []).append(day)
        return [
            _Group(
                (year, month), days, self.limits[accuracy] if accuracy >= 0 else [],
                self.made[following] if following < len(made) else None,
            )
            for (year, month, accuracy, following), days in found.items()
        ]  # fmt: skip

    def _with_error_found(self, group: _Group) -> Limit:
        limit, fact = group.limits[0], group.following
        if fact is None or self.rules.larger_error != "apply" or _error(fact) <= limit.percent:
            return limit
        return Limit(_error(fact), f"{fact.value['error_percent']} % ({fact.day})")

    def _larger_errors(self, groups: Sequence[_Group]) -> None:
        """M05, once for each calibration that found more than the limit after lapsed days."""
        by_fact: dict[str, list[_Group]] = {}
        for group in groups:
            if group.following is not None and _error(group.following) > group.limits[0].percent:
                by_fact.setdefault(group.following.id, []).append(group)
        for mine in by_fact.values():
            fact = mine[0].following
            assert fact is not None, "chosen so"
            larger = self._corrections([(group, Limit(_error(fact), "")) for group in mine])
            facts = {
                "day": fact.day, "error": fact.value["error_percent"],
                "percent": exact_text(max(group.limits[0].percent for group in mine)),
                "wh": sum(item.wh for item in larger),
            }  # fmt: skip
            self.find("M05", "applied" if self.rules.larger_error == "apply" else "", **facts)

    def _corrections(self, limited: Sequence[tuple[_Group, Limit]]) -> list[Correction]:
        """One correction per month and limit. What daily cutting lost falls to the largest limit of the month."""
        by_month: dict[tuple[int, int], dict[Limit, list[date]]] = {}
        for group, limit in limited:
            by_month.setdefault(group.month, {}).setdefault(limit, []).extend(group.days)
        made: list[Correction] = []
        for month, by_limit in by_month.items():
            rest = self._rest(month)
            for limit, days in sorted(by_limit.items(), key=lambda item: (-item[0].percent, item[0].because)):
                base, rest = sum(self._wh(day) for day in days) + rest, 0
                made.append(
                    Correction(
                        self.meter.meter_id, self.meter.direction, *month, days[0], days[-1], len(days), limit.percent,
                        limit.because, base, ROUNDING_RULES["up_to_whole_unit"](base * limit.percent / 100),
                    )
                )  # fmt: skip
        return made

    def _wh(self, day: date) -> int:
        return int(self.used.wh[(day - self.used.days[0]).days])

    def _rest(self, month: tuple[int, int]) -> int:
        """The energy of a month less the sum of its days, each cut down to the whole Wh."""
        first, last = self.used.days[0], self.used.days[-1]
        begin = max(date(*month, 1), first)
        end = min(add_months(date(*month, 1), 1) - timedelta(days=1), last)
        in_month = slice((begin - first).days, (end - first).days + 1)
        return max(self.used.monthly.get(month, 0) - int(self.used.wh[in_month].sum()), 0)


def _error(fact: MeterFact | None) -> Fraction:
    """The size of the error that a calibration found; zero where none is stated."""
    return abs(fact.number("error_percent") or Fraction(0)) if fact is not None else Fraction(0)


def corrected_wh(corrections: Iterable[Correction]) -> dict[tuple[str, int, int], int]:
    """The signed correction by meter, year and month."""
    sums: dict[tuple[str, int, int], int] = {}
    for item in corrections:
        key = (item.meter_id, item.year, item.month)
        sums[key] = sums.get(key, 0) + item.signed_wh
    return sums
