"""One value changed anywhere, in any column of any table or in any kind of file: the audit finds it.

The tables come from the catalogue of the database: a new one without rows here, or whose changes go unseen, turns this
red. The worlds are those that other tests build. ``OPENJCM_EVERY_COLUMN=1`` tries every column instead of two of each
table.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from databases import drop_database
from flips import Column, as_superuser, columns, missed
from openjcm.commands.auditing import audit_all
from openjcm.refusals import Finding
from openjcm.store.audit import is_clean
from openjcm.store.audit_schema import SHAPE_FILE, check_schema, shape
from openjcm.store.server import Server
from worlds_of_books import WORLDS

ROOT = Path(__file__).parent.parent.parent
EVERY = bool(os.environ.get("OPENJCM_EVERY_COLUMN"))

NOT_COVERED = {
    "schema_migration.applied_at": "when a migration was applied here; nothing follows from it",
    "log_head.only_row": "keeps the table at one row, and says nothing",
    "movement.movement_id": "numbers rows for the order of pages; rows are compared by what they say",
    "statement.statement_id": "numbers rows for the order of pages; rows are compared by what they say",
    "batch.batch_no": "numbers rows in the order of their coming; a receipt lists them by what they say",
    "batch.facts": "figures beside a verdict, for people; verdict, rule and batch are in the log",
    "batch_release.facts": "the same for a batch that had waited",
    "cosignature.received_at": "when a co-signature came here; it carries the witness's own time inside",
    "witnessed_checkpoint.seen_at": "when a log was looked at; the co-signature beside it carries the time, signed",
    "notice_delivery": "what was tried and went wrong on the way: the state of the post, made anew by trying again",
    "stray_batch": "what came from nobody: anybody can send it, so no entry promises it; bounded, and outside the log",
}
"""Columns and tables that the audit leaves out, and why that is right."""


@pytest.fixture
def fresh(database_server: Server) -> Iterator[Callable[[], str]]:
    """Gives the address of a fresh migrated database at each call; all are dropped afterwards."""
    made: list[str] = []

    def make() -> str:
        name = f"flipped_{os.getpid()}_{len(made)}"
        with psycopg.connect(database_server.url, autocommit=True) as connection:
            connection.execute(f"create database {name} template openjcm_template".encode())
        made.append(name)
        return urlunsplit(urlsplit(database_server.url)._replace(path=f"/{name}"))

    yield make
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        for name in made:
            drop_database(connection, name)


def chosen(all_columns: list[Column]) -> set[Column]:
    """Two columns of each table, always the same ones; or every column."""
    wanted = [one for one in all_columns if {one.table, str(one)}.isdisjoint(NOT_COVERED)]
    if EVERY:
        return set(wanted)
    by_table: dict[str, list[Column]] = {}
    for one in wanted:
        by_table.setdefault(one.table, []).append(one)
    return {one for table, own in by_table.items() for one in random.Random(table).sample(own, min(2, len(own)))}


def test_every_table_and_every_kind_of_file(fresh: Callable[[], str], tmp_path: Path) -> None:
    """What the audit does not find is named above with its reason, and nothing else is."""
    url = fresh()
    with as_superuser(url) as connection:
        everything = columns(connection)
    assert {name for name in NOT_COVERED if "." in name} <= {str(one) for one in everything}
    assert {name for name in NOT_COVERED if "." not in name} <= {one.table for one in everything}
    left, seen, unseen = chosen(everything), set(), {}
    kinds: set[str] = set()
    for name, build in WORLDS.items():
        trial = build(url, tmp_path / name, fresh)

        def audited(connection: psycopg.Connection, trial: Any = trial) -> list[Finding]:
            return audit_all(connection, trial.office.files, trial.office.signer.private_key.public_key())

        with as_superuser(url) as connection:
            found = [item for item in audited(connection) if item.rule != "split_view"]
            assert is_clean(found), (name, [item.message("en") for item in found])
        results = list(missed(url, left.__contains__, audited))
        unseen |= {f"{name}: {column}": what for column, what in results if what not in {"found", "empty"}}
        tried = {column for column, what in results if what != "empty"}
        left, seen = left - tried, seen | {column.table for column in tried}
        kinds |= flip_files(trial, url, audited)
        trial.close()
        url = fresh()
    assert unseen == {}, "the audit does not see these changes"
    tables = {one.table for one in everything} - NOT_COVERED.keys()
    assert seen == tables, f"no world has a row for {sorted(tables - seen)}"
    assert kinds >= {"text/csv", "application/vnd.apache.parquet", "application/pdf", "text/plain"}


def flip_files(trial: Any, url: str, audited: Callable[[psycopg.Connection], list[Finding]]) -> set[str]:
    """One bit of one stored file of each kind; gives the kinds."""
    rows = trial.all("select distinct on (media_type) media_type, sha256 from stored_file order by 1, 2")
    for kind, sha256 in rows:
        path = trial.office.files.path(sha256)
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with as_superuser(url) as connection:
            assert "file_changed" in {item.rule for item in audited(connection)}, kind
        path.write_bytes(data)
    return {kind for kind, _ in rows}


def test_guards_that_were_put_to_sleep(fresh: Callable[[], str]) -> None:
    """A trigger asleep or dropped, a function with another text, a rule of who gives: each is named."""
    with as_superuser(fresh()) as connection:
        assert list(check_schema(connection)) == []
        for attack in (
            "alter table journal disable trigger append_only",
            "alter table holding disable trigger user",
            "drop trigger movements_are_lawful on movement",
            "create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'",
            "delete from movement_rule where kind = 'retire'",
            "update schema_migration set checksum = 'x' where name like '0001%'",
        ):
            connection.execute(attack.encode())
            assert {item.rule for item in check_schema(connection)} == {"schema_wrong"}, attack
            connection.rollback()


DROPPED: dict[str, str] = {
    "constraint account_sum_quantity_check on account_sum":
        "alter table account_sum drop constraint account_sum_quantity_check",
    "constraint journal_idempotency_key_key on journal":
        "alter table journal drop constraint journal_idempotency_key_key",
    "constraint block_origin_series_serials_excl on block_origin":
        "alter table block_origin drop constraint block_origin_series_serials_excl",
    "constraint product_entry_no_fkey on product": "alter table product drop constraint product_entry_no_fkey",
    "constraint log_leaf_pkey on log_leaf": "alter table log_leaf drop constraint log_leaf_pkey",
    "index holding_begins_once": "drop index holding_begins_once",
    "column holder of account": "alter table account alter holder drop not null",
    "constraint movement_kind_check on movement":
        "alter table movement drop constraint movement_kind_check,"
        " add constraint movement_kind_check check (kind <> '')",
    "constraint log_leaf_leaf_index_check on log_leaf":
        "alter table log_leaf drop constraint log_leaf_leaf_index_check,"
        " add constraint log_leaf_leaf_index_check check (leaf_index >= 0) not valid",
    "trigger of a foreign key on product": "alter table product disable trigger all",
    "setting session_replication_role": "do $$ begin execute format("
        "'alter database %I set session_replication_role = replica', current_database()); end $$",
}  # fmt: skip
"""What the audit names → the statement of one who owns the database."""


@pytest.mark.both_engines
def test_keys_and_checks_that_were_dropped(fresh: Callable[[], str]) -> None:
    """One of each kind: check, unique key, exclusion, foreign key, primary key, index, not null, weakened, asleep."""
    with as_superuser(fresh()) as connection:
        assert list(check_schema(connection)) == []
        for named, attack in DROPPED.items():
            connection.execute(attack.encode())
            found = [str(item.facts["what"]) for item in check_schema(connection)]
            assert any(what.startswith(named) for what in found), (attack, found)
            connection.rollback()


def test_the_shape_on_record_is_that_of_the_migrations(database_url: str) -> None:
    """If this is red, run ``python tools/document_schema.py``."""
    with as_superuser(database_url) as connection:
        text = (ROOT / "src/openjcm/store" / SHAPE_FILE).read_text(encoding="utf-8")
        assert text.splitlines() == sorted(shape(connection))
