"""``openjcm live``: how gateways stand, what is kept apart and why, and the signed batches behind a batch set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell
from openjcm.dated import Answer

app = typer.Typer(
    help=tell("Gateways and their batches.", "ゲートウェイとバッチ。"), no_args_is_help=True, add_completion=False
)
AsJson = Annotated[bool, typer.Option("--json-output", help=tell("Print as JSON.", "JSON で出力します。"))]


@app.command()
def status(
    project: Annotated[str | None, typer.Option(help=tell("Only of this project.", "このプロジェクトのみ。"))] = None,
    json_output: AsJson = False,
) -> None:
    """The keys of the gateways: chain, waiting, kept apart, newest reading."""
    from openjcm.commands import ready_office
    from openjcm.mrv.intake_time import instant_text
    from openjcm.views import live

    office = ready_office()
    with office.transaction() as connection:
        found = live.keys(connection, project)
    office.close()
    if json_output:
        typer.echo(canonical_bytes([dict(one.__dict__) for one in found]))
        return
    table = Table(
        tell("Project", "プロジェクト"), tell("Gateway", "ゲートウェイ"), tell("Key", "鍵"),
        tell("In the chain", "連鎖の件数"), tell("Waiting", "保留"), tell("Kept apart", "隔離"),
        tell("Newest reading", "最新の計測時刻"),
    )  # fmt: skip
    for one in found:
        revoked = tell(" (revoked)", " (失効)") if one.revoked else ""
        newest = instant_text(one.last_us) if one.last_us is not None else "–"
        table.add_row(
            one.project, one.gateway, f"{one.key_id[:12]}…{revoked}", str(one.next_sequence - 1), str(one.waiting),
            str(one.quarantined), newest,
        )  # fmt: skip
    Console().print(table)


@app.command()
def quarantine(
    most: Annotated[int, typer.Option(min=1, max=10_000, help=tell("How many at most.", "最大件数。"))] = 50,
    json_output: AsJson = False,
) -> None:
    """The newest batches that wait or are kept apart, each with its finding."""
    from openjcm.commands import ready_office
    from openjcm.mrv.batch_rules import finding_data
    from openjcm.mrv.intake_time import instant_text
    from openjcm.views import live

    office = ready_office()
    with office.transaction() as connection:
        found = live.kept_apart(connection, most)
    office.close()
    if json_output:
        rows = [{**one.__dict__, "finding": dict(finding_data(one.finding))} for one in found]
        typer.echo(canonical_bytes(rows))
        return
    for one in found:
        where = f"{one.gateway} {one.sequence}" if one.gateway else tell("stranger", "未登録の送信元")
        message = one.finding.message(language().value)
        typer.echo(f"{instant_text(one.received_us)}  {where}  {one.finding.rule}  {message}")


SetFile = Annotated[
    Path, typer.Argument(metavar="SET.parquet", exists=True, dir_okay=False, help=tell("A batch set.", "バッチ集約。"))
]


@app.command()
def export(
    batch_set: SetFile,
    out: Annotated[Path, typer.Option("--out", "-o", help=tell("Where to write.", "出力先。"))],
) -> None:
    """Write the signed batches behind a batch set, one a line, for whoever wants to check it."""
    from openjcm.commands import ready_office
    from openjcm.mrv.batch_set import about_of
    from openjcm.views import live

    keys = json.dumps(about_of(batch_set.read_bytes(), batch_set.name)["keys"])
    office = ready_office()
    count = 0
    with office.transaction() as connection, out.open("w", encoding="ascii") as file:
        for line in live.lines_of_set(connection, keys):
            file.write(line + "\n")
            count += 1
    office.close()
    typer.echo(tell(f"{count} batches written to {out}", f"バッチ {count} 件を {out} に書き出しました"))


@app.command()
def check(
    batch_set: SetFile,
    batches: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help=tell("The signed batches.", "署名付きバッチ。"))
    ],
) -> None:
    """Check offline that signed batches give exactly the readings of a batch set; exit code 1 if not."""
    from openjcm.mrv.batch import read_batch
    from openjcm.mrv.batch_set import check_batch_set

    lines = [read_batch(line) for line in batches.read_text(encoding="utf-8").split("\n") if line]
    checks = check_batch_set(batch_set.read_bytes(), batch_set.name, lines)
    words: dict[Any, str] = {Answer.YES: tell("yes", "はい"), Answer.NO: tell("no", "いいえ")}
    for one in checks:
        typer.echo(f"{words.get(one.answer, '?'):4} {one.name}: {tell(one.en, one.ja)}")
    if any(one.answer is not Answer.YES for one in checks):
        raise typer.Exit(1)
