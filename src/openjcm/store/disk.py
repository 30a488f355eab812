"""What the disk says: full, or read-only. Told apart from a busy database, because only an operator can mend it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from openjcm.refusals import Refused, refusal

LEAST_BYTES = 24 * 1024 * 1024
"""What a database needs to go on: one piece of its write-ahead log (16 MB), and something to write besides."""

DISK_FULL = refusal(
    "disk_full",
    en="There is no space left on the disk of {folder}.",
    ja="{folder} のディスクに空き容量がありません。",
    remedy_en="Make space (nothing that is recorded is lost), then send the same request with the same key again: it "
    "is done once. If the database has stopped, it starts again when there is space.",
    remedy_ja="空き容量を確保した後、同じキーで同じ請求を再送してください。二重に処理されることはありません。"
    "記録済みのものは失われません。データベースが停止した場合も、容量を確保すれば再び起動します。",
    clause="OpenJCM: an act is done once, by its key",
    status=507,
)
DISK_READ_ONLY = refusal(
    "disk_read_only",
    en="The disk of {folder} can only be read.",
    ja="{folder} のディスクは読み取り専用です。",
    remedy_en="See why (a fault of the disk makes many systems do so), make it writable, then send the same request "
    "with the same key again: it is done once.",
    remedy_ja="原因 (ディスクの障害など) を確認し、書き込み可能にしてから、同じキーで同じ請求を再送してください。"
    "二重に処理されることはありません。",
    clause="OpenJCM: an act is done once, by its key",
    status=503,
)


def refused_by_disk(error: OSError, folder: Path) -> Refused | None:
    """What to tell when writing in a folder failed; ``None`` if the disk is not the reason."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DISK_FULL(folder=folder)
    return DISK_READ_ONLY(folder=folder) if error.errno == errno.EROFS else None


def trouble(folder: Path | None) -> Refused | None:
    """What is wrong with the disk of a data folder, as far as it can be seen; ``None`` if nothing is."""
    try:
        seen = os.statvfs(folder) if folder is not None else None
    except OSError:
        return None
    if seen is None:
        return None
    if seen.f_flag & os.ST_RDONLY:
        return DISK_READ_ONLY(folder=folder)
    return DISK_FULL(folder=folder) if seen.f_bavail * seen.f_frsize < LEAST_BYTES else None
