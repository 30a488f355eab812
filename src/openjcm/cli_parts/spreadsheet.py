"""``openjcm report spreadsheet``: write the JCM's monitoring spreadsheet, and check a filled one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.bundle import ANSWERS_JA, EXIT
from openjcm.cli_parts.speaking import language, tell
from openjcm.refusals import refusal

if TYPE_CHECKING:
    from openjcm.reports.spreadsheet_check import Checked
    from openjcm.reports.spreadsheet_facts import Facts

app = typer.Typer(
    help=tell(
        "The monitoring spreadsheet (MPS, MSS, MRS): write it, check a filled one.",
        "モニタリングスプレッドシート (MPS・MSS・MRS) の作成と、記入済みファイルの確認。",
    ),
    no_args_is_help=True,
    add_completion=False,
)

ONE_SOURCE = refusal(
    "one_source_of_a_workbook",
    en="A workbook is written from one of --case, --report and --plan; {given} were given.",
    ja="ワークブックは --case、--report、--plan のいずれか 1 つから作成します。{given} 個が指定されました。",
    remedy_en="Give one of them; --plan with --estimates. A report may be given with its plan.",
    remedy_ja="いずれか 1 つを指定してください。--plan には --estimates が必要です。報告書には計画を添えられます。",
    clause="OpenJCM: a product names what it was made from",
)

AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]
Output = Annotated[Path, typer.Option("--output", "-o", help=tell("Workbook to write (.xlsx).", "出力先 (.xlsx)。"))]
Plan = Annotated[
    Path | None,
    typer.Option(
        "--plan", exists=True, dir_okay=False, help=tell("Monitoring plan (JSON).", "モニタリング計画 (JSON)。")
    ),
]
CaseName = Annotated[str | None, typer.Option("--name", help=tell("Name of the case.", "ケース名。"))]


@app.command()
def write(
    output: Output,
    case: Annotated[
        Path | None,
        typer.Option("--case", exists=True, dir_okay=False, help=tell("A file of cases.", "ケースファイル。")),
    ] = None,
    name: CaseName = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            exists=True,
            dir_okay=False,
            help=tell("Monitoring report (JSON).", "モニタリング報告書 (JSON)。"),
        ),
    ] = None,
    plan: Plan = None,
    estimates: Annotated[
        Path | None,
        typer.Option(
            "--estimates",
            exists=True,
            dir_okay=False,
            help=tell("YAML: estimated values by symbol.", "YAML: 記号ごとの推定値。"),
        ),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            "--people", exists=True, dir_okay=False, help=tell("YAML: persons and roles.", "YAML: 責任者と役割。")
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help=tell("MPS or MRS, for a case.", "ケースの場合: MPS または MRS。"))
    ] = "MRS",
    project: Annotated[
        str, typer.Option("--project", help=tell("Reference, for a case.", "ケースの場合: 案件番号。"))
    ] = "",
) -> None:
    """Write a workbook: MRS from a report or a case, MPS and MSS from a plan with estimates."""
    _write(_facts(case, name, report, plan, estimates, people, kind, project), output)


def _facts(
    case: Path | None,
    name: str | None,
    report: Path | None,
    plan: Path | None,
    estimates: Path | None,
    people: Path | None,
    kind: str,
    project: str,
) -> Facts:
    from openjcm.reports import spreadsheet_sources as sources
    from openjcm.reports.report_results import read_report

    given = sum(one is not None for one in (case, report, None if report else plan))
    if given != 1 or (plan is not None and report is None and estimates is None):
        raise ONE_SOURCE(given=given)
    known = sources.read_plan(plan.read_bytes()) if plan else None
    if report is not None:
        return sources.facts_of_report(read_report(report.read_bytes()), known)
    if case is not None:
        return sources.facts_of_case(sources.case_named(_text(case), name), kind, project)
    assert known is not None
    return sources.facts_of_plan(known, _text(estimates), _text(people))


def _text(path: Path | None) -> str:
    return path.read_text(encoding="utf-8") if path else ""


@app.command()
def template(
    methodology_id: Annotated[str, typer.Argument(metavar="ID", help=tell("MN_AM003, for example.", "例: MN_AM003。"))],
    output: Output,
    version: Annotated[str, typer.Option("--version", help=tell("Default: the last one.", "既定: 最新の版。"))] = "",
    kind: Annotated[str, typer.Option("--kind", help=tell("MPS or MRS.", "MPS または MRS。"))] = "MRS",
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help=tell("i=roof,camp or CHOICE=answer; may be repeated.", "i=roof,camp または選択=区分 (複数指定可)。"),
        ),
    ] = None,
) -> None:
    """Write an empty workbook to be filled in."""
    from openjcm.reports.spreadsheet_template import facts_of_template

    settings = {name: value for name, _, value in (one.partition("=") for one in setting or [])}
    _write(facts_of_template(methodology_id.upper(), version, kind, settings), output)


def _write(facts: Facts, output: Path) -> None:
    from openjcm.reports.monitoring_spreadsheet import write_spreadsheet
    from openjcm.reports.spreadsheet_layout import lay_out

    data = write_spreadsheet(lay_out(facts))
    output.write_bytes(data)
    print(tell(f"{output}: {len(data)} bytes", f"{output}: {len(data)} バイト"))


@app.command()
def check(
    workbook: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=tell("A workbook.", "ワークブック。"))],
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            exists=True,
            dir_okay=False,
            help=tell(
                "Report (JSON), case (YAML) or workbook whose inputs must be repeated.",
                "入力が一致すべき報告書 (JSON)、ケース (YAML)、またはワークブック。",
            ),
        ),
    ] = None,
    expected: Annotated[
        Path | None,
        typer.Option(
            "--expected",
            exists=True,
            dir_okay=False,
            help=tell(
                "The same kinds of file: sizes that were expected, such as the plan's workbook.",
                "同じ種類のファイル: 予定されていた値 (計画のワークブックなど)。",
            ),
        ),
    ] = None,
    plan: Plan = None,
    name: CaseName = None,
    as_json: AsJson = False,
) -> None:
    """Recompute a filled workbook and name each cell that differs: exit code 0 agrees, 1 not, 3 cannot tell."""
    from openjcm.reports.spreadsheet_check import check_spreadsheet
    from openjcm.reports.spreadsheet_sources import read_plan, read_standard

    held = read_standard(against.read_bytes(), against.name, name) if against else None
    sizes = read_standard(expected.read_bytes(), expected.name, name).expected() if expected else None
    found = check_spreadsheet(
        workbook.read_bytes(),
        workbook.name,
        against=held.results if held else (),
        against_name=held.name if held else "",
        expected=sizes,
        plan=read_plan(plan.read_bytes()) if plan else None,
    )
    if as_json:
        typer.echo(canonical_bytes(found.as_data()))
    else:
        _print(found)
    raise typer.Exit(EXIT[found.agrees])


def _print(found: Checked) -> None:
    console = Console(soft_wrap=True)
    for sheet in found.sheets:
        data = sheet.as_data()
        console.print(f"{data['sheet']}: {data['methodology']} {data['version']}", escape(data["project"]))
        for period in data["periods"]:
            tonnes = tell("whole tonnes", "整数トン") + f" {period['whole_tonnes']}"
            console.print(" ", escape(period["period"]), f"{period['reductions']} tCO2e;", tonnes, highlight=False)
    if found.findings:
        console.print(_findings(found))
    answer = ANSWERS_JA[found.agrees] if language() == "ja" else found.agrees.value
    console.print(tell("Agrees with the methodology", "方法論と一致") + f": {answer}")


def _findings(found: Checked) -> Table:
    table = Table(tell("Sheet", "シート"), tell("Cell", "セル"), tell("Rule", "規則"), tell("What was found", "内容"))
    for one in found.findings:
        table.add_row(
            *(escape(cell) for cell in (one.facts["sheet"], one.facts["cell"], f"{one.rule} {one.severity}")),
            escape(one.message(language().value)),
        )
    for column in table.columns:
        column.overflow = "fold"
    return table
