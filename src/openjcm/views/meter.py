"""What is known of a meter over time, and what would a later fact change in the reports made before?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from openjcm.methodologies import methodology
from openjcm.mrv.meter_facts import KINDS, MeterFact
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.timeline import MeterTimeline, timeline_of
from openjcm.refusals import Refused, refusal
from openjcm.verification.rerun import make_again

METER_NOT_ON_RECORD = refusal(
    "meter_not_on_record",
    en="No monitoring plan on record has a meter “{meter}”, or several projects have one.",
    ja="計量器「{meter}」を持つモニタリング計画が記録にないか、複数のプロジェクトにあります。",
    remedy_en="Name the meter as its plan does, with its project: {projects}.",
    remedy_ja="計画に記載された名称で、プロジェクトとともに指定してください: {projects}。",
    clause="OpenJCM: readings are judged by the facts of their day",
    status=404,
)

_PLANS = """
    select p.body from project j join product p on p.sha256 = j.plan_sha256
    where convert_from(p.body, 'UTF8')::jsonb -> 'meters' @>
      jsonb_build_array(jsonb_build_object('meter', jsonb_build_object('meter_id', %s::text))) order by j.reference
"""
_PLAN = "select p.body from project j join product p on p.sha256 = j.plan_sha256 where j.reference = %s"
_FACTS = """
    select p.body, f.entry_no, j.recorded_at, j.actor from meter_fact f join product p on p.sha256 = f.fact_sha256
    join journal j on j.entry_no = f.entry_no where f.project = %s and (%s::text is null or f.meter = %s)
    order by f.entry_no
"""
_REPORTS = """
    select r.report_sha256, lower(r.monitoring_period), upper(r.monitoring_period) - 1, p.body from monitoring_report r
    join product p on p.sha256 = r.report_sha256 where r.project = %s order by 2
"""
_PRODUCTS = "select sha256, body from product where sha256 = any(%s)"
_STORED = "select sha256 from stored_file where sha256 = any(%s)"


@dataclass(frozen=True)
class KnownFact:
    """A fact on a meter's timeline, where it comes from (``entry_no`` ``None``: the plan) and whether it stands."""

    fact: MeterFact
    entry_no: int | None
    recorded_at: datetime | None
    actor: str
    corrected_by: str | None
    documents_on_file: tuple[bool, ...]

    @property
    def stands(self) -> bool:
        """Whether the fact holds, neither corrected nor a mere withdrawal."""
        return self.corrected_by is None and not self.fact.withdrawn

    def as_data(self) -> dict[str, Any]:
        """The fact as plain data for CLI and API."""
        kind = KINDS[self.fact.kind]
        return {
            **self.fact.as_data(),
            "sha256": self.fact.id,
            "name": {"en": kind.en, "ja": kind.ja},
            "entry_no": self.entry_no,
            "recorded_at": self.recorded_at,
            "actor": self.actor,
            "corrected_by": self.corrected_by,
            "stands": self.stands,
            "documents_on_file": list(self.documents_on_file),
        }


@dataclass(frozen=True)
class MeterPage:
    """A meter: its project, what it measures, and every fact by the day from which it holds."""

    project: str
    symbol: str
    at: str
    timeline: MeterTimeline
    facts: tuple[KnownFact, ...]


@dataclass(frozen=True)
class Effect:
    """What a report made before would say with all facts on record now. ``tonnes`` is ``None`` if it cannot be made."""

    report_sha256: str
    first: date
    last: date
    reported_tonnes: int
    tonnes: int | None
    why_en: str = ""
    why_ja: str = ""

    @property
    def difference(self) -> int | None:
        """Tonnes gained or lost; ``None`` if not computable."""
        return None if self.tonnes is None else self.tonnes - self.reported_tonnes

    def as_data(self) -> dict[str, Any]:
        """The effect as plain data."""
        return {**self.__dict__, "difference": self.difference}


def meter_page(connection: psycopg.Connection[Any], meter: str, project: str | None = None) -> MeterPage:
    """The timeline of a meter, from its plan and the journal.

    Raises:
        Refused: ``meter_not_on_record``.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    rows_of_plans = cursor.execute(_PLANS, [meter]) if project is None else cursor.execute(_PLAN, [project])
    plans = [MonitoringPlan.from_data(json.loads(bytes(body))) for (body,) in rows_of_plans.fetchall()]
    found = [(plan, item) for plan in plans for item in plan.meters if item.meter.meter_id == meter]
    if len(found) != 1:
        raise METER_NOT_ON_RECORD(meter=meter[:80], projects=[plan.project for plan, _ in found] or "–")
    plan, item = found[0]
    rows = cursor.execute(_FACTS, [plan.project, meter, meter]).fetchall()
    recorded = {fact.id: (fact, row[1], row[2], row[3]) for row in rows for fact in [_fact(row[0])]}
    timeline = timeline_of(item.meter, [fact for fact, *_ in recorded.values()])
    named = [document.sha256 for fact in timeline.facts for document in fact.documents if document.sha256]
    on_file = {row[0] for row in cursor.execute(_STORED, [named])}
    corrected = timeline.corrected()
    facts = []
    for fact in timeline.facts:
        _, entry_no, recorded_at, actor = recorded.get(fact.id, (fact, None, None, ""))
        stored = tuple(document.sha256 in on_file for document in fact.documents)
        facts.append(KnownFact(fact, entry_no, recorded_at, actor, corrected.get(fact.id), stored))
    facts.sort(key=lambda known: (known.fact.day or date.min, known.fact.at, known.entry_no or 0))
    return MeterPage(plan.project, item.symbol, item.at, timeline, tuple(facts))


def effects_on_reports(
    connection: psycopg.Connection[Any], read_file: Callable[[str], bytes], project: str
) -> tuple[Effect, ...]:
    """Each report of a project, made again with all facts that are on record now. Nothing is recorded.

    Each report is recomputed from its files, so this takes as long as making it did.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    facts = [_fact(row[0]) for row in cursor.execute(_FACTS, [project, None, None]).fetchall()]
    reports = cursor.execute(_REPORTS, [project]).fetchall()
    plans = {json.loads(bytes(body))["plan_sha256"] for *_, body in reports}
    stored = {row[0]: bytes(row[1]) for row in cursor.execute(_PRODUCTS, [list(plans)])}
    return tuple(
        _effect(sha256, (first, last), json.loads(bytes(body)), stored, facts, read_file)
        for sha256, first, last, body in reports
    )


def _effect(
    sha256: str,
    period: tuple[date, date],
    report: Mapping[str, Any],
    plans: Mapping[str, bytes],
    facts: Sequence[MeterFact],
    read_file: Callable[[str], bytes],
) -> Effect:
    reported = int(report["emission_reductions"])
    if [fact.id for fact in facts] == [fact["sha256"] for fact in report["meter_facts"]]:
        return Effect(sha256, *period, reported, reported)
    try:
        plan = MonitoringPlan.from_data(json.loads(plans[report["plan_sha256"]]))
        files = {file["sha256"]: read_file(file["sha256"]) for file in report["files"]}
        again = make_again(report, plan, files, methodology(plan.methodology), facts)
    except Refused as refused:
        return Effect(sha256, *period, reported, None, str(refused), f"{refused.code}: {refused.message('ja')}")
    return Effect(sha256, *period, reported, int(json.loads(again)["emission_reductions"]))


def _fact(body: Any) -> MeterFact:
    return MeterFact.from_data(json.loads(bytes(body)))
