"""``openjcm report``: the agreed electronic format, mirror check, emissions balances, uncertainty, workbooks."""

from __future__ import annotations

import json
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts import spreadsheet
from openjcm.cli_parts.bundle import ANSWERS_JA
from openjcm.cli_parts.speaking import language, tell
from openjcm.cli_parts.uncertainty_table import SEED, Deduct, NumberOfDraws, OnDay, Seed, day_of, print_uncertainty
from openjcm.commands import ready_office
from openjcm.dated import Answer
from openjcm.refusals import refusal
from openjcm.reports import aef as aef_report
from openjcm.reports.aef_checks import run_checks
from openjcm.reports.article6_lines import FIRST_NDC_PERIOD, Article6Data, article6_data, party_lines
from openjcm.reports.balance import BalanceTable, balance_table, chosen_basis, chosen_method
from openjcm.reports.mirror import mirror as compare
from openjcm.units import display_text, exact
from openjcm.views.article6_actions import article6_entries
from openjcm.views.period_report import COUNTED, STATED, PeriodReport, period_report
from openjcm.views.recorded_plan import RecordedPlan, recorded_plan

app = typer.Typer(
    help=tell("Make a report from the ledger.", "登録簿から報告書を作成します。"),
    no_args_is_help=True,
    add_completion=False,
)

app.add_typer(spreadsheet.app, name="spreadsheet")

INVENTORY_NOT_READABLE = refusal(
    "inventory_not_readable",
    en="“{text}” does not say a year and its emissions.",
    ja="「{text}」は年と排出量として読み取れません。",
    remedy_en="Write YEAR=TONNES, for example 2021=1122000000; leave a year out if its inventory is not known.",
    remedy_ja="「年=トン」の形 (例: 2021=1122000000) で記入してください。不明な年は省略してください。",
    clause="2/CMA.3 annex para 8: the balance starts from the emissions of the inventory",
)

Party = Annotated[str, typer.Option("--party", help=tell("ISO 3166-1 alpha-3.", "締約国 (ISO 3166-1 alpha-3)。"))]
Year = Annotated[int, typer.Option("--year", min=2021, max=2100, help=tell("Calendar year.", "暦年。"))]
World = Annotated[str, typer.Option("--world", help=tell("public or demonstration.", "public または demonstration。"))]
AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]
OUTPUT = tell("Workbook to write, for example JPN.2025.1.0.xlsx.", "出力するブック (例: JPN.2025.1.0.xlsx)。")


@app.command("aef")
def aef(
    party: Party,
    year: Year,
    world: World = "public",
    profile: Annotated[str, typer.Option(help="nomenclature | checker")] = "nomenclature",
    version: Annotated[str, typer.Option(help="X.Y")] = "1.0",
    submitted_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help=tell("Date of submission.", "提出日。"))
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=OUTPUT)] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help=tell("Print what each row rests on.", "各行の根拠を出力します。"))
    ] = False,
) -> None:
    """Write the agreed electronic format of a Party and year, and say what the checks found."""
    day = submitted_on.date() if submitted_on else None
    made = aef_report.build_aef(party, year, _data(world), profile, version=version, submitted_on=day)
    if output is not None:
        output.write_bytes(aef_report.write_aef(made))
    if explain:
        print(json.dumps(made.as_data(), ensure_ascii=False, indent=1))
        return
    console = Console()
    counts = {f"T{table.layout.number}": len(table.rows) for table in made.tables}
    console.print(f"{made.file_name} ({profile}): {counts}" + (f" → {output}" if output else ""))
    for finding in made.findings:
        console.print(
            f"  {finding.severity.value}  {finding.rule}: {finding.message(language().value)}", soft_wrap=True
        )
    for result in run_checks(made):
        text = tell(result.en, result.ja)
        console.print(f"  {result.answer.value:11} {result.code:7} {text}", soft_wrap=True)
        for problem in result.problems[:5] if result.answer is not Answer.YES else ():
            console.print(f"{'':21}{problem}", soft_wrap=True)


PARTS_JA = {
    "measured": "計測",
    "bridged": "積算値で確定",
    "calibration": "校正期限切れの補正",
    "rejected": "除外",
    "negative": "負の値",
    "project": "プロジェクト排出量",
    "exact": "排出削減量 (端数処理前)",
    "not_credited": "算入しない年",
    "rounding": "端数処理",
    "whole": "排出削減量",
}


@app.command("period")
def period(
    report: Annotated[str, typer.Argument(help=tell("SHA-256 of the report, or its beginning.", "報告書の SHA-256。"))],
    as_json: AsJson = False,
) -> None:
    """Show a monitoring report's period: energy and tonnes by part, by meter and month, and what was found."""
    office = ready_office()
    try:
        with office.transaction() as connection:
            found = period_report(connection, report)
    finally:
        office.close()
    if as_json:
        typer.echo(canonical_bytes(found.as_data()))
        return
    console = Console()
    console.print(_waterfall(found))
    console.print(_months(found))
    for meter in found.body["calibration"]["meters"]:
        covered = f"{meter['covered_days']} / {meter['used_days']}"
        name, answer = meter["meter"], meter["covered"]
        told = tell(
            f"{name}: calibration covers {covered} used days: {answer}",
            f"{name}: 校正が有効な使用日 {covered} 日: {ANSWERS_JA[answer]}",
        )
        console.print(told, markup=False)
    for finding in found.body["findings"]:
        message = finding["message"][language().value]
        console.print(f"{finding['rule']} {finding['severity']}: {message}", markup=False)


def _part(name: str) -> str:
    return PARTS_JA.get(name, name) if language() == "ja" else name.replace("_", " ")


def _waterfall(found: PeriodReport) -> Table:
    span = found.body["monitoring_period"]
    shown = Table(title=f"{found.body['project']}  {span['start']} – {span['end']}")
    for name in (tell("Part", "区分"), "kWh", "tCO2e"):
        shown.add_column(name, justify="left" if name not in {"kWh", "tCO2e"} else "right")
    for step in found.waterfall():
        kwh = "" if step.kwh is None else display_text(step.kwh, 3)
        shown.add_row(_part(step.name), kwh, display_text(step.tco2e, 3))
    return shown


def _months(found: PeriodReport) -> Table:
    """kWh by meter and month; parts that are nothing everywhere have no column."""
    names = [name for name in (*COUNTED, *STATED) if any(month.kwh[name] for month in found.months)]
    shown = Table(tell("Meter", "計量器"), tell("Month", "月"), tell("Covered", "充足率"))
    for name in names:
        shown.add_column(f"{_part(name)} kWh", justify="right")
    for month in found.months:
        covered = f"{display_text(100 * month.completeness, 2)} %"
        figures = (display_text(month.kwh[name], 3) for name in names)
        shown.add_row(month.meter, f"{month.year}-{month.month:02d}", covered, *figures)
    return shown


@app.command("mirror")
def mirror(
    party_a: Annotated[str, typer.Option("--party-a", help="ISO 3166-1 alpha-3")],
    party_b: Annotated[str, typer.Option("--party-b", help="ISO 3166-1 alpha-3")],
    year: Year,
    world: World = "public",
    as_json: AsJson = False,
) -> None:
    """Hold two Parties' actions of a year against each other, and name each difference."""
    data = _data(world)
    one, other = (party_lines(party, year, data) for party in (party_a, party_b))
    found = compare(one.actions, other.actions, one.party, other.party)
    if as_json:
        differences = [item.as_data() for item in found.differences]
        print(json.dumps({"agreed": found.agreed, "differences": differences}, ensure_ascii=False, indent=1))
        return
    print(tell(f"agreed: {found.agreed} t CO2 eq", f"一致: {found.agreed} t CO2 eq"))
    for item in found.differences:
        nothing = tell("nothing", "記載なし")
        said = f"{item.giver}: {item.given or nothing}; {item.receiver}: {item.received or nothing}"
        print(f"{item.kind.value}: {item.block} ({said})")


@app.command("balance")
def balance(
    party: Party,
    world: World = "public",
    method: Annotated[str, typer.Option(help="averaging | trajectory")] = "",
    basis: Annotated[str, typer.Option(help="vintage | event")] = "vintage",
    through: Annotated[int, typer.Option(min=2021, max=2030)] = FIRST_NDC_PERIOD[1],
    emissions: Annotated[
        list[str] | None,
        typer.Option("--emissions", help=tell("YEAR=TONNES; may be repeated.", "年=トン (複数指定可)。")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a Party's corresponding adjustments and emissions balances, year by year. Unknown stays unknown."""
    known = dict(_year_and_tonnes(text) for text in emissions or [])
    table = balance_table(
        party,
        _data(world),
        chosen_method(party, method, through),
        emissions=known,
        basis=chosen_basis(basis),
        through=through,
    )
    if as_json:
        print(json.dumps(table.as_data(), ensure_ascii=False, indent=1))
        return
    _print_balance(table)


@app.command("uncertainty")
def uncertainty(
    report: Annotated[
        str,
        typer.Argument(
            help=tell(
                "Monitoring report: a file (JSON), or the SHA-256 of one on record.",
                "モニタリング報告書 (JSON ファイル、または記録済みの報告書の SHA-256)。",
            )
        ),
    ],
    statement: Annotated[
        Path | None,
        typer.Option(
            "--statement",
            exists=True,
            dir_okay=False,
            help=tell(
                "YAML: the errors of the inputs, each with its document. Left out, what is on record of the meters of "
                "a report on record is taken.",
                "YAML: 入力の誤差とその根拠文書。省略すると、記録済みの報告書について計量器の記録を用います。",
            ),
        ),
    ] = None,
    on: OnDay = None,
    draws: NumberOfDraws = None,
    seed: Seed = None,
    deduct: Deduct = None,
    as_json: AsJson = False,
) -> None:
    """Show the uncertainty budget of a monitoring report, all its years together."""
    from openjcm.reports.report_results import read_report, results_of
    from openjcm.reports.uncertainty_budget import read_statements_of, uncertainty_report
    from openjcm.reports.uncertainty_of_meters import statements_on_record

    path = Path(report)
    data, recorded = (read_report(path.read_bytes()), None) if path.is_file() else _on_record(report)
    results = results_of(data)
    methodology = results[0][1].methodology
    if statement is not None:
        stated = read_statements_of(statement.read_text(encoding="utf-8"), methodology)
    elif recorded is not None:
        stated = statements_on_record(data, recorded.plan, recorded.facts, methodology)
    else:
        raise typer.BadParameter(tell("A file needs --statement.", "ファイルには --statement が必要です。"))
    day = day_of(on) or date.fromisoformat(str(data["monitoring_period"]["end"]))
    print_uncertainty(
        uncertainty_report(results, stated, day, draws=draws, seed=seed or SEED, deductions=deduct or []), as_json
    )


def _on_record(report: str) -> tuple[dict[str, Any], RecordedPlan]:
    office = ready_office()
    try:
        with office.transaction() as connection:
            found = period_report(connection, report)
            return dict(found.body), recorded_plan(connection, found.body)
    finally:
        office.close()


def _print_balance(table: BalanceTable) -> None:
    data = table.as_data()
    shown = Table(title=f"{table.party}: {table.method.value}, {table.basis.value} (t CO2 eq)")
    rows = data["rows"]
    assert isinstance(rows, list), "a table has rows"
    for name in rows[0]:
        shown.add_column(name, justify="right")
    for row in rows:
        unknown = tell(Answer.CANNOT_TELL.value, "判断できません")
        shown.add_row(*(unknown if value is None else str(value) for value in row.values()))
    Console().print(shown)


def _year_and_tonnes(text: str) -> tuple[int, Fraction]:
    year, sign, tonnes = text.partition("=")
    if not sign or not (year.isascii() and year.isdecimal()):
        raise INVENTORY_NOT_READABLE(text=text)
    return int(year), exact(tonnes)


def _data(world: str) -> Article6Data:
    office = ready_office()
    try:
        with office.transaction() as connection:
            entries = article6_entries(connection, world)
    finally:
        office.close()
    return article6_data(entries.world, entries.movements, entries.authorizations)
