"""``openjcm history``: what happened to a block since it was issued, as a tree."""

from __future__ import annotations

from typing import Annotated

import typer

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import Language, language, tell
from openjcm.commands import ready_office
from openjcm.commands.lookups import NEVER_ISSUED, read_blocks
from openjcm.views.block_history import block_history, lines

app = typer.Typer(
    add_completion=False, help=tell("What happened to a block since it was issued.", "識別番号の範囲の来歴。")
)

KINDS_EN = {
    "issue": "issued", "transfer": "transferred", "retire": "retired", "cancel": "cancelled",
    "reserve": "put into reserve", "release": "released", "reversal": "cancelled for a reversal",
    "international_transfer": "transferred abroad", "correction": "corrected",
}  # fmt: skip
KINDS_JA = {
    "issue": "発行", "transfer": "振替", "retire": "無効化", "cancel": "取消し", "reserve": "留保",
    "release": "リザーブの解除", "reversal": "反転による取消し", "international_transfer": "国際移転",
    "correction": "訂正",
}  # fmt: skip


@app.command(
    help=tell(
        "Print the tree of a serial or a run of serials: each move with its entry, day and account; in brackets what "
        "is still there.",
        "識別番号またはその範囲の来歴を木の形で表示します: 各移動の記録番号・日付・口座。[ ] は現在の残量です。",
    )
)
def history(
    serials: Annotated[str, typer.Argument(help=tell("JCM-JP-XD001-2022-1-40", "JCM-JP-XD001-2022-1-40"))],
    as_json: Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))] = False,
) -> None:
    """Print the tree of a block."""
    (block,) = read_blocks([serials])
    office = ready_office()
    try:
        with office.transaction() as connection:
            found = block_history(connection, block)
    finally:
        office.close()
    if found is None:
        raise NEVER_ISSUED(block=block)
    if as_json:
        typer.echo(canonical_bytes(found.as_data()))
        return
    for line in lines(found, KINDS_JA if language() is Language.JA else KINDS_EN):
        typer.echo(line)
    if not found.whole:
        typer.echo(tell("The history goes on: ask for fewer serials.", "続きがあります。範囲を狭めてください。"))
