"""Two, six, fifty, five hundred who want the same at the same moment: directly, together, and over HTTP.

Whoever asks gets his own answer; never more goes out of an account than went in; no serial is used twice; nobody waits
for ever, and nobody is told to try again because others stood in his way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openjcm.commands import act, run
from openjcm.commands.gathering import Gatherer
from openjcm.commands.together import ask
from openjcm.refusals import Refused
from openjcm.store.journal import Receipt
from served import Served
from trial_office import Trial

CREDITS = 40
DAY = "2025-05-01"
Wish = tuple[str, dict[str, Any]]


def block(first: int, last: int) -> str:
    """A run of Japan's credits."""
    return f"JCM-JP-MN901-2022-{first}-{last}"


def transfer(first: int, last: int, target: str) -> Wish:
    return "transfer", {"blocks": [block(first, last)], "target_account": f"JPN/{target}", "occurred_on": DAY}


def retire(first: int, last: int) -> Wish:
    return "retire", {
        "blocks": [block(first, last)], "retirement_account": "JPN/retirement", "used_for_year": 2025,
        "purpose": "ndc", "occurred_on": DAY,
    }  # fmt: skip


def cancel(first: int, last: int, reason: str) -> Wish:
    return "cancel", {
        "blocks": [block(first, last)], "cancellation_account": "JPN/cancellation", "purpose": "omge",
        "reason": reason, "occurred_on": DAY,
    }  # fmt: skip


def issue(side: str) -> Wish:
    return "issue", {"decision_id": "D2", "side": side, "occurred_on": DAY}


def one_block(number: int) -> Wish:
    """All want the very same block: to move it to one or the other, to retire it, to cancel it."""
    kinds: tuple[Callable[[], Wish], ...] = (
        lambda: transfer(1, CREDITS, "company"),
        lambda: retire(1, CREDITS),
        lambda: transfer(1, CREDITS, "trader"),
        lambda: cancel(1, CREDITS, f"caller {number}"),
    )
    return kinds[number % 4]()


def chain(number: int) -> Wish:
    """Each wants three credits, of which the next one wants two as well."""
    first = number % (CREDITS - 2) + 1
    return transfer(first, first + 2, ("company", "trader")[number % 2])


def all_acts(number: int) -> Wish:
    """Every act that moves or makes credits, over blocks that overlap."""
    first = number * 7 % (CREDITS - 3) + 1
    kinds: tuple[Callable[[], Wish], ...] = (
        lambda: transfer(first, first + 3, "company"),
        lambda: retire(first, first + 1),
        lambda: cancel(first + 1, first + 2, f"caller {number}"),
        lambda: issue("JPN"),
        lambda: transfer(first, first, "trader"),
        lambda: issue("MNG"),
    )
    return kinds[number % 6]()


SCENES: dict[str, Callable[[int], Wish]] = {"one block": one_block, "chain": chain, "all acts": all_acts}
ANSWERS = {"done", "same_account", "sink_never_releases", "more_than_one_source", "already_issued"}
"""What may come of any of these. ``try_again`` and a refusal by the database are not among them."""


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """A market in which both Parties authorized the use, and a second decision not issued yet."""
    trial = Trial(database_url, tmp_path)
    trial.market(CREDITS)
    trial.authorize("JPN", on="2025-01-15"), trial.authorize("MNG", on="2025-01-15")
    trial.decide("D2", "2025-02-01", 5, 3)
    yield trial
    trial.close()


def assert_in_order(trial: Trial, wishes: list[Wish], answers: list[Any]) -> None:
    """Each answer is its caller's own, and the books hold what was there before and what was issued."""
    outcomes = Counter("done" if isinstance(answer, dict) else answer for answer in answers)
    assert outcomes["done"] >= 1 and set(outcomes) <= ANSWERS, outcomes
    for number, ((name, fields), answer) in enumerate(zip(wishes, answers, strict=True)):
        if isinstance(answer, dict):
            assert answer["key"] == f"caller-{number}" and not answer["replayed"]
            recorded = trial.all("select act, request, outcome from journal where entry_no = %s", answer["entry_no"])
            (said,) = recorded
            assert said[0] == name and said[2] == answer["outcome"] and said[1].items() >= fields.items()
    assert trial.one("select count(*) from journal where idempotency_key like 'caller-%%'") == outcomes["done"]
    issued = int(trial.one("select coalesce(sum(upper(serials) - lower(serials)), 0) from block_origin"))
    assert issued in {CREDITS, CREDITS + 5, CREDITS + 3, CREDITS + 8}
    assert sum(trial.held(name) for (name,) in trial.all("select account_id from account")) == issued
    used = "select count(*) from movement m join movement n using (series) where m.kind in ('retire', 'cancel')"
    assert trial.one(f"{used} and n.entry_no > m.entry_no and m.serials && n.serials") == 0, "used, and moved again"
    assert trial.clean()


def directly(trial: Trial, wishes: list[Wish]) -> list[Any]:
    """Each on a thread of its own, one transaction each."""

    def one(number: int) -> Any:
        name, fields = wishes[number]
        try:
            return run(name, fields, office=trial.office, key=f"caller-{number}", actor="trial").as_data()
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(len(wishes)) as pool:
        return list(pool.map(one, range(len(wishes))))


def gathered(trial: Trial, wishes: list[Wish]) -> list[Any]:
    """Through two gatherers of two offices, as two processes of a service would; what they do not take, directly."""
    gatherers = [
        Gatherer(trial.office),
        Gatherer(Trial(trial.office.database_url, trial.office.files.root.parent).office),
    ]

    def one(number: int) -> Any:
        name, fields = wishes[number]
        try:
            if act(name).moves is None:
                return run(name, fields, office=trial.office, key=f"caller-{number}", actor="trial").as_data()
            (answer,) = gatherers[number % 2].ask_all([ask(act(name), fields, f"caller-{number}", "trial")])
        except Refused as refused:
            return refused.code
        return answer.as_data() if isinstance(answer, Receipt) else answer.code

    with ThreadPoolExecutor(len(wishes)) as pool:
        found = list(pool.map(one, range(len(wishes))))
    for gatherer in gatherers:
        gatherer.close()
    gatherers[1].office.close()
    return found


@pytest.mark.parametrize("way", [directly, gathered])
@pytest.mark.parametrize("callers", [2, 6, 50])
@pytest.mark.parametrize("scene", SCENES)
def test_conflicts(scene: str, callers: int, way: Callable[[Trial, list[Wish]], list[Any]], trial: Trial) -> None:
    wishes = [SCENES[scene](number) for number in range(callers)]
    assert_in_order(trial, wishes, way(trial, wishes))


@pytest.mark.parametrize("way", [directly, gathered])
def test_five_hundred(way: Callable[[Trial, list[Wish]], list[Any]], trial: Trial) -> None:
    wishes = [all_acts(number) for number in range(500)]
    assert_in_order(trial, wishes, way(trial, wishes))


def test_over_http(trial: Trial, tmp_path: Path) -> None:
    """The same before the application as people run it: 2, 6, 50, then 500 callers, each with his own connection."""
    served = Served(tmp_path, trial.office.database_url)
    served.start()
    begun = 0

    def one(number: int) -> Any:
        name, fields = all_acts(number)
        caller = served.caller()
        status, answer = caller.post(name, fields, f"caller-{number}")
        caller.close()
        return answer if status == 201 else answer["code"]

    answers: list[Any] = []
    with ThreadPoolExecutor(500) as pool:
        for callers in (2, 6, 50, 500):
            answers += pool.map(one, range(begun, begun + callers))
            begun += callers
    served.stop()
    assert_in_order(trial, [all_acts(number) for number in range(begun)], answers)
