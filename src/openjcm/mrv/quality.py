"""Quality of readings: named rules, the rows that prove each finding, and the energy that stands.

Every rule flags readings; nothing is deleted. The rules and their defaults follow the meter rule set of the OpenJCM
domain research of 2026-11-21 (its identifiers Q01 … Q22 are kept; Q23 onwards are this program's own). The defaults are
proposals of engineering, not JCM text; they carry a version that stands in every report.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.flags import Q01, Q06, Q13
from openjcm.mrv.explanations import Explanations, ends_a_span, explained, explained_instants, explanations_of
from openjcm.mrv.intake_time import MICRO, day_starts, instant_text
from openjcm.mrv.lines import HOUR_US, DayLine, EnergyColumns, EnergyLine, Sums, months_of
from openjcm.mrv.mapping import unit_power
from openjcm.mrv.meters import Calibration, Meter
from openjcm.mrv.night import interval_at_night, register_at_night
from openjcm.mrv.plausibility.comparisons import Comparisons, IndependentTotal, against_expected, differences
from openjcm.mrv.plausibility.rules import examine
from openjcm.mrv.plausibility.series import Seen, Series
from openjcm.mrv.plausibility.sky import sky_over
from openjcm.mrv.quality_parameters import QualityRules
from openjcm.mrv.quality_rules import FINDINGS
from openjcm.mrv.readings import Readings, stated
from openjcm.mrv.segmented import Measures, Register, changes, fold_segments, scaled_values
from openjcm.mrv.timeline import Segment, timeline_of
from openjcm.refusals import Finding, refusal
from openjcm.units import exact, whole

__all__ = ["Calibration", "DayLine", "EnergyLine", "Judgement", "Meter", "QualityRules", "judge"]

Ints = NDArray[np.int64]
Flags = NDArray[np.uint32]
FIRST_ROWS = 100
FEW = 20
"""Fewer readings over range than so many are single faults; from a twentieth of all on they ask for the capacity."""
NO_SPAN = 2**62
"""No register shows so much: the span of one whose span is not known."""

PERIOD_BACKWARDS = refusal(
    "monitoring_period_backwards",
    en="The monitoring period ends on {last}, before it begins on {first}, or is longer than a century.",
    ja="モニタリング期間の終了日 {last} が開始日 {first} より前か、期間が 100 年を超えています。",
    remedy_en="Give the first and the last day of the period, both included.",
    remedy_ja="期間の最初の日と最後の日 (両端を含む) を指定してください。",
    clause="OpenJCM: readings are judged for a period of whole local days",
)
METER_TWICE = refusal(
    "meter_listed_twice",
    en="The meter “{meter}” is listed twice.",
    ja="計量器「{meter}」が 2 回指定されています。",
    remedy_en="List each meter of the monitoring plan once.",
    remedy_ja="モニタリング計画の計量器はそれぞれ 1 回だけ指定してください。",
    clause="OpenJCM: readings are judged by the facts of their meter",
)


@dataclass(frozen=True)
class Judgement:
    """What was found, and the energy that stands."""

    columns: EnergyColumns
    findings: tuple[Finding, ...]
    flags: Flags = field(compare=False)
    """Per reading in the order of ``Readings.table``: bit n set = rule Qn, bit 31 = the value was used."""
    seen: tuple[tuple[str, str, Ints], ...] = field(default=(), compare=False, repr=False)
    """What the rules of plausibility saw: rule (``Q12 stuck``: with its variant), meter, and the readings' places."""

    @cached_property
    def energy(self) -> tuple[EnergyLine, ...]:
        """The energy by meter and local month."""
        return tuple(self.columns.energy_lines())

    @cached_property
    def daily(self) -> tuple[DayLine, ...]:
        """The energy by meter and local day."""
        return tuple(self.columns.day_lines())

    def by_year(self) -> dict[tuple[str, int], tuple[int, int, int]]:
        """Per meter and year: (measured, bridged, substituted) in Wh."""
        sums: dict[tuple[str, int], tuple[int, int, int]] = {}
        for line in self.energy:
            old = sums.get((line.meter_id, line.year), (0, 0, 0))
            sums[line.meter_id, line.year] = (
                old[0] + line.measured_wh, old[1] + line.bridged_wh, old[2] + line.substituted_wh,
            )  # fmt: skip
        return sums

    def canonical(self) -> dict[str, object]:
        """The judgement as plain data that does not depend on the order of the rows in the file.

        Row numbers and the finding of rows out of order (Q06) are left out; the instants that prove a finding stay.
        """
        return {
            "energy": [line.as_data() for line in self.energy],
            "daily": [[line.meter_id, line.day, line.measured_wh, line.bridged_wh] for line in self.daily],
            "findings": [
                {
                    "rule": item.rule, "severity": item.severity, "en": item.message("en"), "ja": item.message("ja"),
                    "clause": item.clause, "facts": dict(item.facts), "count": item.row_count,
                }
                for item in self.findings
                if item.rule not in {"Q06", "Q28"}
            ],
        }  # fmt: skip


def judge(
    readings: Readings,
    meters: Sequence[Meter],
    period: tuple[date, date],
    time_zone: str,
    rules: QualityRules | None = None,
    elsewhere: Collection[str] = (),
    flags: Flags | None = None,
    comparisons: Comparisons | None = None,
    segments: AbstractMapping[str, Sequence[Segment]] | None = None,
    explanations: Explanations | None = None,
) -> Judgement:
    """Judge the readings of a file for a period of whole local days (both included).

    ``elsewhere`` names meters of the file that are judged by another plan: they are left alone here. ``flags`` is where
    the flags of the readings are set, if they are to be shared by several judgements. ``comparisons`` are expected
    yields and independent totals, if there are any. ``segments`` are the stretches of meters whose register, ratio or
    instrument changed (:meth:`openjcm.mrv.timeline.MeterTimeline.segments`), ``explanations`` what is explained of
    their findings; without them, the meters' own facts are used.

    Raises:
        Refused: ``monitoring_period_backwards``, ``meter_listed_twice``, ``unknown_time_zone``.
    """
    rules = rules or QualityRules()
    if not 0 <= (period[1] - period[0]).days <= 36_600:
        raise PERIOD_BACKWARDS(first=period[0], last=period[1])
    seen: set[str] = set()
    for meter in meters:
        if meter.meter_id in seen:
            raise METER_TWICE(meter=meter.meter_id)
        seen.add(meter.meter_id)
    days, starts = day_starts(period[0], period[1], time_zone)
    court = _Court(readings, rules, days, starts, flags, comparisons or Comparisons())
    if segments is None:
        segments = {one.meter_id: timeline_of(one).segments(*period, time_zone) for one in meters if one.facts}
    if explanations is None:
        explanations = explanations_of((timeline_of(one) for one in meters if one.facts), rules.explainable)
    court.explanations, court.time_zone = explanations, time_zone
    court.segments = {name: parts for name, parts in segments.items() if changes(parts)}
    for meter in sorted(meters, key=lambda item: item.meter_id):
        court.judge_meter(meter)
    court.quarantine_unknown(seen.union(elsewhere))
    court.take_notes()
    findings = sorted(court.findings, key=lambda item: (item.rule, item.facts.get("meter", "")))
    answered = explained(findings, explanations, time_zone, ends=ends_a_span(readings))
    return Judgement(court.columns, answered, court.flags, tuple(court.seen))


class _Court:
    """One judging: the readings, the days of the period, and what is found on the way."""

    segments: AbstractMapping[str, Sequence[Segment]] = MappingProxyType({})
    """By meter: its stretches, where its register, ratio or instrument changed."""
    explanations: Explanations = MappingProxyType({})
    time_zone: str

    def __init__(
        self, readings: Readings, rules: QualityRules, days: tuple[date, ...], starts: Ints, flags: Flags | None,
        comparisons: Comparisons,
    ) -> None:  # fmt: skip
        from openjcm.mrv.engine.at_work import SLOTS

        self.readings, self.rules, self.days, self.starts = readings, rules, days, starts
        self.t_us, self.value, self.row = (readings.column(name) for name in ("t_us", "value", "row"))
        self.slices = readings.slices
        self.flags: Flags = np.zeros(len(readings), dtype=np.uint32) if flags is None else flags
        self.at_work = np.zeros(SLOTS + 1, dtype=np.int64)
        self.findings: list[Finding] = []
        self.step_size = Fraction(1) / readings.least_unit_size
        self.sentinels = _sentinels(self.rules.sentinels, readings.unit, readings.least_unit, readings.kind)
        self.scale = readings.least_unit_size
        if readings.kind == "interval_power":
            self.scale *= Fraction(readings.interval_seconds or 0, 3600)
        self.columns = EnergyColumns(days, starts, self.scale)
        self.seen: list[tuple[str, str, Ints]] = []
        self.comparisons = comparisons

    def judge_meter(self, meter: Meter) -> None:
        part = self.slices.get(meter.meter_id)
        sums = Sums.empty(len(self.days))
        if part is None:
            self.find("Q01", meter.meter_id, count=0, variant="absent")
        else:
            self._mark(meter, part)
            if self.readings.kind == "cumulative":
                self._fold_register(meter, part, sums)
            else:
                self._fold_interval(meter, part, sums)
            self._out_of_order(meter, part)
            series = self._series(meter, part)
            self._at_night(meter, part, series)
            for status, places in stated(self.readings, part):
                self._flagged("Q29", meter.meter_id, part, places, status)
        seen = [] if part is None else self._examine(series, part, sums)
        self._compare_totals(meter, sums)
        self._lines(meter, sums)
        if part is not None:
            self._report_flags(meter, part)
        for one in (*seen, *self._expected(meter)):
            self._take(meter.meter_id, one)

    def _mark(self, meter: Meter, part: slice) -> None:
        """Rules that look at one reading by itself, then those on readings of one time."""
        from openjcm.mrv.engine import single

        t_us, value, flags = self.t_us[part], self.value[part], self.flags[part]
        edge = whole(self.rules.gap_from_intervals, meter.interval_seconds, MICRO)
        first, last = int(self.starts[0]) - edge, int(self.starts[-1]) + edge
        span = NO_SPAN if meter.meter_id in self.segments else meter.register_span or NO_SPAN
        if self.readings.kind != "cumulative":
            shift = int(self._begin(np.zeros(1, dtype=np.int64))[0])
            first, last, span = int(self.starts[0]) - shift, int(self.starts[-1]) - shift - 1, 0
        single.mark_single(t_us, value, flags, self.sentinels, span, first, last)
        single.mark_same_time(t_us, value, flags)

    def _begin(self, t_us: Ints) -> Ints:
        interval = (self.readings.interval_seconds or 0) * MICRO
        return t_us - interval if self.readings.interval_stamp == "end" else t_us

    def _fold_register(self, meter: Meter, part: slice, sums: Sums) -> None:
        from openjcm.mrv.engine import local

        gap_us = whole(self.rules.gap_from_intervals, meter.interval_seconds, MICRO, up=True)
        if segments := self.segments.get(meter.meter_id):
            known = Measures(self.scale, self.rules.over_range * meter.capacity_w, gap_us, self.starts, self.at_work)
            register = Register(self.t_us[part], self.value[part], self.flags[part])
            fold_segments(meter, register, segments, sums, known)
            return
        per_hour = whole(self.rules.over_range, meter.capacity_w, self.step_size, up=True)
        local.fold_register(
            self.t_us[part], self.value[part], self.flags[part], self.starts, per_hour, meter.register_span or 0,
            gap_us, sums.measured, sums.measured_us, sums.bridged, sums.bridged_us, self.at_work,
        )  # fmt: skip

    def _fold_interval(self, meter: Meter, part: slice, sums: Sums) -> None:
        from openjcm.mrv.engine import local

        seconds = self.readings.interval_seconds or meter.interval_seconds
        most = self.rules.over_range * meter.capacity_w * self.step_size
        if self.readings.kind == "interval_energy":
            most = most * seconds / 3600
        unused, value = np.zeros(len(self.days), dtype=np.int64), self.value[part]
        if segments := self.segments.get(meter.meter_id):
            value = scaled_values(meter, self._begin(self.t_us[part]), value, segments)
        local.fold_interval(
            self._begin(self.t_us[part]), value, self.flags[part], self.starts, _up(most), seconds * MICRO,
            sums.measured, sums.measured_us, sums.rejected, unused, sums.negative, unused.copy(),
        )  # fmt: skip

    def _out_of_order(self, meter: Meter, part: slice) -> None:
        from openjcm.mrv.engine import order

        rows = self.row[part]
        if order.rises(rows):
            return
        places = np.argsort(rows, kind="stable")
        backward = np.flatnonzero(np.diff(self.t_us[part][places]) < 0) + 1
        self.flags[part][places[backward]] |= np.uint32(Q06)

    def _series(self, meter: Meter, part: slice) -> Series:
        """The plain steps of a meter, with the sun over its place where that is known."""
        most = (self.rules.night_share, meter.capacity_w, self.step_size)
        night = whole(*most, up=True) // 3600
        if self.readings.kind != "cumulative":
            seconds = self.readings.interval_seconds or meter.interval_seconds
            night = whole(*most) if self.readings.kind == "interval_power" else whole(*most, seconds) // 3600
        sky = sky_over(meter, self.starts, self.rules.night_elevation, self.rules.clear_sky_allowance)
        columns = (self.t_us[part], self.value[part], self.flags[part])
        return Series.of(self.readings, meter, columns, self.days, self.starts, sky, night)

    def _at_night(self, meter: Meter, part: slice, series: Series) -> None:
        """Q13 for solar meters: energy while the sun is well below the horizon. A flag only, or that none can be."""
        if not meter.solar:
            return
        if meter.latitude is None or meter.longitude is None:
            self.find("Q13", meter.meter_id, count=0, variant="no_place")
            return
        steps = series.walk.dark
        if not len(steps):
            return

        limit, most = self.rules.night_elevation, self.rules.night_share * meter.capacity_w * self.step_size
        if self.readings.kind == "cumulative":
            wrong = register_at_night(meter, series.t_us, series.value, steps, _up(most), limit)
        else:
            interval = series.interval_us // MICRO
            if self.readings.kind == "interval_energy":
                most = most * interval / 3600
            used = steps[:, 0]
            middle = series.t_us[used] + interval * MICRO // 2
            wrong = used[interval_at_night(meter, middle, series.value[used], most, limit)]
        self.flags[part][wrong] |= np.uint32(Q13)

    # Plausibility -----------------------------------------------------------------------------------------------------

    def _examine(self, series: Series, part: slice, sums: Sums) -> list[Seen]:
        """What the rules of plausibility see, with the readings' places in the whole file.

        Values of a solar meter that are no measurement by one of the withheld rules are taken out of the sums.
        """
        from openjcm.mrv.engine.series import withdraw

        meter = series.meter
        if any(stretch.facts.ratio != 1 for stretch in self.segments.get(meter.meter_id, ())):
            return []  # its values are no primary energy, which these rules look at
        found = []
        for seen in examine(series, self.rules):
            if not meter.solar or series.register or f"{seen.rule} {seen.variant}".strip() not in self.rules.withheld:
                found.append(replace(seen, places=seen.places + part.start))
                continue
            begin_us = self._begin(self.t_us[part])
            given = self.explanations.get(meter.meter_id, ())
            answered = explained_instants(seen.rule, given, begin_us[seen.places], self.time_zone)
            open_places = seen.places[~answered]
            withdraw(
                begin_us, self.value[part], self.flags[part], open_places, self.starts, series.interval_us,
                sums.measured, sums.measured_us, sums.rejected,
            )  # fmt: skip
            for variant, places in ((f"{seen.variant} withheld", open_places), (seen.variant, seen.places[answered])):
                if len(places):
                    found.append(replace(seen, variant=variant.strip(), places=places + part.start))
        return found

    def _expected(self, meter: Meter) -> Iterator[Seen]:
        """Q17: months whose yield is far from what a satellite or weather model expects."""
        months, _ = months_of(self.days)
        counted = dict(zip(months, self.columns.monthly[-1][:2].sum(axis=0).tolist(), strict=True))
        mine = [one for one in self.comparisons.expected if one.meter_id == meter.meter_id]
        for one, ratio in against_expected(counted, mine, self.rules.yield_least, self.rules.yield_most):
            facts = (
                ("month", f"{one.year}-{one.month:02d}"), ("percent", str(int(100 * ratio))), ("source", one.source),
                ("yield", str(counted[one.year, one.month])), ("expected", str(one.wh)),
            )  # fmt: skip
            yield Seen("Q17", np.zeros(0, dtype=np.int64), "", facts)

    def _take(self, meter_id: str, seen: Seen) -> None:
        """Note a finding of the rules of plausibility."""
        self.seen.append((f"{seen.rule} {seen.variant}".strip(), meter_id, seen.places))
        self.findings.append(finding_of(self.readings, meter_id, seen))

    def _compare_totals(self, meter: Meter, sums: Sums) -> None:
        """Q20: where an independent total differs by more than the errors allow, the conservative one counts.

        The days' energies are brought to it in proportion: cut down for generation, raised for consumption.
        """
        found: list[tuple[IndependentTotal, int]] = []
        for total in self.comparisons.totals:
            if total.meter_id == meter.meter_id and self.days[0] <= total.first and total.last <= self.days[-1]:
                days = slice((total.first - self.days[0]).days, (total.last - self.days[0]).days + 1)
                register = int(sums.measured[days].sum() + sums.bridged[days].sum()) * self.scale
                found.append((total, int(register)))
        for one in differences(meter.direction, found, self.rules.register_error_percent):
            days = slice((one.total.first - self.days[0]).days, (one.total.last - self.days[0]).days + 1)
            for row in (sums.measured, sums.bridged):
                if one.register_wh and one.counted_wh != one.register_wh:
                    up = meter.direction != "generation"
                    row[days] = [
                        _in_proportion(part, one.counted_wh, one.register_wh, up) for part in row[days].tolist()
                    ]
            facts = {
                "register": str(one.register_wh), "total": str(one.total.wh), "counted": str(one.counted_wh),
                "from": one.total.first.isoformat(), "to": one.total.last.isoformat(), "document": one.total.document,
            }  # fmt: skip
            self.find("Q20", meter.meter_id, count=0, facts=facts)

    # Energy -------------------------------------------------------------------------------------------------------

    def _lines(self, meter: Meter, sums: Sums) -> None:
        """The meter's energy by month and day, and rule Q22: how much of the period it covers."""
        name = self.rules.rounding_generation if meter.direction == "generation" else self.rules.rounding_consumption
        total = self.columns.add(meter.meter_id, meter.direction, meter.capacity_w, name, sums)
        facts = {
            "percent": _two_decimals(100 * (total.period_us - total.gap_us), total.period_us),
            "hours": _two_decimals(total.gap_us, HOUR_US),
            "measured": str(total.measured_wh),
            "bridged": str(total.bridged_wh),
            "substituted": str(total.substituted_wh),
            "negative": str(total.negative_wh),
            "rejected": str(total.rejected_wh),
        }
        self.totals = facts
        self.find("Q22", meter.meter_id, count=0, facts=facts)

    # Findings -----------------------------------------------------------------------------------------------------

    def _report_flags(self, meter: Meter, part: slice) -> None:
        from openjcm.mrv.engine import single

        flags = self.flags[part]
        marked = single.marked_places(flags)
        flags = flags[marked]
        seen = int(np.bitwise_or.reduce(flags)) if len(flags) else 0
        for number in range(1, 31):
            if not seen >> number & 1:
                continue
            rule, places = f"Q{number:02d}", marked[(flags & np.uint32(1 << number)) != 0]
            many = rule == "Q11" and len(places) >= FEW and len(places) * 20 >= int((self.value[part] > 0).sum())
            self._flagged(rule, meter.meter_id, part, places, "many" if many else "")

    def _flagged(self, rule: str, meter_id: str, part: slice, places: Ints, variant: str = "") -> None:
        instants = self.t_us[part][places]  # in order of time
        facts = {
            **getattr(self, "totals", {}),
            "first": instant_text(int(instants[0])),
            "last": instant_text(int(instants[-1])),
        }
        variant = variant or ("" if self.readings.kind == "cumulative" else "interval")
        self.find(rule, meter_id, count=len(places), rows=self.row[part][places], variant=variant, facts=facts)

    def quarantine_unknown(self, known: set[str]) -> None:
        """Q01: readings of meters that nobody listed never enter totals."""

        for name in sorted(self.slices.keys() - known):
            part = self.slices[name]
            self.flags[part] |= np.uint32(Q01)
            self.totals = {}
            self._flagged("Q01", name, part, np.arange(part.stop - part.start))

    def take_notes(self) -> None:
        """Rows of the file that became no reading."""
        variants = {
            "missing_value": "Q25",
            "missing_time": "Q25",
            "missing_meter": "Q25",
            "doubtful_time": "Q27",
            "open_end": "Q28",
            "quantity_rolls_over": "Q30",
            "quantity_differs": "Q30",
        }
        for note in self.readings.notes:
            rows = np.array(note.rows, dtype=np.int64)
            self.find(variants[note.what], note.meter or "–", count=note.count, rows=rows, variant=note.what)

    def find(
        self,
        rule: str,
        meter: str,
        *,
        count: int,
        rows: Ints | None = None,
        variant: str = "",
        facts: dict[str, str] | None = None,
    ) -> None:
        self.findings.append(_finding(rule, meter, count, rows, variant, facts or {}))


def finding_of(readings: Readings, meter_id: str, seen: Seen) -> Finding:
    """What a rule of plausibility saw as a finding, with the rows that prove it."""
    facts = dict(seen.facts)
    if len(seen.places):
        instants = readings.column("t_us")[seen.places]
        facts |= {"first": instant_text(int(instants.min())), "last": instant_text(int(instants.max()))}
    return _finding(seen.rule, meter_id, len(seen.places), readings.column("row")[seen.places], seen.variant, facts)


def _finding(rule: str, meter: str, count: int, rows: Ints | None, variant: str, facts: dict[str, str]) -> Finding:
    text = FINDINGS[rule].variants.get(variant) or FINDINGS[rule].text
    shown = tuple(np.sort(rows)[:FIRST_ROWS].tolist()) if rows is not None else ()
    known = {"meter": meter, "count": str(count), **facts}
    return Finding(rule, text.severity, text.en, text.ja, FINDINGS[rule].clause, known, shown, count)


@lru_cache(maxsize=64)
def _sentinels(texts: tuple[str, ...], unit: str, least_unit: str, kind: str) -> Ints:
    """The sentinel values in least units; one that is no whole number of them cannot occur."""
    power = unit_power(unit, kind) - unit_power(least_unit, kind)
    steps = [exact(text) * Fraction(10) ** power for text in texts]
    return np.array([int(item) for item in steps if item.denominator == 1 and abs(item) < 2**63], dtype=np.int64)


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _in_proportion(part: int, counted: int, whole: int, up: bool) -> int:
    """``part × counted ÷ whole``, cut down, or raised to the whole unit."""
    return -(-part * counted // whole) if up else part * counted // whole


def _two_decimals(above: int, below: int) -> str:
    """A ratio for a sentence, cut down to two decimals, without going through a float."""
    hundredths = above * 100 // below
    return f"{hundredths // 100}.{hundredths % 100:02d}"
