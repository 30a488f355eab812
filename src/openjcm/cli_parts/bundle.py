"""``openjcm bundle``: everything a monitoring report was made from in one file, and its recalculation offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell

app = typer.Typer(help=tell("Recalculation bundles.", "再計算パッケージ。"), no_args_is_help=True, add_completion=False)

ANSWERS_JA = {"yes": "はい", "no": "いいえ", "cannot tell": "判断不能"}
EXIT = {"yes": 0, "no": 1, "cannot tell": 3}
AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]


@app.command()
def export(
    report: Annotated[str, typer.Argument(help=tell("SHA-256 of the report.", "報告書の SHA-256。"))],
    output: Annotated[Path, typer.Option("--output", "-o", help=tell("File to write.", "出力するファイル。"))],
) -> None:
    """Write the bundle of a report: readings, plan, methodology text, result, and the proof from the log."""
    from openjcm.commands import ready_office
    from openjcm.views.bundle import report_bundle

    office = ready_office()
    try:
        public_key = office.signer.private_key.public_key()
        with office.transaction() as connection:
            data = report_bundle(connection, office.files.get, report, office.signer.origin, public_key)
    finally:
        office.close()
    output.write_bytes(data)
    print(tell(f"{output}: {len(data)} bytes", f"{output}: {len(data)} バイト"))


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=tell("A bundle.", "再計算パッケージ。"))],
    as_json: AsJson = False,
) -> None:
    """Recompute a bundle offline, without database: exit code 0 byte-equal, 1 not, 3 cannot tell."""
    from openjcm.views.bundle import recompute_bundle

    result = recompute_bundle(bundle.read_bytes())
    if as_json:
        typer.echo(canonical_bytes(result.as_data()))
        raise typer.Exit(EXIT[result.answer])
    japanese = language() == "ja"
    table = Table(tell("Check", "検査"), tell("Answer", "結果"), tell("What was seen", "内容"))
    for column in table.columns:
        column.overflow = "fold"
    for check in result.checks:
        table.add_row(
            check.name, ANSWERS_JA[check.answer] if japanese else str(check.answer), check.ja if japanese else check.en
        )
    console = Console()
    console.print(table)
    console.print(_summary(result.answer.value), result.report_sha256)
    raise typer.Exit(EXIT[result.answer])


def _summary(answer: str) -> str:
    texts = {
        "yes": ("Recomputed byte-equal:", "再計算の結果はバイト単位で一致しました:"),
        "no": ("NOT the same:", "一致しません:"),
        "cannot tell": ("Cannot tell:", "判断できません:"),
    }
    return tell(*texts[answer])
