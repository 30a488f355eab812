"""Ledger stories: each line of a ``.story`` file is an act and what becomes of it.

    2017-10-24 issue {decision_id: D, side: JPN}                        it is recorded
    2017-10-24 issue[key] {decision_id: D, side: JPN} => refused CODE   nothing changes, and that is the reason
    2017-10-24 issue[key] {decision_id: D, side: JPN} => replayed       the same receipt again
    holds JPN/government 7158                                           so many credits are there
    side D MNG notified                                                 the state of a side

Lines that end with ``\\`` go on; ``#`` begins a remark. At the end of each story the audit must find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from trial_office import Trial

STORIES = sorted(Path(__file__).parent.glob("*.story"))
ACT = re.compile(
    r"^(?P<day>\d{4}-\d{2}-\d{2}) (?P<act>\w+)(?:\[(?P<key>[^\]]+)\])? (?P<fields>\{.*\})"
    r"(?: => (?P<end>refused \w+|replayed))?$"
)


class TextDates(yaml.SafeLoader):
    """YAML without dates and floats: what looks like a date is text."""


TextDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(("timestamp", "float"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a story without remarks, each with its number."""
    whole = ""
    for number, line in enumerate(text.splitlines(), start=1):
        whole += line.split(" #")[0].removesuffix("\\").strip() + " " if not line.startswith("#") else ""
        if not line.endswith("\\"):
            if whole.strip():
                yield number, whole.strip()
            whole = ""


def test_there_are_stories() -> None:
    """The folder is not empty by mistake."""
    assert len(STORIES) >= 5


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path, database_url: str, tmp_path: Path) -> None:
    """Everything happens as the story tells."""
    trial = Trial(database_url, tmp_path)
    for number, line in lines(path.read_text(encoding="utf-8")):
        try:
            tell(trial, line)
        except AssertionError as error:
            raise AssertionError(f"{path.name}:{number}: {line}\n{error}") from error
        except Exception as error:
            raise AssertionError(f"{path.name}:{number}: {line}\n{type(error).__name__}: {error}") from error
    assert trial.clean()
    trial.close()


def tell(trial: Trial, line: str) -> None:
    """One line of a story."""
    if match := ACT.match(line):
        _act(trial, match)
    elif line.startswith("holds "):
        _, account, quantity = line.split()
        assert trial.held(account) == int(quantity), f"{account} holds {trial.held(account)}"
    elif line.startswith("side "):
        _, decision, side, state = line.split()
        found = trial.one("select state from side_issuance where decision_id = %s and side = %s", decision, side)
        assert found == state, f"the side is {found}"
    else:
        raise AssertionError("this is no line of a story")


def _act(trial: Trial, match: re.Match[str]) -> None:
    fields: dict[str, Any] = yaml.load(match["fields"], Loader=TextDates)
    end = match["end"] or "recorded"
    if end.startswith("refused"):
        trial.refused(end.split()[1], match["act"], match["day"], key=match["key"], **fields)
        return
    receipt = trial.do(match["act"], match["day"], key=match["key"], **fields)
    assert receipt.replayed == (end == "replayed"), f"replayed: {receipt.replayed}"
