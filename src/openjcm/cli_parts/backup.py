"""``openjcm backup`` and ``openjcm restore``: for operators of the embedded database."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import is_clean
from openjcm.commands.framework import REQUEST_NOT_UNDERSTOOD
from openjcm.commands.office import data_folder
from openjcm.commands.safekeeping import EMBEDDED_ONLY, back_up, bring_back, rehearse
from openjcm.refusals import Finding

app = typer.Typer(add_completion=False, help=tell("Back up and restore.", "バックアップと復元。"))

Passphrase = Annotated[
    Path | None,
    typer.Option(
        "--passphrase",
        help=tell(
            "A file with the passphrase of the log's private key in the backup.",
            "バックアップ内の秘密鍵のパスフレーズを記したファイル。",
        ),
    ),
]


@app.command(
    help=tell(
        "Back up database and files into a folder: a whole copy, and from then on the log of every change. The private "
        "key stays out unless --passphrase is given.",
        "データベースとファイルをフォルダーにバックアップします。完全な写しの後は、変更の記録も継続して保存します。"
        "秘密鍵は --passphrase を指定した場合だけ含めます。",
    )
)
def backup(
    target: Annotated[Path, typer.Argument(help=tell("The folder of the backups.", "バックアップのフォルダー。"))],
    changes: Annotated[
        bool,
        typer.Option(
            "--changes",
            help=tell("Only what came since the last whole one.", "前回の完全バックアップ以降の変更だけを保存します。"),
        ),
    ] = False,
    rehearsal: Annotated[
        bool,
        typer.Option(
            "--rehearse",
            help=tell(
                "Then restore it into a temporary folder and audit that; exit code 1 if anything is wrong.",
                "続けて一時フォルダーに復元して監査します。問題があれば終了コードは 1 です。",
            ),
        ),
    ] = False,
    passphrase: Passphrase = None,
) -> None:
    """Back up database and files into a folder, and rehearse the way back."""
    _embedded_only()
    mark = back_up(data_folder(), target, whole=not changes, passphrase=_passphrase(passphrase))
    print(
        tell(
            f"backup {mark.number} is complete: "
            f"up to entry {mark.entry_no}, {mark.tree_size} leaves, {mark.files} files",
            f"バックアップ {mark.number} が完了しました: 記録番号 {mark.entry_no}、葉 {mark.tree_size}、"
            f"ファイル {mark.files} 件",
        )
    )
    print(mark.checkpoint, end="")
    if rehearsal:
        found = rehearse(target)
        _say(found.findings, found.entries)
        if not found.same_head:
            print(tell("the restored log has another tree!", "復元したログの木が一致しません。"))
        if not (found.same_head and is_clean(found.findings)):
            raise typer.Exit(1)


@app.command(
    help=tell(
        "Make the data folder (OPENJCM_DATA) from a backup, then audit it. Nothing is restored over existing books.",
        "バックアップからデータフォルダー (OPENJCM_DATA) を復元し、監査します。既存の帳簿には上書きしません。",
    )
)
def restore(
    source: Annotated[Path, typer.Argument(help=tell("The folder of the backups.", "バックアップのフォルダー。"))],
    entry: Annotated[
        int | None,
        typer.Option(min=1, help=tell("As the books stood with this entry.", "この記録番号の時点に復元します。")),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help=tell("As they stood at this instant: 2026-12-31T15:00:00+09:00.", "この時刻の時点に復元します。")
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(help=tell("The folder of keys, or the log's key, kept apart.", "別に保管した鍵。")),
    ] = None,
    passphrase: Passphrase = None,
) -> None:
    """Make the data folder from a backup, then audit it."""
    _embedded_only()
    if entry is not None and until is not None:
        raise REQUEST_NOT_UNDERSTOOD(act="restore", places="--entry, --until: one of them / いずれか一方")
    office, findings, entries = bring_back(
        source, data_folder(), entry_no=entry, until=_instant(until), key=key, passphrase=_passphrase(passphrase)
    )
    if entry is not None and entries != entry:
        print(
            tell(
                f"entry {entry} was recorded in one transaction with those up to {entries}",
                f"記録番号 {entry} は {entries} までと同じトランザクションで記録されています",
            )
        )
    _say(findings, entries)
    office.close()
    if not is_clean(findings):
        raise typer.Exit(1)


def _embedded_only() -> None:
    """These commands work with the embedded database. Refuses ``embedded_database_only``."""
    if os.environ.get("OPENJCM_DATABASE_URL"):
        raise EMBEDDED_ONLY()


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise REQUEST_NOT_UNDERSTOOD(act="restore", places=f"--until: {text[:80]}") from error
    if found.tzinfo is None:
        raise REQUEST_NOT_UNDERSTOOD(act="restore", places="--until: +09:00, Z … ?")
    return found


def _passphrase(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes().strip() or None
    except OSError as error:
        raise REQUEST_NOT_UNDERSTOOD(act="backup", places=f"--passphrase: {error.strerror}") from error


def _say(findings: list[Finding], entries: int) -> None:
    for item in findings:
        print(f"{item.severity}  {item.rule}: {item.message(language())}")
    print(
        tell(
            f"the restored books are in order: {entries} entries replayed",
            f"復元した帳簿は正常です (記録 {entries} 件)",
        )
        if is_clean(findings)
        else tell("the restored books are NOT in order", "復元した帳簿に誤りがあります")
    )
