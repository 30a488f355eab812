"""Make a data folder from a backup: the newest state, or the state at an instant or at an entry.

The database recovers in a folder of its own and is put in its place when it has arrived, so an interrupted restore
leaves nothing that could be taken for books; running it again begins anew.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from openjcm.refusals import Refused, refusal
from openjcm.store import server_settings
from openjcm.store.backup import BackupFolder, Mark, write_whole
from openjcm.store.files import FileStore
from openjcm.store.server import Server

RECOVERY_SECONDS = 3600
WORKPLACE = "restoring"

NOT_A_BACKUP = refusal(
    "not_a_backup",
    en="{source} holds no complete backup.",
    ja="{source} には完全なバックアップがありません。",
    remedy_en="Name the folder that `openjcm backup` wrote to. An interrupted backup is none; earlier ones stay good.",
    remedy_ja="`openjcm backup` で作成したフォルダーを指定してください。中断されたバックアップは使用できません。",
    clause="OpenJCM: a backup counts when its mark is written",
)
FOLDER_IN_USE = refusal(
    "data_folder_in_use",
    en="The data folder {folder} holds books already ({found}).",
    ja="データフォルダー {folder} には既に帳簿があります ({found})。",
    remedy_en="Name an empty or new folder in OPENJCM_DATA; nothing is restored over books.",
    remedy_ja="OPENJCM_DATA に空または新しいフォルダーを指定してください。既存の帳簿に上書きはしません。",
    clause="OpenJCM: a restore never overwrites",
    status=409,
)
BEFORE_ALL_BACKUPS = refusal(
    "before_all_backups",
    en="The backups in {source} begin with entry {entry_no}, complete at {at}.",
    ja="{source} のバックアップは記録番号 {entry_no} ({at}) から始まります。",
    remedy_en="Name a later entry or instant, or an older folder of backups.",
    remedy_ja="それ以降の記録番号または時刻、あるいは古いバックアップのフォルダーを指定してください。",
    clause="OpenJCM: restore to an instant",
)
NOT_IN_BACKUP = refusal(
    "not_in_backup",
    en="The backups in {source} do not reach {wanted}; they end with entry {entry_no}.",
    ja="{source} のバックアップは {wanted} まで達していません (最後の記録番号は {entry_no})。",
    remedy_en="Leave --entry and --until out to restore all that is there.",
    remedy_ja="--entry や --until を付けずに実行すると、あるものすべてを復元します。",
    clause="OpenJCM: restore to an instant",
)
RESTORE_FAILED = refusal(
    "restore_failed",
    en="The database did not recover from {source}: {reason}",
    ja="{source} からデータベースを復元できませんでした: {reason}",
    remedy_en="Try an older whole backup, or another copy of the folder; nothing was put in place.",
    remedy_ja="より古い完全バックアップか、フォルダーの別の写しを試してください。何も配置していません。",
    clause="OpenJCM: backups",
    status=503,
)


@dataclass(frozen=True)
class Wanted:
    """The state to restore: the last entry or the instant, or with neither everything."""

    entry_no: int | None = None
    until: datetime | None = None


def restore(folder: BackupFolder, data_dir: Path, wanted: Wanted, secrets: Mapping[str, str]) -> Mark:
    """Put the books of a backup into a data folder, as they stood at the state wanted; gives the mark it began from.

    ``secrets`` are the private keys by the names of their files. A file that the backup lacks is left out here and
    named by the audit. The database is put in place last.

    Raises:
        Refused: ``not_a_backup``, ``data_folder_in_use``, ``before_all_backups``, ``not_in_backup``,
            ``restore_failed``, ``backup_target_unusable``.
    """
    folder.refuse_awkward_path()
    _clear(data_dir)
    refuse_books(data_dir)
    begin = choose(folder, wanted)
    target: Mapping[str, str] = {}
    if wanted.until is not None:
        target = {"recovery_target_time": wanted.until.isoformat(), "recovery_target_inclusive": "on"}
    if wanted.entry_no is not None:
        # Which transaction wrote the entry is seen in the whole history; then it is recovered again, up to that one.
        transaction = _transaction_of(folder, data_dir, begin, wanted.entry_no)
        target = {"recovery_target_xid": transaction, "recovery_target_inclusive": "on"}
    try:
        scratch = _recover(folder, data_dir, begin, target, wanted)
    except Refused as refused:
        if refused.code != NOT_IN_BACKUP.code or wanted.entry_no != begin.entry_no:
            raise
        # The entry was the last one when the copy was made: its transaction does not come in the log after it.
        target = {"recovery_target": "immediate"}
        scratch = _recover(folder, data_dir, begin, target, wanted)
    if not target:
        _reaches_the_last_mark(folder, scratch)
    _restore_files(folder, scratch)
    keys = scratch.data_dir / "keys"
    keys.mkdir(mode=0o700)
    for name, secret in secrets.items():
        write_whole(keys / name, f"{secret}\n".encode())
        (keys / name).chmod(0o600)
    scratch.stop()
    scratch.leave()
    server_settings.write(scratch.folder, {})
    for name in ("files", "keys"):
        (scratch.data_dir / name).rename(data_dir / name)
    scratch.folder.rename(Server(data_dir).folder)
    shutil.rmtree(scratch.data_dir)
    return begin


def _reaches_the_last_mark(folder: BackupFolder, scratch: Server) -> None:
    """Where a piece of the log is missing, a recovery ends before it without a word. Refuses ``restore_failed``."""
    last = folder.marks()[-1].entry_no
    with psycopg.connect(scratch.url) as connection:
        row = connection.execute("select entry_no from log_head").fetchone()
    reached = row[0] if row else 0
    if reached < last:
        scratch.stop()
        scratch.leave()
        reason = f"a piece of the write-ahead log is missing: it ends with entry {reached} instead of {last}"
        raise RESTORE_FAILED(source=folder.root, reason=reason)


def _clear(data_dir: Path) -> None:
    """Take away what an interrupted restore has left. It began in a folder without files and keys, so these are its."""
    if not (data_dir / WORKPLACE).exists():
        return
    scratch = Server(data_dir / WORKPLACE)
    scratch.kill()
    left = [scratch.folder, scratch.data_dir]
    if not Server(data_dir).folder.exists():
        left += [data_dir / "files", data_dir / "keys"]
    for path in left:
        if path.exists():
            shutil.rmtree(path)


def refuse_books(data_dir: Path) -> None:
    """Nothing is restored over books. Refuses ``data_folder_in_use``."""
    found = [name for name in ("postgres", "files", "keys") if (data_dir / name).exists()]
    if data_dir.exists() and Server(data_dir).folder.exists():
        found.append(str(Server(data_dir).folder))
    if found:
        raise FOLDER_IN_USE(folder=data_dir, found=found)


def choose(folder: BackupFolder, wanted: Wanted) -> Mark:
    """The newest whole backup that was complete before the state wanted.

    Raises:
        Refused: ``not_a_backup``, ``before_all_backups``.
    """
    wholes = [mark for mark in folder.marks() if mark.number == mark.whole]
    if folder.identity() is None or not wholes:
        raise NOT_A_BACKUP(source=folder.root)
    usable = [
        mark
        for mark in wholes
        if (wanted.entry_no is None or mark.entry_no <= wanted.entry_no)
        and (wanted.until is None or mark.at <= wanted.until)
    ]
    if not usable:
        raise BEFORE_ALL_BACKUPS(source=folder.root, entry_no=wholes[0].entry_no, at=wholes[0].at.isoformat())
    return usable[-1]


def _transaction_of(folder: BackupFolder, data_dir: Path, begin: Mark, entry_no: int) -> str:
    scratch = _recover(folder, data_dir, begin, {}, Wanted())
    with psycopg.connect(scratch.url) as connection:
        row = connection.execute("select xmin::text from journal where entry_no = %s", [entry_no]).fetchone()
        last = connection.execute("select entry_no from log_head").fetchone()
    scratch.kill()
    scratch.leave()
    shutil.rmtree(scratch.folder)
    if row is None:
        raise NOT_IN_BACKUP(source=folder.root, wanted=f"entry {entry_no}", entry_no=last[0] if last else 0)
    return str(row[0])


def _recover(folder: BackupFolder, data_dir: Path, begin: Mark, target: Mapping[str, str], wanted: Wanted) -> Server:
    """A running server that has recovered to the target and is open for writing, in a workplace of its own."""
    scratch = Server(data_dir / WORKPLACE)
    if scratch.folder.exists():
        shutil.rmtree(scratch.folder)
    code, said = scratch.program("pg_verifybackup", str(folder.base(begin.whole)))
    if code != 0:
        raise RESTORE_FAILED(source=folder.root, reason=said[-600:])
    shutil.copytree(folder.base(begin.whole), scratch.folder)
    _belongs_to(scratch.folder, scratch.launch.uid, scratch.launch.gid)
    (scratch.folder / "postgresql.auto.conf").write_text("")
    (scratch.folder / "recovery.signal").touch()
    fetching = f'cp "{folder.wal.absolute()}/%f" "%p"'
    settings = {"restore_command": fetching, "recovery_target_timeline": "current", **target}
    if target:
        settings["recovery_target_action"] = "promote"
    server_settings.write(scratch.folder, settings)
    try:
        scratch.start()
        _wait_for_promotion(scratch)
    except (Refused, psycopg.OperationalError) as error:
        said = scratch.log.read_text(errors="replace")
        scratch.leave()
        if "recovery ended before configured recovery target was reached" in said:
            last = folder.marks()[-1].entry_no
            raise NOT_IN_BACKUP(source=folder.root, wanted=wanted.until or wanted.entry_no, entry_no=last) from error
        raise RESTORE_FAILED(source=folder.root, reason=said.strip()[-600:]) from error
    return scratch


def _belongs_to(folder: Path, uid: int, gid: int) -> None:
    folder.chmod(0o700)
    if uid != os.geteuid():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, gid, follow_symlinks=False)


def _wait_for_promotion(server: Server) -> None:
    end = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < end:
        with server.as_superuser() as connection:
            if connection.execute("select pg_is_in_recovery()").fetchone() == (False,):
                return
        time.sleep(0.1)
    raise psycopg.OperationalError("the recovery did not end")


def _restore_files(folder: BackupFolder, scratch: Server) -> None:
    """Bring back the files that the restored database names, each checked by its hash."""
    target = FileStore(scratch.data_dir / "files")
    target.root.mkdir(mode=0o700)
    with psycopg.connect(scratch.url) as connection:
        names = {row[0] for row in connection.execute("select sha256 from stored_file")}
    for sha256 in sorted(names & set(folder.files.names())):
        target.put(folder.files.get(sha256))
