"""Entries that no guard let in, in a journal that agrees with its log: the replay of the audit names each.

Whoever has the database and the log's key can write any entry with its leaf and its checkpoint. Here the journal of
real books is read, entries are changed or put in, and the ledger is replayed from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from databases import migrated_database
from openjcm.commands.lookups import retirement_rules
from openjcm.store.audit import Journal, JournalRow
from openjcm.store.audit_ledger import check_ledger
from openjcm.store.server import Server
from signing import MORI
from worlds_of_books import people, storage

Rows = list[JournalRow]
Forgery = Callable[[Rows], None]


def place_of(rows: Rows, act: str, number: int = 0) -> int:
    """Where the n-th entry of an act stands."""
    return [place for place, row in enumerate(rows) if row.act == act][number]


def changed(act: str, number: int = 0, *, request: dict[str, Any] | None = None, **outcome: Any) -> Forgery:
    """The n-th entry of an act says something else."""

    def forge(rows: Rows) -> None:
        place = place_of(rows, act, number)
        row = rows[place]
        rows[place] = replace(row, request={**row.request, **(request or {})}, outcome={**row.outcome, **outcome})

    return forge


def twice(act: str, number: int = 0) -> Forgery:
    """The n-th entry of an act stands there a second time."""

    def forge(rows: Rows) -> None:
        place = place_of(rows, act, number)
        rows.insert(place + 1, rows[place])

    return forge


def released_twice(rows: Rows) -> None:
    place = place_of(rows, "place_hold")
    release = replace(rows[place], act="release_hold", outcome={})
    rows[place + 1 : place + 1] = [release, release]


def executed_otherwise(rows: Rows) -> None:
    place = place_of(rows, "approve_proposal")
    row = rows[place]
    done = row.outcome["executed"]
    other = {**done, "request": {**done["request"], "target_account": "JPN/trader"}}
    rows[place] = replace(row, outcome={**row.outcome, "executed": other})


def withdrawn_by_another(rows: Rows) -> None:
    place = place_of(rows, "approve_proposal")
    request = MORI.answer(rows[place].request["proposal"], "withdraw")
    rows[place] = replace(rows[place], act="withdraw_proposal", request=request, outcome={})


def approvers_known_before(rows: Rows) -> None:
    """The government's approvers were on record when others signed the correction."""
    known = [rows[place_of(rows, "register_representative", number)] for number in (1, 2)]
    place = place_of(rows, "correct_mistake")
    rows[place:place] = known


def issued(*blocks: str) -> list[dict[str, str]]:
    """The blocks of an issuance to the government."""
    return [{"block": f"JCM-JP-MN901-2022-{block}", "account_id": "JPN/government"} for block in blocks]


FORGED: dict[str, tuple[Forgery, str]] = {
    "an issuance a second time": (twice("issue"), "second issuance of JPN by D1"),
    "less issued than decided": (changed("issue", blocks=issued("1-39")), "decided {('JPN/government', '2022'): 40}"),
    "serials left out": (changed("issue", blocks=issued("1-20", "22-41")), "gaps in JCM-JP-MN901-2022-1-41"),
    "other serials moved than asked": (
        changed("transfer", blocks=["JCM-JP-MN901-2022-2-2"]), "replayed ['JCM-JP-MN901-2022-1-1']"
    ),
    "a hold a second time": (twice("place_hold"), "second hold H9"),
    "a hold released a second time": (released_twice, "second release of H9"),
    "an account closed with credits": (
        changed("close_account", request={"account_id": "JPN/government"}), "closed with credits in it"
    ),
    "an application out of turn": (changed("apply_for_account", 1, version=3), "version 3 of A1 after return"),
    "a review of one's own application": (
        changed("review_account_application", request={"reviewer": "acme.sato"}), "reviewed by acme.sato after None"
    ),
    "another account opened than applied for": (
        changed("review_account_application", 1, account_type="government_holding"),
        "JPN/acme is not what was applied for",
    ),
    "the key of another person": (
        lambda rows: changed(
            "register_representative", 1,
            request={"public_key": rows[place_of(rows, "register_representative")].request["public_key"]},
        )(rows),
        "key of acme.sato",
    ),
    "controls changed by one person": (
        twice("change_account_controls"), "controls of JPN/government changed without a proposal"
    ),
    "another proposal than was signed": (changed("propose", proposal="0" * 64), "proposal 604ddd7f6c27acf1"),
    "a proposal of another amount": (changed("propose", quantity=2), "quantity 2, replayed 1"),
    "an approval before its time": (
        changed("approve_proposal", due_at="2026-11-21T02:00:00+00:00"), "the delay is 0 h"
    ),
    "another act executed than approved": (executed_otherwise, "executed transfer, which is not what was proposed"),
    "a correction that others signed": (approvers_known_before, "A correction needs 2 people of each side; JPN has 0"),
    "a proposal withdrawn by another": (withdrawn_by_another, "withdrawn by acme.mori"),
}  # fmt: skip
"""What is forged in the books of the people, and the reason that the audit gives."""


def reasons(connection: psycopg.Connection, forge: Forgery) -> list[str]:
    """What the replay finds wrong with the entries."""
    rows = list(Journal(connection))
    forge(rows)
    found = check_ledger(connection, rows, retirement_rules)
    return [item.facts["reason"] for item in found if item.rule in {"entry_not_readable", "entry_breaks_a_rule"}]


@pytest.fixture(scope="module")
def books(database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection]:
    """The books of the people, which nothing here changes."""
    with migrated_database(database_server, f"forged_{os.getpid()}") as url:
        people(url, tmp_path_factory.mktemp("books"), lambda: url).close()
        with psycopg.connect(url) as connection:
            yield connection


@pytest.mark.parametrize("name", ["nothing", *FORGED])
def test_a_forged_entry_is_named(name: str, books: psycopg.Connection) -> None:
    forge, reason = FORGED.get(name, (lambda rows: None, ""))
    found = reasons(books, forge)
    assert bool(found) == bool(reason), found
    assert not reason or any(reason in one for one in found), found


def test_a_reversal_in_another_phase(database_url: str, tmp_path: Path) -> None:
    storage(database_url, tmp_path, lambda: database_url).close()
    with psycopg.connect(database_url) as connection:
        found = reasons(connection, changed("record_reversal", phase="closed"))
    assert "ValueError phase closed, replayed injection" in found
