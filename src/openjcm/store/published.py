"""Where a published log is read from: a folder, for example on a memory stick, or an address on the network."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from openjcm.log.check_tree import PUBLISHED_LOG_NOT_READ, ReadPath
from openjcm.refusals import refusal

LARGEST = 256 * (2 + 0xFFFF)
"""Bytes of the largest thing that a log publishes: a bundle of 256 entries."""
PATIENCE_SECONDS = 20

ADDRESS_OF_LOG_NOT_SAFE = refusal(
    "address_of_log_not_safe",
    en="A log is read over https://, or from a folder; “{address}” is neither.",
    ja="ログは https:// またはフォルダーから読み取ります。「{address}」はいずれでもありません。",
    remedy_en="Give https://… (http:// only on this machine itself), or a folder that is there.",
    remedy_ja="https:// で始まるアドレス (http:// は同じ機器の中に限ります)、または存在するフォルダーを"
    "指定してください。",
    clause="OpenJCM: what is read from another installation is not read in the clear",
)


def reader(where: str) -> ReadPath:
    """What reads the paths of a published log.

    Raises:
        Refused: ``address_of_log_not_safe``.
    """
    parts = urlsplit(where)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}):
        return _from_address(where.rstrip("/"))
    folder = Path(where)
    if not folder.is_dir():
        raise ADDRESS_OF_LOG_NOT_SAFE(address=where)
    return _from_folder(folder)


def _from_folder(folder: Path) -> ReadPath:
    def read(path: str) -> bytes:
        try:
            with (folder / path).open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            _fail(path, str(folder), error.strerror or type(error).__name__)
        return data if len(data) <= LARGEST else _fail(path, str(folder), "too long / 長すぎる")

    return read


class _NoDetours(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Another address is another log."""


def _from_address(prefix: str) -> ReadPath:
    opener = urllib.request.build_opener(_NoDetours)

    def read(path: str) -> bytes:
        request = urllib.request.Request(f"{prefix}/{path}", headers={"Accept-Encoding": "identity"})  # noqa: S310 - the scheme is https, or http at home
        try:
            with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
                data: bytes = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            _fail(path, prefix, str(error) or type(error).__name__)
        return data if len(data) <= LARGEST else _fail(path, prefix, "too long / 長すぎる")

    return read


def _fail(path: str, where: str, reason: str) -> NoReturn:
    raise PUBLISHED_LOG_NOT_READ(path=path, where=where, reason=reason)
