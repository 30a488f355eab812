"""Audit of the schema itself: what the migrations made is there, unchanged and awake.

The second walls of the ledger are triggers and functions of the database. Whoever owns it can put one to sleep, drop
it, or give it another text; so they are compared with the text of the migrations that made them. The first walls are
keys, checks, exclusions, foreign keys, unique indexes and columns that may not be empty: they are compared, as the
database writes them, with ``schema.txt``, which ``tools/document_schema.py`` makes from the migrations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import TypeAlias

import psycopg

from openjcm.refusals import Finding
from openjcm.registry.accounts import SOURCES, TARGETS
from openjcm.store.audit import finding
from openjcm.store.database import migrations

_COMMENT = re.compile(r"^\s*--.*$", re.M)
_DO = re.compile(r"do \$\$(.*?)\$\$", re.S | re.I)
_FUNCTION = re.compile(r"create (?:or replace )?function (\w+)\s*\([^$]*?as \$(\w*)\$(.*?)\$\2\$", re.S | re.I)
_STEP = re.compile(
    r"create (?:or replace )?(?:constraint )?trigger (?P<made>\w+)\s+(?:before|after)\s[^;]*?\son (?P<on>\w+)"
    r"|drop trigger (?:if exists )?(?P<dropped>\w+) on (?P<of>\w+)"
    r"|drop table (?:if exists )?(?P<table>\w+)",
    re.I,
)
_DROPPED_FUNCTIONS = re.compile(r"drop function (?:if exists )?([^;]+);", re.I)
_IN_LOOP = re.compile(r"create trigger (\w+)[^']* on %I", re.I)
Trigger: TypeAlias = tuple[str, str]
"""Table and name."""


def check_schema(connection: psycopg.Connection) -> Iterator[Finding]:
    """The migrations on record are this program's, and every guard that they made is there and awake."""
    known = {one.name: one.checksum for one in migrations()}
    # In the order in which they were applied here: a later one may have an earlier name.
    rows = connection.execute("select name, checksum from schema_migration order by applied_at, name").fetchall()
    done: dict[str, str] = dict(rows)
    for name in sorted(known.keys() | done.keys()):
        if known.get(name) != done.get(name):
            yield finding("schema_wrong", what=f"migration {name}")
    text = {one.name: one.sql for one in migrations()}
    texts = [text[name] for name in done if name in text]
    yield from _check_functions(connection, _functions(texts))
    yield from _check_triggers(connection, _triggers(texts))
    yield from _check_movement_rules(connection)
    yield from _check_shape(connection)
    yield from _check_awake(connection)


SHAPE_FILE = "schema.txt"
_SHAPE = """
    select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
      from pg_constraint
      where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u', 'x')
        and conrelid <> 0 and convalidated
    union all
    select format('index %s: %s', indexrelid::regclass, pg_get_indexdef(indexrelid))
      from pg_index join pg_class c on c.oid = indexrelid
      where c.relnamespace = 'public'::regnamespace and indisvalid and indisready and indislive
    union all
    select format('column %s of %s: %s%s', attname, attrelid::regclass, format_type(atttypid, atttypmod),
                  case when attnotnull then ' not null' else '' end)
      from pg_attribute join pg_class c on c.oid = attrelid
      where c.relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
"""


def shape(connection: psycopg.Connection) -> set[str]:
    """Every key, check, exclusion, foreign key, index and column of the schema, each as one line."""
    return {line for (line,) in connection.execute(_SHAPE)}


def _check_shape(connection: psycopg.Connection) -> Iterator[Finding]:
    """All that the migrations made stands; an index or a check more than these is the administrator's own."""
    file = resources.files("openjcm.store") / SHAPE_FILE
    expected = set(file.read_text(encoding="utf-8").splitlines())
    for line in sorted(expected - shape(connection)):
        yield finding("schema_wrong", what=line)


_ASLEEP = """
    select format('trigger of a foreign key on %s', tgrelid::regclass) from pg_trigger
      where tgisinternal and tgenabled not in ('O', 'A')
    union
    select 'setting ' || setting from pg_db_role_setting s, unnest(s.setconfig) as setting
      where setting ~* '^session_replication_role='
        and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
"""


def _check_awake(connection: psycopg.Connection) -> Iterator[Finding]:
    """No foreign key sleeps, and no setting of the database or of a role puts all guards to sleep."""
    for (what,) in connection.execute(_ASLEEP):
        yield finding("schema_wrong", what=what)


def _functions(texts: list[str]) -> dict[str, str]:
    """Each function with its last text."""
    found: dict[str, str] = {}
    for text in texts:
        for dropped in _DROPPED_FUNCTIONS.findall(text):
            for name in re.findall(r"(\w+)\s*\(", dropped):
                found.pop(name, None)
        found |= {name: body for name, _, body in _FUNCTION.findall(text)}
    return found


def _triggers(texts: list[str]) -> set[Trigger]:
    """The triggers that stand after all migrations."""
    found: set[Trigger] = set()
    for text in texts:
        plain = _COMMENT.sub("", text)
        for block in _DO.findall(plain):
            tables = re.findall(r"'(\w+)'", " ".join(re.findall(r"array\[(.*?)\]", block, re.S)))
            found |= {(table, name) for table in tables for name in _IN_LOOP.findall(block)}
        for step in _STEP.finditer(_DO.sub("", plain)):
            if step["made"]:
                found.add((step["on"], step["made"]))
            elif step["dropped"]:
                found.discard((step["of"], step["dropped"]))
            else:
                found = {one for one in found if one[0] != step["table"]}
    return found


def _check_functions(connection: psycopg.Connection, expected: dict[str, str]) -> Iterator[Finding]:
    stored = connection.execute(
        "select proname, prosrc from pg_proc p join pg_language l on l.oid = p.prolang"
        " where pronamespace = 'public'::regnamespace and lanname in ('plpgsql', 'sql')"
    ).fetchall()
    actual: dict[str, str] = dict(stored)
    for name, body in sorted(expected.items()):
        if actual.get(name) != body:
            yield finding("schema_wrong", what=f"function {name}")


def _check_triggers(connection: psycopg.Connection, expected: set[Trigger]) -> Iterator[Finding]:
    stored = connection.execute(
        "select tgrelid::regclass::text, tgname, tgenabled from pg_trigger where not tgisinternal"
    ).fetchall()
    awake = {(table, name) for table, name, state in stored if state in {"O", "A"}}
    for table, name in sorted(expected - awake):
        yield finding("schema_wrong", what=f"trigger {name} on {table}")


def _check_movement_rules(connection: psycopg.Connection) -> Iterator[Finding]:
    """The database's table of who gives and receives by which kind says what the pure ledger says."""
    expected = {
        (kind.value, source, target.value)
        for kind, sources in SOURCES.items()
        for source in (sorted(one.value for one in sources) or [""])
        for target in TARGETS[kind]
    }
    actual = set(connection.execute("select kind, gives, receives from movement_rule").fetchall())
    for rule in sorted(expected ^ actual):
        yield finding("schema_wrong", what=f"movement_rule {' '.join(rule)}")
