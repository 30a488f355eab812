"""The timeline of a meter: which facts stand, and which of them held on a day or over a stretch of time.

A reading is judged by the facts of its day. The plan at registration holds the first facts; later ones come from the
journal. A fact that another corrects does not stand any more, but stays on the timeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from openjcm.mrv.intake_time import day_starts
from openjcm.mrv.meter_facts import Document, MeterFact
from openjcm.mrv.meters import Meter
from openjcm.refusals import refusal

FACT_OF_UNKNOWN_METER = refusal(
    "fact_of_unknown_meter",
    en="The meter “{meter}” is not a meter of the plan.",
    ja="計量器「{meter}」は計画にありません。",
    remedy_en="Name one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="OpenJCM: readings are judged by the facts of their day",
)
CORRECTED_FACT_UNKNOWN = refusal(
    "corrected_fact_unknown",
    en="Meter “{meter}” has no fact {fact} of the kind “{kind}” that could be corrected.",
    ja="計量器「{meter}」に、種類「{kind}」の訂正対象の情報 {fact} がありません。",
    remedy_en="Name a fact of this meter and kind by its SHA-256; `openjcm meter show` lists them.",
    remedy_ja="この計量器の同じ種類の情報を SHA-256 で指定してください。`openjcm meter show` で確認できます。",
    clause="OpenJCM: a correction is a new fact that names the one it corrects",
)
FACT_CORRECTED_ALREADY = refusal(
    "fact_corrected_already",
    en="The fact {fact} of meter “{meter}” was corrected already, by {by}.",
    ja="計量器「{meter}」の情報 {fact} は、すでに {by} により訂正されています。",
    remedy_en="Correct the fact that stands now.",
    remedy_ja="現在有効な情報を訂正してください。",
    clause="OpenJCM: a correction is a new fact that names the one it corrects",
    status=409,
)

ONE_AT_A_TIME = (
    "accuracy", "calibration_interval", "ct_ratio", "firmware", "installation", "register_span", "vt_ratio",
)  # fmt: skip
"""Kinds of which the newest fact holds until the next; the others are events or have days of their own."""
BREAKS = ("ct_ratio", "vt_ratio", "register_span", "replacement")
"""Kinds at which a register's series begins a new segment."""


@dataclass(frozen=True)
class Span:
    """The size of a register: a number of Wh, or (from the short form of a plan) of the file's least units."""

    size: Fraction
    in_wh: bool

    def least_units(self, wh_per_least_unit: Fraction) -> int:
        """The size in whole least units of a file; a part of one is left out."""
        size = self.size / wh_per_least_unit if self.in_wh else self.size
        return size.numerator // size.denominator


@dataclass(frozen=True)
class DayFacts:
    """The facts of one day. ``None``: not known.

    ``accuracy_class`` or ``accuracy_percent`` is stated, not both. ``ratio`` is what one unit of the register stands
    for: the product of the transformers' ratios that the register does not already contain.
    """

    day: date
    installed: bool | None = None
    accuracy_class: str | None = None
    accuracy_percent: Fraction | None = None
    register_span: Span | None = None
    ct_ratio: Fraction | None = None
    vt_ratio: Fraction | None = None
    ratio: Fraction = Fraction(1)
    firmware: str | None = None
    calibration_interval_months: int | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of time in which register span, ratio and instrument stay the same: [``begin_us``, ``end_us``).

    The first may be empty, where the change lies somewhere in the first day.

    ``opened_by`` is the fact at whose time it begins (``None``: the first). Where that fact names a day only, the
    change lies somewhere between ``begin_us`` and ``begin_latest_us``, the end of that day. After a replacement,
    ``end_wh`` is the last index of the instrument before and ``start_wh`` the first of this one, in Wh of the
    register; at a change of ratio with a stated index, both are that index.
    """

    begin_us: int
    begin_latest_us: int
    end_us: int
    facts: DayFacts
    opened_by: MeterFact | None = None
    end_wh: Fraction | None = None
    start_wh: Fraction | None = None


@dataclass(frozen=True)
class MeterTimeline:
    """All facts of one meter, corrected ones included: those of the plan first, then in the order of the journal."""

    meter: Meter
    facts: tuple[MeterFact, ...]

    def corrected(self) -> dict[str, str]:
        """Facts that do not stand any more, each with the fact that corrects it."""
        return {fact.corrects: fact.id for fact in self.facts if fact.corrects}

    def standing(self, *kinds: str) -> tuple[MeterFact, ...]:
        """The facts that stand (of these kinds, or all), by day; those without a day first."""
        gone = self.corrected()
        found = [
            fact
            for fact in self.facts
            if not fact.withdrawn and fact.id not in gone and (not kinds or fact.kind in kinds)
        ]
        return tuple(sorted(found, key=lambda fact: (fact.day or date.min, fact.at, fact.kind, fact.id)))

    def holding(self, kind: str, day: date, instant_us: int | None = None) -> MeterFact | None:
        """The fact of a kind that held at the end of a day, or at an instant of it: the newest that had begun."""
        begun = [fact for fact in self.standing(kind) if _has_begun(fact, day, instant_us)]
        return begun[-1] if begun else None

    def of_day(self, day: date, instant_us: int | None = None) -> DayFacts:
        """The facts at the end of a day, or at an instant of it (UTC microseconds)."""
        held = {kind: self.holding(kind, day, instant_us) for kind in ONE_AT_A_TIME}
        accuracy, span, interval = held["accuracy"], held["register_span"], held["calibration_interval"]
        known = self.standing("installation")
        ratios = [held["ct_ratio"], held["vt_ratio"]]
        ratio = Fraction(1)
        for fact in ratios:
            ratio *= _ratio(fact) or 1 if fact is not None and not fact.value["in_register"] else 1
        return DayFacts(
            day=day,
            installed=held["installation"] is not None if known else None,
            accuracy_class=str(accuracy.value["class"]) if accuracy and "class" in accuracy.value else None,
            accuracy_percent=accuracy.number("percent") if accuracy else None,
            register_span=_span(span) if span else self._span_of_plan(),
            ct_ratio=_ratio(held["ct_ratio"]),
            vt_ratio=_ratio(held["vt_ratio"]),
            ratio=ratio,
            firmware=str(held["firmware"].value["version"]) if held["firmware"] else None,
            calibration_interval_months=int(str(interval.value["months"])) if interval else None,
        )

    def _span_of_plan(self) -> Span | None:
        size = self.meter.register_span
        return Span(Fraction(size), in_wh=False) if size else None

    def segments(self, first: date, last: date, time_zone: str) -> tuple[Segment, ...]:
        """The segments that cover the local days from ``first`` to ``last`` inclusive, without holes."""
        _, starts = day_starts(first, last, time_zone)
        begin, end = int(starts[0]), int(starts[-1])
        events = [fact for fact in self.standing(*BREAKS) if fact.day is not None and first <= fact.day <= last]
        on_first = any(fact.day == first and not fact.at and self._is_change(fact) for fact in events)
        before = self.of_day(first - timedelta(days=1)) if on_first else self.of_day(first, begin)
        found = [Segment(begin, begin, end, before)]
        for fact in _openers(events):
            assert fact.day is not None, "chosen so"
            earliest, latest = _when(fact, time_zone)
            if latest <= begin or (earliest <= begin and not self._is_change(fact)):
                continue
            others = any(one is not fact and one.day == fact.day for one in events)
            facts = self.of_day(fact.day) if others and fact.kind == "replacement" else self.of_day(fact.day, earliest)
            found[-1] = replace(found[-1], end_us=earliest)
            found.append(Segment(earliest, latest, end, facts, fact, *_indices(fact)))
        return tuple(found)

    def _is_change(self, fact: MeterFact) -> bool:
        """Whether something held before that a fact changes; the first fact of its kind changes nothing."""
        before = None if fact.day is None else self.holding(fact.kind, fact.day - timedelta(days=1))
        return fact.kind == "replacement" or before is not None


def _openers(events: Sequence[MeterFact]) -> list[MeterFact]:
    """The facts that open a segment: one for each time, and on a day of replacement the replacements alone.

    What else changes on such a day comes with the new instrument.
    """
    swapped = {fact.day for fact in events if fact.kind == "replacement"}
    seen: set[tuple[date | None, str]] = set()
    chosen = []
    for fact in sorted(events, key=lambda one: (one.day or date.min, one.at, "index" not in one.value)):
        alone = fact.kind == "replacement"
        if alone or (fact.day not in swapped and (fact.day, fact.at) not in seen):
            chosen.append(fact)
        seen.add((fact.day, fact.at))
    return chosen


def _has_begun(fact: MeterFact, day: date, instant_us: int | None) -> bool:
    if fact.day is None or fact.day > day:
        return False
    return instant_us is None or fact.at_us is None or fact.at_us <= instant_us


def _when(fact: MeterFact, time_zone: str) -> tuple[int, int]:
    """The earliest and the latest instant at which a fact may have begun."""
    assert fact.day is not None, "only dated facts break a series"
    if fact.at_us is not None:
        return fact.at_us, fact.at_us
    _, starts = day_starts(fact.day, fact.day, time_zone)
    return int(starts[0]), int(starts[1])


def _indices(fact: MeterFact) -> tuple[Fraction | None, Fraction | None]:
    if fact.kind == "replacement":
        return fact.energy_wh("end_index"), fact.energy_wh("start_index")
    index = fact.energy_wh("index") if "index" in fact.value else None
    return index, index


def _ratio(fact: MeterFact | None) -> Fraction | None:
    if fact is None:
        return None
    primary, secondary = fact.number("primary"), fact.number("secondary")
    return primary / secondary if primary and secondary else None


def _span(fact: MeterFact) -> Span | None:
    size = fact.energy_wh("span")
    return Span(size, in_wh=True) if size else None


def initial_facts(meter: Meter) -> tuple[MeterFact, ...]:
    """The facts that the plan states of a meter: its short forms (installation, calibration) and its ``facts``."""
    found: list[MeterFact] = []
    if meter.installed_on:
        documents = tuple(Document(name) for name in meter.documents)
        found.append(MeterFact(meter.meter_id, "installation", meter.installed_on, {}, documents))
    for item in meter.calibration:
        days = {"valid_from": item.valid_from.isoformat(), "valid_until": item.valid_until.isoformat()}
        found.append(MeterFact(meter.meter_id, "calibration", item.valid_from, days, (Document(item.document),)))
    return (*found, *meter.facts)


def timeline_of(meter: Meter, later: Iterable[MeterFact] = ()) -> MeterTimeline:
    """The timeline of a meter: the plan's facts, then those recorded later (of this meter only).

    Raises:
        Refused: ``corrected_fact_unknown``, ``fact_corrected_already``.
    """
    facts: dict[str, MeterFact] = {}
    by_correction: dict[str, str] = {}
    for fact in (*initial_facts(meter), *(fact for fact in later if fact.meter == meter.meter_id)):
        if fact.id in facts:
            continue
        if fact.corrects:
            check_correction(fact, facts, by_correction)
            by_correction[fact.corrects] = fact.id
        facts[fact.id] = fact
    return MeterTimeline(meter, tuple(facts.values()))


def check_correction(fact: MeterFact, facts: dict[str, MeterFact], by_correction: dict[str, str]) -> None:
    """A correction names a fact of the same meter and kind, which stands. Refuses what the codes above say."""
    corrected = facts.get(fact.corrects)
    if corrected is None or corrected.kind != fact.kind or corrected.withdrawn:
        raise CORRECTED_FACT_UNKNOWN(meter=fact.meter, fact=fact.corrects, kind=fact.kind)
    if fact.corrects in by_correction:
        raise FACT_CORRECTED_ALREADY(meter=fact.meter, fact=fact.corrects, by=by_correction[fact.corrects])


def timelines(meters: Sequence[Meter], later: Sequence[MeterFact] = ()) -> dict[str, MeterTimeline]:
    """The timeline of each meter by its identifier.

    Raises:
        Refused: ``fact_of_unknown_meter`` for a fact of a meter that is not listed, and what a timeline refuses.
    """
    known = {meter.meter_id for meter in meters}
    for fact in later:
        if fact.meter not in known:
            raise FACT_OF_UNKNOWN_METER(meter=fact.meter, known=sorted(known))
    return {meter.meter_id: timeline_of(meter, later) for meter in meters}


@dataclass(frozen=True)
class Change:
    """What a new fact changes: from which day to which (``None``: open), and the values before and after."""

    first: date | None
    last: date | None
    before: MeterFact | None
    after: MeterFact | None

    def touches(self, first: date, last: date) -> bool:
        """Whether a period has days that may be judged otherwise now. A change without a day may touch any."""
        return (self.first is None or self.first <= last) and (self.last is None or first <= self.last)


def change_by(before: MeterTimeline, fact: MeterFact) -> Change:
    """What a fact changes on a timeline that does not hold it yet."""
    corrected = next((one for one in before.facts if one.id == fact.corrects), None)
    after = None if fact.withdrawn else fact
    kind = fact.kind
    if kind not in ONE_AT_A_TIME:
        days = [day for one in (corrected, after) if one is not None for day in _days_of(one)]
        return Change(min(days, default=None), max(days, default=None), corrected, after)
    begins = [one.day for one in (corrected, after) if one is not None and one.day is not None]
    first = min(begins, default=None)
    later = [
        one.day for one in before.standing(kind) if one.day and first and one.day > max(begins) and one is not corrected
    ]
    held = corrected or (before.holding(kind, first) if first else None)
    return Change(first, min(later) - timedelta(days=1) if later else None, held, after)


def _days_of(fact: MeterFact) -> list[date]:
    """The first and the last day that an event or a document with days of its own speaks of."""
    named = [fact.day_of(name) for name in ("valid_from", "valid_until", "start", "end") if name in fact.value]
    return [day for day in (fact.day, *named) if day is not None]
