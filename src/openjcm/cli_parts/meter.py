"""``openjcm meter``: the timeline of a meter, and what later facts would change in the reports made before."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell
from openjcm.views.meter import Effect, KnownFact, MeterPage

app = typer.Typer(
    help=tell("What is known of a meter over time.", "計量器について、いつ何が分かっているかを示します。"),
    no_args_is_help=True,
    add_completion=False,
)

AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]


@app.callback()
def _meter() -> None:
    """What is known of a meter over time."""


@app.command()
def show(
    meter: Annotated[str, typer.Argument(help=tell("The meter, as its plan names it.", "計量器 (計画での名称)。"))],
    project: Annotated[
        str | None,
        typer.Option("--project", help=tell("If several have such a meter.", "同名の計量器が複数ある場合。")),
    ] = None,
    effects: Annotated[
        bool,
        typer.Option(
            "--effects",
            help=tell("Recompute the project's reports with all facts.", "すべての情報で報告書を再計算します。"),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a meter's timeline; with --effects also which reports would change, and by how many tonnes."""
    from openjcm.commands import ready_office
    from openjcm.views.meter import effects_on_reports, meter_page

    office = ready_office()
    try:
        with office.transaction() as connection:
            page = meter_page(connection, meter, project)
            found = effects_on_reports(connection, office.files.get, page.project) if effects else ()
    finally:
        office.close()
    if as_json:
        data = {
            "project": page.project, "meter": meter, "symbol": page.symbol, "at": page.at,
            "facts": [item.as_data() for item in page.facts],
        }  # fmt: skip
        typer.echo(canonical_bytes(data | ({"effects": [item.as_data() for item in found]} if effects else {})))
        return
    _print(page, found)


def _print(page: MeterPage, effects: tuple[Effect, ...]) -> None:
    console = Console()
    title = f"{page.project}  {page.timeline.meter.meter_id}  {page.symbol} {page.at}".strip()
    shown = Table(
        tell("From", "適用日"), tell("Fact", "情報"), tell("Value", "内容"), tell("Documents", "書類"),
        tell("Source", "出所"), tell("State", "状態"), "SHA-256", title=title,
    )  # fmt: skip
    for column in shown.columns:
        column.overflow = "fold"
    for known in page.facts:
        shown.add_row(*_row(known))
    console.print(shown)
    for effect in effects:
        console.print(_effect(effect), markup=False, soft_wrap=True)


def _row(known: KnownFact) -> tuple[str, ...]:
    fact, data = known.fact, known.as_data()
    value = ", ".join(f"{name} {item}" for name, item in fact.value.items()) or "–"
    not_on_file = tell(" (not on file)", " (未保管)")
    documents = "; ".join(
        item.name + ("" if on_file else not_on_file)
        for item, on_file in zip(fact.documents, known.documents_on_file, strict=True)
    )
    source = (
        tell("plan", "計画") if known.entry_no is None else tell(f"entry {known.entry_no}", f"記録 {known.entry_no}")
    )
    return (
        fact.at or _day(fact.day), data["name"][language()], value, documents or "–", source, _state(known),
        fact.id[:12],
    )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day else tell("no day stated", "日付なし")


def _state(known: KnownFact) -> str:
    if known.corrected_by:
        return tell(f"corrected by {known.corrected_by[:12]}", f"{known.corrected_by[:12]} により訂正")
    return tell("withdrawal", "取消し") if known.fact.withdrawn else tell("stands", "有効")


def _effect(effect: Effect) -> str:
    period = f"{effect.first} – {effect.last} ({effect.report_sha256[:12]})"
    if effect.tonnes is None:
        return tell(f"{period}: cannot be made again: {effect.why_en}", f"{period}: 再計算できません: {effect.why_ja}")
    if not effect.difference:
        return tell(f"{period}: {effect.tonnes} t, unchanged", f"{period}: {effect.tonnes} t、変更なし")
    return tell(
        f"{period}: reported {effect.reported_tonnes} t, would be {effect.tonnes} t ({effect.difference:+d} t)",
        f"{period}: 報告値 {effect.reported_tonnes} t、再計算では {effect.tonnes} t ({effect.difference:+d} t)",
    )
