"""A stand-by: a second data folder that has every act before it is acknowledged, ready to take over.

The database follows the first one by streaming replication, synchronously: a commit is answered when its log lies on
both disks. A file is written into both folders before the row that names it. While the stand-by is away, acts wait;
``remove`` lets the first one go on alone.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openjcm.canonical import canonical_bytes
from openjcm.refusals import refusal
from openjcm.store import server_settings
from openjcm.store.backup import AWKWARD, copy_files, write_whole
from openjcm.store.files import STANDBY_FILE, FileStore
from openjcm.store.server import SUPERSEDED_FILE, Server

NAME = "openjcm_standby"
FOLLOWS_FILE = "follows.json"
IN_STEP_SECONDS = 120

STANDBY_FOLDER_UNUSABLE = refusal(
    "standby_folder_unusable",
    en="{folder} cannot hold a stand-by: {reason}.",
    ja="{folder} には待機系を作成できません: {reason}。",
    remedy_en="Name a new or empty folder on another disk that the user of the database may write.",
    remedy_ja="データベースの実行ユーザーが書き込める、別のディスク上の新しいフォルダーを指定してください。",
    clause="OpenJCM: stand-by",
)
HAS_STANDBY = refusal(
    "has_standby",
    en="The data folder has a stand-by already, in {folder}.",
    ja="このデータフォルダーには既に待機系があります ({folder})。",
    remedy_en="Take it away first: `openjcm standby remove`.",
    remedy_ja="先に `openjcm standby remove` で解除してください。",
    clause="OpenJCM: stand-by",
    status=409,
)
NO_STANDBY = refusal(
    "no_standby",
    en="{folder} has no stand-by, and is none.",
    ja="{folder} には待機系がなく、待機系でもありません。",
    remedy_en="Make one with `openjcm standby create FOLDER`, or name the folder of a stand-by.",
    remedy_ja="`openjcm standby create FOLDER` で作成するか、待機系のフォルダーを指定してください。",
    clause="OpenJCM: stand-by",
    status=404,
)
STANDBY_FAILED = refusal(
    "standby_failed",
    en="The stand-by in {folder} did not come into step: {reason}",
    ja="{folder} の待機系が同期状態になりませんでした: {reason}",
    remedy_en="Mend the cause, then `openjcm standby remove` and create it anew; the books are untouched.",
    remedy_ja="原因を取り除き、`openjcm standby remove` の後に再度作成してください。帳簿は変更されていません。",
    clause="OpenJCM: stand-by",
    status=503,
)
FIRST_STILL_RUNS = refusal(
    "first_still_runs",
    en="The database of {folder} still runs: two that write would be two histories.",
    ja="{folder} のデータベースがまだ動いています。両方に書き込むと履歴が二つになります。",
    remedy_en="Stop it (`openjcm db stop` with its OPENJCM_DATA), then promote.",
    remedy_ja="そのデータフォルダーで `openjcm db stop` を実行して停止してから、昇格してください。",
    clause="OpenJCM: stand-by: one of the two writes",
    status=409,
)


@dataclass(frozen=True)
class State:
    """How a stand-by follows."""

    folder: Path
    in_step: bool
    """Whether every commit waits for it, and it streams."""
    behind_bytes: int | None
    """How much of the log it has not written yet; ``None`` while it is away."""


def standby_of(data_dir: Path) -> Path | None:
    """The folder of the stand-by, or ``None``."""
    return _folder_in(data_dir / STANDBY_FILE)


def _folder_in(path: Path) -> Path | None:
    try:
        return Path(json.loads(path.read_text(encoding="utf-8"))["folder"])
    except FileNotFoundError:
        return None


def create(first: Server, folder: Path) -> State:
    """Make a stand-by of a running server in a folder, start it, and let every commit wait for it.

    Raises:
        Refused: ``has_standby``, ``standby_folder_unusable``, ``standby_failed``.
    """
    folder = folder.absolute()
    if (present := standby_of(first.data_dir)) is not None:
        raise HAS_STANDBY(folder=present)
    _usable(folder, first.data_dir)
    second = Server(folder)
    # From here on every file is written into both folders; what came before is copied below.
    write_whole(first.data_dir / STANDBY_FILE, canonical_bytes({"folder": str(folder)}))
    write_whole(folder / FOLLOWS_FILE, canonical_bytes({"folder": str(first.data_dir)}))
    try:
        _copy_database(first, second)
        files = FileStore(folder / "files")
        files.root.mkdir(mode=0o700, exist_ok=True)
        copy_files(FileStore(first.data_dir / "files"), files)
        shutil.copytree(first.data_dir / "keys", folder / "keys", dirs_exist_ok=True)
        follow(first)
        first.configure(synchronous_standby_names=NAME)
        if not _until(IN_STEP_SECONDS, lambda: state(first).in_step):
            raise STANDBY_FAILED(folder=folder, reason=second.log.read_text(errors="replace")[-600:])
    except BaseException:
        remove(first)
        raise
    return state(first)


def _usable(folder: Path, data_dir: Path) -> None:
    here, there = folder.resolve(), data_dir.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise STANDBY_FOLDER_UNUSABLE(folder=folder, reason="it and the data folder lie inside one another")
    if set(AWKWARD) & set(str(folder)):
        raise STANDBY_FOLDER_UNUSABLE(folder=folder, reason="its path holds a quote or another awkward character")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise STANDBY_FOLDER_UNUSABLE(folder=folder, reason="it is not empty")
    except OSError as error:
        raise STANDBY_FOLDER_UNUSABLE(folder=folder, reason=error.strerror or error) from error


def _copy_database(first: Server, second: Server) -> None:
    with first.as_superuser() as connection:
        if not connection.execute("select 1 from pg_replication_slots where slot_name = %s", [NAME]).fetchone():
            connection.execute("select pg_create_physical_replication_slot(%s)", [NAME])
    code, said = first.program(
        "pg_basebackup", "-h", str(first.sockets), "-U", "postgres", "-D", str(second.folder), "-X", "stream",
        "-S", NAME, "--checkpoint=fast", "--no-password",
    )  # fmt: skip
    if code != 0:
        raise STANDBY_FAILED(folder=second.data_dir, reason=said[-600:])
    (second.folder / "postgresql.auto.conf").write_text("")
    (second.folder / "standby.signal").touch()
    owner = second.folder.stat()
    if owner.st_uid != os.geteuid():
        for name in ("postgresql.auto.conf", "standby.signal"):
            os.chown(second.folder / name, owner.st_uid, owner.st_gid)


def follow(first: Server) -> Server:
    """Start the stand-by of a running server, told where that one is reached now."""
    second = standby_server(first)
    reached = f"host={first.sockets} user=postgres application_name={NAME}"
    server_settings.write(second.folder, {"primary_conninfo": reached, "primary_slot_name": NAME})
    second.start()
    second.keep()  # it runs as long as the first one does: only a stop ends it
    second.configure()
    return second


def standby_server(first: Server) -> Server:
    """The stand-by of a server that has one."""
    folder = standby_of(first.data_dir)
    assert folder is not None, "asked only where there is one"
    return Server(folder)


def state(first: Server) -> State:
    """How the stand-by follows. Refuses ``no_standby``."""
    folder = standby_of(first.data_dir)
    if folder is None:
        raise NO_STANDBY(folder=first.data_dir)
    with first.as_superuser() as connection:
        row = connection.execute(
            "select state = 'streaming' and sync_state = 'sync',"
            " pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn)::bigint"
            " from pg_stat_replication where application_name = %s",
            [NAME],
        ).fetchone()
    return State(folder, row is not None and row[0], row[1] if row else None)


def remove(first: Server) -> Path:
    """Let the first one go on alone: what waits is answered; gives the folder, which is left as it is.

    Raises:
        Refused: ``no_standby``.
    """
    folder = standby_of(first.data_dir)
    if folder is None:
        raise NO_STANDBY(folder=first.data_dir)
    first.configure(synchronous_standby_names=None)
    if Server(folder).folder.exists():
        Server(folder).stop()
    with first.as_superuser() as connection:
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s and not active",
            [NAME],
        )
    (first.data_dir / STANDBY_FILE).unlink()
    return folder


def promote(folder: Path) -> Server:
    """Let a stand-by take over: it opens for writing, and the first one will not start again.

    Raises:
        Refused: ``no_standby``, ``first_still_runs``, ``standby_failed``.
    """
    folder = folder.absolute()
    first_folder = _folder_in(folder / FOLLOWS_FILE)
    if first_folder is None:
        raise NO_STANDBY(folder=folder)
    if first_folder.exists():
        if Server(first_folder).pid is not None:
            raise FIRST_STILL_RUNS(folder=first_folder)
        write_whole(first_folder / SUPERSEDED_FILE, canonical_bytes({"folder": str(folder)}))
    second = Server(folder)
    second.start()
    with second.as_superuser() as connection:
        done = connection.execute("select not pg_is_in_recovery() or pg_promote(true, 120)").fetchone()
    if done != (True,):
        raise STANDBY_FAILED(folder=folder, reason=second.log.read_text(errors="replace")[-600:])
    server_settings.write(second.folder, {})
    second.configure()
    (folder / FOLLOWS_FILE).unlink()
    return second


def _until(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
