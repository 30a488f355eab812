"""What the rules of plausibility look at: the plain steps of one meter, and its figures by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.intake_time import MICRO
from openjcm.mrv.meters import Meter
from openjcm.mrv.readings import Readings
from openjcm.units import whole

if TYPE_CHECKING:  # compiled code is loaded where it runs
    from openjcm.mrv.engine.survey import Sky, Walk

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]
Flags = NDArray[np.uint32]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
COARSE = 50
"""A series that never shows more than so many of its least units may well repeat itself."""
PARTS = 8
"""Parts of a day that are compared with each other."""
FEW = 500
"""Room for steps and hours to look at closely; where there are more, the walk is done again with room for all."""
RESTING = 4
"""Steps of nothing after which a register that moves on may make up for them."""


@dataclass(frozen=True)
class Seen:
    """What a rule found: the places of the readings that prove it, and its figures as text for the sentence.

    ``variant`` chooses another sentence of the same rule; with ``count`` 0 it says that the rule could not run.
    """

    rule: str
    places: Ints
    variant: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=1)
def _no_sky() -> Sky:
    """For a meter without a sun: it is not looked at."""
    from openjcm.mrv.engine import survey

    window = np.zeros((2, 1), dtype=np.int64)
    return survey.Sky(0, window, window, np.zeros((3, 1)), np.zeros(1))


@dataclass(frozen=True, eq=False)
class Series:
    """The plain steps of one meter in time order (least units, microseconds), and the local days of the period.

    ``t_us`` holds the instants of a register's readings or the begins of intervals; ``flags`` what the fold left.
    ``hour`` is what capacity gives in an hour, in least units, and ``interval_us`` the usual length of a step.
    ``register`` tells a cumulative register, whose steps are differences, from interval values. ``sky`` and ``night``
    (what is impossible at night: of a register a second) are given where the place is known.
    """

    meter: Meter
    t_us: Ints
    value: Ints
    flags: Flags
    days: tuple[date, ...]
    starts: Ints
    hour: Fraction
    interval_us: int
    register: bool
    sky: Sky | None = None
    night: int = 0

    def __len__(self) -> int:
        return len(self.walk.steps)

    @classmethod
    def of(
        cls, readings: Readings, meter: Meter, columns: tuple[Ints, Ints, Flags], days: tuple[date, ...],
        starts: Ints, sky: Sky | None = None, night: int = 0,
    ) -> Series:  # fmt: skip
        """The steps of a meter's judged readings: ``columns`` are times, values, and flags as the fold left them."""
        t_us, value, flags = columns
        register = readings.kind == "cumulative"
        seconds = meter.interval_seconds if register else readings.interval_seconds or meter.interval_seconds
        if not register and readings.interval_stamp == "end":
            t_us = t_us - seconds * MICRO
        hour = meter.capacity_w / readings.least_unit_size
        if readings.kind == "interval_power":
            hour = hour * 3600 / seconds
        return cls(meter, t_us, value, flags, days, starts, hour, seconds * MICRO, register, sky, night)

    @cached_property
    def walk(self) -> Walk:
        """The one pass over all steps."""
        walk = self._walk(FEW, FEW)
        steps, dark, hours = walk.signs[:3].tolist()
        if max(dark, hours) > FEW:
            walk = self._walk(dark, hours)
        return walk._replace(steps=walk.steps[:steps], dark=walk.dark[:dark], bright=walk.bright[:hours])

    def _walk(self, dark: int, hours: int) -> Walk:
        """The walk with room for so many dark steps and bright hours; how many there are stands in the signs."""
        from openjcm.mrv.engine import survey

        days = len(self.days)
        known = survey.Known(
            int(self.register), self.interval_us, self.apart_us, self.full // 50, self.shift, self.full // 200,
            self.telling, 50 if self.register else 4, RESTING, int(self.sky is not None), self.night,
        )  # fmt: skip
        walk = survey.Walk(
            np.zeros((6, days), dtype=np.int64), np.zeros(days * PARTS, dtype=np.uint64),
            np.zeros(days * PARTS, dtype=np.int64), np.empty(len(self.value), dtype=np.int64),
            np.empty((dark, 2), dtype=np.int64), np.empty((hours, 6), dtype=np.int64),
            np.zeros(survey.SIGNS, dtype=np.int64),
        )  # fmt: skip
        rate = float(self.hour) / (3600 * MICRO)
        survey.survey(self.t_us, self.value, self.flags, self.starts, known, rate, self.sky or _no_sky(), walk)
        return walk

    @cached_property
    def _arrays(self) -> tuple[Ints, Ints, Ints]:
        from openjcm.mrv.engine import series

        place, begin, length, step = (np.empty(len(self.value), dtype=np.int64) for _ in range(4))
        length[:] = self.interval_us
        count = series.steps_of(self.t_us, self.value, self.flags, self.register, place, begin, length, step)
        return place[:count], begin[:count], length[:count]

    @property
    def place(self) -> Ints:
        """Of each step, the place of its reading among the meter's readings."""
        return self._arrays[0]

    @property
    def begin(self) -> Ints:
        """When each step begins."""
        return self._arrays[1]

    @property
    def length(self) -> Ints:
        """How long each step is."""
        return self._arrays[2]

    @property
    def step(self) -> Ints:
        """The steps: a register's differences, or interval values."""
        return self.walk.steps

    @cached_property
    def full(self) -> int:
        """What capacity gives in one usual step, in least units."""
        return whole(self.hour, self.interval_us) // (3600 * MICRO)

    @property
    def telling(self) -> int:
        """Values over this are worth comparing with those of other days: no small ones, nor those of coarse units."""
        return max(self.full // 200, COARSE)

    @property
    def apart_us(self) -> int:
        """Steps whose begins lie further apart than this are no neighbours."""
        return self.interval_us * 3 // 2

    @property
    def a_day(self) -> int:
        """How many steps a day has."""
        return max(86_400 * MICRO // self.interval_us, 1)

    @property
    def daily(self) -> Ints:
        """Figures by local day: energy, moment, first, last, peak, steps (see ``engine.survey.Walk``)."""
        return self.walk.daily

    @cached_property
    def shift(self) -> int:
        """So many bits of energy are left away in moments, which then stay below 2^63 for any day."""
        return max(whole(self.hour, 26).bit_length() - 44, 0)

    @cached_property
    def top(self) -> int:
        """The level that the series reaches on its best days: the ninth tenth of the daily peaks."""
        from openjcm.mrv.engine.signs import top_of

        return int(top_of(self.daily[4]))

    def places_of_days(self, wanted: Marks) -> Ints:
        """The places of the readings whose steps begin on the wanted days."""
        from openjcm.mrv.engine import series

        marks = np.zeros(len(self), dtype=np.bool_)
        series.on_days(self.begin, self.starts, wanted, marks)
        found: Ints = self.place[marks]
        return found
