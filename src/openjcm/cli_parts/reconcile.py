"""``openjcm reconcile``: compare the books with a partner's, and name every difference."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from openjcm.cli_parts.speaking import tell
from openjcm.commands import ready_office

app = typer.Typer(add_completion=False, help=tell("Reconcile with a partner.", "相手方登録簿と照合します。"))


@app.command(
    help=tell(
        "Compare the books with a partner's, and name every difference; exit code 1 if there is one.",
        "相手方の帳簿と照合し、相違をすべて示します。相違があれば終了コードは 1 です。",
    )
)
def reconcile(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help=tell("The partner's name.", "相手方の名称。"))],
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help=tell("As of the end of this day.", "この日の終了時点で照合。")),
    ] = None,
    statement: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help=tell("The partner's statement as a file.", "相手方の明細ファイル。")
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help=tell("Only write our statement for the partner.", "相手方に渡す明細を書き出すだけで終わります。"),
        ),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json-output", help=tell("Print the report as JSON.", "報告を JSON で出力します。"))
    ] = False,
) -> None:
    """Compare the books with a partner's, and name every difference; exit code 1 if there is one."""
    from openjcm.commands.courier import known_partner
    from openjcm.commands.statements_of_books import compare_statement, reconcile_with, report_of, statement_for

    day = on.date() if on else None
    office = ready_office()
    if write is not None:
        write.write_bytes(statement_for(office, known_partner(office, partner), day))
        office.close()
        return
    if statement is not None:
        receipt = compare_statement(office, partner, statement.read_bytes(), day, "operator (statement as a file)")
    else:
        receipt = reconcile_with(office, partner, day, "operator")
    report = json.loads(report_of(office, receipt.outcome["report_sha256"]))
    office.close()
    if json_output:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for line in lines_of(report, receipt.outcome):
            typer.echo(line)
    if not report["agrees"]:
        raise typer.Exit(1)


def lines_of(report: dict[str, Any], outcome: dict[str, Any]) -> list[str]:
    """The report for people."""
    lines = [_line(one) for one in report["named"]]
    if report["agrees"]:
        said = tell("The books agree", "帳簿は一致しています")
    else:
        said = tell(
            f"{report['differences']} differences, {report['tonnes']} t",
            f"相違 {report['differences']} 件、{report['tonnes']} トン",
        )
    under_way = tell(f"{report['under_way']} under way", f"通知の到着待ち {report['under_way']} 件")
    lines.append(f"{report['partner']}: {said} ({under_way})")
    if outcome["held"]:
        held = tell("Held back from international acts: ", "国際的な手続を留保: ")
        lines.append(held + ", ".join(outcome["held"][:20]))
    if outcome["released"] and not outcome["held"]:
        lines.append(tell("Holds of earlier differences are released.", "以前の相違による留保を解除しました。"))
    return lines


BOOKS = {
    "ours": ("our book", "当方の帳簿"),
    "theirs": ("their book", "相手方の帳簿"),
    "both": ("decision", "決定"),
    "notices": ("notices", "通知"),
}


def _line(one: dict[str, Any]) -> str:
    book = tell(*BOOKS[one["book"]])
    what = f"{one['block']} ({one['quantity']} t)" if "block" in one else one["decision"]
    here, there = (_said(one[side]) for side in ("here", "there"))
    behind = {"here": tell("we are behind", "当方が未着"), "there": tell("they are behind", "相手方が未着")}
    end = f" [{behind[one['behind']]}]" if one["behind"] else ""
    sides = tell(f"here {here}; there {there}", f"当方 {here}、相手方 {there}")
    return f"{book}: {what}: {', '.join(one['fields'])}: {sides}{end}"


def _said(said: dict[str, str] | str | None) -> str:
    if isinstance(said, dict):
        return " ".join(part for part in (said["registry"], said["state"], said["day"], said["purpose"]) if part)
    return (said or "–").replace("\t", " ")
