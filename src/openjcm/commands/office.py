"""The office: the only place where the clock, the log's key, the disk and the database meet."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg.pq import TransactionStatus

from openjcm.log.checkpoint import DEFAULT_ORIGIN
from openjcm.refusals import refusal
from openjcm.store.database import connect, migrate
from openjcm.store.files import FileStore
from openjcm.store.journal import Signer

IDLE_CONNECTIONS = 8
"""How many connections an office keeps open for the next act."""
MOST_CONNECTIONS = 48
"""How many an office uses at once: more callers than that wait for each other, not for the server to refuse them."""
WAIT_SECONDS = 60
"""How long a caller waits for a connection."""


NO_DATA_FOLDER = refusal(
    "no_data_folder",
    en="This office has no data folder, where the key for notices would be.",
    ja="通知の署名鍵を置くデータフォルダーがありません。",
    remedy_en="Open the office with its data folder (`OPENJCM_DATA`).",
    remedy_ja="データフォルダー (`OPENJCM_DATA`) を指定してください。",
    clause="OpenJCM: keys lie in the data folder",
    status=500,
)


def now_utc() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


@dataclass
class Office:
    """Where acts are done: database, file store, the log's key, the clock. Safe to share between threads."""

    database_url: str
    files: FileStore
    signer: Signer
    clock: Callable[[], datetime] = now_utc
    connect: Callable[[str], psycopg.Connection] = connect
    data_dir: Path | None = None
    public_address: str = ""
    """Where the pages are for everybody (``https://registry.example``), without a slash at its end."""
    _idle: list[psycopg.Connection] = field(default_factory=list, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _free: threading.Semaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_CONNECTIONS), init=False, repr=False
    )

    @property
    def address(self) -> str:
        """Where the public record is: as given, else the host that the log's name begins with."""
        return self.public_address or f"https://{self.signer.origin.split('/')[0]}"

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """A connection in a transaction: committed at the end, rolled back on any exception.

        Raises:
            psycopg.OperationalError: if the database cannot be reached, or too many callers are before this one.
        """
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise psycopg.OperationalError("no connection became free")
        try:
            connection = self._take()
            try:
                yield connection
                connection.commit()
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                self._give_back(connection)
        finally:
            self._free.release()

    def _take(self) -> psycopg.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self.connect(self.database_url)

    def _give_back(self, connection: psycopg.Connection) -> None:
        usable = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
        with self._lock:
            if usable and len(self._idle) < IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def drop_connections(self) -> None:
        """Close what is idle, as after a restart of the database."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @property
    def notice_key(self) -> Ed25519PrivateKey:
        """The private key with which notices to partners are signed; made at its first use.

        Raises:
            Refused: ``no_data_folder``.
        """
        if self.data_dir is None:
            raise NO_DATA_FOLDER()
        return log_key(self.data_dir / "keys" / "notice.key")

    def close(self) -> None:
        """Close the idle connections."""
        self.drop_connections()


def _roll_back(connection: psycopg.Connection) -> None:
    try:
        connection.rollback()
    except psycopg.Error:
        connection.close()


def data_folder(data_dir: Path | None = None) -> Path:
    """The folder of the installation: the argument, else ``OPENJCM_DATA``, else ``.data`` here."""
    return Path(data_dir or os.environ.get("OPENJCM_DATA") or ".data").absolute()


def open_office(data_dir: Path | None = None, database_url: str | None = None) -> Office:
    """The office of an installation.

    ``database_url`` (else ``OPENJCM_DATABASE_URL``, else the embedded server of the data folder, which is started)
    names the database; it must be migrated already. The log's key is made at the first opening.
    """
    folder = data_folder(data_dir)
    url = database_url or os.environ.get("OPENJCM_DATABASE_URL") or embedded_url(folder)
    origin = os.environ.get("OPENJCM_LOG_ORIGIN", DEFAULT_ORIGIN)
    signer = Signer(origin, log_key(folder / "keys" / "log.key"))
    address = os.environ.get("OPENJCM_PUBLIC_ADDRESS", "").rstrip("/")
    return Office(url, FileStore(folder / "files"), signer, data_dir=folder, public_address=address)


def ready_office() -> Office:
    """The office of this installation with its database brought up to date, for a command that stands alone."""
    office = open_office()
    migrate(office.database_url)
    return office


def office_if_any() -> Office | None:
    """The office of this installation if it has a database; ``None`` where nothing was ever set up here."""
    folder = data_folder()
    set_up = (folder / "postgres").exists() or (folder / "postgres.log").exists()
    return open_office() if os.environ.get("OPENJCM_DATABASE_URL") or set_up else None


def embedded_url(folder: Path) -> str:
    """The address of the embedded server of a data folder, which is started if it does not run."""
    from openjcm.store.server import Server

    return Server(folder).start()


def log_key(path: Path) -> Ed25519PrivateKey:
    """The log's private key: 32 bytes in hexadecimal in a file that only its owner may read; made if missing."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except FileNotFoundError:
        secret = write_secret(path, Ed25519PrivateKey.generate().private_bytes_raw().hex())
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))


def write_secret(path: Path, secret: str) -> str:
    """Keep a secret in a file of mode 0600 unless one is there; gives the one that stands. Two starters agree."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # fails if the file is there: the first writer's secret stands
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_text(encoding="ascii").strip()
