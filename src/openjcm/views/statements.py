"""What do the sources say of one subject, field by field, and do they agree?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

GRADE_ORDER = "array_position(array['read', 'secondary', 'recalled', 'inferred', 'unknown'], grade)"


@dataclass(frozen=True)
class Said:
    """One source's word on one field. ``value`` is ``None`` when the source is silent: unknown, which is not zero."""

    value: Any
    source: str
    grade: str
    note: str = ""
    as_of: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None


@dataclass(frozen=True)
class Field:
    """Everything said of one field, best grade first."""

    name: str
    said: tuple[Said, ...]

    @property
    def best(self) -> Said:
        """The known value of the best grade; where none is known, the record of the silence."""
        return next((one for one in self.said if one.known), self.said[0])

    @property
    def conflict(self) -> bool:
        """Whether two sources give different values. Both are kept and both are shown."""
        return len({repr(one.value) for one in self.said if one.known}) > 1


def said_of(value: Any, source: str, grade: str, note: str) -> Said:
    """A statement's row as a value. Values may be plain, or carry their own day: ``{"value": …, "as_of": …}``."""
    if isinstance(value, dict) and "value" in value:
        return Said(value["value"], source, grade, note, str(value.get("as_of") or ""))
    return Said(value, source, grade, note)


def fields(connection: psycopg.Connection[Any], kind: str, subject: str) -> dict[str, Field]:
    """Every field of a subject that some source speaks of (or is known to be silent about)."""
    rows = connection.execute(
        f"select field, value, source, grade, note from statement where subject_kind = %s and subject = %s"  # noqa: S608
        f" order by field, {GRADE_ORDER}, statement_id",
        (kind, subject),
    )
    return _grouped(rows.fetchall())


def subjects(connection: psycopg.Connection[Any], kind: str) -> dict[str, dict[str, Field]]:
    """Every subject of one kind with its fields; for the small kinds (issuances, transfers, the mechanism)."""
    rows = connection.execute(
        f"select subject, field, value, source, grade, note from statement where subject_kind = %s"  # noqa: S608
        f" order by subject, field, {GRADE_ORDER}, statement_id",
        (kind,),
    ).fetchall()
    by_subject: dict[str, list[Any]] = {}
    for row in rows:
        by_subject.setdefault(row.subject, []).append(row)
    return {subject: _grouped(group) for subject, group in by_subject.items()}


def _grouped(rows: list[Any]) -> dict[str, Field]:
    said: dict[str, list[Said]] = {}
    for row in rows:
        said.setdefault(row.field, []).append(said_of(row.value, row.source, row.grade, row.note))
    return {name: Field(name, tuple(items)) for name, items in said.items()}
