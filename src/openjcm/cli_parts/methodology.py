"""``openjcm methodology``: list, show, test and explain methodologies. Works without a database."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.methodology_diff import diff
from openjcm.cli_parts.replay import replay
from openjcm.cli_parts.speaking import language, tell
from openjcm.cli_parts.uncertainty_table import SEED, Deduct, NumberOfDraws, OnDay, Seed, day_of, print_uncertainty

if TYPE_CHECKING:
    from openjcm.views.methodology_catalogue import Found
    from openjcm.views.worked_cases import Methodology, Outcome, Result, Step

app = typer.Typer(help=tell("Methodologies.", "方法論。"), no_args_is_help=True, add_completion=False)
app.command()(diff)
app.command()(replay)

AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]
Identifier = Annotated[str, typer.Argument(metavar="ID", help=tell("MN_AM003, for example.", "例: MN_AM003。"))]


def _table(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(*(tell(*column) for column in columns), title=title, title_justify="left")
    for column in table.columns:
        column.overflow = "fold"
    return table


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(escape(str(cell)) for cell in cells))


Country = Annotated[str, typer.Option("--country", help=tell("ISO code, THA.", "国コード (例: THA)。"))]
Scope = Annotated[str, typer.Option("--scope", help=tell("Scope number, or unknown.", "分野番号または unknown。"))]
Family = Annotated[str, typer.Option("--family", help=tell("Kind of calculation.", "算定の類型。"))]
KnownAs = Annotated[str, typer.Option("--grade", help=tell("How well it is known.", "確認度。"))]
Runs = Annotated[
    bool | None, typer.Option("--runs/--on-file-only", help=tell("Calculated here or not.", "ここで計算できるか否か。"))
]


@app.command("list")
def list_all(
    country: Country = "",
    scope: Scope = "",
    family: Family = "",
    grade: KnownAs = "",
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """List the methodologies on file: title, versions, how well the calculation is known, and whether it runs here."""
    _list("", country, scope, family, grade, runs, as_json)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help=tell("All must be found.", "すべてを含むもの。"))],
    country: Country = "",
    scope: Scope = "",
    family: Family = "",
    grade: KnownAs = "",
    runs: Runs = None,
    as_json: AsJson = False,
) -> None:
    """Search the methodologies on file by number, title, country, proponent, proposal or project."""
    _list(" ".join(words), country, scope, family, grade, runs, as_json)


def _list(text: str, country: str, scope: str, family: str, grade: str, runs: bool | None, as_json: bool) -> None:
    from openjcm.views.methodology_catalogue import CatalogueQuery, entry_data
    from openjcm.views.methodology_catalogue import search as found_by
    from openjcm.views.partners import country_names

    wanted = {None: "", True: "yes", False: "no"}[runs]
    query = CatalogueQuery(text, country.upper(), scope, family, grade, wanted)
    found = found_by(query, {code: " ".join(pair) for code, pair in country_names().items()})
    if as_json:
        typer.echo(canonical_bytes([entry_data(one) for one in found]))
        return
    columns = (("ID", "ID"), ("Title", "名称"), ("Versions", "版"), ("Calculation", "算定方法"), ("Runs", "計算"))
    table = _table("", *columns)
    for one in found:
        known = one.entry
        title = (known.title_ja if language() == "ja" else known.title) or tell("(not known)", "(不明)")
        versions = ", ".join(version.number for version in known.versions if version.number) or "–"
        _row(table, known.id, title, versions, known.calculation_grade, tell("yes", "可") if one.runs else "–")
    Console().print(table)
    print(tell(f"{len(found)} on file", f"{len(found)} 件"))


@app.command()
def show(methodology_id: Identifier, as_json: AsJson = False) -> None:
    """Show a methodology: versions, criteria, parameters, printed values, formulas, open questions."""
    from openjcm.views.methodology_catalogue import only_on_file
    from openjcm.views.worked_cases import installed_one

    if known := only_on_file(methodology_id):
        _show_on_file(known, as_json)
        return
    found = installed_one(methodology_id)
    if as_json:
        typer.echo(canonical_bytes(methodology_data(found)))
        return
    japanese, console = language() == "ja", Console()
    console.print(f"[bold]{found.id}[/bold]", escape(found.title_ja if japanese else found.title))
    console.print(escape(found.summary_ja if japanese else found.summary))
    source = found.text_source
    console.print(
        tell("Text known as", "本文の確認度"), f"“{found.evidence}”:", escape(f"{source.source} {source.url}")
    )
    if source.note:
        console.print(escape(source.note))
    for table in _tables(found, japanese):
        console.print(table)


def _show_on_file(found: Found, as_json: bool) -> None:
    """What is known of a methodology that cannot be calculated here."""
    from openjcm.views.methodology_catalogue import entry_data

    if as_json:
        typer.echo(canonical_bytes(entry_data(found)))
        return
    known, unknown = found.entry, tell("not known", "不明")
    table = _table(known.id, ("Fact", "項目"), ("What is known", "内容"), ("Grade", "確認度"))
    title = (known.title_ja if language() == "ja" else known.title) or unknown
    _row(table, tell("Title", "名称"), title, known.title_grade)
    _row(table, tell("Scope", "分野"), known.scope or unknown, known.scope_grade)
    _row(table, tell("Kind", "類型"), known.family or unknown, known.family_grade)
    _row(table, tell("Calculation", "算定方法"), unknown, known.calculation_grade)
    for version in known.versions:
        facts = (version.approved or unknown, version.proponent or unknown, ", ".join(version.projects) or "–")
        _row(table, f"{tell('Version', '版')} {version.number or unknown}", " · ".join(map(str, facts)), version.grade)
    Console().print(table)
    print(tell("Its text is not here: nothing is calculated.", "本文がないため、計算はできません。"))


def _tables(found: Methodology, japanese: bool) -> list[Table]:
    versions = _table(
        tell("Versions", "版"), ("No.", "番号"), ("Approved", "承認日"), ("Grade", "確認度"), ("Source", "出典")
    )
    for version in found.versions.values():
        day = version.approved or tell("not known", "不明")
        _row(versions, version.number, day, version.grade, version.citation.source)
    criteria = _table(
        tell("Eligibility criteria", "適格性要件"),
        ("No.", "番号"),
        ("Criterion", "要件"),
        ("Grade", "確認度"),
        ("Evidence (our advice)", "証拠書類 (助言)"),
    )
    for criterion in found.criteria:
        said = (criterion.ja, criterion.shown_by_ja) if japanese else (criterion.en, criterion.shown_by)
        _row(criteria, criterion.number, said[0], criterion.grade, said[1] or "–")
    parameters = _table(
        tell("Parameters", "パラメータ"),
        ("Symbol", "記号"),
        ("Kind", "種類"),
        ("Unit", "単位"),
        ("Meaning", "内容"),
        ("Clause", "条項"),
    )
    for item in found.parameters.values():
        _row(parameters, item.name, item.kind, item.unit or "–", item.ja if japanese else item.en, item.clause)
    printed = _table(
        tell("Printed values", "本文に記載された値"),
        ("Symbol", "記号"),
        ("Version", "版"),
        ("Case", "区分"),
        ("Value", "値"),
        ("Grade", "確認度"),
    )
    for table in found.prints:
        for answer, value in table.values.items():
            _row(printed, table.symbol, ", ".join(table.versions), answer or "–", value_text(value), table.grade)
    formulas = _table(tell("Formulas", "式"), ("Formula", "式"), ("Unit", "単位"), ("Clause", "条項"))
    for formula in found.formulas:
        _row(formulas, found.formula_text(formula), formula.unit, formula.clause)
    questions = _table(
        tell("Open questions", "未確定の解釈"),
        ("Name", "名称"),
        ("Question", "問い"),
        ("Taken", "採用"),
        ("Confirmed by", "確認者"),
    )
    for question in found.interpretations.values():
        words = question.ja if japanese else question.en
        _row(questions, question.name, words, question.taken, question.confirmed_by or tell("nobody", "なし"))
    return [table for table in (versions, criteria, parameters, printed, formulas, questions) if table.row_count]


def value_text(value: Any) -> str:
    """An exact value as text."""
    from openjcm.units import exact_text

    return exact_text(value)


@app.command()
def test(
    cases: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help=tell("A file of cases.", "ケースファイル。"))
    ],
    as_json: AsJson = False,
) -> None:
    """Run the cases of a file; exit code 1 if one comes out otherwise than it says."""
    from openjcm.views.worked_cases import outcomes

    found = outcomes(cases.read_text(encoding="utf-8"))
    passed = sum(outcome.passed for outcome in found)
    if as_json:
        typer.echo(canonical_bytes({"cases": [outcome_data(item) for item in found], "passed": passed}))
    else:
        table = _table("", ("Case", "ケース"), ("", ""), ("Came out as", "結果"))
        for outcome in found:
            _row(table, outcome.case.name, "✓" if outcome.passed else "✗", _came_out(outcome))
        Console().print(table)
        print(tell(f"{passed} of {len(found)} cases passed", f"{len(found)} 件中 {passed} 件が期待どおり"))
    raise typer.Exit(0 if passed == len(found) else 1)


def _came_out(outcome: Outcome) -> str:
    if outcome.differences:
        return "; ".join(outcome.differences)
    if outcome.refused:
        return f"{outcome.refused.code}: {outcome.refused.message(language())}"
    assert outcome.result is not None
    return f"{value_text(outcome.result.reductions)} tCO2e ({outcome.result.grade})"


@app.command()
def explain(
    methodology_id: Identifier,
    given: Annotated[
        Path, typer.Option("--input", exists=True, dir_okay=False, help=tell("A file of cases.", "ケースファイル。"))
    ],
    case: Annotated[str | None, typer.Option("--case", help=tell("Name of the case.", "ケース名。"))] = None,
    as_json: AsJson = False,
) -> None:
    """Explain a result step by step: clause, symbol, numbers, value, unit, source, grade."""
    from openjcm.views.worked_cases import explained

    found, result = explained(given.read_text(encoding="utf-8"), methodology_id, case)
    if as_json:
        typer.echo(canonical_bytes({"case": found.name, **result_data(result)}))
        return
    console = Console(soft_wrap=True)
    console.print(f"[bold]{found.methodology} {found.version}[/bold]:", escape(found.name))
    for step in result.trace:
        for line in _step_lines(step):
            console.print(line, highlight=False)
    console.print()
    console.print(
        tell("Emission reductions", "排出削減量"), readable(value_text(result.reductions)), "tCO2e", f"({result.grade})"
    )
    if result.provisional:
        console.print(tell("PROVISIONAL:", "暫定値:"))
        for reason in result.reasons:
            console.print(" –", escape(reason))


@app.command()
def uncertainty(
    methodology_id: Identifier,
    given: Annotated[
        Path, typer.Option("--input", exists=True, dir_okay=False, help=tell("A file of cases.", "ケースファイル。"))
    ],
    case: Annotated[str | None, typer.Option("--case", help=tell("Name of the case.", "ケース名。"))] = None,
    on: OnDay = None,
    draws: NumberOfDraws = None,
    seed: Seed = None,
    deduct: Deduct = None,
    as_json: AsJson = False,
) -> None:
    """Show the uncertainty budget of a case whose `uncertainty` field states the errors of its inputs."""
    from openjcm.reports.uncertainty_budget import uncertainty_report
    from openjcm.views.worked_cases import explained_with_uncertainty

    found, result, stated = explained_with_uncertainty(given.read_text(encoding="utf-8"), methodology_id, case)
    day = day_of(on) or found.days.get("monitoring") or date.today()  # noqa: DTZ011 - the rule in force here and now
    print_uncertainty(
        uncertainty_report([("", result)], stated, day, draws=draws, seed=seed or SEED, deductions=deduct or []),
        as_json,
    )


def _step_lines(step: Step) -> list[str]:
    """A step in words: the formula, the same with numbers, the value, and where it comes from."""
    symbol = escape(f"{step.symbol}[{step.at}]" if step.at else step.symbol)
    middle = [f"  = {escape(text)}" for text in (step.expression, step.numbers) if step.numbers]
    value = escape(f"{readable(step.value)} {step.unit}".removesuffix(" -"))
    origin = f"{step.clause} · {step.kind} · {step.grade} · {step.source}"
    return [f"\n[bold]{symbol}[/bold]", *middle, f"  = [bold]{value}[/bold]", f"    [dim]{escape(origin)}[/dim]"]


def readable(text: str) -> str:
    """An exact value for the eye: a fraction without finite decimal also as a decimal with six places."""
    from openjcm.units import display_text, exact

    return f"{text} ≈ {display_text(exact(text), 6)}" if re.fullmatch(r"-?\d+/\d+", text) else text


def methodology_data(found: Methodology) -> dict[str, Any]:
    """A methodology as plain data."""
    return {
        "id": found.id,
        "title": {"en": found.title, "ja": found.title_ja},
        "country": found.country,
        "evidence": found.evidence,
        "source_sha256": found.source_sha256,
        "versions": [
            {"number": item.number, "approved": item.approved, "grade": item.grade} for item in found.versions.values()
        ],
        "parameters": [
            {
                "symbol": item.name,
                "kind": item.kind,
                "unit": item.unit,
                "index": list(item.index),
                "clause": item.clause,
                "meaning": {"en": item.en, "ja": item.ja},
            }
            for item in found.parameters.values()
        ],
        "formulas": [
            {"symbol": item.symbol, "unit": item.unit, "clause": item.clause, "text": found.formula_text(item)}
            for item in found.formulas
        ],
        "interpretations": [
            {
                "name": item.name,
                "question": {"en": item.en, "ja": item.ja},
                "taken": item.taken,
                "confirmed_by": item.confirmed_by,
            }
            for item in found.interpretations.values()
        ],
    }


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """What came of a case, as plain data."""
    data: dict[str, Any] = {"name": outcome.case.name, "passed": outcome.passed}
    data["differences"] = list(outcome.differences)
    if outcome.refused:
        data["refused"] = outcome.refused.as_data()
    return data | (result_data(outcome.result) if outcome.result else {})


def result_data(result: Result) -> dict[str, Any]:
    """A result with its trace, as plain data."""
    return {
        "reductions": value_text(result.reductions),
        "grade": result.grade,
        "provisional": result.provisional,
        "reasons": list(result.reasons),
        "trace": [step.as_data() for step in result.trace],
    }
