"""The history of a block is a tree, and every serial asked about stands on exactly one leaf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from openjcm.cli_parts import history as part
from openjcm.commands import run
from openjcm.refusals import Refused
from openjcm.registry.serials import Block, Series, parse_block
from openjcm.views.block_history import Node, Step, block_history, life_of, lines
from trial_office import NOW, Trial

SERIES = Series("JP", ("MN901",), "2022")
DAY = NOW.date()


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    trial = Trial(database_url, tmp_path)
    trial.market()
    trial.do("transfer", "2025-02-01", blocks=["JCM-JP-MN901-2022-11-30"], target_account="JPN/company")
    trial.do("transfer", "2025-02-02", blocks=["JCM-JP-MN901-2022-21-25"], target_account="JPN/government")
    trial.do(
        "cancel", "2025-02-03", blocks=["JCM-JP-MN901-2022-12-13"], cancellation_account="JPN/cancellation",
        purpose="omge", reason="r",
    )  # fmt: skip
    yield trial
    trial.close()


def test_the_tree_of_a_block(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    with trial.office.transaction() as connection:
        found = block_history(connection, parse_block("JCM-JP-MN901-2022-10-24"))
        assert block_history(connection, parse_block("JCM-JP-MN901-2023-1")) is None
    assert found is not None and found.whole
    drawn = [re.sub(r"^.*#\d+  ", "", line) for line in lines(found, {})]
    assert [line.replace("JCM-JP-MN901-2022-", "") for line in drawn] == [
        "issue  10-24  → JPN/government  [1 t]",
        "transfer  11-24  → JPN/company  [8 t]",
        "transfer  21-24  → JPN/government  [4 t]",
        "cancel  12-13  → JPN/cancellation  [2 t]  (purpose: omge, reason: r)",
    ]
    monkeypatch.setattr(part, "ready_office", lambda: trial.office)
    shown = CliRunner().invoke(part.app, ["JCM-JP-MN901-2022-10-24"])
    assert shown.exit_code == 0 and "└─" in shown.output
    told = CliRunner().invoke(part.app, ["JCM-JP-MN901-2022-10-24", "--json"])
    assert '"stays":["JCM-JP-MN901-2022-10-10"]' in told.output
    refused = CliRunner().invoke(part.app, ["JCM-JP-MN901-2023-1"])
    assert isinstance(refused.exception, Refused) and refused.exception.code == "never_issued"


def test_a_rule_chooses_in_the_transaction_and_the_audit_chooses_again(trial: Trial) -> None:
    rule = {"rule": "oldest_vintage_first", "quantity": 12, "account": "JPN/company"}
    fields = {"choose": rule, "target_account": "JPN/trader", "occurred_on": "2025-03-01"}
    done = run("transfer", fields, office=trial.office, key="k", actor="trial")
    assert done.outcome["blocks"] == ["JCM-JP-MN901-2022-11-11", "JCM-JP-MN901-2022-14-20", "JCM-JP-MN901-2022-26-29"]
    assert run("transfer", fields, office=trial.office, key="k", actor="trial").replayed
    trial.refused("not_enough_to_choose", "transfer", "2025-03-02", choose=rule, target_account="JPN/trader")
    both = {"choose": rule, "blocks": ["JCM-JP-MN901-2022-30"], "target_account": "JPN/trader"}
    trial.refused("blocks_or_choice", "transfer", "2025-03-02", **both)
    trial.refused(
        "unknown_account",
        "transfer",
        "2025-03-02",
        choose={**rule, "account": "JPN/nobody"},
        target_account="JPN/trader",
    )
    trial.do(
        "cancel", "2025-03-03", choose={**rule, "quantity": 1}, cancellation_account="JPN/cancellation",
        purpose="other", reason="r",
    )  # fmt: skip
    for party in ("JPN", "MNG"):
        trial.authorize(party, on="2025-01-15")
    itmo = {**rule, "account": "JPN/government", "quantity": 2, "itmo_only": True}
    trial.do(
        "retire", "2025-03-04", choose=itmo, retirement_account="JPN/retirement", used_for_year=2030, purpose="ndc"
    )
    assert trial.held("JPN/retirement") == 2
    assert trial.clean()


moves = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 12), st.sampled_from("abcd")), max_size=25)


@given(moves, st.integers(1, 30), st.integers(0, 29))
def test_every_serial_stands_on_one_leaf(given_moves, first, length) -> None:
    """The leaves of the tree say what a dictionary of single credits says."""
    place = dict.fromkeys(range(1, 31), "a")
    steps = [Step(1, "issue", Block(SERIES, 1, 30), None, "a", DAY, {})]
    for number, (start, count, target) in enumerate(given_moves, start=2):
        source = place[start]
        last = start
        while last < min(start + count, 30) and place[last + 1] == source:
            last += 1
        steps.append(Step(number, "transfer", Block(SERIES, start, last), source, target, DAY, {}))
        place.update(dict.fromkeys(range(start, last + 1), target))
    asked = Block(SERIES, first, min(first + length, 30))
    roots = life_of(steps, asked)
    found = {}
    for node in _all(roots):
        for block in node.stays:
            for number in range(block.first, block.last + 1):
                assert number not in found
                found[number] = node.account
    assert found == {number: place[number] for number in range(asked.first, asked.last + 1)}


def _all(nodes: tuple[Node, ...] | list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)
