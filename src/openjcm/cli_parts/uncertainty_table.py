"""An uncertainty budget on the terminal, and the options of the commands that make one."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.bundle import ANSWERS_JA
from openjcm.cli_parts.speaking import language, tell

if TYPE_CHECKING:
    from openjcm.reports.uncertainty_budget import UncertaintyReport

SEED = 20_260_115
"""The seed of the draws where none is given; the report states it."""
OnDay = Annotated[
    datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help=tell("Day whose threshold of materiality applies.", "重要性の基準値を読む日。"),
    ),
]
NumberOfDraws = Annotated[
    int | None,
    typer.Option(
        "--draws",
        help=tell(
            "Monte Carlo draws; 0: none; left out: made where linear propagation is not enough.",
            "モンテカルロの試行回数。0 は実施せず、省略時は線形伝播で足りない場合にのみ実施します。",
        ),
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help=tell("Seed of the draws.", "乱数の種。"))]
Deduct = Annotated[
    list[str] | None,
    typer.Option(
        "--deduct",
        help=tell(
            "State what a rule deducts: one_sided_95, half_width_90_above_10_percent, cdm_bands.",
            "規則による控除量を示します: one_sided_95、half_width_90_above_10_percent、cdm_bands。",
        ),
    ),
]


def day_of(given: datetime | None) -> date | None:
    """The day of an option."""
    return given.date() if given else None


def print_uncertainty(report: UncertaintyReport, as_json: bool) -> None:
    """Print the budget with its conclusions, or the whole as JSON."""
    data = report.as_data()
    if as_json:
        typer.echo(canonical_bytes(data))
        return
    console = Console(soft_wrap=True)
    console.print(_table(data))
    for line in _lines(data):
        console.print(escape(line), highlight=False)


def _table(data: dict[str, Any]) -> Table:
    heads = (
        ("Input", "入力"), ("Value", "値"), ("Unit", "単位"), ("Error", "誤差の種類"), ("u", "u"),
        ("Sensitivity", "感度係数"), ("c·u (tCO2e)", "c·u (tCO2e)"), ("Share %", "寄与率 %"), ("Tag", "相関の区分"),
        ("Document", "根拠文書"),
    )  # fmt: skip
    table = Table(*(tell(*head) for head in heads))
    for column in table.columns:
        column.overflow = "fold"
    for row in data["budget"]:
        place = f"{row['period']} {row['input']}".strip()
        names = ("unit", "kind", "u", "sensitivity", "contribution", "share", "tag", "document")
        table.add_row(*(escape(cell) for cell in (place, readable(row["value"]), *(row[name] for name in names))))
    return table


def readable(text: str) -> str:
    """An exact value for the eye: a fraction without finite decimal as a decimal with six places."""
    from openjcm.units import display_text, exact

    return f"≈ {display_text(exact(text), 6)}" if "/" in text else text


def _lines(data: dict[str, Any]) -> list[str]:
    lines = [
        tell("Emission reductions", "排出削減量") + f": {readable(data['reductions'])} tCO2e",
        tell("Combined standard uncertainty", "合成標準不確かさ")
        + f": {data['standard_uncertainty']} tCO2e; "
        + tell("95 % interval", "95 % の区間")
        + f": ± {data['expanded_uncertainty']} tCO2e (k = {data['coverage_factor']})",
    ]
    if drawn := data["monte_carlo"]:
        reasons = ", ".join(data["wants_monte_carlo"]) or tell("asked for", "指定による")
        lines.append(
            f"Monte Carlo ({reasons}): u = {drawn['standard_uncertainty']} tCO2e, "
            f"{drawn['low']} … {drawn['high']} tCO2e; {drawn['draws']} {tell('draws', '回')}, "
            f"{tell('seed', '乱数の種')} {drawn['seed']}, {drawn['generator']}"
        )
    by_rule = ", ".join(f"{one['period']} {one['input']}".strip() for one in data["zero_by_rule"])
    if by_rule:
        lines.append(
            tell("u = 0 by rule (fixed by the methodology)", "規則により u = 0 (方法論による固定値)") + f": {by_rule}"
        )
    missing = ", ".join(f"{one['period']} {one['input']}".strip() for one in data["not_stated"])
    if missing:
        lines.append(
            tell("Nothing is stated about, so u is a lower bound", "不確かさの記載がないため u は下限値です")
            + f": {missing}"
        )
    return lines + _conclusions(data)


def _conclusions(data: dict[str, Any]) -> list[str]:
    found = data["materiality"]
    answer = ANSWERS_JA[found["material"]] if language() == "ja" else found["material"]
    threshold = found["threshold"] or tell("not known", "不明")
    lines = [
        tell("Material", "重要性")
        + f": {answer} (± {data['half_width']} tCO2e; materiality_threshold = {threshold}, "
        + f"{found['grade']}: {found['source']})"
    ]
    for one in data["deductions"]:
        lines.append(
            tell("Would be deducted by", "規則による控除")
            + f" {one['rule']}: {readable(one['tonnes'])} tCO2e ({one['grade']}: {one['source']})"
        )
    return lines
