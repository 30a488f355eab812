"""Rules that look at several meters of a project: copies of each other (Q19), yields (Q17), days off (Q12).

A judgement looks at one meter at a time, so that it can be cut into any parts. These rules come after it, where the
meters of a project stand together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np

from openjcm.mrv.lines import months_of
from openjcm.mrv.meters import Meter
from openjcm.mrv.plausibility.comparisons import near, odd_among_peers
from openjcm.mrv.plausibility.copies import blocks_of, clones
from openjcm.mrv.plausibility.series import Ints, Seen, Series
from openjcm.mrv.quality import Judgement, QualityRules, finding_of
from openjcm.mrv.readings import Readings

NOWHERE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Group:
    """Readings and their judgement."""

    readings: Readings
    judgement: Judgement

    def series(self, meter: Meter) -> Series:
        """The plain steps of one of its meters."""
        energy, part = self.judgement.columns, self.readings.slices[meter.meter_id]
        t_us, value = (self.readings.column(name)[part] for name in ("t_us", "value"))
        columns = (t_us, value, self.judgement.flags[part])
        return Series.of(self.readings, meter, columns, energy.days, energy.starts)


def compare_meters(
    groups: Sequence[Group], meters: Sequence[Meter], rules: QualityRules | None = None
) -> list[Judgement]:
    """The judgements of one period, each with what shows only when all meters are seen together."""
    rules = rules or QualityRules()
    home = {
        meter.meter_id: place
        for meter in meters
        for place, group in enumerate(groups)
        if meter.meter_id in group.readings.slices
    }
    here = [meter for meter in meters if meter.meter_id in home]
    judged = [group.judgement for group in groups]
    if len(here) < 2:
        return judged
    by_name = {meter.meter_id: groups[home[meter.meter_id]] for meter in here}
    for name, seen in (*_clones(by_name, here), *_yields(by_name, here, rules)):
        place = home[name]
        one = judged[place]
        findings = sorted(
            (*one.findings, finding_of(groups[place].readings, name, seen)),
            key=lambda item: (item.rule, item.facts.get("meter", "")),
        )
        noted = (*one.seen, (f"{seen.rule} {seen.variant}", name, seen.places))
        judged[place] = replace(one, findings=tuple(findings), seen=noted)
    return judged


def _clones(groups: Mapping[str, Group], meters: Sequence[Meter]) -> Iterator[tuple[str, Seen]]:
    """Q19: days on which the values of two meters are the same, with the readings of both."""
    by_name = {meter.meter_id: meter for meter in meters}
    found = clones(list(by_name), [blocks_of(groups[meter.meter_id].series(meter))[0] for meter in meters])
    for name, (days, others) in found.items():
        group = groups[name]
        marks = np.zeros(len(group.judgement.columns.days), dtype=np.bool_)
        marks[days] = True
        places = group.series(by_name[name]).places_of_days(marks) + group.readings.slices[name].start
        facts = (("days", str(len(days))), ("others", ", ".join(others[:5])))
        variant = "clone" if by_name[name].solar else "clone elsewhere"
        yield name, Seen("Q19", places, variant, facts)


def _yields(groups: Mapping[str, Group], meters: Sequence[Meter], rules: QualityRules) -> Iterator[tuple[str, Seen]]:
    solar = [meter for meter in meters if meter.solar]
    monthly, daily = {}, {}
    for name in (meter.meter_id for meter in solar):
        columns = groups[name].judgement.columns
        place = columns.meters.index(name)
        monthly[name], daily[name] = columns.monthly[place], columns.daily[place]
    for meter in solar:
        peers = [solar[place] for place in near(meter, solar, rules.peer_kilometres)]
        if len(peers) >= 3:
            columns = groups[meter.meter_id].judgement.columns
            yield from _odd_months(meter, peers, monthly, months_of(columns.days)[0], rules.peer_deviations)
            yield from _idle(meter, peers, daily, columns.days)


def _odd_months(
    meter: Meter, peers: Sequence[Meter], monthly: dict[str, Ints], months: Sequence[tuple[int, int]], deviations: int
) -> Iterator[tuple[str, Seen]]:
    odd = []
    for place, (year, month) in enumerate(months):
        own, *others = (_yield(one, monthly[one.meter_id][:, place]) for one in (meter, *peers))
        known = [one for one in others if one is not None]
        if own is not None and odd_among_peers(own, known, deviations):
            odd.append(f"{year}-{month:02d}")
    if odd:
        facts = (("months", ", ".join(odd[:12])), ("peers", str(len(peers))))
        yield meter.meter_id, Seen("Q17", NOWHERE, "peers", facts)


def _yield(meter: Meter, month: Ints) -> Fraction | None:
    """Wh per W of capacity; ``None`` for a month of which less than four fifths are covered."""
    covered = int(month[5] + month[6])
    return Fraction(int(month[0] + month[1]), meter.capacity_w) if covered * 5 >= int(month[8]) * 4 else None


def _idle(
    meter: Meter, peers: Sequence[Meter], daily: dict[str, Ints], days: Sequence[date]
) -> Iterator[tuple[str, Seen]]:
    """Q12: days without energy on which most neighbours give a twentieth of a day at full power or more."""
    own = daily[meter.meter_id].sum(axis=0)
    others = np.stack([daily[one.meter_id].sum(axis=0) * 20 >= one.capacity_w * 24 for one in peers])
    idle = np.flatnonzero((own == 0) & (others.sum(axis=0) * 2 > len(peers)))
    if len(idle):
        facts = (("days", str(len(idle))), ("day", days[idle[0]].isoformat()), ("peers", str(len(peers))))
        yield meter.meter_id, Seen("Q12", NOWHERE, "idle", facts)
