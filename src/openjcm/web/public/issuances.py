"""Decisions to issue and what each side issued; and the records that stand beside them."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from openjcm.views.decisions import Decision, Side, by_year, decisions
from openjcm.views.issuance_records import not_replayed
from openjcm.web.charts.years import years
from openjcm.web.csv_table import csv_table
from openjcm.web.pages import render, svg
from openjcm.web.public.common import language_of, names_for, speaker
from openjcm.web.public.home import years_title


def issuances(request: Request) -> Response:
    """``/ja/issuances`` and ``/en/issuances``; ``?project=MN004`` shows those of one project."""
    say = speaker(request)
    project = request.query_params.get("project", "")[:12]
    with request.app.state.database.reading() as connection:
        found = decisions(connection, project=project or None)
        rows = by_year(connection)
        records = [] if project else not_replayed(connection)
        demonstration = decisions(connection, world="demonstration", project=project or None)
    return render(
        request,
        "issuances.html.j2",
        "issuances",
        decisions=found,
        demonstration=demonstration,
        project=project,
        records=records,
        names=names_for(request),
        chart=svg(years(rows, title=years_title(say, rows), language=language_of(request))),
        known=sum(one.total or 0 for one in found),
        japan_known=sum(one.japan.amount or 0 for one in found if one.japan),
        unknown=sum(one.total is None for one in found),
    )


def issuances_csv(found: list[Decision]) -> str:
    """Decisions as CSV, one row each. What is not known is empty; zero is 0."""
    header = (
        "decision_id", "projects", "host_party", "monitoring_start", "monitoring_end", "decided_on", "total_tco2",
        "host_side_tco2", "host_side_state", "host_side_issued_on", "japan_side_tco2", "japan_side_state",
        "japan_side_issued_on", "japan_government_tco2", "grade", "source",
    )  # fmt: skip
    rows = (
        (
            one.decision_id, " ".join(one.projects), one.host_party, one.monitoring_start,
            one.monitoring_end, one.decided_on, one.total,
            *_side(one.host), *_side(one.japan),
            one.japan.to_government if one.japan else None,
            one.grade, one.source,
        )
        for one in found
    )  # fmt: skip
    return csv_table(header, rows)


def _side(side: Side | None) -> list[object]:
    if side is None:
        return ["", "", ""]
    return ["" if side.amount is None else side.amount, side.state, side.issued_on or ""]
