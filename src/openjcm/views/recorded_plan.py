"""Which plan was a monitoring report made from, and which facts of the plan's meters are on record now?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.plan import MonitoringPlan
from openjcm.views.bundle import REPORT_NOT_ON_RECORD

_PLAN = "select body from product where sha256 = %s and kind = 'monitoring_plan'"
_FACTS = """
    select p.body from meter_fact f join product p on p.sha256 = f.fact_sha256 where f.project = %s order by f.entry_no
"""


@dataclass(frozen=True)
class RecordedPlan:
    """A plan and what was recorded of its meters beside it, in the order of the journal."""

    plan: MonitoringPlan
    facts: tuple[MeterFact, ...]


def recorded_plan(connection: psycopg.Connection[Any], report: Mapping[str, Any]) -> RecordedPlan:
    """The plan that a report names, with the facts on record now of its project's meters.

    Raises:
        Refused: ``report_not_on_record`` if the plan is not on record.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    row = cursor.execute(_PLAN, [report["plan_sha256"]]).fetchone()
    if row is None:
        raise REPORT_NOT_ON_RECORD(report=str(report["plan_sha256"])[:80])
    facts = cursor.execute(_FACTS, [report["project"]]).fetchall()
    return RecordedPlan(
        MonitoringPlan.from_data(json.loads(bytes(row[0]))),
        tuple(MeterFact.from_data(json.loads(bytes(body))) for (body,) in facts),
    )
