"""Each guard refuses its attempt, and nothing else would."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from ledger_guards import DIRECT, GUARDS, Guard
from openjcm.refusals import Refused

MODULES = (
    "registry.ledger", "registry.accounts", "registry.holds", "registry.gate", "registry.allocation",
    "registry.proposals", "commands.account_bars", "commands.release_hold",
    "commands.suspend_account", "commands.lift_suspension", "commands.lift_disposal_restriction",
    "commands.close_account", "commands.change_account_controls", "commands.register_representative",
    "commands.withdraw_proposal", "commands.apply_for_account", "commands.holder_particulars",
    "commands.record_trust", "commands.review_account_application",
    "commands.issue", "commands.decide_issuance",
    "registry.correction", "registry.storage", "registry.choosing", "registry.crossing",
    "commands.record_authorization", "commands.submit_monitoring_report", "commands.conclude_verification",
    "commands.framework",
    "registry.notices", "commands.receive_notice", "commands.register_partner", "commands.reconcile",
)  # fmt: skip
PREDICATES = {"for_ndc", "for_one_of", "all_projects", "all_years"}
IDS = [f"{number}-{guard.function}" for number, guard in enumerate(GUARDS)]


@pytest.mark.parametrize("guard", GUARDS, ids=IDS)
def test_the_guard_refuses(guard: Guard) -> None:
    """The attempt is refused with the guard's code."""
    with pytest.raises(Refused) as caught:
        guard.attempt()
    assert caught.value.code == guard.code


@pytest.mark.parametrize("guard", GUARDS, ids=IDS)
def test_only_the_guard_refuses(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard gone the attempt goes through (or another guard speaks): no second one hides behind it."""
    if guard.function in DIRECT:
        return
    if guard.function == "held_pieces":
        monkeypatch.setattr(guard.module, "NOT_HELD", lambda **_: AssertionError("reached"))
        with pytest.raises(AssertionError, match="reached"):
            guard.attempt()
        return
    monkeypatch.setattr(guard.module, guard.function, lambda *_, **__: True)
    try:
        guard.attempt()
    except Refused as refused:
        assert refused.code != guard.code or guard.function == "account_of_registry", "the attempt proves nothing"


def test_every_guard_has_an_attempt() -> None:
    """A function that says in its first line which refusal it raises is a guard, and stands in the table."""
    declared = set()
    for name in MODULES:
        module = importlib.import_module(f"openjcm.{name}")
        for node in ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and "Refuses ``" in (ast.get_docstring(node) or ""):
                declared.add(node.name)
    named = {guard.function for guard in GUARDS}
    assert declared <= named, f"without an attempt: {sorted(declared - named)}"
    assert named - declared <= PREDICATES | {"authorized_by"}
