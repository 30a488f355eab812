"""``openjcm audit``: rebuild everything from the journal, and name each difference."""

from __future__ import annotations

from typing import Annotated

import typer

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import audit_office, is_clean, ready_office

app = typer.Typer(add_completion=False, help=tell("Audit the books.", "帳簿を監査します。"))


@app.command(
    help=tell(
        "Rebuild everything from the journal, and name each difference; exit code 1 if there is one.",
        "すべてを記録から再構成し、相違を一つずつ示します。相違があれば終了コードは 1 です。",
    )
)
def audit(
    json_output: Annotated[
        bool, typer.Option("--json-output", help=tell("Print the findings as JSON.", "指摘事項を JSON で出力します。"))
    ] = False,
) -> None:
    """Rebuild everything from the journal, and name each difference; exit code 1 if there is one."""
    office = ready_office()
    findings, entries = audit_office(office)
    clean = is_clean(findings)
    if json_output:
        listed = [
            {"rule": item.rule, "severity": item.severity, "en": item.message("en"), "ja": item.message("ja")}
            for item in findings
        ]
        print(canonical_bytes({"clean": clean, "entries": entries, "findings": listed}).decode())
    else:
        for item in findings:
            print(f"{item.severity}  {item.rule}: {item.message(language())}")
        print(
            tell(f"The books are in order: {entries} entries replayed.", f"帳簿は正常です (記録 {entries} 件を再現)。")
            if clean
            else tell("The books are NOT in order.", "帳簿に誤りがあります。")
        )
    office.close()
    if not clean:
        raise typer.Exit(1)
