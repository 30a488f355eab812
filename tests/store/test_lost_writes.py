"""Every statement of an act lost, or done but unheard: afterwards the books are in order, and a retry does it once.

The connection breaks just before or just after the n-th statement (the commit is the last one). ``lost``: the server
never saw it. ``unheard``: the server did it, and the answer never came.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openjcm.commands import act as act_named
from openjcm.commands import run
from openjcm.commands.together import Asked, ask, perform_together
from openjcm.refusals import Refused
from openjcm.store.database import connect
from openjcm.store.journal import Receipt
from trial_office import Trial


def transfer(number: int) -> dict[str, Any]:
    """The n-th transfer."""
    block = f"JCM-JP-MN901-2022-{2 * number + 1}-{2 * number + 2}"
    return {"blocks": [block], "target_account": "JPN/company", "occurred_on": "2025-02-01"}


def issue(number: int) -> dict[str, Any]:
    """The n-th issuance."""
    return {"decision_id": f"E{number}", "side": "MNG", "occurred_on": "2025-02-01"}


def authorization(number: int) -> dict[str, Any]:
    """The n-th authorization."""
    return {
        "world": "public", "party": "JPN", "authorization_id": f"A{number}", "version": 1, "purposes": ["NDC"],
        "grade": "read", "source": "s", "occurred_on": "2025-02-01",
    }  # fmt: skip


ACTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "transfer": transfer,
    "issue": issue,
    "record_authorization": authorization,
}
MOST = 30
"""No act takes more statements than this."""
COMMIT = 0
"""The place of the commit, whichever statement it is."""


class Breaking:
    """Counts statements and breaks the connection at one of them, once."""

    def __init__(self, at: int, when: str) -> None:
        self.at, self.when, self.count, self.broken = at, when, 0, False
        self.at_commit = False
        self.done = False
        """Whether the work was committed before the connection broke."""

    def around(self, connection: psycopg.Connection, work: Any, is_commit: bool = False) -> Any:
        """Do a piece of work with the fault around it."""
        self.count += 1
        now = (self.count == self.at or (is_commit and self.at == COMMIT)) and not self.broken
        self.at_commit = is_commit if now else self.at_commit
        if now and self.when == "lost":
            self._break(connection)
        result = work()
        self.done |= is_commit and not self.broken
        if now and self.when == "unheard":
            self._break(connection)
        return result

    def _break(self, connection: psycopg.Connection) -> None:
        self.broken = True
        connection.close()
        raise psycopg.OperationalError("the connection was lost (trial)")


def breaking_connect(fault: Breaking) -> Any:
    """A ``connect`` whose connections have the fault."""

    class FaultyCursor(psycopg.Cursor[Any]):
        def execute(self, *given: Any, **more: Any) -> Any:
            return fault.around(self.connection, lambda: super(FaultyCursor, self).execute(*given, **more))

        def executemany(self, *given: Any, **more: Any) -> Any:
            return fault.around(self.connection, lambda: super(FaultyCursor, self).executemany(*given, **more))

        @contextmanager
        def copy(self, *given: Any, **more: Any) -> Any:
            with super().copy(*given, **more) as copying:
                yield fault.around(self.connection, lambda: copying)

    class Faulty(psycopg.Connection[Any]):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            self.cursor_factory = FaultyCursor

        def commit(self) -> None:
            fault.around(self, lambda: super(Faulty, self).commit(), is_commit=True)

    def opened(url: str) -> psycopg.Connection:
        plain = connect(url)
        options = plain.info.get_parameters()["options"]
        plain.close()
        return Faulty.connect(url, options=options)

    return opened


@pytest.mark.parametrize("when", ["lost", "unheard"])
@pytest.mark.parametrize("act", ACTS)
def test_each_statement(act: str, when: str, database_url: str, tmp_path: Path) -> None:
    """At each statement: the act is done exactly once, whether the office retries by itself or the caller does."""
    trial = Trial(database_url, tmp_path)
    trial.market(100)
    if act == "issue":
        for number in range(MOST + 1):
            trial.decide(f"E{number}", "2025-01-15", 0, 3)
    table = []
    for number in range(MOST + 1):
        fault = Breaking(number, when)
        office = dataclasses.replace(trial.office, connect=breaking_connect(fault))
        request, key = ACTS[act](number), f"key {number}"
        receipt = run(act, request, office=office, key=key, actor="trial")
        office.close()
        again = run(act, request, office=trial.office, key=key, actor="trial")
        assert again.replayed and again.entry_no == receipt.entry_no
        assert trial.one("select count(*) from journal where idempotency_key = %s", key) == 1
        if not fault.broken:  # the act has fewer statements: every one of them was tried
            break
        # Only a commit that was done before the break leaves the act done at the first try.
        assert receipt.replayed == fault.done
        table.append(fault.at_commit)
    assert 8 <= len(table) <= MOST and any(table)
    assert trial.clean()
    trial.close()


def asked_together(number: int) -> list[Asked]:
    """The n-th batch: two transfers, one that is refused, one that goes on with the first one's block, and a use."""
    first = f"JCM-JP-MN901-2022-{4 * number + 1}"
    second = f"JCM-JP-MN901-2022-{4 * number + 2}-{4 * number + 4}"
    day = {"occurred_on": "2025-05-01"}
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("transfer", {"blocks": [first], "target_account": "JPN/company", **day}),
        ("transfer", {"blocks": [second], "target_account": "JPN/company", **day}),
        ("transfer", {"blocks": ["JCM-JP-MN901-2022-999999"], "target_account": "JPN/company", **day}),
        ("transfer", {"blocks": [first], "target_account": "JPN/trader", **day}),
        ("retire", {"blocks": [second], "retirement_account": "JPN/retirement", "used_for_year": 2025,
                    "purpose": "ndc", **day}),
    ]  # fmt: skip
    return [ask(act_named(act), fields, f"{number}/{place}", "trial") for place, (act, fields) in enumerate(wishes)]


@pytest.mark.parametrize("when", ["lost", "unheard"])
def test_each_statement_of_acts_done_together(when: str, database_url: str, tmp_path: Path) -> None:
    """The same for a whole batch: at each statement every act of it is done exactly once, and the refused one never."""
    trial = Trial(database_url, tmp_path)
    trial.market(4 * (MOST + 1))
    trial.authorize("JPN", on="2025-01-15"), trial.authorize("MNG", on="2025-01-15")
    at_commit = []
    for number in range(MOST + 1):
        fault = Breaking(number, when)
        office = dataclasses.replace(trial.office, connect=breaking_connect(fault))
        answers = perform_together(asked_together(number), office)
        office.close()
        entries = [answer.entry_no for answer in answers if isinstance(answer, Receipt)]
        assert len(entries) == 4 and isinstance(answers[2], Refused) and answers[2].code == "not_held"
        again = perform_together(asked_together(number), trial.office)
        assert [answer.entry_no for answer in again if isinstance(answer, Receipt) and answer.replayed] == entries
        assert trial.one("select count(*) from journal where idempotency_key like %s", f"{number}/%") == 4
        if not fault.broken:
            break
        assert all(answer.replayed == fault.done for answer in answers if isinstance(answer, Receipt))
        at_commit.append(fault.at_commit)
    assert 8 <= len(at_commit) <= MOST and any(at_commit)
    assert trial.clean()
    trial.close()


def test_an_office_that_never_comes_through_says_so(database_url: str, tmp_path: Path) -> None:
    """When the database stays away, the caller is told to send the same request again, and nothing is recorded."""
    trial = Trial(database_url, tmp_path)
    trial.market()

    def away(_: str) -> psycopg.Connection:
        raise psycopg.OperationalError("connection refused (trial)")

    office = dataclasses.replace(trial.office, connect=away)
    with pytest.raises(Refused) as caught:
        run("transfer", transfer(0), office=office, actor="trial")
    assert caught.value.code == "try_again"
    assert trial.held("JPN/company") == 0
    trial.close()
