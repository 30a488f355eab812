"""What does each day's energy of each meter of a report rest on, and how much of the period does each meter cover?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.rows import tuple_row

from openjcm.units import exact
from openjcm.views.bundle import REPORT_NOT_ON_RECORD

STATES = ("measured", "zero", "both", "bridged", "cannot_tell", "none")
"""From best to worst: energy of the day measured; readings, but no energy by them (they say zero, or were rejected);
measured and bridged; bridged only; no energy, and an older report that does not tell whether there are readings; no
readings and no energy."""
WITHOUT = (STATES.index("cannot_tell"), STATES.index("none"))
"""The states of a day that no energy and, as far as the report tells, no reading covers."""
MOST_METERS, MOST_DAYS = 50, 20
BANDS = (
    (Fraction(1), Fraction(2)), (Fraction(95, 100), Fraction(1)), (Fraction(80, 100), Fraction(95, 100)),
    (Fraction(50, 100), Fraction(80, 100)), (Fraction(0), Fraction(50, 100)),
)  # fmt: skip
"""Shares of the period: at least, and below."""
KEPT = 8
"""Reports whose figures are kept in memory: one byte per meter and day."""
_BODY = "select body from product where sha256 = %s and kind = 'monitoring_report'"


@dataclass(frozen=True, eq=False)
class Completeness:
    """The meters of a report in their order, the days from the first, and per meter and day a place in ``STATES``.

    ``shares`` is by meter the exact share of the period's time that accepted energy covers, measured or bridged.
    """

    sha256: str
    project: str
    first_day: date
    meters: tuple[str, ...]
    states: NDArray[np.uint8]
    shares: tuple[Fraction, ...]

    @property
    def days(self) -> int:
        """How many days there are."""
        return int(self.states.shape[1])

    @property
    def last_day(self) -> date:
        """The last of the days."""
        return self.first_day + timedelta(days=self.days - 1)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Meter-days by state."""
        found = np.bincount(self.states.ravel(), minlength=len(STATES)).tolist()
        return dict(zip(STATES, found, strict=True))

    @cached_property
    def bands(self) -> tuple[tuple[Fraction, Fraction, int], ...]:
        """Meters by share of the period: at least, below, and how many."""
        return tuple((least, below, sum(least <= share < below for share in self.shares)) for least, below in BANDS)

    @cached_property
    def worst_meters(self) -> tuple[tuple[str, Fraction, int], ...]:
        """The meters that cover least of the period: name, share, days without readings; at most ``MOST_METERS``."""
        without = np.isin(self.states, WITHOUT).sum(axis=1).tolist()
        order = sorted(range(len(self.meters)), key=lambda place: (self.shares[place], -without[place], place))
        return tuple((self.meters[place], self.shares[place], without[place]) for place in order[:MOST_METERS])

    @cached_property
    def worst_days(self) -> tuple[tuple[date, int], ...]:
        """The days on which most meters have no readings, and how many; at most ``MOST_DAYS``, none of them without."""
        without = np.isin(self.states, WITHOUT).sum(axis=0)
        order = np.argsort(-without, kind="stable")[:MOST_DAYS].tolist()
        return tuple((self.first_day + timedelta(days=day), int(without[day])) for day in order if without[day])

    def rows(self, first: int, most: int, together: int) -> NDArray[np.uint8]:
        """Rows of the picture from a meter on: each the worst state of ``together`` neighbouring meters by day."""
        chosen = self.states[first : first + most * together]
        return np.maximum.reduceat(chosen, np.arange(0, len(chosen), together), axis=0)


_KEPT: dict[str, Completeness] = {}


def completeness(connection: psycopg.Connection[Any], report_sha256: str) -> Completeness:
    """The figures of a report; its body is read once, then they are kept.

    Raises:
        Refused: ``report_not_on_record``.
    """
    if (kept := _KEPT.get(report_sha256)) is not None:
        return kept
    row = connection.cursor(row_factory=tuple_row).execute(_BODY, [report_sha256]).fetchone()
    if row is None:
        raise REPORT_NOT_ON_RECORD(report=report_sha256[:80])
    made = completeness_of(report_sha256, json.loads(bytes(row[0])))
    while len(_KEPT) >= KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    _KEPT[report_sha256] = made
    return made


def completeness_of(sha256: str, body: Mapping[str, Any]) -> Completeness:
    """The figures from the body of a report."""
    period = body["monitoring_period"]
    first, last = date.fromisoformat(period["start"]), date.fromisoformat(period["end"])
    daily = {line["meter"]: line for line in body["daily"]}
    whole: dict[str, Fraction] = {}
    gap: dict[str, Fraction] = {}
    for line in body["energy"]:
        meter = line["meter"]
        whole[meter] = whole.get(meter, Fraction(0)) + exact(line["period_seconds"])
        gap[meter] = gap.get(meter, Fraction(0)) + exact(line["gap_seconds"])
    meters = tuple(sorted(whole))
    states = np.full((len(meters), (last - first).days + 1), STATES.index("none"), dtype=np.uint8)
    for place, meter in enumerate(meters):
        if meter in daily:
            line, begin = daily[meter], (date.fromisoformat(daily[meter]["first_day"]) - first).days
            found = _states(line["measured_wh"], line["bridged_wh"], line.get("readings"))
            states[place, begin : begin + len(found)] = found
    shares = tuple(1 - gap[meter] / whole[meter] for meter in meters)
    return Completeness(sha256, body["project"], first, meters, states, shares)


def _states(measured_wh: list[int], bridged_wh: list[int], readings: list[int] | None) -> NDArray[np.uint8]:
    measured, bridged = np.array(measured_wh, dtype=np.int64) != 0, np.array(bridged_wh, dtype=np.int64) != 0
    read = np.zeros(len(measured), dtype=np.bool_) if readings is None else np.array(readings, dtype=np.int64) > 0
    found: NDArray[np.uint8] = np.select(
        [measured & ~bridged, measured & bridged, bridged, read],
        [np.uint8(STATES.index(name)) for name in ("measured", "both", "bridged", "zero")],
        np.uint8(STATES.index("cannot_tell" if readings is None else "none")),
    )
    return found
