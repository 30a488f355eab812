"""Where does one tonne come from: its serial, decision, report, days, readings, files, and its leaves in the log?

For a credit of the public record the answer ends where the record ends, and says so. Credits of one vintage are alike;
that tonne 4 belongs to the fourth tonne's worth of readings is a reading aid, not a rule.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Any

import psycopg

from openjcm.canonical import plain
from openjcm.registry.serials import parse_serial
from openjcm.units import exact
from openjcm.views.decisions import Decision, decision
from openjcm.views.log_state import Inclusion, Leaf, inclusion, leaf_of_entry, leaf_of_product
from openjcm.views.stored import product_bytes


@dataclass(frozen=True)
class Movement:
    """Something that happened to this serial: kind, day, and the accounts."""

    kind: str
    occurred_on: date
    source_account: str | None
    target_account: str
    details: dict[str, Any]
    entry_no: int


@dataclass(frozen=True)
class MeterFile:
    """A meter file behind the report."""

    sha256: str
    name: str
    readings: int
    meters: tuple[str, ...]
    parquet_sha256: str
    kind: str
    least_unit: str
    interval_seconds: int | None
    clock_correction: str
    is_public: bool
    stored: bool


COUNTED = ("measured", "bridged", "substituted", "calibration")
"""The parts of energy that count, in the order in which they are shown; ``calibration`` has a sign."""


@dataclass(frozen=True)
class Part:
    """A part of the way from meters to tonnes, in tCO2e, of one meter: its ``kind`` is one of :data:`COUNTED`."""

    meter: str
    kind: str
    kwh: Fraction
    tonnes: Fraction


@dataclass(frozen=True)
class DayOfMeters:
    """All meters on one day, in Wh and tCO2e."""

    day: date
    measured_wh: int
    bridged_wh: int
    tonnes: Fraction
    main_meter: str


@dataclass(frozen=True)
class Portion:
    """The days whose energy makes up this tonne, and the shares of the last day at which it begins and ends."""

    number: int
    first_day: date
    last_day: date
    day_begins_at: Fraction
    day_ends_at: Fraction
    month: tuple[DayOfMeters, ...]


@dataclass(frozen=True)
class Calculated:
    """A monitoring report as this page needs it."""

    sha256: str
    body: dict[str, Any]
    files: tuple[MeterFile, ...]
    parts: tuple[Part, ...]
    portion: Portion | None
    opinion: str | None
    verifier: str
    concluded_on: date | None
    byte_equal: bool | None
    leaf: Leaf | None


@dataclass(frozen=True)
class Explanation:
    """One tonne and everything that can be said of it."""

    serial: str
    number: int
    series: str
    side_party: str
    registry_id: str
    world: str
    vintage: str
    projects: tuple[str, ...]
    origin_first: int
    origin_last: int
    issued_on: date
    holder: str
    holder_type: str
    account_id: str
    decision: Decision
    movements: tuple[Movement, ...]
    methodologies: tuple[tuple[str, str], ...]
    calculated: Calculated | None
    log: Inclusion | None

    @property
    def local_number(self) -> int:
        """The serial's place within its issuance."""
        return self.number - self.origin_first + 1

    def as_data(self) -> dict[str, Any]:
        """The explanation as plain data. What is not known is ``null``."""
        made = self.calculated
        data = {
            "serial": self.serial,
            "world": self.world,
            "side": self.side_party,
            "projects": list(self.projects),
            "vintage": self.vintage,
            "issued_on": self.issued_on,
            "account": self.account_id,
            "holder": None if self.holder_type == "holder_not_stated" else self.holder,
            "decision": {
                "decision_id": self.decision.decision_id,
                "decided_on": self.decision.decided_on,
                "total": self.decision.total,
                "source": self.decision.source,
                "grade": self.decision.grade,
            },
            "movements": [
                {"kind": one.kind, "occurred_on": one.occurred_on, "target_account": one.target_account, **one.details}
                for one in self.movements
            ],
            "report": None
            if made is None
            else {
                "sha256": made.sha256,
                "opinion": made.opinion,
                "byte_equal": made.byte_equal,
                "files": [{"sha256": one.sha256, "name": one.name, "readings": one.readings} for one in made.files],
                "trace": [step for year in made.body["years"] for step in year["trace"]],
                "days": None
                if made.portion is None
                else {"first": made.portion.first_day, "last": made.portion.last_day},
            },
            "log": None
            if self.log is None
            else {
                "leaf_index": self.log.leaf.leaf_index,
                "leaf_hash": self.log.leaf.leaf_hash,
                "tree_size": self.log.checkpoint.tree_size,
                "root_hash": self.log.checkpoint.root_hash,
                "hashes": list(self.log.hashes),
            },
        }
        found = plain(data)
        assert isinstance(found, dict)
        return found


def explain_tonne(connection: psycopg.Connection[Any], serial: str) -> Explanation | None:
    """The explanation of one serial; ``None`` if it was never issued.

    Raises:
        Refused: ``block_not_readable`` for a text that is no serial.
    """
    series, number = parse_serial(serial)
    row = connection.execute(
        """select o.registry_id, r.party, r.world, o.vintage, o.projects, lower(o.serials) as first,
                  upper(o.serials) - 1 as last, o.issued_on, o.decision_id, o.entry_no, h.account_id,
                  holder_of(h.account_id) as holder,
                  a.account_type
           from block_origin o join registry r using (registry_id)
           join holding_of(%(series)s, %(number)s::bigint) h using (origin_id) join account a using (account_id)
           where o.series = %(series)s and o.serials @> %(number)s::bigint""",
        {"series": str(series), "number": number},
    ).fetchone()
    if row is None:
        return None
    decided = decision(connection, row.decision_id)
    assert decided is not None
    issued_leaf = leaf_of_entry(connection, row.entry_no)
    first_of_report = _place_in_report(decided, row.party, number - row.first + 1)
    return Explanation(
        serial=f"JCM-{series}-{number}",
        number=number,
        series=str(series),
        side_party=row.party,
        registry_id=row.registry_id,
        world=row.world,
        vintage=row.vintage,
        projects=tuple(row.projects),
        origin_first=row.first,
        origin_last=row.last,
        issued_on=row.issued_on,
        holder=row.holder,
        holder_type=row.account_type,
        account_id=row.account_id,
        decision=decided,
        movements=_movements(connection, str(series), number),
        methodologies=_methodologies(connection, tuple(row.projects)),
        calculated=_calculated(connection, decided.report_sha256, first_of_report) if decided.report_sha256 else None,
        log=inclusion(connection, issued_leaf) if issued_leaf else None,
    )


def issued_among(connection: psycopg.Connection[Any], serials: Sequence[str]) -> list[str]:
    """Those of the serials that were issued, in their order."""
    parsed = [parse_serial(serial) for serial in serials]
    rows = connection.execute(
        """select wanted.place from unnest(%s::text[], %s::bigint[]) with ordinality as wanted (series, number, place)
           where exists (select from block_origin o where o.series = wanted.series and o.serials @> wanted.number)
           order by wanted.place""",
        ([str(series) for series, _ in parsed], [number for _, number in parsed]),
    )
    return [serials[row.place - 1] for row in rows]


def _place_in_report(decided: Decision, party: str, local_number: int) -> int:
    """Japan's tonnes are counted first, then the partner's; an order to read by, nothing more."""
    before = decided.japan.amount if party != "JPN" and decided.japan and decided.japan.amount else 0
    return before + local_number


def _movements(connection: psycopg.Connection[Any], series: str, number: int) -> tuple[Movement, ...]:
    rows = connection.execute(
        """select kind, occurred_on, source_account, target_account, details, entry_no from life_of(%s, %s::bigint)
           order by entry_no""",
        (series, number),
    )
    return tuple(
        Movement(row.kind, row.occurred_on, row.source_account, row.target_account, row.details, row.entry_no)
        for row in rows
    )


def _methodologies(connection: psycopg.Connection[Any], projects: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    rows = connection.execute(
        """select distinct m->>'id' as id, coalesce(m->>'version', '') as version
           from project, jsonb_array_elements(methodologies) as m where reference = any (%s) order by 1, 2""",
        (list(projects),),
    )
    return tuple((row.id, row.version) for row in rows)


# The report ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _parsed(sha256: str, body: bytes) -> dict[str, Any]:
    """A report's data; the same hash always means the same bytes."""
    found: dict[str, Any] = json.loads(body)
    return found


def _calculated(connection: psycopg.Connection[Any], sha256: str, number: int) -> Calculated | None:
    product = product_bytes(connection, sha256)
    if product is None:
        return None
    body = _parsed(sha256, product[1])
    row = connection.execute(
        """select r.entry_no, v.opinion, v.concluded_on, j.request->>'verifier' as verifier, p.body
           from monitoring_report r left join verification v using (report_sha256)
           left join journal j on j.entry_no = v.entry_no left join product p on p.sha256 = v.opinion_sha256
           where r.report_sha256 = %s""",
        (sha256,),
    ).fetchone()
    opinion = json.loads(bytes(row.body)) if row and row.body else {}
    answer = opinion.get("rerun", {}).get("answer")
    return Calculated(
        sha256=sha256,
        body=body,
        files=_files(connection, body),
        parts=_parts(body),
        portion=_portion(body, number),
        opinion=row.opinion if row else None,
        verifier=(row.verifier or "") if row else "",
        concluded_on=row.concluded_on if row else None,
        byte_equal=None if answer is None else answer == "yes",
        leaf=leaf_of_product(connection, row.entry_no, sha256) if row else None,
    )


def _files(connection: psycopg.Connection[Any], body: dict[str, Any]) -> tuple[MeterFile, ...]:
    names = [one["sha256"] for one in body["files"]]
    rows = connection.execute("select sha256, is_public from stored_file where sha256 = any (%s)", (names,))
    stored = {row.sha256: row.is_public for row in rows}
    return tuple(
        MeterFile(
            sha256=one["sha256"],
            name=one["name"],
            readings=int(one["readings"]),
            meters=tuple(one["meters"]),
            parquet_sha256=one["parquet_sha256"],
            kind=one["mapping"]["kind"],
            least_unit=one["mapping"]["least_unit"],
            interval_seconds=one["mapping"].get("interval_seconds"),
            clock_correction=one["mapping"].get("clock_correction_reason", ""),
            is_public=stored.get(one["sha256"], False),
            stored=one["sha256"] in stored,
        )
        for one in body["files"]
    )


def _parts(body: dict[str, Any]) -> tuple[Part, ...]:
    """Energy and tonnes by meter and part, in the order of :data:`COUNTED`; empty parts left out."""
    sums: dict[tuple[str, str], list[Fraction]] = {}
    for energy in body["energy"]:
        for kind in COUNTED:
            place = sums.setdefault((kind, energy["meter"]), [Fraction(0), Fraction(0)])
            place[0] += exact(energy["kwh"][kind])
            place[1] += exact(energy["tco2e"][kind])
    ordered = sorted(sums.items(), key=lambda item: (COUNTED.index(item[0][0]), item[0][1]))
    return tuple(Part(meter, kind, kwh, tonnes) for (kind, meter), (kwh, tonnes) in ordered if kwh or tonnes)


def _portion(body: dict[str, Any], number: int) -> Portion | None:
    """The days behind the tonne of that number, by adding up the days in order; ``None`` if they do not reach it."""
    days = _days(body)
    reached = list(accumulate(day.tonnes for day in days))
    last = next((place for place, sum_ in enumerate(reached) if sum_ >= number), None)
    first = next((place for place, sum_ in enumerate(reached) if sum_ > number - 1), None)
    if last is None or first is None:
        return None
    before = reached[last] - days[last].tonnes
    whole = days[last].tonnes
    shown = days[last].day
    return Portion(
        number=number,
        first_day=days[first].day,
        last_day=shown,
        day_begins_at=max(Fraction(0), (number - 1 - before) / whole),
        day_ends_at=(number - before) / whole,
        month=tuple(day for day in days if (day.day.year, day.day.month) == (shown.year, shown.month)),
    )


def _days(body: dict[str, Any]) -> list[DayOfMeters]:
    factors = _factors(body)
    by_day: dict[date, list[tuple[str, int, int]]] = {}
    for daily in body["daily"]:
        first = date.fromisoformat(daily["first_day"])
        for shift, (measured, bridged) in enumerate(zip(daily["measured_wh"], daily["bridged_wh"], strict=True)):
            by_day.setdefault(first + timedelta(days=shift), []).append((daily["meter"], measured, bridged))
    days = []
    for day, meters in sorted(by_day.items()):
        measured, bridged = sum(one[1] for one in meters), sum(one[2] for one in meters)
        shares = ((one[1] + one[2]) * factors.get((one[0], day.year, day.month), Fraction(0)) for one in meters)
        tonnes = sum(shares, Fraction(0))
        main = max(meters, key=lambda one: one[1] + one[2])[0]
        days.append(DayOfMeters(day, measured, bridged, tonnes, main))
    return days


def _factors(body: dict[str, Any]) -> dict[tuple[str, int, int], Fraction]:
    """Tonnes per Wh of each meter and month. All that counts in a month, what was substituted or corrected for a lapsed
    calibration too, falls on its days in proportion to their energy, so that the days add up to the month."""
    factors: dict[tuple[str, int, int], Fraction] = {}
    for energy in body["energy"]:
        wh = 1000 * sum(exact(energy["kwh"][kind]) for kind in ("measured", "bridged"))
        if wh:
            counted = sum((exact(energy["tco2e"][kind]) for kind in COUNTED), Fraction(0))
            factors[energy["meter"], energy["year"], energy["month"]] = counted / wh
    return factors


def instant_text(value: datetime) -> str:
    """A clock time to the minute."""
    return value.strftime("%Y-%m-%d %H:%M")
