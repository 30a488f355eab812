"""From judged readings and recorded facts to what a gap may be filled with."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from openjcm.mrv.calibration import limits_on
from openjcm.mrv.choices import GapChoice, GapSource
from openjcm.mrv.engine.flags import ACCEPTED, Q08, Q10, Q26
from openjcm.mrv.gap_fill import Evidence, Flags, Invoice, SecondInstrument, Series
from openjcm.mrv.intake_time import MICRO, day_starts
from openjcm.mrv.lines import divided
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.meters import Meter
from openjcm.mrv.readings import Readings
from openjcm.mrv.timeline import MeterTimeline
from openjcm.units import exact

LIGHT_CAPACITY = 2_000
"""No sun gives more than so many W per square metre."""


def series_of(readings: Readings, flags: Flags, meter: Meter) -> Series:
    """The accepted energy of a meter, step by step, in whole mWh: cut down for generation, raised for consumption.

    A register's step across a reset or replacement (Q10) is no energy: its time stays uncovered.
    """

    part = readings.slices.get(meter.meter_id, slice(0, 0))
    used = np.flatnonzero(flags[part] & np.uint32(ACCEPTED))
    t_us, value, marks = readings.column("t_us")[part][used], readings.column("value")[part][used], flags[part][used]
    scale = readings.least_unit_size * 1000
    if readings.kind == "cumulative":
        begin, end, energy, marks = t_us[:-1], t_us[1:], np.diff(value), marks[1:]
        rolled = (marks & np.uint32(Q08)) != 0
        energy = np.where(rolled, energy + (meter.register_span or 0), energy)
        kept = ((marks & np.uint32(Q10)) == 0) & (energy >= 0)
    else:
        seconds = readings.interval_seconds or meter.interval_seconds
        if readings.kind == "interval_power":
            scale *= Fraction(seconds, 3600)
        begin = t_us - seconds * MICRO if readings.interval_stamp == "end" else t_us
        end, energy = begin + seconds * MICRO, np.maximum(value, 0)
        kept = np.ones(len(energy), dtype=np.bool_)
    sure = (marks & np.uint32(Q26)) == 0 if readings.kind == "cumulative" else kept
    up, under = scale.numerator, scale.denominator
    whole = divided(energy, up, under) if meter.direction == "generation" else -divided(-energy, up, under)
    return Series(begin[kept], end[kept], whole[kept], sure[kept])


def source_meter(source: GapSource, meter: Meter) -> Meter:
    """The meter by whose facts the readings of a further series are judged."""
    capacity = LIGHT_CAPACITY if source.kind == "irradiance" else meter.capacity_w
    return Meter(source.series, meter.direction, capacity, meter.interval_seconds)


def evidence_for(timeline: MeterTimeline, choice: GapChoice, sources: Mapping[str, Series], time_zone: str) -> Evidence:
    """What the plan, the further series and the recorded facts allow for one meter.

    ``sources`` holds the judged series by their identifiers. Without a known error limit of the meter, G1 does not
    apply.
    """
    name = timeline.meter.meter_id
    mine = [source for source in choice.sources if source.meter == name and source.series in sources]
    days = [fact.day for fact in timeline.standing("accuracy") if fact.day is not None]
    limits = [limit.percent for day in days for limit in limits_on(timeline, day)]
    return Evidence(
        choice.steps,
        max(limits, default=None),
        tuple(
            SecondInstrument(sources[source.series], exact(source.error_percent))
            for source in mine
            if source.kind == "second_instrument" and source.error_percent
        ),
        tuple(
            Invoice(*_span(fact, time_zone), _mwh(fact), fact.number("error_percent") or Fraction(0))
            for fact in timeline.standing("invoice")
            if "error_percent" in fact.value
        ),
        tuple(sources[source.series].hours() for source in mine if source.kind == "irradiance"),
        tuple(_span(fact, time_zone) for fact in timeline.standing("operation")),
    )


def _span(fact: MeterFact, time_zone: str) -> tuple[int, int]:
    first, last = fact.day_of("start"), fact.day_of("end")
    assert first is not None and last is not None, "both are required of these kinds"
    _, starts = day_starts(first, last, time_zone)
    return int(starts[0]), int(starts[-1])


def _mwh(fact: MeterFact) -> int:
    energy = (fact.energy_wh("energy") or Fraction(0)) * 1000
    return energy.numerator // energy.denominator
