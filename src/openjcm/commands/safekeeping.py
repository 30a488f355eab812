"""Backups of an installation, their rehearsal, and the way back: where database, files, key and audit meet."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from openjcm.commands.auditing import audit_books
from openjcm.commands.office import Office, log_key, open_office
from openjcm.log.checkpoint import open as open_checkpoint
from openjcm.refusals import Finding, refusal
from openjcm.store.backup import BackupFolder, Mark, identity_of, make_backup, write_whole
from openjcm.store.database import migrate
from openjcm.store.files import FileStore
from openjcm.store.restoring import Wanted, restore
from openjcm.store.server import Server

LOG_KEY = "log.key"
KEY_NEEDED = refusal(
    "log_key_needed",
    en="The books of {source} cannot be restored without the private key of their log ({reason}).",
    ja="{source} の帳簿の復元には、そのログの秘密鍵が必要です ({reason})。",
    remedy_en="Name the kept folder of keys, or the file of the log's key, with --key; where the backup holds them, "
    "the file of their passphrase with --passphrase.",
    remedy_ja="別に保管した鍵のフォルダー、またはログの鍵のファイルを --key で、または鍵を含むバックアップの場合は"
    "パスフレーズのファイルを --passphrase で指定してください。",
    clause="OpenJCM: a log goes on under its own key, or not at all",
)
EMBEDDED_ONLY = refusal(
    "embedded_database_only",
    en="The database named in OPENJCM_DATABASE_URL is not run by this program, so this command cannot do it.",
    ja="OPENJCM_DATABASE_URL のデータベースは本プログラムの管理外のため、このコマンドは使用できません。",
    remedy_en="Use the tools of that server for the database (first), then copy the folder of files; see "
    "docs/operate.md. `openjcm audit` checks what was restored.",
    remedy_ja="データベースはそのサーバーの手段で先に保全し、次にファイルのフォルダーを複写してください "
    "(docs/operate.md)。復元後は `openjcm audit` で確認できます。",
    clause="OpenJCM: backups",
)


@dataclass(frozen=True)
class Rehearsal:
    """What came of restoring a backup into a folder of its own and auditing it."""

    entries: int
    findings: list[Finding]
    same_head: bool
    """Whether the restored log contains the tree that the mark tells."""


def back_up(data_dir: Path, target: Path, *, whole: bool = True, passphrase: bytes | None = None) -> Mark:
    """Back up the installation of a data folder (embedded database) into a folder.

    The private keys (of the log, of notices) stay out of it, unless a passphrase is given to encrypt them.

    Raises:
        Refused: what ``store.backup`` refuses.
    """
    office = open_office(data_dir)
    server = Server(data_dir)
    server.start()
    migrate(office.database_url)
    folder = BackupFolder(target)
    public_key = office.signer.private_key.public_key().public_bytes_raw().hex()
    identity = identity_of(server, office.signer.origin, public_key)
    folder.prepare(identity, data_dir, server.launch.uid, server.launch.gid)
    mark = make_backup(server, office.files, folder, whole=whole)
    if passphrase is not None:
        folder.keys.mkdir(mode=0o700, exist_ok=True)
        for path in sorted((data_dir / "keys").glob("*.key")):
            sealing = BestAvailableEncryption(passphrase)
            sealed = log_key(path).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealing)
            write_whole(folder.keys / f"{path.name}.pem", sealed)
    office.close()
    server.leave()
    return mark


def rehearse(source: Path, wanted: Wanted | None = None) -> Rehearsal:
    """Restore into a temporary folder, audit, compare with the newest mark, and take the folder away again.

    Raises:
        Refused: what ``store.restoring`` refuses.
    """
    folder = BackupFolder(source)
    identity = folder.identity()
    place = Path(tempfile.mkdtemp(prefix="openjcm-rehearsal-"))
    place.rmdir()
    try:
        restore(folder, place, wanted or Wanted(), {})
        assert identity is not None, "a folder without it was refused"
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(identity.public_key))
        with Server(place) as server:
            findings, entries = audit_books(server.url, FileStore(place / "files"), key)
            same = _holds(server.url, folder.marks()[-1], key) if wanted is None else True
            server.stop()
        return Rehearsal(entries, findings, same)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _holds(url: str, mark: Mark, key: Ed25519PublicKey) -> bool:
    """Whether a database's log has, at the size of the mark, the root that the mark's signed note tells."""
    if not mark.checkpoint:
        return mark.entry_no == 0
    said = open_checkpoint(mark.checkpoint, key)
    with psycopg.connect(url) as connection:
        found = connection.execute("select root_hash from checkpoint where tree_size = %s", [said.size]).fetchone()
    return found is not None and bytes(found[0]) == said.root


def bring_back(
    source: Path,
    data_dir: Path,
    *,
    entry_no: int | None = None,
    until: datetime | None = None,
    key: Path | None = None,
    passphrase: bytes | None = None,
) -> tuple[Office, list[Finding], int]:
    """Restore a backup into a data folder; gives the open office, what its audit finds, and its number of entries.

    Raises:
        Refused: ``log_key_needed``, and what ``store.restoring`` refuses.
    """
    folder = BackupFolder(source)
    identity = folder.identity()
    secrets = _keys_of(folder, key, passphrase, identity.public_key) if identity is not None else {}
    restore(folder, data_dir, Wanted(entry_no, until), secrets)
    office = open_office(data_dir)
    findings, entries = audit_books(office.database_url, office.files, office.signer.private_key.public_key())
    return office, findings, entries


def _keys_of(folder: BackupFolder, given: Path | None, passphrase: bytes | None, public_key: str) -> dict[str, str]:
    """The private keys, the log's among them, by the names of their files. Refuses ``log_key_needed``."""
    try:
        if given is not None:
            paths = sorted(given.glob("*.key")) if given.is_dir() else [given]
            names = [path.name if given.is_dir() else LOG_KEY for path in paths]
            raw = [bytes.fromhex(path.read_text(encoding="ascii").strip()) for path in paths]
            found = {name: Ed25519PrivateKey.from_private_bytes(one) for name, one in zip(names, raw, strict=True)}
        elif passphrase is not None:
            found = {path.stem: _opened(path, passphrase) for path in sorted(folder.keys.glob("*.key.pem"))}
        else:
            raise KEY_NEEDED(source=folder.root, reason="none was given / 指定なし")
    except (OSError, ValueError) as error:
        raise KEY_NEEDED(source=folder.root, reason=error) from error
    if LOG_KEY not in found:
        raise KEY_NEEDED(source=folder.root, reason=f"no {LOG_KEY} / {LOG_KEY} なし")
    if found[LOG_KEY].public_key().public_bytes_raw().hex() != public_key:
        raise KEY_NEEDED(source=folder.root, reason="this is the key of another log / 別のログの鍵")
    return {name: one.private_bytes_raw().hex() for name, one in found.items()}


def _opened(path: Path, passphrase: bytes) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), passphrase)
    assert isinstance(key, Ed25519PrivateKey), "only such keys are put there"
    return key
