"""Backups of the embedded database and the file store in one folder, whole ones and what came since.

========================  =============================================================================================
``openjcm-backup.json``   whose backups these are: the log's name and public key, the database's own number
``whole/0001/``           a copy of the database as it runs (``pg_basebackup``), checked against its manifest
``wal/``                  the write-ahead log, piece by piece as the server finishes them: from a whole one to any entry
``files/``                the stored files, by SHA-256
``marks/0001.json``       where the books stood when a backup was complete; written last
``keys/``                 the private keys, only where the operator gave a passphrase to encrypt them
========================  =============================================================================================

A backup without its mark is none: what an interrupted one has left is passed over, and removed by the next.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.refusals import refusal
from openjcm.store.files import FileStore
from openjcm.store.server import Server

FORMAT = 1
MARKER = "openjcm-backup.json"
ARCHIVE_SECONDS = 120
"""How long a finished piece of the write-ahead log may take to reach the backup."""
AWKWARD = "'\"%$`\\\n"
"""Characters that a path in a setting of the server cannot hold safely."""

TARGET_UNUSABLE = refusal(
    "backup_target_unusable",
    en="{target} cannot take a backup: {reason}.",
    ja="{target} にはバックアップを作成できません: {reason}。",
    remedy_en="Name a folder on another disk that the user of the database may write, and whose path holds no quotes, "
    "percent or dollar signs, or backslashes.",
    remedy_ja="データベースの実行ユーザーが書き込める、別のディスク上のフォルダーを指定してください。"
    "引用符、% 、$、\\ を含むパスは使用できません。",
    clause="OpenJCM: backups",
)
TARGET_NOT_OURS = refusal(
    "backup_target_not_ours",
    en="{target} holds other things and no backup of ours.",
    ja="{target} にはバックアップ以外のものが入っています。",
    remedy_en="Name an empty folder, or one that is not there yet, or the folder of earlier backups.",
    remedy_ja="空のフォルダー、まだないフォルダー、または以前のバックアップのフォルダーを指定してください。",
    clause="OpenJCM: backups",
)
TARGET_INSIDE = refusal(
    "backup_target_inside",
    en="{target} and the data folder {data} lie inside one another: what destroys one destroys the other.",
    ja="{target} とデータフォルダー {data} の一方が他方の中にあります。一方が失われると他方も失われます。",
    remedy_en="Name a folder on another disk.",
    remedy_ja="別のディスク上のフォルダーを指定してください。",
    clause="OpenJCM: backups",
)
OTHER_HISTORY = refusal(
    "backup_of_another_history",
    en="{target} holds the backups of another history ({what} differs).",
    ja="{target} には別の履歴のバックアップが入っています ({what} が異なります)。",
    remedy_en="Name a new folder; after a restore or a promotion the books begin a new one.",
    remedy_ja="新しいフォルダーを指定してください。復元や昇格の後は、新しいフォルダーに作成します。",
    clause="OpenJCM: backups of two histories are never mixed",
)
BACKUP_RUNNING = refusal(
    "backup_running",
    en="Another backup into {target} is running.",
    ja="{target} への別のバックアップが実行中です。",
    remedy_en="Wait until it has ended.",
    remedy_ja="終了してから実行してください。",
    clause="OpenJCM: backups",
    status=409,
)
NO_WHOLE_BACKUP = refusal(
    "no_whole_backup",
    en="{target} holds no whole backup yet, to which changes could be added.",
    ja="{target} には完全なバックアップがまだありません。",
    remedy_en="Make a whole one first: the same command without --changes.",
    remedy_ja="先に --changes を付けずに実行してください。",
    clause="OpenJCM: backups",
)
BACKUP_FAILED = refusal(
    "backup_failed",
    en="The backup into {target} was not completed: {reason}",
    ja="{target} へのバックアップは完了しませんでした: {reason}",
    remedy_en="Mend the cause and run the same command again; earlier backups in the folder are untouched.",
    remedy_ja="原因を取り除き、同じコマンドを再度実行してください。以前のバックアップは変更されていません。",
    clause="OpenJCM: a backup counts when its mark is written",
    status=503,
)


@dataclass(frozen=True)
class Identity:
    """Whose backups a folder holds."""

    origin: str
    public_key: str
    system: str
    timeline: int
    format: int = FORMAT


@dataclass(frozen=True)
class Mark:
    """Where the books stood when a backup was complete."""

    number: int
    whole: int
    """The whole backup that it belongs to."""
    at: datetime
    entry_no: int
    tree_size: int
    checkpoint: str
    """The signed note of that tree; empty where nothing was recorded yet."""
    files: int


def identity_of(server: Server, origin: str, public_key: str) -> Identity:
    """Whose books these are, as the running server and the log's key say."""
    with server.as_superuser() as connection:
        row = connection.execute(
            "select s.system_identifier::text, c.timeline_id from pg_control_system() s, pg_control_checkpoint() c"
        ).fetchone()
        assert row is not None, "these functions always answer"
    return Identity(origin, public_key, row[0], row[1])


class BackupFolder:
    """A folder of backups."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.wal, self.whole, self.marks_folder = root / "wal", root / "whole", root / "marks"
        self.files = FileStore(root / "files")
        self.keys = root / "keys"

    def identity(self) -> Identity | None:
        """Whose backups they are; ``None`` where the folder holds none."""
        try:
            return Identity(**json.loads((self.root / MARKER).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def marks(self) -> list[Mark]:
        """The complete backups, oldest first."""
        found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.marks_folder.glob("*.json"))]
        marks = [Mark(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in found]
        return [mark for mark in marks if (self.base(mark.whole) / "backup_manifest").exists()]

    def base(self, whole: int) -> Path:
        """Where the copy of the database lies."""
        return self.whole / f"{whole:04}"

    def refuse_awkward_path(self) -> None:
        """The server's settings hold the path inside a command. Refuses ``backup_target_unusable``."""
        if found := set(AWKWARD) & set(str(self.root)):
            raise TARGET_UNUSABLE(target=self.root, reason=f"its path holds {' '.join(sorted(found))}")

    def prepare(self, wanted: Identity, data_dir: Path, uid: int, gid: int) -> None:
        """Make the folder, or find that it is the right one.

        Raises:
            Refused: ``backup_target_unusable``, ``backup_target_inside``, ``backup_target_not_ours``,
                ``backup_of_another_history``.
        """
        self.refuse_awkward_path()
        here, there = self.root.resolve(), data_dir.resolve()
        if here.is_relative_to(there) or there.is_relative_to(here):
            raise TARGET_INSIDE(target=self.root, data=data_dir)
        found = self.identity()
        try:
            if found is None and self.root.exists() and any(self.root.iterdir()):
                raise TARGET_NOT_OURS(target=self.root)
            if found is not None:
                for name, value in asdict(found).items():
                    if asdict(wanted)[name] != value:
                        raise OTHER_HISTORY(target=self.root, what=name)
            for folder in (self.root, self.wal, self.whole, self.marks_folder, self.files.root):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if uid != os.geteuid():
                    os.chown(folder, uid, gid)
            if found is None:
                write_whole(self.root / MARKER, canonical_bytes(asdict(wanted)))
        except OSError as error:
            raise TARGET_UNUSABLE(target=self.root, reason=error.strerror or error) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One backup at a time. Refuses ``backup_running``."""
        with (self.root / ".lock").open("ab") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BACKUP_RUNNING(target=self.root) from error
            yield


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    making = path.with_name(f".{path.name}.new")
    with making.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def archive_command(folder: BackupFolder) -> str:
    """How the server brings a finished piece into the backup: whole or not at all, and never another over it."""
    to = f"{folder.wal}/%f"
    making = f"{folder.wal}/.%f.new"
    return (
        f'if test -f "{to}"; then cmp -s "%p" "{to}"; '
        f'else cp "%p" "{making}" && sync "{making}" && mv "{making}" "{to}"; fi'
    )


def make_backup(server: Server, files: FileStore, folder: BackupFolder, *, whole: bool) -> Mark:
    """Bring the database and the files into the folder; gives the mark, which is written last.

    Files come after the database: bytes are written before the row that names them, so what a row of the backup names
    is there. The folder must have been prepared.

    Raises:
        Refused: ``backup_running``, ``no_whole_backup``, ``backup_failed``.
    """
    with folder.locked():
        marks = folder.marks()
        if not whole and not marks:
            raise NO_WHOLE_BACKUP(target=folder.root)
        try:
            _follow_the_log(server, folder)
            number = (marks[-1].number if marks else 0) + 1
            base = number if whole else marks[-1].whole
            if whole:
                _copy_database(server, folder, number)
            entry_no, tree_size, checkpoint = where_it_stands(server)
            _archive_so_far(server, folder, base)
            copied = copy_files(files, folder.files)
        except OSError as error:
            raise BACKUP_FAILED(target=folder.root, reason=error.strerror or error) from error
        mark = Mark(number, base, datetime.now(UTC), entry_no, tree_size, checkpoint, copied)
        said = {**asdict(mark), "at": mark.at.isoformat()}
        write_whole(folder.marks_folder / f"{number:04}.json", canonical_bytes(said))
        return mark


def where_it_stands(server: Server) -> tuple[int, int, str]:
    """The last entry, the size of the log's tree, and its signed note (empty where there is none)."""
    with psycopg.connect(server.url) as connection:
        row = connection.execute(
            "select entry_no, h.tree_size, coalesce(note, '') from log_head h left join checkpoint using (tree_size)"
        ).fetchone()
        assert row is not None, "the migration makes the row"
        return row[0], row[1], row[2]


def _follow_the_log(server: Server, folder: BackupFolder) -> None:
    with server.as_superuser() as connection:
        row = connection.execute("select current_setting('archive_mode')").fetchone()
    if row != ("on",):
        reason = "the database was started by an older version: stop it with `openjcm db stop`, and start it again"
        raise BACKUP_FAILED(target=folder.root, reason=reason)
    server.configure(archive_command=archive_command(folder), archive_timeout="60")


def _copy_database(server: Server, folder: BackupFolder, number: int) -> None:
    for left in folder.whole.glob(".incoming-*"):  # a killed program's helper may still write in it
        shutil.rmtree(left, ignore_errors=True)
    making = folder.whole / f".incoming-{os.getpid()}-{time.time_ns()}"
    target = folder.base(number)
    if target.exists():  # complete, but its mark was not written
        shutil.rmtree(target)
    words = ["-h", str(server.sockets), "-U", "postgres", "-D", str(making), "-X", "stream", "--checkpoint=fast",
             "--manifest-checksums=SHA256", "--no-password"]  # fmt: skip
    for program, arguments in (("pg_basebackup", words), ("pg_verifybackup", [str(making)])):
        code, said = server.program(program, *arguments)
        if code != 0:
            raise BACKUP_FAILED(target=folder.root, reason=said[-600:])
    making.rename(target)
    _flush_folder(folder.whole)


def _archive_so_far(server: Server, folder: BackupFolder, whole: int) -> None:
    """Until every piece of the write-ahead log from the whole backup up to now lies in the folder."""
    with server.as_superuser() as connection:
        # The mark in the log makes sure that there is something to switch away from.
        point = connection.execute("select pg_walfile_name(pg_create_restore_point('openjcm backup'))").fetchone()
        connection.execute("select pg_switch_wal()")
        assert point is not None
        end = time.monotonic() + ARCHIVE_SECONDS
        while not (folder.wal / point[0]).exists():
            if time.monotonic() > end:
                failed = connection.execute("select failed_count, last_failed_wal from pg_stat_archiver").fetchone()
                reason = f"the piece {point[0]} of the write-ahead log did not come; failures: {failed}"
                raise BACKUP_FAILED(target=folder.root, reason=reason)
            time.sleep(0.05)
    missing = [name for name in _pieces(folder.base(whole), point[0]) if not (folder.wal / name).exists()]
    if missing:
        reason = f"pieces of the write-ahead log are missing ({missing[0]} …): make a whole backup"
        raise BACKUP_FAILED(target=folder.root, reason=reason)


def _pieces(base: Path, last: str) -> Iterator[str]:
    """The names of the pieces from the end of a whole backup to the last one: timeline, then 8 and 8 digits."""
    manifest = json.loads((base / "backup_manifest").read_text(encoding="utf-8"))
    high, _, low = manifest["WAL-Ranges"][-1]["End-LSN"].partition("/")
    first = (int(high, 16) << 8) + (int(low, 16) >> 24)
    for number in range(first, (int(last[8:16], 16) << 8) + int(last[16:], 16) + 1):
        yield f"{last[:8]}{number >> 8:08X}{number & 255:08X}"


def copy_files(source: FileStore, target: FileStore) -> int:
    """Bring over the files that are missing, each checked by its hash; gives how many the target has now."""
    there = set(target.names())
    for sha256 in source.names():
        if sha256 not in there and sha256_hex(data := source.path(sha256).read_bytes()) == sha256:
            target.put(data)
            there.add(sha256)
    return len(there)
