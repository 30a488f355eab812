"""Books with something in every table, built by other tests: for the tests that change them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from live_office import live_trial
from openjcm.commands.together import ask, perform_together
from openjcm.commands.transfer import ACT as TRANSFER
from openjcm.refusals import Refused
from openjcm.world import demonstration
from trial_office import Trial, play
from two_offices import two_sides

TESTS = Path(__file__).parent


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
    japan, mongolia = two_sides(url, other(), folder)
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
