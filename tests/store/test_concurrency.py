"""Many at once on a real PostgreSQL: exactly as many succeed as there are credits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from openjcm.commands import run
from openjcm.refusals import Refused
from trial_office import Trial

CALLERS = 100


def at_once(trial: Trial, requests: list[tuple[str, dict[str, object], str | None]]) -> Counter[str]:
    """Do all requests at once, each on its own connection; count what became of them."""

    def one(request: tuple[str, dict[str, object], str | None]) -> str:
        act, fields, key = request
        try:
            receipt = run(act, fields, office=trial.office, key=key, actor="trial")
        except Refused as refused:
            return refused.code
        return "replayed" if receipt.replayed else "done"

    with ThreadPoolExecutor(len(requests)) as pool:
        return Counter(pool.map(one, requests))


def transfer(block: str, target: str = "JPN/company", **more: str) -> dict[str, object]:
    """A transfer's request."""
    return {"blocks": [block], "target_account": target, "occurred_on": "2025-02-01", **more}


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Trial:
    """A market of forty credits."""
    trial = Trial(database_url, tmp_path)
    trial.market(40)
    return trial


@pytest.mark.both_engines
def test_one_block_of_forty_and_a_hundred_callers_for_single_credits(trial: Trial) -> None:
    """Each asks for the next single credit; forty are served, each serial once, sixty are refused."""
    wanted = [("transfer", transfer(f"JCM-JP-MN901-2022-{1 + number}"), None) for number in range(CALLERS)]
    assert at_once(trial, wanted) == {"done": 40, "not_held": 60}
    assert trial.held("JPN/company") == 40 and trial.held("JPN/government") == 0
    assert trial.clean()
    trial.close()


def test_a_hundred_callers_for_any_credit_of_forty(trial: Trial) -> None:
    """Callers that collide on the same serials: of each serial one transfer is done, the others are refused."""
    wanted = [
        ("transfer", transfer(f"JCM-JP-MN901-2022-{1 + number % 40}"), f"caller-{number}") for number in range(CALLERS)
    ]
    assert at_once(trial, wanted) == {"done": 40, "same_account": 60}
    assert trial.held("JPN/company") == 40
    assert trial.clean()
    trial.close()


@pytest.mark.both_engines
def test_a_hundred_callers_for_the_same_serials(trial: Trial) -> None:
    """Conflicting transfers of one block to two accounts: one succeeds, nothing is split or doubled."""
    wanted = [
        (
            "transfer",
            transfer("JCM-JP-MN901-2022-1-40", "JPN/company" if number % 2 else "JPN/trader", occurred_on="2025-01-20"),
            f"caller-{number}",
        )
        for number in range(CALLERS)
    ]
    outcome = at_once(trial, wanted)
    # The block may go on from one account to the other; what never happens is that two have it.
    assert outcome["done"] >= 1 and set(outcome) <= {"done", "same_account"}
    assert sorted((trial.held("JPN/company"), trial.held("JPN/trader"))) == [0, 40]
    assert trial.clean()
    trial.close()


def test_a_hundred_cancellations_of_one_block(trial: Trial) -> None:
    """A credit is used once, however many ask."""
    fields = {"cancellation_account": "JPN/cancellation", "purpose": "omge", "occurred_on": "2025-02-01"}
    wanted = [
        ("cancel", {**fields, "blocks": ["JCM-JP-MN901-2022-1-40"], "reason": f"caller {number}"}, None)
        for number in range(CALLERS)
    ]
    assert at_once(trial, wanted) == {"done": 1, "sink_never_releases": 99}
    assert trial.held("JPN/cancellation") == 40
    assert trial.clean()
    trial.close()


def test_one_request_sent_a_hundred_times_is_done_once(trial: Trial) -> None:
    """The same key and request, all at once: one entry, ninety-nine replays."""
    wanted = [("transfer", transfer("JCM-JP-MN901-2022-1-4"), "one key")] * CALLERS
    assert at_once(trial, wanted) == {"done": 1, "replayed": 99}
    assert trial.held("JPN/company") == 4
    assert trial.clean()
    trial.close()


def test_one_side_issues_once(trial: Trial) -> None:
    """Fifty issuances of one side by one decision, all at once."""
    wanted = [
        ("issue", {"decision_id": "D1", "side": "MNG", "occurred_on": f"2025-03-{1 + number % 28:02}"}, f"k{number}")
        for number in range(50)
    ]
    assert at_once(trial, wanted) == {"done": 1, "already_issued": 49}
    assert trial.held("MNG/government") == 10
    assert trial.clean()
    trial.close()


def test_blocks_in_any_order_do_not_deadlock(trial: Trial) -> None:
    """Requests that name the same blocks in opposite order wait for each other, and all come to an end."""
    ends = ["JCM-JP-MN901-2022-1-2", "JCM-JP-MN901-2022-39-40"]
    order: Callable[[int], list[str]] = lambda number: ends if number % 2 else ends[::-1]  # noqa: E731
    wanted = [
        ("transfer", {**transfer("", "JPN/trader" if number % 3 else "JPN/company", occurred_on="2025-01-20"),
                      "blocks": order(number)}, f"caller-{number}")
        for number in range(60)
    ]  # fmt: skip
    outcome = at_once(trial, wanted)
    assert outcome["done"] >= 1 and set(outcome) <= {"done", "same_account"}
    assert trial.held("JPN/company") + trial.held("JPN/trader") == 4
    assert trial.clean()
    trial.close()
