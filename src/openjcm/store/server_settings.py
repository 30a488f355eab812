"""What an operator's commands change of the embedded server while it runs: kept in one file of its data folder.

The file stands beside ``postgresql.conf`` and is read after it. It is written whole, flushed and renamed, so that a
crash leaves the old one or the new one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

NAME = "openjcm.conf"
UNSET: Mapping[str, str] = {"archive_command": "true"}
"""As long as there is no backup, finished pieces of the write-ahead log are let go."""
HBA = (
    "# Whoever may enter the socket folder (mode 0700) may connect.\nlocal all all trust\nlocal replication all trust\n"
)
_LINE = re.compile(r"^([a-z_]+) = '((?:[^']|'')*)'$")


def prepare(folder: Path) -> None:
    """Let a data folder of PostgreSQL read the file, and let copies of it be made; does nothing where that is so."""
    if not (folder / NAME).exists():
        write(folder, {})
    main = folder / "postgresql.conf"
    include = f"include_if_exists = '{NAME}'\n"
    if include not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as file:
            file.write(include)
    if (folder / "pg_hba.conf").read_text(encoding="utf-8") != HBA:
        (folder / "pg_hba.conf").write_text(HBA, encoding="utf-8")


def read(folder: Path) -> dict[str, str]:
    """The settings that stand in the file."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found = [match for line in lines if (match := _LINE.match(line))]
    return {match[1]: match[2].replace("''", "'").replace("\\\\", "\\") for match in found}


def write(folder: Path, settings: Mapping[str, str]) -> None:
    """Put the settings into the file, in place of what stood there."""
    kept = {**UNSET, **settings}
    text = "".join(f"{name} = '{_quoted(value)}'\n" for name, value in sorted(kept.items()))
    making = folder / f"{NAME}.new"
    with making.open("w", encoding="utf-8") as file:
        file.write("# Written by openjcm; changes by hand are lost.\n" + text)
        file.flush()
        os.fsync(file.fileno())
    owner = folder.stat()
    if owner.st_uid != os.geteuid():
        os.chown(making, owner.st_uid, owner.st_gid)
    making.replace(folder / NAME)


def _quoted(value: str) -> str:
    assert "\n" not in value, "a setting is one line"
    return value.replace("\\", "\\\\").replace("'", "''")
