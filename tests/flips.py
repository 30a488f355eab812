"""Changes one value of one row, for every column of every table, behind the back of all guards, and asks the audit.

Each change is made as the superuser of the database would make it: triggers off, checks dropped, in a transaction that
is rolled back. ``python flips.py`` is not a program; ``tests/store/test_flipped_bits.py`` runs it over worlds that have
rows in every table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from openjcm.refusals import Finding, Severity

CHANGES = {
    "text": "case when {c} = '' then 'x' when right({c}, 1) = '0' then left({c}, -1) || '1'"
    " else left({c}, -1) || '0' end",
    "bool": "not {c}",
    "date": "{c} + 1",
    "timestamptz": "{c} + interval '1 microsecond'",
    "jsonb": "jsonb_build_object('flipped', {c})",
    "bytea": "case when {c} = '' then '\\x00' else set_byte({c}, length({c}) / 2, get_byte({c}, length({c}) / 2) # 1)"
    " end",
    "int8range": "int8range(lower({c}), upper({c}) + 1)",
    "daterange": "daterange(lower({c}), upper({c}) + 1)",
    "tstzrange": "tstzrange(lower({c}), upper({c}) + interval '1 microsecond')",
    "_text": "array_append({c}, 'x')",
    "int2": "({c} # 1::int2)",
    "int4": "({c} # 1)",
    "int8": "({c} # 1)",
    "numeric": "{c} + 1",
}
"""SQL type → the value with a little of it changed."""


@dataclass(frozen=True)
class Column:
    """A column of a table of ours."""

    table: str
    name: str
    kind: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def columns(connection: psycopg.Connection) -> list[Column]:
    """Every column of every table, from the catalogue."""
    rows = connection.execute(
        "select c.relname, a.attname, t.typname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " join pg_type t on t.oid = a.atttypid where c.relkind in ('r', 'p')"
        " and c.relnamespace = 'public'::regnamespace and a.attnum > 0"
        " and not a.attisdropped and a.attgenerated = '' order by 1, a.attnum"
    )
    return [Column(*row) for row in rows]


def as_superuser(url: str) -> psycopg.Connection:
    """The database as its superuser, with all triggers and foreign keys asleep."""
    parts = urlsplit(url)
    connection = psycopg.connect(urlunsplit(parts._replace(netloc="postgres@")), options="-c timezone=UTC")
    connection.execute("set session_replication_role = replica")
    connection.commit()
    return connection


def flip(connection: psycopg.Connection, column: Column) -> bool:
    """Change one value, in a row where there is one; ``False`` if there is none. The caller rolls back."""
    checks = connection.execute(
        "select conname from pg_constraint where conrelid = %s::regclass and contype in ('c', 'x', 'u', 'p')",
        [column.table],
    ).fetchall()
    table = sql.Identifier(column.table)
    for (name,) in checks:
        connection.execute(
            sql.SQL("alter table {} drop constraint if exists {} cascade").format(table, sql.Identifier(name))
        )
    for (index,) in connection.execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass and indisunique", [column.table]
    ).fetchall():
        connection.execute(f"drop index {index}".encode())
    connection.execute(
        sql.SQL("alter table {} alter column {} drop identity if exists").format(table, sql.Identifier(column.name))
    )
    changed = CHANGES[column.kind].format(c=f'"{column.name}"')
    place = f'(select ctid from "{column.table}" where "{column.name}" is not null order by ctid limit 1)'
    done = connection.execute(f'update "{column.table}" set "{column.name}" = {changed} where ctid = {place}'.encode())
    return done.rowcount > 0


def wrong(findings: list[Finding]) -> set[str]:
    """What is wrong, as texts; the checks and keys that :func:`flip` itself drops are not counted."""
    return {
        item.message("en")
        for item in findings
        if item.severity is not Severity.INFORMS
        and not (item.rule == "schema_wrong" and item.facts["what"].startswith(("constraint ", "index ", "column ")))
    }


def missed(
    url: str, wanted: Callable[[Column], bool], audit: Callable[[psycopg.Connection], list[Finding]]
) -> Iterator[tuple[Column, str]]:
    """For each wanted column what became of its change: ``found``, ``empty``, ``missed``, or the audit's breakdown."""
    with as_superuser(url) as connection:
        before = wrong(audit(connection))
        connection.rollback()
        for column in columns(connection):
            if not wanted(column):
                continue
            try:
                if not flip(connection, column):
                    yield column, "empty"
                    continue
                yield column, "missed" if wrong(audit(connection)) == before else "found"
            except Exception as error:
                yield column, f"{type(error).__name__}: {error}"[:300]
            finally:
                connection.rollback()
