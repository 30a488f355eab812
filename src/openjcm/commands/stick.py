"""Messages as files, for partners that no wire connects: written into a folder, carried, read from it.

A folder may hold the files of several partners in both directions: each is read by whom it is for. Reading one twice
does no harm, and the order of the files does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openjcm.commands.courier import (
    Taken,
    acknowledged,
    acknowledgement,
    known_partner,
    next_lines,
    note_acknowledgement,
    take,
)
from openjcm.commands.office import Office
from openjcm.refusals import Refused
from openjcm.registry.notices import read_acknowledgement, read_notice
from openjcm.store.notices import Partner, partners

NOTICES, ACKNOWLEDGEMENTS = ".notices.txt", ".acknowledgement.txt"
LARGEST_FILE = 256 * 1024 * 1024
MOST = 100_000
"""Notices in one file."""


def export(office: Office, name: str, folder: Path) -> tuple[list[Path], int]:
    """Write what is outstanding for a partner, and how far its own notices have come here.

    Gives the files, and the number of notices in them.

    Raises:
        Refused: ``unknown_partner``.
    """
    partner = known_partner(office, name)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    lines = list(_all_lines(office, partner))
    if lines:
        first = acknowledged(office, name) + 1
        path = folder / f"{partner.our_name}-to-{name}-{first:08}-{first + len(lines) - 1:08}{NOTICES}"
        _write(path, lines)
        written.append(path)
    if line := acknowledgement(office, name):
        path = folder / f"{partner.our_name}-to-{name}{ACKNOWLEDGEMENTS}"
        _write(path, [line])
        written.append(path)
    return written, len(lines)


def _all_lines(office: Office, partner: Partner) -> Iterator[str]:
    after = acknowledged(office, partner.partner)
    count = 0
    while count < MOST and (lines := next_lines(office, partner, after=after)):
        yield from lines
        after += len(lines)
        count += len(lines)


def _write(path: Path, lines: list[str]) -> None:
    """The whole file or none: a stick may be pulled out."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    temporary.replace(path)


@dataclass(frozen=True)
class Imported:
    """What became of a file."""

    path: Path
    taken: tuple[Taken, ...] = ()
    acknowledged: int | None = None
    """The newest of our notices that the partner has on record."""
    refused: Refused | None = None


def read_folder(office: Office, folder: Path) -> list[Imported]:
    """Read what is for this installation; gives what became of each file."""
    ours = {one.our_name for one in _partners(office)}
    found = []
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_size <= LARGEST_FILE)
    for path in paths:
        if path.name.endswith(NOTICES):
            found += _read_notices(office, path, ours)
        elif path.name.endswith(ACKNOWLEDGEMENTS):
            found += _read_acknowledgement(office, path, ours)
    return found


def _partners(office: Office) -> list[Partner]:
    with office.transaction() as connection:
        return partners(connection)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="ascii", errors="replace").split("\n") if line]


def _read_notices(office: Office, path: Path, ours: set[str]) -> list[Imported]:
    lines = _lines(path)
    try:
        if lines and read_notice(lines[0]).notice.recipient not in ours:
            return []
    except Refused as refused:
        return [Imported(path, refused=refused)]
    return [Imported(path, take(office, lines, actor=f"file {path.name}"[:200]).results)]


def _read_acknowledgement(office: Office, path: Path, ours: set[str]) -> list[Imported]:
    line = next(iter(_lines(path)), "")
    try:
        said, _ = read_acknowledgement(line, path.name)
        if said.recipient not in ours:
            return []
        newest = note_acknowledgement(office, known_partner(office, said.sender), line)
    except Refused as refused:
        return [Imported(path, refused=refused)]
    return [Imported(path, acknowledged=newest)]
