"""``openjcm methodology diff A B``: law and numbers of two texts side by side."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell

if TYPE_CHECKING:
    from openjcm.views.methodology_diff import Difference, Outcome, Said

WORDS = {
    "text": ("Text", "本文"),
    "criteria": ("Criterion", "適格性要件"),
    "emission_sources": ("Emission source", "排出源"),
    "parameters": ("Parameter", "パラメータ"),
    "printed_values": ("Printed value", "本文に記載された値"),
    "formulas": ("Formula", "式"),
    "open_readings": ("Open reading", "未確定の解釈"),
}

One = Annotated[str, typer.Argument(metavar="A", help=tell("ID, ID@VERSION or a draft.", "ID、ID@版、または草案。"))]
Other = Annotated[str, typer.Argument(metavar="B", help=tell("The same.", "同上。"))]
Cases = Annotated[
    Path | None, typer.Option("--cases", exists=True, dir_okay=False, help=tell("Cases to try.", "計算例のファイル。"))
]
AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]


def diff(a: One, b: Other, cases: Cases = None, as_json: AsJson = False) -> None:
    """Compare two methodologies, two versions of one, or a draft: law and numbers side by side."""
    from openjcm.views.methodology_diff import difference, difference_data

    found = difference(a, b, cases.read_text(encoding="utf-8") if cases else None)
    if as_json:
        typer.echo(canonical_bytes(difference_data(found)))
        return
    console = Console()
    console.print(_law(found))
    console.print(tell(f"{found.alike} declarations are alike.", f"同じ記述は {found.alike} 件です。"))
    if found.cases:
        console.print(_numbers(found))
    else:
        console.print(
            tell("No case gives a number under either text.", "いずれの本文でも数値となる計算例がありません。")
        )


def _law(found: Difference) -> Table:
    table = Table(tell("Part", "部分"), tell("What", "項目"), found.a.name, found.b.name, show_lines=True)
    for column in table.columns:
        column.overflow = "fold"
    for one in found.changes:
        part = tell(*WORDS[one.part])
        table.add_row(*(escape(cell) for cell in (part, one.what, _said(one.a), _said(one.b))))
    return table


def _said(words: Said | None) -> str:
    return "–" if words is None else words.ja if language() == "ja" else words.en


def _numbers(found: Difference) -> Table:
    title = tell("Emission reductions, tCO2e", "排出削減量 (tCO2e)")
    table = Table(tell("Case", "計算例"), found.a.name, found.b.name, tell("Gained", "増減"), title=title)
    for one in found.cases:
        gained = "–" if one.gained is None else _number(one.gained)
        table.add_row(*(escape(cell) for cell in (one.case, _came(one.a), _came(one.b), gained)))
    return table


def _came(outcome: Outcome) -> str:
    return outcome.refused.code if outcome.refused else _number(outcome.reductions)


def _number(value: Fraction | None) -> str:
    from openjcm.units import display_text

    return "–" if value is None else display_text(value, 6)
