"""The monitoring spreadsheet for download: empty for a methodology, filled from a monitoring report on record."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.reports.monitoring_spreadsheet import write_spreadsheet
from openjcm.reports.report_results import read_report
from openjcm.reports.spreadsheet_facts import Facts
from openjcm.reports.spreadsheet_layout import lay_out
from openjcm.reports.spreadsheet_sources import facts_of_report, read_plan
from openjcm.reports.spreadsheet_template import facts_of_template
from openjcm.views.stored import product_bytes
from openjcm.web.api_v1 import PROBLEMS, Sha256, Workbook

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
Kind = Annotated[Literal["MPS", "MRS"], Query(description="Monitoring plan sheet, or monitoring report sheet.")]
Version = Annotated[str, Query(max_length=20, description="As printed, 02.0; left out: the last one.")]
Settings = Annotated[
    list[Annotated[str, Query(max_length=2000)]],
    Query(max_length=20, description="Labels of an index, i=roof,camp, or the answer to a choice; may be repeated."),
]
MethodologyId = Annotated[str, Path(pattern=r"^[A-Z]{2}_[A-Z0-9]{3,6}$")]


def workbook(facts: Facts, name: str) -> Workbook:
    """The workbook as a download."""
    return Workbook(
        write_spreadsheet(lay_out(facts)), headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get(
    "/methodologies/{methodology}/monitoring-spreadsheet.xlsx",
    tags=["reports"],
    summary="Empty monitoring spreadsheet of a methodology",
    response_class=Workbook,
)
def empty_workbook(
    methodology: MethodologyId,
    kind: Kind = "MRS",
    version: Version = "",
    setting: Settings = [],  # noqa: B006
) -> Response:
    """Input and calc_process sheets with live formulas. `openjcm report spreadsheet check` reads it when filled in."""
    settings = {name: value for name, _, value in (one.partition("=") for one in setting)}
    facts = facts_of_template(methodology, version, kind, settings)
    return workbook(facts, f"{kind}_{methodology}_{facts.results[0][1].version}.xlsx")


@router.get(
    "/reports/monitoring/{sha256}.xlsx",
    tags=["reports"],
    summary="Monitoring report sheet of a report on record",
    response_class=Workbook,
)
def report_workbook(request: Request, sha256: Sha256) -> Response:
    """MRS: the report's inputs, with every formula live; one block of rows for each calendar year."""
    with request.app.state.database.reading() as connection:
        found = product_bytes(connection, sha256)
        if found is None or found[0] != "monitoring_report":
            raise HTTPException(404, "there is no such monitoring report")
        report = read_report(found[1])
        plan = product_bytes(connection, str(report["plan_sha256"]))
    facts = facts_of_report(report, read_plan(plan[1]) if plan else None)
    return workbook(facts, f"MRS_{facts.project}_{sha256[:8]}.xlsx")
