"""Acts done together: each as if it had been done alone, in the same order."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes
from openjcm.commands import act, run
from openjcm.commands.ahead import Ahead
from openjcm.commands.gathering import Gatherer
from openjcm.commands.together import Asked, ask, perform_together
from openjcm.refusals import Refused
from openjcm.store.columns import column
from openjcm.store.journal import Entry, Receipt
from trial_office import Trial

Wish = tuple[str, dict[str, Any], str | None]


def wish(act_name: str, first: int, last: int, target: str = "company", key: str | None = None, **more: Any) -> Wish:
    """An act that somebody wants done."""
    blocks = [f"JCM-JP-MN901-2022-{first}-{last}"]
    fields = {
        "transfer": {"target_account": f"JPN/{target}"},
        "cancel": {"cancellation_account": "JPN/cancellation", "purpose": "omge", "reason": "r"},
        "retire": {"retirement_account": "JPN/retirement", "used_for_year": 2025, "purpose": "ndc"},
    }[act_name]
    return act_name, {"blocks": blocks, "occurred_on": "2025-05-01", **fields, **more}, key


def asked(wishes: list[Wish]) -> list[Asked]:
    """The wishes as read requests."""
    return [ask(act(name), fields, key, "trial") for name, fields, key in wishes]


def together(trial: Trial, wishes: list[Wish]) -> list[str]:
    """What becomes of wishes done together: the code of a refusal, ``done`` or ``replayed``."""
    return [said(answer) for answer in perform_together(asked(wishes), trial.office)]


def one_by_one(trial: Trial, wishes: list[Wish]) -> list[str]:
    """What becomes of wishes done each by itself."""
    found = []
    for name, fields, key in wishes:
        try:
            found.append(said(run(name, fields, office=trial.office, key=key, actor="trial")))
        except Refused as refused:
            found.append(said(refused))
    return found


def said(answer: Receipt | Refused) -> str:
    """An answer in a word."""
    return answer.code if isinstance(answer, Refused) else "replayed" if answer.replayed else "done"


def state(trial: Trial) -> list[tuple[Any, ...]]:
    """All that acts leave behind."""
    return [
        *trial.all("select entry_no, act, idempotency_key, request, request_sha256, outcome, actor from journal"),
        *trial.all("select leaf_index, kind, body, entry_no from log_leaf order by 1"),
        *trial.all("select entry_no, tree_size, peaks from log_head"),
        *trial.all("select tree_size, root_hash from checkpoint order by 1 desc limit 1"),
        *trial.all("select series, serials, account_id, since_entry_no, since from holding order by 1, 2"),
        *trial.all(
            "select entry_no, kind, series, serials, source_account, target_account, details, from_entry_no"
            " from movement order by entry_no, serials"
        ),
    ]


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """Forty credits of Japan's government, which both Parties authorized."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    trial.authorize("JPN", on="2025-01-15")
    trial.authorize("MNG", on="2025-01-15")
    yield trial
    trial.close()


@pytest.fixture
def twin(second_database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """The same market once more, in a database of its own."""
    twin = Trial(second_database_url, tmp_path / "twin")
    twin.market()
    twin.authorize("JPN", on="2025-01-15")
    twin.authorize("MNG", on="2025-01-15")
    yield twin
    twin.close()


MIXED = [
    wish("transfer", 1, 10),
    wish("transfer", 4, 5, "trader"),
    wish("transfer", 1, 10, "trader"),  # two accounts hold them by now
    wish("retire", 4, 4),
    wish("cancel", 4, 4),  # retired a moment ago
    wish("transfer", 39, 41),  # 41 was never issued
    wish("transfer", 11, 12, "nowhere"),
    wish("transfer", 11, 12, "retirement"),
    wish("cancel", 6, 7),
    wish("transfer", 20, 30, key="k"),
    wish("transfer", 20, 30, key="k"),
    wish("transfer", 31, 32, key="k"),
    wish("transfer", 1, 3, occurred_on="2100-01-01"),
    wish("retire", 13, 14, purpose="fun"),
]
EXPECTED = [
    "done", "done", "more_than_one_source", "done", "sink_never_releases", "not_held", "unknown_account",
    "account_type_does_not_fit", "done", "done", "replayed", "idempotency_key_reused", "dated_in_the_future",
    "unknown_purpose",
]  # fmt: skip


@pytest.mark.both_engines
def test_acts_done_together_are_as_if_done_alone(trial: Trial, twin: Trial) -> None:
    assert together(trial, MIXED) == EXPECTED == one_by_one(twin, MIXED)
    assert state(trial) == state(twin)
    assert trial.clean()


WISHES = st.lists(
    st.builds(
        lambda name, first, length, target, key: wish(name, first, first + length, target, key),
        st.sampled_from(["transfer", "transfer", "cancel", "retire"]),
        st.integers(1, 42),
        st.integers(0, 12),
        st.sampled_from(["company", "trader", "government"]),
        st.sampled_from([None, None, "a", "b"]),
    ),
    min_size=1,
    max_size=12,
)


@given(st.lists(WISHES, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_acts_in_any_batches(trial: Trial, twin: Trial, batches: list[list[Wish]]) -> None:
    """The two ledgers run on through all the examples, and stay the same byte for byte."""
    for batch in batches:
        assert together(trial, batch) == one_by_one(twin, batch)
    assert state(trial) == state(twin)


@given(st.lists(WISHES, min_size=2, max_size=4), st.sampled_from([None, 0, 1, 2]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_batches_decided_ahead(trial: Trial, twin: Trial, batches: list[list[Wish]], disturbed: int | None) -> None:
    """Each batch is decided while the one before is not yet written, and comes out as if done one by one; also where
    somebody else writes in between, so that what was decided must be decided anew."""
    between = [wish("transfer", 1, 3), wish("cancel", 9, 9)]
    before: Ahead | None = None
    answers: list[list[str]] = []
    for number, batch in enumerate([*batches, []]):
        decided = Ahead(asked(batch), trial.office, before)
        if number == disturbed:
            answers.append(one_by_one(trial, between))
        if before is not None:
            answers.append([said(answer) for answer in before.write()])
        decided.settle()
        before = decided
    expected = []
    for number, batch in enumerate(batches):
        if disturbed is not None and number == max(disturbed - 1, 0):
            expected.append(one_by_one(twin, between))
        expected.append(one_by_one(twin, batch))
    assert answers == expected
    assert state(trial) == state(twin)


@pytest.mark.parametrize("first", [wish("transfer", 50, 60, key="k"), wish("transfer", 1, 3, key="k")])
def test_a_key_used_again_keeps_its_place_in_the_order(trial: Trial, twin: Trial, first: Wish) -> None:
    """A refused act does not take its key; what comes next under the key is done in its turn, before what follows."""
    wishes = [first, wish("transfer", 1, 5, key="k"), wish("transfer", 1, 5, "trader")]
    assert together(trial, wishes) == one_by_one(twin, wishes)
    assert state(trial) == state(twin)


def test_asked_again_nothing_happens_twice(trial: Trial) -> None:
    assert together(trial, MIXED) == EXPECTED
    before = trial.fingerprint()
    again = ["replayed" if said == "done" else said for said in EXPECTED]
    assert together(trial, MIXED) == again
    assert trial.fingerprint() == before
    assert together(trial, []) == []


def test_a_key_taken_meanwhile_hinders_nobody_else(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer takes the key between the look and the writing: the batch is done again one by one."""
    from openjcm.store import journal

    wishes = [wish("transfer", 1, 1, key="a"), wish("transfer", 2, 2, key="b")]
    looked = journal.ask_keys

    def blind(connection: psycopg.Connection, keys: list[str]) -> psycopg.Cursor:
        return looked(connection, ["nothing"] if len(keys) > 1 else keys)

    run("transfer", wish("transfer", 3, 3)[1], office=trial.office, key="b", actor="trial")
    monkeypatch.setattr(journal, "ask_keys", blind)
    assert together(trial, wishes) == ["done", "idempotency_key_reused"]
    assert trial.clean()


def test_the_leaf_of_an_act_done_together_has_the_bytes_of_any_other(trial: Trial) -> None:
    hostile = 'a "quoted" \\ name — 日本\u2028'
    fields = wish("cancel", 1, 1, reason=hostile, key="k")[1]
    (receipt,) = perform_together([ask(act("cancel"), fields, "k", hostile)], trial.office)
    assert isinstance(receipt, Receipt)
    row = trial.all("select * from journal where entry_no = %s", receipt.entry_no)[0]
    entry = Entry(row[0], row[1], row[2], row[4], row[5], row[6], row[7], row[8])
    body = bytes(trial.one("select body from log_leaf where leaf_index = %s", receipt.leaf_index))
    assert body == entry.leaf_body() == canonical_bytes(json.loads(body))


def test_a_value_never_passes_for_two() -> None:
    assert column([1, None, "a"]) == "1\x1f\x1e\x1fa"
    assert column([]) == "", "no value at all"
    for value in ("a\x1fb", "\x1e"):
        with pytest.raises(ValueError, match="separator"):
            column([value, "x"])
    with pytest.raises(ValueError, match="empty"):
        column([""])


@pytest.mark.both_engines
def test_five_hundred_callers_at_once(trial: Trial) -> None:
    """Each gets his own answer; forty credits are given away forty times, and never once more."""
    gatherer = Gatherer(trial.office)

    async def caller(number: int) -> str:
        name, fields, _ = wish("transfer", number % 40 + 1, number % 40 + 1)
        try:
            return said(await gatherer.ask(ask(act(name), fields, f"caller-{number}", "trial")))
        except Refused as refused:
            return said(refused)

    async def everybody() -> list[str]:
        return await asyncio.gather(*(caller(number) for number in range(500)))

    with ThreadPoolExecutor(4) as pool:
        found = pool.submit(asyncio.run, everybody()).result()  # away from a loop that a browser's test left running
        assert Counter(found) == {"done": 40, "same_account": 460}
        wishes = asked([wish("transfer", number, number, "trader") for number in range(1, 41)])
        found = [said(one) for answers in pool.map(gatherer.ask_all, [wishes] * 4) for one in answers]
    assert Counter(found) == {"done": 40, "replayed": 120}
    gatherer.close()
    assert trial.held("JPN/trader") == 40
    assert trial.clean()


def test_an_error_is_told_to_each_caller_and_ends_nothing(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    gatherer = Gatherer(trial.office)
    with monkeypatch.context() as patched:
        patched.setattr(trial.office, "clock", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            gatherer.ask_all(asked([wish("transfer", 1, 1)]))
    (answer,) = gatherer.ask_all(asked([wish("transfer", 1, 1)]))
    assert said(answer) == "done"
    gatherer.close()
    with pytest.raises(RuntimeError):
        gatherer.ask_all(asked([wish("transfer", 2, 2)]))
