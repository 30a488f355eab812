"""How does the series of a meter look day by day, and on which days did rules mark its readings?

For the eye: the figures of a report come from the exact calculation, not from here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.explanations import explanations_of
from openjcm.mrv.intake_time import day_starts
from openjcm.mrv.mapping import ZONE_IN_FILE, least_unit_size
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.quality import judge
from openjcm.mrv.quality_rules import FINDINGS
from openjcm.mrv.readings import readings_from_parquet
from openjcm.mrv.timeline import timelines
from openjcm.views.day_readings import Files, readings_of_meter
from openjcm.views.upload import UploadPage, Use

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LARGEST_JUDGED = 5_000_000
"""Readings of a file that is judged for its page; of a larger one only the figures by day are shown."""
LONGEST = 36_600
"""Days that a picture may cover."""
NOT_SHOWN = frozenset({"Q03"})
"""Readings outside the period of one report may lie inside another's."""
FEWEST_HOURS = 2
"""Between readings further apart than this, and than four usual steps, no power is stated."""


@dataclass(frozen=True)
class Mark:
    """What one rule marked: how many readings, the first and the last of them, and the days (numbers from 0)."""

    rule: str
    name_en: str
    name_ja: str
    count: int
    first: datetime
    last: datetime
    days: tuple[int, ...]


@dataclass(frozen=True)
class SeriesPicture:
    """A meter by local day: readings, and least, mean and greatest power in W (NaN: none).

    ``judged``: whether rules were applied; ``marks`` says what they marked, in the order of the rules.
    """

    meter: str
    first_day: date
    counts: Ints
    low: Floats
    mean: Floats
    high: Floats
    judged: bool
    marks: tuple[Mark, ...]


def series_picture(files: Files, upload: UploadPage, meter: str) -> SeriesPicture | None:
    """The picture of one meter of a public file; ``None`` where it has no readings or spans more than a century.

    Where reports used the file, their periods are shown, and their plan says where days begin.

    Raises:
        Refused: as the file store refuses: a file that is not there, or whose bytes changed.
    """
    t_us, value = readings_of_meter(files, upload.parquet_sha256, meter)
    uses = [use for use in upload.uses if use.plan]
    plans = [_plan(use.plan) for use in uses]
    zone = plans[0].time_zone if plans else upload.mapping["time_zone"]
    zone = "UTC" if zone == ZONE_IN_FILE else zone
    if uses:
        first, last = min(use.first for use in uses), max(use.last for use in uses)
    elif len(t_us):
        first, last = (
            _instant(int(t_us[0])).date() - timedelta(days=1),
            _instant(int(t_us[-1])).date() + timedelta(days=1),
        )
    else:
        return None
    if (last - first).days > LONGEST:
        return None
    _, starts = day_starts(first, last, zone)
    power_at, power = _power(upload.mapping, t_us, value)
    counts, *_ = _by_day(starts, t_us, value.astype(np.float64))
    if not counts.any():
        return None
    if not uses:  # days without readings at the edges are those of other zones
        held = np.flatnonzero(counts)
        first, starts = first + timedelta(days=int(held[0])), starts[held[0] : held[-1] + 2]
        counts = counts[held[0] : held[-1] + 1]
    _, low, mean, high = _by_day(starts, power_at, power)
    judged = bool(uses) and upload.readings <= LARGEST_JUDGED
    places = [one for use in uses for one in _judged(files, upload.parquet_sha256, meter, use)] if judged else []
    return SeriesPicture(meter, first, counts, low, mean, high, judged, tuple(_marks(places, t_us, starts)))


def _instant(t_us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t_us)


@lru_cache(maxsize=32)
def _plan(body: bytes) -> MonitoringPlan:
    return MonitoringPlan.from_data(json.loads(body))


def _power(mapping: Any, t_us: Ints, value: Ints) -> tuple[Ints, Floats]:
    """Power in W and when: of an interval, or between two readings of a register that are not too far apart."""
    size = float(least_unit_size(mapping["least_unit"], mapping["kind"]))
    seconds = mapping.get("interval_seconds") or 3600
    if mapping["kind"] == "interval_power":
        return t_us, np.asarray(value * size, dtype=np.float64)
    if mapping["kind"] == "interval_energy":
        return t_us, np.asarray(value * (size * 3600 / seconds), dtype=np.float64)
    steps = np.diff(t_us)
    usual = float(np.median(steps)) if len(steps) else 0.0
    near = (steps > 0) & (steps <= max(4 * usual, FEWEST_HOURS * 3.6e9))
    power: Floats = np.diff(value.astype(np.float64))[near] * (size * 3.6e9) / steps[near]
    return t_us[1:][near], power


def _by_day(starts: Ints, at: Ints, value: Floats) -> tuple[Ints, Floats, Floats, Floats]:
    """Count, least, mean and greatest value by day; ``at`` is in order."""
    edges = np.searchsorted(at, starts)
    counts = np.diff(edges)
    held = np.flatnonzero(counts)
    low, mean, high = (np.full(len(counts), np.nan) for _ in range(3))
    if len(held):
        value, begins = value[: edges[-1]], edges[:-1][held]
        low[held], high[held] = np.minimum.reduceat(value, begins), np.maximum.reduceat(value, begins)
        mean[held] = np.add.reduceat(value, begins) / counts[held]
    return counts, low, mean, high


def _judged(files: Files, parquet_sha256: str, meter: str, use: Use) -> tuple[tuple[str, Ints], ...]:
    return judged_places(files, parquet_sha256, meter, use.plan, use.facts, (use.first, use.last))


@lru_cache(maxsize=64)
def judged_places(
    files: Files, parquet_sha256: str, meter: str, plan: bytes, facts: tuple[bytes, ...], period: tuple[date, date]
) -> tuple[tuple[str, Ints], ...]:
    """By rule, the places of the meter's readings (in order of time) that it marked, by the plan and facts of a report.

    The file is judged by itself; a report that joins it to others may say more of its edges.
    """
    registered = _plan(plan)
    chosen = [item.meter for item in registered.meters if item.meter.meter_id == meter]
    if not chosen:
        return ()
    readings = readings_from_parquet(files.get(parquet_sha256))
    others = [name for name in readings.meters() if name != meter]
    part = readings.slices[meter]
    readings = replace(readings, table=readings.table.slice(part.start, part.stop - part.start), notes=())
    later = [MeterFact.from_data(json.loads(body)) for body in facts]
    lines = timelines([item.meter for item in registered.meters], later)
    segments = {meter: lines[meter].segments(*period, registered.time_zone)}
    found = judge(
        readings, chosen, period, registered.time_zone, registered.quality, others, segments=segments,
        explanations=explanations_of([lines[meter]], registered.quality.explainable),
    )  # fmt: skip
    marked: dict[str, list[Ints]] = {}
    for rule in FINDINGS:
        bit = np.uint32(1 << int(rule[1:])) if int(rule[1:]) < 31 else np.uint32(0)
        places = np.flatnonzero(found.flags & bit)
        if len(places) and rule not in NOT_SHOWN:
            marked.setdefault(rule, []).append(places)
    for name, _, places in found.seen:
        if len(places):
            marked.setdefault(name.split(" ")[0], []).append(places)
    return tuple((rule, np.unique(np.concatenate(places))) for rule, places in sorted(marked.items()))


def _marks(found: Sequence[tuple[str, Ints]], t_us: Ints, starts: Ints) -> Iterator[Mark]:
    """What each rule marked within the days, all judgements together."""
    for rule in sorted({rule for rule, _ in found}):
        at = t_us[np.unique(np.concatenate([places for name, places in found if name == rule]))]
        at = at[(at >= starts[0]) & (at <= starts[-1])]
        if not len(at):
            continue
        days = np.unique(np.minimum(np.searchsorted(starts, at, side="right") - 1, len(starts) - 2))
        text = FINDINGS[rule]
        first, last = (_instant(int(at[place])) for place in (0, -1))
        yield Mark(rule, text.name_en, text.name_ja, len(at), first, last, tuple(days.tolist()))
