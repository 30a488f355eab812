"""What would another version on file have given for the reports on record? For a page: a little at each call.

What came of a report under a version is remembered in this process, so a page that is asked for again goes on where it
stopped, and a page that everybody asks for is worked out once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.replay import ProjectTotal, Replayed, totals
from openjcm.refusals import Refused
from openjcm.views.replay import Plan, Work, replay_work

REMEMBERED_MOST = 200_000
REPORTS_AT_ONCE = 50
BUDGET_SECONDS = 1.5
_REPORTS = """
    select r.report_sha256, r.project from monitoring_report r join project j on j.reference = r.project
    where j.methodologies @> jsonb_build_array(jsonb_build_object('id', %s::text))
    order by r.project, r.monitoring_period
"""
_BODIES = "select sha256, body from product where sha256 = any(%s)"

_remembered: dict[tuple[str, str, str], tuple[Replayed, ...]] = {}


@dataclass(frozen=True)
class ReplayPage:
    """What the page shows. ``done`` of ``reports`` are worked out; ``unreadable`` cannot be read as reports."""

    methodology: Methodology
    version: str
    reports: int
    done: int
    unreadable: int
    rate: int
    seconds_left: int
    totals: tuple[ProjectTotal, ...]
    periods: tuple[Replayed, ...]

    @property
    def whole(self) -> bool:
        """Whether every report is worked out."""
        return self.done == self.reports

    @property
    def reasons(self) -> tuple[tuple[Replayed, int], ...]:
        """Why periods were refused: one example of each code and symbol, with their number."""
        found: dict[str, list[Replayed]] = {}
        for period in self.periods:
            if period.refused:
                found.setdefault(period.reason_en, []).append(period)
        return tuple((periods[0], len(periods)) for periods in found.values())


def replay_page(connection: psycopg.Connection[Any], methodology_id: str, version: str) -> ReplayPage | None:
    """The page of a methodology and a version (``""``: the last one), or ``None`` where either is not installed."""
    if methodology_id not in METHODOLOGIES:
        return None
    m = METHODOLOGIES[methodology_id]
    chosen = version or list(m.versions)[-1]
    if chosen not in m.versions:
        return None
    reports = [(row.report_sha256, row.project) for row in connection.execute(_REPORTS, (methodology_id,))]
    keys = {sha256: (sha256, m.source_sha256, chosen) for sha256, _ in reports}
    missing = [sha256 for sha256, _ in reports if keys[sha256] not in _remembered]
    plan = Plan(f"{methodology_id}@{chosen}")
    began, before = time.monotonic(), len(missing)
    while missing and (time.monotonic() - began < BUDGET_SECONDS or len(missing) == before):
        now, missing = missing[:REPORTS_AT_ONCE], missing[REPORTS_AT_ONCE:]
        _work_out(connection, now, plan, keys)
    spent = max(time.monotonic() - began, 0.001)
    rate = round((before - len(missing)) / spent)
    periods = tuple(period for sha256, _ in reports for period in _remembered.get(keys[sha256], ()))
    return ReplayPage(
        methodology=m,
        version=chosen,
        reports=len(reports),
        done=len(reports) - len(missing),
        unreadable=sum(1 for sha256, _ in reports if _remembered.get(keys[sha256]) == () and sha256 not in missing),
        rate=rate,
        seconds_left=-(-len(missing) // rate) if rate else 0,
        totals=totals(periods),
        periods=periods,
    )


def _work_out(
    connection: psycopg.Connection[Any],
    sha256s: list[str],
    plan: Plan,
    keys: Mapping[str, tuple[str, str, str]],
) -> None:
    target = plan.target()
    if len(_remembered) > REMEMBERED_MOST:
        _remembered.clear()
    for row in connection.execute(_BODIES, (sha256s,)):
        try:
            found = tuple(replay_work(Work(row.sha256, "report", row.sha256, bytes(row.body)), target, plan))
        except Refused:
            found = ()
        _remembered[keys[row.sha256]] = found
