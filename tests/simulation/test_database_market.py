"""A shorter market against the real database, judged by an auditor that knows single credits; then the audit."""

from __future__ import annotations

import random
from pathlib import Path

from openjcm.refusals import Refused
from trial_office import Trial

ACCOUNTS = {
    "JPN/government": "holding", "JPN/company": "holding", "JPN/trader": "holding",
    "JPN/retirement": "retire", "JPN/cancellation": "cancel", "MNG/government": "holding",
}  # fmt: skip
ACTS = {"transfer": "target_account", "retire": "retirement_account", "cancel": "cancellation_account"}
ROUNDS = 250


def test_the_database_agrees_with_the_auditor(database_url: str, tmp_path: Path) -> None:
    """Act for act: done where the auditor would do it, refused where not, and every credit where it says."""
    trial = Trial(database_url, tmp_path)
    trial.market(60)
    trial.authorize("JPN"), trial.authorize("MNG")
    chance = random.Random(20261121)
    credits = dict.fromkeys(range(1, 61), ("JPN/government", 0))
    done = dict.fromkeys(ACTS, 0)
    for number in range(ROUNDS):
        act = chance.choice(["transfer", "transfer", "retire", "cancel"])
        first = chance.randint(1, 62)
        serials = range(first, min(first + chance.randint(1, 3), 63))
        target = chance.choice([name for name, kind in ACCOUNTS.items() if kind in (act, "holding")])
        day = chance.randint(0, 27) if chance.random() < 0.2 else 27
        lawful = _lawful(credits, act, serials, target, day)
        assert _happens(trial, act, serials, target, day, f"act {number}") == lawful, (act, serials, target, day)
        if lawful:
            done[act] += 1
            credits |= dict.fromkeys(serials, (target, day))
    for account in ACCOUNTS:
        if account.startswith("JPN"):
            assert trial.held(account) == sum(holder == account for holder, _ in credits.values())
    assert all(count >= 2 for count in done.values()), done
    assert trial.clean()
    trial.close()


def _lawful(credits: dict[int, tuple[str, int]], act: str, serials: range, target: str, day: int) -> bool:
    """The auditor's own judgement."""
    if any(serial not in credits for serial in serials):
        return False
    holders = {credits[serial][0] for serial in serials}
    return (
        len(holders) == 1
        and all(ACCOUNTS[holder] == "holding" for holder in holders)
        and target not in holders
        and target.startswith("JPN")
        and ACCOUNTS[target] == ("holding" if act == "transfer" else act)
        and all(day >= credits[serial][1] for serial in serials)
    )


def _happens(trial: Trial, act: str, serials: range, target: str, day: int, key: str) -> bool:
    """Whether the act is done."""
    blocks = [f"JCM-JP-MN901-2022-{serials.start}-{serials.stop - 1}"]
    fields: dict[str, object] = {"blocks": blocks, ACTS[act]: target}
    fields |= {"retire": {"used_for_year": 2030, "purpose": "ndc"}, "cancel": {"purpose": "omge", "reason": "r"}}.get(
        act, {}
    )
    try:
        trial.do(act, f"2025-04-{day + 1:02}", key=key, **fields)
    except Refused:
        return False
    return True
