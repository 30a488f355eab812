"""What the rules of plausibility look at: the plain steps of one meter, and its figures by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.meters import Meter
from openjcm.mrv.readings import Readings

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]
Flags = NDArray[np.uint32]


@dataclass(frozen=True)
class Seen:
    """What a rule found: the places of the readings that prove it, and its figures as text for the sentence.

    ``variant`` chooses another sentence of the same rule; with ``count`` 0 it says that the rule could not run.
    """

    rule: str
    places: Ints
    variant: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Series:
    """The plain steps of one meter in time order (least units, microseconds), and the local days of the period.

    ``place`` is the reading's place among the meter's readings. ``hour`` is what capacity gives in an hour, in least
    units, and ``interval_us`` the usual length of a step. ``register`` tells a cumulative register, whose steps are
    differences, from interval values.
    """

    meter: Meter
    place: Ints
    begin: Ints
    length: Ints
    step: Ints
    days: tuple[date, ...]
    starts: Ints
    hour: Fraction
    interval_us: int
    register: bool

    def __len__(self) -> int:
        return len(self.step)

    @classmethod
    def of(
        cls, readings: Readings, meter: Meter, part: slice, flags: Flags, days: tuple[date, ...], starts: Ints
    ) -> Series:
        """The steps of a meter's judged readings, which are the given part of all; ``flags`` is what the fold left."""
        from openjcm.mrv.engine import series

        t_us, value = readings.column("t_us")[part], readings.column("value")[part]
        register = readings.kind == "cumulative"
        seconds = meter.interval_seconds if register else readings.interval_seconds or meter.interval_seconds
        usual = seconds * MICRO
        place, begin, length, step = (np.empty(len(value), dtype=np.int64) for _ in range(4))
        if not register:
            length[:] = usual
            t_us = t_us - usual if readings.interval_stamp == "end" else t_us
        count = series.steps_of(t_us, value, flags[part], register, place, begin, length, step)
        hour = meter.capacity_w / readings.least_unit_size
        if readings.kind == "interval_power":
            hour = hour * 3600 / seconds
        some = slice(count)
        return cls(meter, place[some], begin[some], length[some], step[some], days, starts, hour, usual, register)

    @property
    def full(self) -> int:
        """What capacity gives in one usual step, in least units."""
        return int(self.hour * self.interval_us / (3600 * MICRO))

    @property
    def apart_us(self) -> int:
        """Steps whose begins lie further apart than this are no neighbours."""
        return self.interval_us * 3 // 2

    @property
    def a_day(self) -> int:
        """How many steps a day has."""
        return max(86_400 * MICRO // self.interval_us, 1)

    @cached_property
    def daily(self) -> Ints:
        """Figures by local day: energy, moment, first, last, peak, steps (see ``engine.series.daily``)."""
        from openjcm.mrv.engine import series

        out = np.zeros((6, len(self.days)), dtype=np.int64)
        series.daily(self.begin, self.length, self.step, self.starts, self.full // 50, self.shift, out)
        return out

    @property
    def shift(self) -> int:
        """So many bits of energy are left away in moments, which then stay below 2^63 for any day."""
        return max(int(self.hour * 26).bit_length() - 44, 0)

    @cached_property
    def top(self) -> int:
        """The level that the series reaches on its best days: the ninth tenth of the daily peaks."""
        peaks = np.sort(self.daily[4][self.daily[4] > 0])
        return int(peaks[(len(peaks) - 1) * 9 // 10]) if len(peaks) else 0

    def places_of_days(self, wanted: Marks) -> Ints:
        """The places of the readings whose steps begin on the wanted days."""
        from openjcm.mrv.engine import series

        marks = np.zeros(len(self), dtype=np.bool_)
        series.on_days(self.begin, self.starts, wanted, marks)
        found: Ints = self.place[marks]
        return found
