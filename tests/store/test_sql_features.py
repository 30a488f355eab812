"""What the SQL of the house asks of a database: nothing beyond a list, which says what each distributed database lacks.

Correctness rests on row locks, primary and unique keys; what one of the three lacks is a second wall or a way to be
quick, and docs/scale.md says what stands in its place there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src" / "openjcm"
PARTS = ("store", "views", "commands")
SQL = re.compile(r"\b(select|insert into|update \w+ set|delete from|create (table|index|function|trigger))\b", re.I)


class Feature(NamedTuple):
    """Something beyond the core of SQL: how it is seen, and who lacks it (with the page that says so)."""

    pattern: str
    lacking: str = ""


YB = "YugabyteDB (docs.yugabyte.com, PostgreSQL compatibility)"
CRDB = "CockroachDB"
CITUS = "Citus across shards (docs.citusdata.com, SQL Support and Workarounds)"
ALLOWED = {
    "row locks": Feature(r"for (no key )?update", CITUS),
    "on conflict": Feature(r"on conflict"),
    "arrays": Feature(r"unnest\(|any\(|\[\]"),
    "jsonb": Feature(r"jsonb"),
    "identity columns": Feature(r"generated always as identity"),
    "common table expressions": Feature(r"\bwith \w+ (\([^)]*\) )?as"),
    "recursive queries": Feature(r"with recursive", CITUS),
    "lateral joins": Feature(r"\blateral\b"),
    "distinct on": Feature(r"distinct on"),
    "filtered aggregates": Feature(r"filter \(where"),
    "window functions": Feature(r"\) over( |\()"),
    "partial indexes": Feature(r"create (unique )?index [^;]* where "),
    "indexes on expressions": Feature(r"create (unique )?index [^;]*lower\(serials\)"),
    "ranges": Feature(r"int8range|daterange|tstzrange", f"{CRDB} (cockroachdb/cockroach#27791)"),
    "sets of ranges": Feature(r"range_agg|multirange", f"{CRDB} (cockroachdb/cockroach#169302)"),
    "GiST indexes": Feature(r"using gist", f"{YB}, #1337; {CRDB}, with ranges"),
    "exclusion constraints": Feature(r"exclude using", f"{YB}, #3944; {CRDB}, with ranges; {CITUS}"),
    "GIN indexes": Feature(r"using gin"),
    "PL/pgSQL": Feature(r"language plpgsql"),
    "row triggers": Feature(r"for each row"),
    "statement triggers": Feature(r"for each statement", f"{CRDB} (cockroachdb/cockroach#126362)"),
    "transition tables": Feature(r"referencing (new|old) table", f"{CRDB} (cockroachdb/cockroach#135655)"),
    "settings of a function": Feature(r"set (enable_\w+|plan_cache_mode) = "),
    "advisory locks": Feature(r"pg_(try_)?advisory"),
}
"""What may be used."""

BARRED = {
    "LISTEN and NOTIFY": r"\b(listen|notify) \w+|pg_notify",
    "LOCK TABLE": r"\block table\b",
    "inheritance": r"\binherits\s*\(",
    "rules": r"create (or replace )?rule\b",
    "deferrable constraints": r"\bdeferrable\b|\binitially deferred\b",
    "event triggers": r"create event trigger",
    "materialized views": r"materialized view",
    "own types": r"create (type|domain)\b",
    "XML": r"\bxml(parse|elem|agg)",
    "MERGE": r"\bmerge into\b",
    "TABLESAMPLE": r"\btablesample\b",
    "grouping sets": r"grouping sets|\bcube\s*\(|\brollup\s*\(",
    "unlogged tables": r"\bunlogged\b",
    "relaxed commits": r"synchronous_commit",
    "features since PostgreSQL 16": r"any_value\(|json_table\(|\buuidv7\(|without overlaps",
}
"""What one of the three lacks and nothing can stand in for, what would weaken a promise, and what is too new."""


def texts() -> Iterator[tuple[str, str]]:
    """Place and text of every migration and of every SQL string, without comments and in single spaces."""
    for path in sorted((SOURCE / "store" / "migrations").glob("*.sql")):
        yield path.name, _plain(path.read_text(encoding="utf-8"))
    for part in PARTS:
        for path in sorted((SOURCE / part).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", _plain(node.value)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"--[^\n]*", " ", text).lower().split())


def test_nothing_barred_is_used() -> None:
    found = [f"{place}: {name}" for place, text in texts() for name, bar in BARRED.items() if re.search(bar, text)]
    docstrings = [one for one in found if ".sql" not in one and "commands/" in one]
    assert [one for one in found if one not in docstrings] == []


def test_the_list_is_of_what_is_used_and_the_page_names_it() -> None:
    """A feature that nothing uses any more leaves the list; one that is lacking somewhere stands in docs/scale.md."""
    everything = " ".join(text for _, text in texts())
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    assert [name for name, feature in ALLOWED.items() if not re.search(feature.pattern, everything)] == []
    assert [name for name, feature in ALLOWED.items() if feature.lacking and name not in page] == []


CORE_TYPES = {"bigint", "integer", "smallint", "text", "date", "timestamptz", "boolean", "bytea", "jsonb"}


def test_columns_have_types_that_all_know() -> None:
    """Every column of every table: a core type, an array of one, or a range (which is on the list)."""
    odd = []
    for place, text in texts():
        for table in (
            re.findall(r"create table \w+ \((.*?)\)(?: with \([^)]*\))?;", text) if place.endswith(".sql") else ()
        ):
            for column in re.split(r",(?![^(]*\))", table):
                words = column.split()
                if words[0] in {"primary", "unique", "check", "foreign", "exclude", "constraint"}:
                    continue
                kind = words[1].removesuffix("[]")
                if kind not in CORE_TYPES | {"int8range", "daterange", "tstzrange"}:
                    odd.append(f"{place}: {' '.join(words[:2])}")
    assert odd == []


def test_the_ledger_is_locked_by_rows_and_keys_alone() -> None:
    """Advisory locks only keep two migrations, or two witnesses of one log, from each other: writers meet at rows."""
    where = {place.split(":")[0] for place, text in texts() if re.search(ALLOWED["advisory locks"].pattern, text)}
    assert where <= {"store/database.py", "store/witness.py"}
