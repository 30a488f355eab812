"""Audit of the schema itself: what the migrations made is there, unchanged and awake.

The second walls of the ledger are triggers and functions of the database. Whoever owns it can put one to sleep, drop
it, or give it another text; so they are compared with the text of the migrations that made them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
