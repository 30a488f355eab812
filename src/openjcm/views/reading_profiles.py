"""Which confirmed mappings are kept for loggers, and which of them are for a file with these very columns?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

import psycopg

from openjcm.mrv.profile import header_fingerprint

LATEST: LiteralString = """
    select r.name, r.version, r.confirmed_on, r.entry_no, p.body
    from reading_profile r join product p on p.sha256 = r.profile_sha256
    where not exists (select 1 from reading_profile n where n.name = r.name and n.version > r.version)
"""


@dataclass(frozen=True)
class ReadingProfile:
    """The latest version of a profile."""

    name: str
    version: int
    confirmed_on: date
    entry_no: int
    logger: str
    columns: tuple[str, ...]
    mapping: dict[str, Any]

    def as_data(self) -> dict[str, object]:
        """The profile as plain data, without its columns."""
        return {
            "profile": self.name, "version": self.version, "confirmed_on": self.confirmed_on, "entry_no": self.entry_no,
            "logger": self.logger, "mapping": self.mapping,
        }  # fmt: skip


def reading_profiles(connection: psycopg.Connection) -> list[ReadingProfile]:
    """The latest version of every profile, by name."""
    return [_profile(row) for row in connection.execute(LATEST + " order by r.name")]


def profiles_for(connection: psycopg.Connection, form: str, columns: Sequence[str]) -> list[ReadingProfile]:
    """The profiles whose latest version was confirmed for a file of this format with exactly these columns."""
    if not columns:
        return []
    print_ = header_fingerprint(form, columns)
    return [_profile(row) for row in connection.execute(LATEST + " and r.fingerprint = %s order by r.name", [print_])]


def _profile(row: tuple[Any, ...]) -> ReadingProfile:
    body = json.loads(bytes(row[4]))
    return ReadingProfile(row[0], row[1], row[2], row[3], body["logger"], tuple(body["columns"]), body["mapping"])
