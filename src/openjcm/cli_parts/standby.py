"""``openjcm standby``: a second data folder that has every act before it is acknowledged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import is_clean
from openjcm.commands.office import data_folder
from openjcm.commands.safekeeping import EMBEDDED_ONLY
from openjcm.commands.standing_by import create_standby, promote_standby, remove_standby, standby_state

app = typer.Typer(
    help=tell(
        "A stand-by: every act is on its disk before it is acknowledged.",
        "待機系: すべての手続は、受領の回答前に待機系のディスクにも書き込まれます。",
    ),
    no_args_is_help=True,
    add_completion=False,
)
Folder = Annotated[Path, typer.Argument(help=tell("The folder of the stand-by.", "待機系のフォルダー。"))]


def _embedded_only() -> None:
    """These commands work with the embedded database. Refuses ``embedded_database_only``."""
    if os.environ.get("OPENJCM_DATABASE_URL"):
        raise EMBEDDED_ONLY()


@app.command(
    help=tell(
        "Make a stand-by of the data folder (OPENJCM_DATA) in a folder, best on another disk. From then on no act is "
        "acknowledged before it lies there, too; while it is away, acts wait.",
        "データフォルダー (OPENJCM_DATA) の待機系を、なるべく別のディスクに作成します。以後、手続は待機系にも"
        "書き込まれてから受領を回答します。待機系が停止している間、手続は待たされます。",
    )
)
def create(folder: Folder) -> None:
    """Make a stand-by of the data folder."""
    _embedded_only()
    state = create_standby(data_folder(), folder)
    print(tell(f"in step: {state.folder}", f"同期しています: {state.folder}"))


@app.command(help=tell("Say whether the stand-by is in step.", "待機系が同期しているかを表示します。"))
def status() -> None:
    """Say whether the stand-by is in step; exit code 1 if it is not."""
    _embedded_only()
    state = standby_state(data_folder())
    if state.in_step:
        print(
            tell(
                f"in step: {state.folder} ({state.behind_bytes} bytes behind)",
                f"同期しています: {state.folder} (遅れ {state.behind_bytes} バイト)",
            )
        )
    else:
        print(tell(f"NOT in step: {state.folder}", f"同期していません: {state.folder}"))
        raise typer.Exit(1)


@app.command(
    help=tell(
        "Go on without the stand-by; acts that wait for it are acknowledged.",
        "待機系を外して続けます。待機系を待っていた手続は完了します。",
    )
)
def remove() -> None:
    """Go on without the stand-by."""
    _embedded_only()
    folder = remove_standby(data_folder())
    print(tell(f"no longer a stand-by, may be removed: {folder}", f"待機系ではなくなりました (削除可): {folder}"))


@app.command(
    help=tell(
        "Let a stand-by take over, and audit it. The first data folder will not start again.",
        "待機系に引き継ぎ、監査します。元のデータフォルダーは、以後起動できません。",
    )
)
def promote(folder: Folder) -> None:
    """Let a stand-by take over, and audit it."""
    _embedded_only()
    findings, entries = promote_standby(folder)
    for item in findings:
        print(f"{item.severity}  {item.rule}: {item.message(language())}")
    print(
        tell(
            f"took over with {entries} entries; from now on: OPENJCM_DATA={folder.absolute()}",
            f"記録 {entries} 件で引き継ぎました。以後は OPENJCM_DATA={folder.absolute()} を指定してください。",
        )
    )
    if not is_clean(findings):
        raise typer.Exit(1)
