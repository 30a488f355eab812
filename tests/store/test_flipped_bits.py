"""One value changed anywhere, in any column of any table or in any kind of file: the audit finds it.

The tables come from the catalogue of the database: a new one without rows here, or whose changes go unseen, turns this
red. The worlds are those that other tests build. ``OPENJCM_EVERY_COLUMN=1`` tries every column instead of two of each
table.
"""

from __future__ import annotations

import importlib.util
import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from databases import drop_database
from flips import Column, as_superuser, columns, missed
from live_office import live_trial
from openjcm.commands.auditing import audit_all
from openjcm.commands.together import ask, perform_together
from openjcm.commands.transfer import ACT as TRANSFER
from openjcm.refusals import Finding, Refused
from openjcm.store.audit import is_clean
from openjcm.store.audit_schema import SHAPE_FILE, check_schema, shape
from openjcm.store.server import Server
from openjcm.world import demonstration
from trial_office import Trial, play

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
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


def module(name: str) -> ModuleType:
    """Another module of tests, for the worlds that its tests build."""
    spec = importlib.util.spec_from_file_location(f"world_of_{Path(name).stem}", TESTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


Fresh = Callable[[], str]
"""Gives the address of a fresh migrated database at each call."""


def demonstration_world(url: str, folder: Path, _: Fresh) -> Any:
    trial = Trial(url, folder)
    play(trial, demonstration.story()[-1].name)
    module("commands/test_meter_facts").record(trial)
    module("commands/test_reading_profiles").record(trial)
    return trial


def people(url: str, folder: Path, _: Fresh) -> Any:
    """Applications, changes, trusts, holds, bars, representatives, proposals, corrections, full tiles of the log."""
    trial = Trial(url, folder)
    trial.market()
    applications, holds = module("commands/test_applications"), module("commands/test_holds_and_bars")
    applications.test_trust_and_no_pledge(trial)
    applications.test_accepted(trial)
    holds.place(trial, "H9", ("JCM-JP-MN901-2022-31-32",))
    applications.test_particulars_change(trial)
    mistake = module("commands/test_correct_mistake")
    blocks = ["JCM-JP-MN901-2022-33-34"]
    trial.decide("D2", "2025-04-10", 400, 0)
    trial.do("issue", "2025-04-11", decision_id="D2", side="JPN")
    wrong = trial.do("transfer", "2025-05-01", blocks=blocks, target_account="JPN/trader").entry_no
    trial.do("correct_mistake", "2025-06-03", **mistake.request(wrong, blocks))
    wishes = [
        {"blocks": [f"JCM-JP-MN901-2022-{serial}"], "target_account": "JPN/trader", "occurred_on": "2025-06-03"}
        for serial in range(100, 356)
    ]
    perform_together([ask(TRANSFER, fields, None, "trial") for fields in wishes], trial.office)
    trial.do("suspend_account", "2025-06-04", account_id="JPN/trader", direction="out", reason="inquiry")
    eyes = module("commands/test_four_eyes")
    eyes.representatives(trial)
    eyes.answer(trial, eyes.KATO, eyes.propose(trial, blocks=["JCM-JP-MN901-2022-40"], target_account="JPN/acme"))
    return trial


def notices(url: str, folder: Path, other: Fresh) -> Any:
    """Two governments that tell each other everything, and compare."""
    told = module("commands/test_reconciliation")
    japan, mongolia = told.two_sides(url, other(), folder)
    told.story(japan, mongolia)
    japan.send(mongolia), mongolia.send(japan)
    told.reconcile(japan, mongolia)
    japan.do("revoke_partner", "2025-07-01", partner=mongolia.name, reason="a new contract")
    mongolia.close()
    return japan


def meters(url: str, folder: Path, _: Fresh) -> Any:
    """Gateways and their batches."""
    tests = module("commands/test_live_meters")
    trial = live_trial(url, folder)
    tests.CORRUPTIONS = {}
    tests.test_every_corruption_is_found(trial, trial.gateway(tests.TrialGateway()))
    return trial


def witnesses(url: str, folder: Path, other: Fresh) -> Any:
    """A witness of another log, whose history was rewritten, and which co-signed this one before."""
    tests = module("commands/test_witnessing")
    japan = tests.installation(url, folder / "japan", "japan.example", 1)
    mongolia = tests.installation(other(), folder / "mongolia", "mongolia.example", 2)
    mongolia.do("open_registry", "2015-11-01", registry_id="MNG", party="MNG", world="public")
    japan.market()
    tests.test_each_witnesses_the_other_by_files(japan, mongolia, folder)
    with suppress(Refused):  # the rewritten log is told at its end that its witness has co-signed before
        tests.test_a_rewritten_history_is_refused_and_shouted(japan, mongolia, other(), folder / "again")
    assert japan.one("select count(*) from split_view") == 1
    mongolia.close()
    return japan


def storage(url: str, folder: Path, _: Fresh) -> Any:
    """A storage site: its phases, what escaped, and how it was made good."""
    stories = module("stories/test_stories")
    stories.test_story(TESTS / "stories" / "storage.story", url, folder)
    return Trial(url, folder)


WORLDS: dict[str, Callable[[str, Path, Fresh], Any]] = {
    "demonstration": demonstration_world,
    "people": people,
    "notices": notices,
    "meters": meters,
    "witnesses": witnesses,
    "storage": storage,
}


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
