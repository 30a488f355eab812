"""``openjcm certificate`` and ``openjcm check``: make a certificate, check one offline."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import ready_office
from openjcm.log.check_proof import WORDS_JA, Unreadable, exit_code
from openjcm.reports import certificate as certificates
from openjcm.views.certificate import Signed, entry_statement, holding_statement
from openjcm.views.holdings_as_of import read_cut

app = typer.Typer(
    help=tell("Certificates and statements of account.", "証明書と口座記録事項証明書。"),
    no_args_is_help=True,
    add_completion=False,
)
Output = Annotated[
    Path,
    typer.Option("--output", "-o", help=tell("File to write: .pdf, or .json.", "出力するファイル (.pdf、.json)。")),
]


@app.command("entry", help=tell("Issuance, retirement or cancellation.", "発行・無効化・取消しの証明書。"))
def entry(
    entry_no: Annotated[int, typer.Argument(help=tell("Number of the journal entry.", "記録番号。"))], output: Output
) -> None:
    """Write the certificate of an issuance, retirement or cancellation."""
    office = ready_office()
    try:
        with office.transaction() as connection:
            signed = entry_statement(
                connection, entry_no, signer=office.signer, address=office.address, renderer=certificates.renderer()
            )
    finally:
        office.close()
    _write(signed, output)


@app.command("holding", help=tell("What an account held as of an instant.", "ある時点の口座記録事項証明書。"))
def holding(
    account: Annotated[str, typer.Argument(help=tell("Account number.", "口座番号。"))],
    output: Output,
    as_of: Annotated[
        str, typer.Option("--as-of", help=tell("Day of the entry: its end.", "記録上の日付: その日の終わり。"))
    ] = "",
    recorded_by: Annotated[str, typer.Option("--recorded-by", help=tell("Time of recording.", "記録時刻。"))] = "",
    project: Annotated[str, typer.Option("--project", help=tell("One project only.", "プロジェクトを限定。"))] = "",
    vintage: Annotated[str, typer.Option("--vintage", help=tell("One vintage only.", "排出削減年を限定。"))] = "",
) -> None:
    """Write the statement of an account."""
    cut = read_cut(as_of, recorded_by)
    office = ready_office()
    try:
        with office.transaction() as connection:
            signed = holding_statement(
                connection, account, cut, signer=office.signer, address=office.address,
                renderer=certificates.renderer(), project=project, vintage=vintage,
            )  # fmt: skip
    finally:
        office.close()
    _write(signed, output)


def _write(signed: Signed, output: Path) -> None:
    data = signed.file if output.suffix == ".json" else certificates.certificate(signed.file)
    output.write_bytes(data)
    print(tell(f"{output}: {len(data)} bytes ({signed.kind})", f"{output}: {len(data)} バイト ({signed.kind})"))


@app.command(
    "check",
    help=tell(
        "Check a certificate or signed statement offline: 0 all yes, 1 some no, 2 not one, 3 some cannot be told.",
        "証明書をオフラインで確認します。終了コード: 0 すべてはい、1 いいえあり、2 対象外、3 判断できない項目あり。",
    ),
)
def check(
    file: Annotated[Path, typer.Argument(help=tell("PDF or JSON.", "PDF または JSON。"))],
    key: Annotated[
        str | None, typer.Option("--key", help=tell("The log's key that you trust.", "信頼するログの鍵。"))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))] = False,
    render: Annotated[
        Path | None, typer.Option("--render", help=tell("Make the PDF again, here.", "PDF を再作成する先。"))
    ] = None,
) -> None:
    """Check a certificate offline: signature, log, and that what is printed is what is signed."""
    try:
        data = file.read_bytes()
        steps = certificates.check(data, key)
        if render is not None:
            signed = certificates.taken_out(data) if data.startswith(b"%PDF-") else data
            render.write_bytes(certificates.certificate(signed))
    except (OSError, Unreadable, KeyError, TypeError, ValueError) as error:
        print(tell("Not a certificate: ", "証明書として読み取れません: ") + str(error), file=sys.stderr)
        raise typer.Exit(2) from error
    if as_json:
        print(json.dumps({"file": file.name, "steps": steps}, ensure_ascii=False, indent=1))
    else:
        for step in steps:
            answer = WORDS_JA[step["answer"]] if language() == "ja" else step["answer"]
            print(f"[{answer}] {tell(step['en'], step['ja'])}\n    {step['detail']}")
    raise typer.Exit(exit_code(steps))
