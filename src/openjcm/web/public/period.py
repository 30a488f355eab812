"""``/en/projects/XD001/periods/2022-03-06``: a monitoring period, from what was measured to whole tonnes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.refusals import Refused
from openjcm.reports.uncertainty_budget import UncertaintyReport, kind_text
from openjcm.reports.uncertainty_of_meters import report_uncertainty
from openjcm.views.period_report import COUNTED, STATED, PeriodReport, period_report
from openjcm.views.project import project
from openjcm.views.recorded_plan import RecordedPlan, recorded_plan
from openjcm.web.charts.waterfall import Bar, waterfall
from openjcm.web.messages import Speaker
from openjcm.web.pages import number, render, svg
from openjcm.web.public.common import language_of, speaker

MOST_ROWS = 400
"""Rows of the table by meter and month; the rest is in the report itself."""
MOST_METERS = 50
"""Meters whose share is listed; all of them are on the page by meter and day."""
MOST_BUDGETED = 200
"""Meters of which the page computes a budget; that of a larger report is made on the command line."""
MOST_INPUTS = 25
"""Rows of the budget on the page, the largest shares of the variance first."""
SUMS = frozenset({"exact", "whole"})
NAMES = {"whole": "reported"}
"""Steps that have another name here: a report may not be verified yet."""
ORDER = {"blocks": 0, "explain": 1, "informs": 2}


def period_page(request: Request) -> Response:
    """The page of the report whose period begins on the day of the address; 404 where there is none."""
    say, language = speaker(request), language_of(request)
    start = request.path_params["start"]
    with request.app.state.database.reading() as connection:
        of = project(connection, request.path_params["reference"])
        reports = [one for one in of.reports if one.starts.isoformat() == start] if of else []
        if of is None or not reports:
            raise HTTPException(404)
        found = period_report(connection, reports[0].report_sha256)
        recorded = recorded_plan(connection, found.body)
    shown = [name for name in (*COUNTED, *STATED) if any(month.kwh[name] for month in found.months)]
    return render(
        request,
        "period.html.j2",
        "projects",
        found=found,
        body=found.body,
        demonstration=of.world == "demonstration",
        waterfall=svg(_waterfall(say, found)),
        steps=[(NAMES.get(step.name, step.name), step) for step in found.waterfall()],
        columns=shown,
        months=found.months[:MOST_ROWS],
        more=max(len(found.months) - MOST_ROWS, 0),
        completeness=list(found.completeness().items())[:MOST_METERS],
        more_meters=max(len(found.meters) - MOST_METERS, 0),
        findings=_findings(found, language),
        whole=Fraction(found.body["emission_reductions"]),
        uncertainty=_uncertainty(found, recorded, language),
    )


_KEPT: dict[tuple[str, tuple[str, ...]], UncertaintyReport | Refused] = {}


@dataclass(frozen=True)
class ShownBudget:
    """The budget as the page shows it, or why there is none (``refused`` in words, ``too_large``)."""

    data: Mapping[str, Any] | None = None
    rows: Sequence[Mapping[str, Any]] = ()
    more: int = 0
    not_stated: Sequence[str] = ()
    by_rule: Sequence[str] = ()
    refused: str = ""
    too_large: bool = False


def _uncertainty(found: PeriodReport, recorded: RecordedPlan, language: str) -> ShownBudget:
    """The budget by what is on record of the meters."""
    if len(found.meters) > MOST_BUDGETED:
        return ShownBudget(too_large=True)
    key = found.sha256, tuple(fact.id for fact in recorded.facts)
    if key not in _KEPT:
        while len(_KEPT) >= 32:
            _KEPT.pop(next(iter(_KEPT)), None)
        try:
            _KEPT[key] = report_uncertainty(found.body, recorded.plan, recorded.facts)
        except Refused as refused:
            _KEPT[key] = refused
    made = _KEPT[key]
    if isinstance(made, Refused):
        return ShownBudget(refused=made.message(language))
    data = made.as_data()
    data["reductions_shown"] = number(made.budget.reductions, 3)
    threshold = made.threshold.value
    data["materiality"]["threshold_shown"] = "–" if threshold is None else f"{number(100 * threshold)} %"
    rows = [
        row | {"kind": kind_text(row["kind"], language), "width": max(float(row["share"]), 0.0)}
        for row in data["budget"][:MOST_INPUTS]
    ]
    return ShownBudget(
        data,
        rows,
        max(len(data["budget"]) - MOST_INPUTS, 0),
        [f"{one['period']} {one['input']}" for one in data["not_stated"][:MOST_INPUTS]],
        sorted({one["input"] for one in data["zero_by_rule"]})[:MOST_INPUTS],
    )


def _waterfall(say: Speaker, found: PeriodReport) -> str:
    bars: list[Bar] = []
    reached = Fraction(0)
    for step in found.waterfall():
        label = (say(f"explain.part.{NAMES.get(step.name, step.name)}"),)
        if step.name in SUMS:
            bars.append(
                Bar(label, number(step.tco2e, 0 if step.name == "whole" else 3), Fraction(0), step.tco2e, "sum")
            )
            reached = step.tco2e
            continue
        kind = "taken" if step.tco2e < 0 else "given" if step.name == "measured" else "bridged"
        bars.append(Bar(label, number(step.tco2e, 3), reached, reached + step.tco2e, kind))
        reached += step.tco2e
    told = say("word.comma").join(f"{' '.join(bar.label)} {bar.figure}" for bar in bars)
    return waterfall(bars, title=say("explain.waterfall_title", parts=told))


def _findings(found: PeriodReport, language: str) -> list[dict[str, Any]]:
    ordered = sorted(found.body["findings"], key=lambda one: (ORDER.get(one["severity"], 3), one["rule"]))
    return [
        {"rule": one["rule"], "severity": one["severity"], "text": one["message"][language], "clause": one["clause"]}
        for one in ordered
    ]
