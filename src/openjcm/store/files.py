"""Bytes kept by their SHA-256: written once, never changed, checked whenever they are read."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openjcm.canonical import sha256_hex
from openjcm.refusals import refusal
from openjcm.store.disk import refused_by_disk

FILE_NOT_STORED = refusal(
    "file_not_stored",
    en="No file with the SHA-256 {sha256} is stored.",
    ja="SHA-256 が {sha256} のファイルは保管されていません。",
    remedy_en="Upload the file first, or check the hash.",
    remedy_ja="先にファイルを登録するか、ハッシュ値を確認してください。",
    clause="OpenJCM: products name the bytes they were made from",
    status=404,
)
FILE_CHANGED = refusal(
    "file_changed",
    en="The stored file {sha256} no longer has that hash; its bytes now give {found}.",
    ja="保管ファイル {sha256} の内容が変わっており、ハッシュ値は {found} になっています。",
    remedy_en="Restore the file from a backup; do not use its present bytes.",
    remedy_ja="バックアップから復元してください。現在の内容は使用しないでください。",
    clause="OpenJCM: stored bytes are checked whenever they are read",
    status=500,
)


STANDBY_FILE = "standby.json"
"""Beside the folder of files, where there is a stand-by: ``{"folder": …}``, which gets every file as well."""


class FileStore:
    """A folder of files named by the SHA-256 of their bytes, in subfolders of the first two digits."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the file lies, or would lie.

        Raises:
            Refused: ``file_not_stored`` for a text that is no SHA-256.
        """
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise FILE_NOT_STORED(sha256=sha256[:80])
        return self.root / sha256[:2] / sha256

    def put(self, data: bytes) -> str:
        """Keep the bytes, here and in the stand-by if there is one; gives their SHA-256.

        The bytes are on disk, under their final name, when this returns: written to a temporary file, flushed,
        renamed, and the folder flushed, so that a crash leaves either the whole file or none.
        """
        sha256 = self._put_here(data)
        # Looked for after the writing: a stand-by that is being made copies what it finds after it is announced.
        try:
            beside = json.loads((self.root.parent / STANDBY_FILE).read_bytes())["folder"]
        except FileNotFoundError:
            return sha256
        return FileStore(Path(beside) / "files")._put_here(data)

    def _put_here(self, data: bytes) -> str:
        sha256 = sha256_hex(data)
        target = self.path(sha256)
        if target.exists() and sha256_hex(target.read_bytes()) == sha256:
            return sha256
        try:
            self._write(target, data)
        except OSError as error:
            raise refused_by_disk(error, self.root) or error from error
        return sha256

    def _write(self, target: Path, data: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        for folder in (target.parent, self.root):
            _flush_folder(folder)

    def get(self, sha256: str) -> bytes:
        """The bytes, once their hash is found right.

        Raises:
            Refused: ``file_not_stored``, ``file_changed``.
        """
        path = self.path(sha256)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FILE_NOT_STORED(sha256=sha256) from error
        found = sha256_hex(data)
        if found != sha256:
            raise FILE_CHANGED(sha256=sha256, found=found)
        return data

    def names(self) -> Iterator[str]:
        """The SHA-256 names of all files kept, in order."""
        for path in sorted(self.root.glob("??/*")):
            if not path.name.startswith("."):
                yield path.name


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
