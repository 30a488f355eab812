"""Judge the readings of many projects, bucket by bucket: the interface that every engine keeps.

A :class:`Case` is what a plan says: its project, meters, period, time zone and rules. An engine takes a store and
cases, judges every bucket with :func:`judge_bucket`, and gives one :class:`Part` per bucket. Rules look at one meter at
a time, so the parts together are what ``judge`` finds over all the readings at once, bit for bit, whatever the engine,
its threads, or the order in which buckets are done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np

from openjcm.canonical import canonical_hash
from openjcm.mrv.engine.clustered import Bucket, Kind, Store
from openjcm.mrv.engine.parts import Part, empty_part, joined_parts, part_of
from openjcm.mrv.engine.windows import ahead
from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import Judgement, QualityRules, judge
from openjcm.mrv.readings import Note, Readings
from openjcm.refusals import refusal

METER_IN_TWO_CASES = refusal(
    "meter_in_two_plans",
    en="The meter “{meter}” stands in the plans of {projects}.",
    ja="計量器「{meter}」が複数の計画 ({projects}) に含まれています。",
    remedy_en="A meter's energy counts once. State the meter in one plan.",
    remedy_ja="計量器の電力量は一度だけ算入します。計量器は 1 つの計画にだけ記載してください。",
    clause="OpenJCM: no reading is counted twice",
)


@dataclass(frozen=True)
class Case:
    """What the readings of a project's meters are judged by. ``period`` includes both days."""

    project: str
    meters: tuple[Meter, ...]
    period: tuple[date, date]
    time_zone: str
    rules: QualityRules = field(default_factory=QualityRules)

    def as_data(self) -> dict[str, object]:
        """The case as plain data."""
        return {
            "project": self.project,
            "meters": [meter.as_data() for meter in sorted(self.meters, key=lambda one: one.meter_id)],
            "period": list(self.period),
            "time_zone": self.time_zone,
            "rules": self.rules.as_data(),
        }


@dataclass(frozen=True)
class Cases:
    """Cases, and which of them each meter belongs to."""

    cases: tuple[Case, ...]
    place: Mapping[str, tuple[int, Meter]]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> Cases:
        """The cases, each meter in one of them.

        Raises:
            Refused: ``meter_in_two_plans``.
        """
        place: dict[str, tuple[int, Meter]] = {}
        for number, case in enumerate(cases):
            for meter in case.meters:
                if meter.meter_id in place:
                    first = cases[place[meter.meter_id][0]].project
                    raise METER_IN_TWO_CASES(meter=meter.meter_id, projects=[first, case.project])
                place[meter.meter_id] = (number, meter)
        return cls(tuple(cases), place)

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical form of the cases."""
        return canonical_hash([case.as_data() for case in self.cases])


class Engine(Protocol):
    """What judges a store."""

    def parts(self, store: Store, cases: Cases, chosen: Sequence[Bucket]) -> Iterator[tuple[Bucket, Part]]:
        """The part of each chosen bucket, in their order."""


@dataclass(frozen=True)
class Local:
    """The embedded engine: some threads of this process."""

    threads: int = 2

    def parts(self, store: Store, cases: Cases, chosen: Sequence[Bucket]) -> Iterator[tuple[Bucket, Part]]:
        """The part of each chosen bucket, in their order."""

        def work(bucket: Bucket) -> tuple[Bucket, Part]:
            return bucket, judge_bucket(store.read(bucket), cases)

        with ThreadPoolExecutor(self.threads) as pool:
            yield from ahead(pool, self.threads, work, chosen)


def judge_bucket(readings: Readings, cases: Cases) -> Part:
    """Judge the readings of a bucket, each meter by its case; meters of no case are kept apart (rule Q01)."""
    by_case: dict[int, list[Meter]] = {}
    for name in readings.slices:
        if name in cases.place:
            number, meter = cases.place[name]
            by_case.setdefault(number, []).append(meter)
    judged: list[tuple[str, Judgement]] = []
    flags = np.zeros(len(readings), dtype=np.uint32)
    for number, meters in by_case.items():
        case, others = cases.cases[number], readings.slices.keys() - {meter.meter_id for meter in meters}
        given = (readings, meters, case.period, case.time_zone, case.rules, others, flags)
        judged.append((case.project, judge(*given)))
    if readings.slices.keys() - cases.place.keys():
        case = cases.cases[0]
        judged.append(("", judge(readings, [], case.period, case.time_zone, case.rules, cases.place, flags)))
    return part_of(judged)


def rest(store: Store, cases: Cases, heard: Collection[str]) -> Part:
    """What no bucket shows: meters without a reading, and rows that became none."""
    kind = store.buckets[0].kind if store.buckets else Kind("cumulative", "Wh", "Wh", None, None)
    parts = []
    for number, case in enumerate(cases.cases):
        silent = [meter for meter in case.meters if meter.meter_id not in heard]
        notes: tuple[Note, ...] = store.notes if number == 0 else ()
        if silent or notes:
            judged = judge(kind.empty(notes), silent, case.period, case.time_zone, case.rules)
            parts.append(part_of([(case.project, judged)]))
    return joined_parts(parts) if parts else empty_part()


def judge_store(
    engine: Engine,
    store: Store,
    cases: Cases,
    done: Callable[[Bucket], None] = lambda bucket: None,
) -> Part:
    """Judge all readings of a store: energy by meter and month and by day, and findings, in order."""
    return all_together(store, cases, _told(engine.parts(store, cases, store.buckets), done))


def _told(parts: Iterable[tuple[Bucket, Part]], done: Callable[[Bucket], None]) -> Iterator[Part]:
    for bucket, part in parts:
        done(bucket)
        yield part


def all_together(store: Store, cases: Cases, parts: Iterable[Part]) -> Part:
    """The parts of all buckets, and what no bucket shows, as one."""
    heard: set[str] = set()

    def told() -> Iterator[Part]:
        for part in parts:
            heard.update(map(str, part.energy.column("meter").unique().to_pylist()))
            yield part
        yield rest(store, cases, heard)

    return joined_parts(told())
