"""``openjcm holdings``: what lay in which account as of an instant."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import ready_office
from openjcm.units import display_text
from openjcm.views.holdings_as_of import DIMENSIONS, AsOf, Wanted, blocks_as_of, holdings_as_of, read_cut

app = typer.Typer(
    add_completion=False, help=tell("What lay in which account as of an instant.", "ある時点の口座別保有量。")
)

HEADS_JA = {
    "account": "口座", "type": "口座の種類", "registry": "登録簿", "project": "プロジェクト", "vintage": "排出削減年",
    "itmo": "ITMO としての承認", "block": "識別番号", "since": "受入日",
}  # fmt: skip
ANSWERS_JA = {"yes": "あり", "no": "なし", "cannot tell": "判断できない"}

Row = tuple[list[str], int]
Text = typer.Option


@app.command(
    help=tell(
        "Sum what lay in the accounts at the end of a day (24:00 Japan time), by the days of the entries; or as the "
        "book stood at an instant, by the times of recording. Without either: now.",
        "ある日の終わり (日本時間 24 時) の保有量を記録上の日付により、またはある時点の帳簿の保有量を記録時刻により"
        "集計します。指定がなければ現在の保有量です。",
    )
)
def holdings(
    as_of: Annotated[
        str, Text("--as-of", help=tell("Day of the entry: 2026-12-31 is its end.", "記録上の日付: その日の終わり。"))
    ] = "",
    recorded_by: Annotated[
        str,
        Text("--recorded-by", help=tell("Time of recording, or a day.", "記録時刻。日付のみならその日の終わり。")),
    ] = "",
    by: Annotated[
        str, Text("--by", help=tell(f"Any of {', '.join(DIMENSIONS)}; or block.", "集計の区分。block は番号ごと。"))
    ] = "account",
    world: Annotated[str, Text("--world", help="public | demonstration")] = "public",
    side: Annotated[str, Text("--side", help=tell("ISO 3166-1 alpha-3.", "締約国 (ISO 3166-1 alpha-3)。"))] = "",
    registry: Annotated[str, Text("--registry", help=tell("A registry.", "登録簿。"))] = "",
    account: Annotated[str, Text("--account", help=tell("An account.", "口座。"))] = "",
    project: Annotated[str, Text("--project", help=tell("A project.", "プロジェクト。"))] = "",
    vintage: Annotated[str, Text("--vintage", help=tell("A vintage.", "排出削減年。"))] = "",
    itmo: Annotated[str, Text("--itmo", help="yes | no | cannot tell")] = "",
    used: Annotated[
        bool, Text("--used", help=tell("With retired and cancelled credits.", "無効化・取消し済みも含めます。"))
    ] = False,
    as_json: Annotated[bool, Text("--json", help=tell("Print JSON.", "JSON で出力します。"))] = False,
) -> None:
    """Print what lay in the accounts as of an instant."""
    cut = read_cut(as_of, recorded_by)
    wanted = Wanted(world, side, registry, account, project, vintage, itmo, used)
    dimensions = [name for name in by.split(",") if name]
    office = ready_office()
    try:
        with office.transaction() as connection:
            blocks = blocks_as_of(connection, cut, wanted) if dimensions == ["block"] else None
            names = ["account", "registry"] if blocks is not None else dimensions
            found = holdings_as_of(connection, cut, wanted, names)
    finally:
        office.close()
    rows: list[Row] = [(list(group.key), group.quantity) for group in found.groups]
    if blocks is not None:
        rows = [([one.text, one.account_id, one.since.isoformat(), one.itmo], one.quantity) for one in blocks]
    heads = found.by if blocks is None else ("block", "account", "since", "itmo")
    if as_json:
        listed = [{**dict(zip(heads, key, strict=True)), "quantity": quantity} for key, quantity in rows]
        typer.echo(canonical_bytes({**found.as_data(), "by": heads, "groups": listed}))
        return
    Console().print(_table(found, heads, rows))


def _table(found: AsOf, heads: tuple[str, ...], rows: list[Row]) -> Table:
    shown = Table(
        title=_title(found), caption=tell(f"journal to entry {found.entry_no}", f"記録 {found.entry_no} まで")
    )
    for name in heads:
        shown.add_column(HEADS_JA[name] if language() == "ja" else name, overflow="fold")
    shown.add_column("tCO2e", justify="right")
    for key, quantity in rows:
        texts = [ANSWERS_JA.get(text, text) if language() == "ja" else text for text in key]
        shown.add_row(*texts, display_text(Fraction(quantity), 0))
    if heads:
        shown.add_section()
    shown.add_row(
        *([tell("Total", "合計")] + [""] * (len(heads) - 1) if heads else []), display_text(Fraction(found.total), 0)
    )
    return shown


def _title(found: AsOf) -> str:
    """Which clock, and when."""
    parts = []
    if found.cut.day:
        parts.append(tell(f"{found.cut.day}, 24:00 Japan time", f"{found.cut.day} 日本時間 24 時"))
    if found.cut.recorded_by:
        parts.append(tell(f"recorded by {found.cut.recorded_by}", f"{found.cut.recorded_by} までに記録"))
    return " / ".join(parts) or tell("now", "現在")
