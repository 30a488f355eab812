"""Cases: a real series with one kind of fault put into it, which rows are faulty, and what energy is true.

Everything hangs on the seed. A series is taken as the record of power that it is, and once more as the register that
such a meter would have shown (each value's energy added up in Wh).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.mrv import site_files
from tests.mrv.site_files import Site

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]
START_INDEX = 7_123_456
"""What a made register shows at the begin, in Wh."""


@dataclass(frozen=True)
class Case:
    """A series with a fault. ``faulty`` marks rows (all False: the whole series has the fault, if ``whole``).

    ``true_wh`` is the energy of the meter over the series; ``facts`` are further facts of the meter.
    """

    fault: str
    site: Site
    seed: int
    seconds: Ints
    values: Ints
    faulty: Marks
    true_wh: int
    whole: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The case by its parts."""
        return f"{self.fault} {self.site.name} {self.site.kind} {self.seed}"


def energy_of(site: Site, values: Ints) -> int:
    """The energy of a record of power or interval energy in whole Wh; negative values are nothing."""
    least = {"0.00001 W": 1e-5, "0.01 W": 1e-2, "0.1 W": 1e-1, "W": 1.0, "Wh": 1.0}[site.least_unit]
    total = int(np.maximum(values, 0).sum())
    hours = site.interval / 3600 if site.kind == "interval_power" else 1
    return int(total * least * hours)


def as_register(site: Site) -> Site:
    """The register in Wh that would have given this record, read at the end of each interval."""
    least = {"0.00001 W": 1e-5, "0.01 W": 1e-2, "0.1 W": 1e-1, "W": 1.0, "Wh": 1.0}[site.least_unit]
    hours = site.interval / 3600 if site.kind == "interval_power" else 1
    energy = np.cumsum(np.maximum(site.values, 0)) * least * hours
    index = START_INDEX + np.floor(energy).astype(np.int64)
    seconds = np.concatenate([site.seconds[:1], site.seconds + site.interval])
    return replace(
        site, seconds=seconds, values=np.concatenate([[START_INDEX], index]), least_unit="Wh", kind="cumulative"
    )


def bases() -> list[Site]:
    """The sites: five of the sun (roofs, a field, a home, an inverter) and two consumers; a year at most of each."""
    year = site_files.system_50()
    winter = (year.seconds >= 1_320_600_000) & (year.seconds < 1_331_000_000)  # standard time only: no clock fault
    year = replace(year, seconds=year.seconds[winter], values=year.values[winter], name="system-50 winter")
    home = site_files.residential()
    home = replace(home, seconds=home.seconds[:15_000], values=home.values[:15_000])
    found = [site_files.serf(), site_files.inverter_2173(), year, home, site_files.covariates("R10")]
    return [*found, site_files.consumer(0), _once(site_files.consumer(2))]


def _once(site: Site) -> Site:
    """The site without rows that it holds twice by itself."""
    keep = np.append(True, np.diff(site.seconds) > 0)
    return replace(site, seconds=site.seconds[keep], values=site.values[keep])


# Faults of registers --------------------------------------------------------------------------------------------------

Fault = Callable[[np.random.Generator, Site], Case | None]


def _case(site: Site, fault: str, values: Ints, faulty: Ints, **more: Any) -> Case:
    marks = np.zeros(len(values), dtype=np.bool_)
    marks[faulty] = True
    seconds = more.pop("seconds", site.seconds)
    true = more.pop("true_wh", int(site.values[-1] - site.values[0]))
    return Case(fault, site, 0, seconds, values, marks, true, **more)


def _somewhere(dice: np.random.Generator, site: Site, length: int, count: int) -> Ints:
    """Places at which the register moves, apart from each other and from both ends."""
    moving = np.flatnonzero(np.diff(site.values) > 0) + 1
    room = max(len(site.values) // (count + 1) // 2, 2 * length + 8)
    chosen: list[int] = []
    for place in dice.permutation(moving):
        if 10 <= place < len(site.values) - length - 10 and all(abs(place - one) > room for one in chosen):
            chosen.append(int(place))
            if len(chosen) == count:
                break
    return np.array(sorted(chosen), dtype=np.int64)


def zeros(dice: np.random.Generator, site: Site) -> Case:
    """Single readings of zero."""
    values, at = site.values.copy(), _somewhere(dice, site, 1, 6)
    values[at] = 0
    return _case(site, "zero readings", values, at)


def zero_run(dice: np.random.Generator, site: Site) -> Case:
    """Twenty readings of zero in a row."""
    values, at = site.values.copy(), _somewhere(dice, site, 20, 1)
    rows = np.concatenate([np.arange(one, one + 20) for one in at])
    values[rows] = 0
    return _case(site, "run of zeros", values, rows)


def sentinels(dice: np.random.Generator, site: Site) -> Case:
    """Error codes of a logger: -1,000,000 as printed."""
    values, at = site.values.copy(), _somewhere(dice, site, 1, 5)
    values[at] = -1_000_000 * 1_000
    return _case(site, "error codes", values, at)


def spikes(dice: np.random.Generator, site: Site) -> Case:
    """Single readings that are far too high."""
    values, at = site.values.copy(), _somewhere(dice, site, 1, 5)
    values[at] += 10**9
    return _case(site, "high readings", values, at)


def small_spikes(dice: np.random.Generator, site: Site) -> Case:
    """Single readings too high by what capacity would allow in the time."""
    values, at = site.values.copy(), _somewhere(dice, site, 1, 5)
    room = site.meter.capacity_w * site.interval // 3600
    rise = site.values[np.minimum(at + 1, len(values) - 1)] - site.values[at]
    values[at] += np.maximum(room * 8 // 10 - (site.values[at] - site.values[at - 1]), rise + room // 10)
    return _case(site, "high readings within capacity", values, at)


def reset(dice: np.random.Generator, site: Site) -> Case:
    """The register begins again from zero, and nobody wrote it down."""
    values, at = site.values.copy(), int(_somewhere(dice, site, 4, 1)[0])
    values[at:] -= values[at] - 3
    return _case(site, "reset", values, np.array([at]))


def replacement(dice: np.random.Generator, site: Site) -> Case:
    """Another meter with a higher index, and nobody wrote it down."""
    values, at = site.values.copy(), int(_somewhere(dice, site, 4, 1)[0])
    values[at:] += 50_000_000_000
    return _case(site, "replacement by a higher index", values, np.array([at]))


def rollover(dice: np.random.Generator, site: Site) -> Case:
    """The register passes its end, which is known."""
    at = int(_somewhere(dice, site, 4, 1)[0])
    span = 10 ** len(str(int(site.values[-1] - site.values[0]) * 20 + site.meter.capacity_w * 40))
    values = (site.values + span - site.values[at]) % span
    return _case(site, "rollover, span known", values, np.array([at]), facts={"register_span": span})


def rollover_unknown(dice: np.random.Generator, site: Site) -> Case:
    """The same, but the span is not known: nothing may be credited across."""
    return replace(rollover(dice, site), fault="rollover, span not known", facts={})


def freeze(dice: np.random.Generator, site: Site) -> Case:
    """The shown value stands still for a day and a half and then catches up."""
    length = int(1.5 * 86_400 / site.interval)
    values, at = site.values.copy(), int(_somewhere(dice, site, length, 1)[0])
    values[at : at + length] = values[at - 1]
    rows = np.arange(at, at + length + 1)
    return _case(site, "freeze and catch up", values, rows)


def gap(dice: np.random.Generator, site: Site) -> Case:
    """Three days without communication; the register goes on."""
    length = int(3 * 86_400 / site.interval)
    at = int(_somewhere(dice, site, length, 1)[0])
    keep = np.ones(len(site.values), dtype=np.bool_)
    keep[at : at + length] = False
    return _case(site, "gap of three days", site.values[keep], np.array([at]), seconds=site.seconds[keep])


def duplicates(dice: np.random.Generator, site: Site) -> Case:
    """Rows sent twice, and rows sent late."""
    at = _somewhere(dice, site, 1, 20)
    order = np.sort(np.concatenate([np.arange(len(site.values)), at]))
    return _case(site, "duplicates", site.values[order], np.searchsorted(order, at) + 1, seconds=site.seconds[order])


def conflicts(dice: np.random.Generator, site: Site) -> Case:
    """Two values for one time."""
    at = _somewhere(dice, site, 1, 10)
    order = np.sort(np.concatenate([np.arange(len(site.values)), at]))
    values, rows = site.values[order], np.searchsorted(order, at)
    values[rows + 1] += site.meter.capacity_w * site.interval // 3600 // 3 + 5
    return _case(site, "conflicts", values, np.concatenate([rows, rows + 1]), seconds=site.seconds[order])


def straight(dice: np.random.Generator, site: Site) -> Case:
    """Half a day of a register drawn as a straight line between two true readings."""
    length = int(43_200 / site.interval)
    values, at = site.values.copy(), int(_somewhere(dice, site, length, 1)[0])
    values[at : at + length] = np.linspace(values[at], values[at + length], length, endpoint=False).astype(np.int64)
    if values[at + length] - values[at] < 10 * length:
        return _case(site, "straight lines", site.values, np.zeros(0, dtype=np.int64))
    return _case(site, "straight lines", values, np.arange(at + 1, at + length + 1))


def factor(name: str, times: int, over: int = 1, whole: bool = False) -> Fault:
    """A register, or what it adds from a day in its middle third on, times a factor."""

    def build(dice: np.random.Generator, site: Site) -> Case:
        steps = np.diff(site.values)
        at = 0 if whole else int(dice.integers(len(steps) // 3, len(steps) * 2 // 3))
        steps[at:] = steps[at:] * times // over
        values = np.concatenate([site.values[:1], site.values[0] + np.cumsum(steps)])
        return _case(site, name, values, np.array([at]), whole=True)

    return build


REGISTER_FAULTS: tuple[Fault, ...] = (
    zeros, zero_run, sentinels, spikes, small_spikes, reset, replacement, rollover, rollover_unknown, freeze, gap,
    duplicates, conflicts, straight,
    factor("all × 1,000 (kWh called MWh)", 1_000, whole=True), factor("all ÷ 1,000", 1, 1_000, whole=True),
    factor("× 10 from a day on", 10), factor("CT ratio × 2 from a day on", 2),
    factor("CT ratio ÷ 2 from a day on", 1, 2),
)  # fmt: skip


# Faults of records of power -------------------------------------------------------------------------------------------


def _power_case(site: Site, fault: str, values: Ints, faulty: Ints, **more: Any) -> Case:
    return _case(site, fault, values, faulty, true_wh=energy_of(site, site.values), **more)


def _bright(dice: np.random.Generator, site: Site, length: int, count: int) -> Ints:
    """Places with values of a tenth of the top or more, apart from each other."""
    top = int(np.quantile(site.values, 0.99))
    good = np.flatnonzero(site.values > top // 10)
    chosen: list[int] = []
    for place in dice.permutation(good):
        if 10 <= place < len(site.values) - length - 10 and all(abs(place - one) > 3 * length + 8 for one in chosen):
            chosen.append(int(place))
            if len(chosen) == count:
                break
    return np.array(sorted(chosen), dtype=np.int64)


def p_sentinels(dice: np.random.Generator, site: Site) -> Case:
    """Error codes."""
    per_unit = {"0.00001 W": 10**8, "0.01 W": 10**5, "0.1 W": 10**4, "W": 10**3, "Wh": 10**3}[site.least_unit]
    values, at = site.values.copy(), _bright(dice, site, 1, 5)
    values[at] = -1_000_000 * per_unit
    return _power_case(site, "error codes", values, at)


def p_over(dice: np.random.Generator, site: Site) -> Case:
    """Single values over capacity."""
    values, at = site.values.copy(), _bright(dice, site, 1, 5)
    values[at] = int(full(site) * 1.6)
    return _power_case(site, "values over capacity", values, at)


def full(site: Site) -> int:
    """Capacity as a value of the record."""
    per_w = {"0.00001 W": 10**5, "0.01 W": 100, "0.1 W": 10, "W": 1, "Wh": 1}[site.least_unit]
    hours = 1 if site.kind == "interval_power" else site.interval / 3600
    return int(site.meter.capacity_w * per_w * hours)


def p_spikes(dice: np.random.Generator, site: Site) -> Case:
    """Single values at full power, within capacity."""
    values, at = site.values.copy(), _bright(dice, site, 1, 5)
    values[at] = full(site) * 98 // 100
    return _power_case(site, "values at full power", values, at)


def p_negative(dice: np.random.Generator, site: Site) -> Case:
    """Single values far below zero."""
    values, at = site.values.copy(), _bright(dice, site, 1, 5)
    values[at] = -full(site) // 2
    return _power_case(site, "negative values", values, at)


def p_stale(dice: np.random.Generator, site: Site) -> Case:
    """Six hours of one value, three times."""
    length = max(21_600 // site.interval, 6)
    values, at = site.values.copy(), _bright(dice, site, length, 3)
    rows = np.concatenate([np.arange(one, one + length) for one in at])
    for one in at:
        values[one : one + length] = values[one]
    return _power_case(site, "stale values", values, rows)


def p_straight(dice: np.random.Generator, site: Site) -> Case:
    """Six hours drawn as a straight line, three times."""
    length = max(21_600 // site.interval, 8)
    values, at = site.values.copy(), _bright(dice, site, length, 3)
    rows: list[int] = []
    for one in at:
        if abs(int(values[one + length] - values[one])) >= 8 * length:
            values[one : one + length] = np.linspace(values[one], values[one + length], length, endpoint=False)
            rows += range(one + 1, one + length)
    return _power_case(site, "straight lines", values, np.array(rows, dtype=np.int64))


def p_copy(dice: np.random.Generator, site: Site) -> Case | None:
    """The best day copied over three others."""
    days = (site.seconds + _offset(site)) // 86_400
    each = [np.flatnonzero(days == day) for day in np.unique(days)]
    whole = [rows for rows in each if len(rows) == max(map(len, each))]
    if len(whole) < 8:
        return None
    whole.sort(key=lambda rows: -int(site.values[rows].sum()))
    values, chosen = site.values.copy(), dice.choice(len(whole) - 1, 3, replace=False) + 1
    for one in chosen:
        values[whole[one]] = values[whole[0]]
    rows = np.concatenate([whole[0], *(whole[one] for one in chosen)])
    return _power_case(site, "copied days", values, rows[values[rows] > full(site) // 100])


def _offset(site: Site) -> int:
    sign, hours = site.zone[0], int(site.zone[1:3])
    return (-1 if sign == "-" else 1) * hours * 3600


def p_missing(dice: np.random.Generator, site: Site) -> Case:
    """Three days without values."""
    length = int(3 * 86_400 / site.interval)
    at = int(_bright(dice, site, length, 1)[0])
    keep = np.ones(len(site.values), dtype=np.bool_)
    keep[at : at + length] = False
    return _power_case(site, "gap of three days", site.values[keep], np.array([at]), seconds=site.seconds[keep])


def p_duplicates(dice: np.random.Generator, site: Site) -> Case:
    """Values sent twice."""
    at = _bright(dice, site, 1, 20)
    order = np.sort(np.concatenate([np.arange(len(site.values)), at]))
    rows = np.searchsorted(order, at) + 1
    return _power_case(site, "duplicates", site.values[order], rows, seconds=site.seconds[order])


def p_overlap(dice: np.random.Generator, site: Site) -> Case:
    """Values in between, as if the interval were shorter than it is said to be."""
    at = _bright(dice, site, 1, 10)
    order = np.sort(np.concatenate([np.arange(len(site.values)), at]))
    seconds, rows = site.seconds[order], np.searchsorted(order, at) + 1
    seconds[rows] += site.interval // 2
    return _power_case(site, "overlapping intervals", site.values[order], rows, seconds=seconds)


def p_clock(name: str, seconds: int, least_months: int = 1) -> Fault:
    """A clock that is wrong all the time."""

    def build(dice: np.random.Generator, site: Site) -> Case | None:
        if not site.meter.solar or site.meter.latitude is None:
            return None
        return _power_case(
            site, name, site.values, np.zeros(0, dtype=np.int64), seconds=site.seconds + seconds, whole=True
        )

    return build


def p_factor(name: str, times: int, over: int = 1, whole: bool = False) -> Fault:
    """Values, or those from a day in the middle third on, times a factor."""

    def build(dice: np.random.Generator, site: Site) -> Case:
        at = 0 if whole else int(dice.integers(len(site.values) // 3, len(site.values) * 2 // 3))
        values = site.values.copy()
        values[at:] = values[at:] * times // over
        return _power_case(site, name, values, np.array([at]), whole=True)

    return build


POWER_FAULTS: tuple[Fault, ...] = (
    p_sentinels, p_over, p_spikes, p_negative, p_stale, p_straight, p_copy, p_missing, p_duplicates, p_overlap,
    p_clock("clock one hour off", 3_600), p_clock("clock twelve hours off", 43_200),
    p_factor("all × 1,000 (kWh called MWh)", 1_000, whole=True), p_factor("all ÷ 1,000", 1, 1_000, whole=True),
    p_factor("× 10 from a day on", 10), p_factor("CT ratio × 2 from a day on", 2),
    p_factor("CT ratio ÷ 2 from a day on", 1, 2),
)  # fmt: skip


ROOM = {REGISTER_FAULTS[-2], POWER_FAULTS[-2]}
"""A doubled ratio is put into plants that run at half their capacity, where no limit shows it."""


def half_loaded(site: Site) -> Site:
    """The site with room for twice its power, so that a doubled ratio stays within capacity."""
    return replace(site, meter=replace(site.meter, capacity_w=2 * site.meter.capacity_w))


def group(case: Case) -> str:
    """Solar or other: what the sun tells is known of the first only."""
    return "solar" if case.site.meter.solar else "consumer"


def all_cases(seeds: tuple[int, ...]) -> Iterator[Case]:
    """Every fault in every site with every seed."""
    for site in bases():
        for form, faults in ((as_register(site), REGISTER_FAULTS), (site, POWER_FAULTS)):
            for number, fault in enumerate(faults):
                for seed in seeds:
                    dice = np.random.default_rng([seed, number, sum(site.name.encode())])
                    case = fault(dice, half_loaded(form) if fault in ROOM else form)
                    if case is not None and (case.whole or case.faulty.any()):
                        yield replace(case, seed=seed)


def clean() -> Iterator[Case]:
    """The sites as they are."""
    for site in bases():
        nothing = np.zeros(0, dtype=np.int64)
        register = as_register(site)
        yield _case(register, "none", register.values, nothing)
        yield _power_case(site, "none", site.values, nothing)
