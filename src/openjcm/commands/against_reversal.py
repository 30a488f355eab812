"""What a decision on an issuance keeps against reversal, and what it deducts for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openjcm.commands.keeping import ACCOUNT_TYPES, FOREST, STORAGE, Kept, kept_share
from openjcm.registry.accounts import Account
from openjcm.registry.allocation import Allocation
from openjcm.registry.storage import Phase, deducted, period_within_injection, share_is_kept, within_what_is_left
from openjcm.rulebook import rule


@dataclass(frozen=True)
class Against:
    """What is shown of it in the outcome, and the settlements to write."""

    shown: Mapping[str, Any]
    settlements: tuple[Mapping[str, object], ...]


NOTHING = Against({}, ())


def against_reversal(
    kept: Kept | None,
    allocation: Allocation,
    accounts: Mapping[str, Account],
    day: date,
    stated: Mapping[str, str] | None,
    *,
    here: bool = True,
) -> Against:
    """The checks of a storage site's or a forest's issuance; ``here``: the shares of all sides are known here.

    A forest's decision of the public record (without a report) is taken as it is published.

    Raises:
        Refused: ``outside_injection``, ``kept_share_missing``, ``reserve_not_kept``, ``above_what_is_left``.
    """
    if kept is None or (kept.kind == FOREST and allocation.verified is None):
        return NOTHING
    if kept.kind == STORAGE:
        period_within_injection(kept.project, kept.phases, allocation.monitoring_period)
    total = allocation.total or 0
    share, shown = kept_share(kept, day, stated)
    shares = [share for side in allocation.sides for share in side.shares]
    in_reserve = sum(
        one.quantity for one in shares if accounts[one.account_id].account_type.value == ACCOUNT_TYPES[kept.kind]
    )
    if here:
        share_is_kept(in_reserve, total, share)
    made_good = _deductions(kept, allocation)
    if kept.kind == STORAGE:
        name = "ccs_reversal_during_injection"
        found = rule(kept.host, name, day)
        shown.append({"rule": name, "taken": str(found.value), "grade": found.grade.value})
    outcome: dict[str, Any] = {"kept": in_reserve, "interpretation": shown}
    if made_good:
        outcome["reversals_deducted"] = made_good
    return Against(outcome, tuple({**one, "how": "deducted"} for one in made_good))


def _deductions(kept: Kept, allocation: Allocation) -> list[dict[str, object]]:
    """What escaped during injection, in the period decided on or before, and is deducted now."""
    period = allocation.monitoring_period
    escapes = [
        escape
        for escape in kept.escapes
        if escape.phase is Phase.INJECTION and period is not None and escape.found_on <= period[1]
    ]
    verified = allocation.verified if allocation.verified is not None else allocation.total or 0
    within_what_is_left(allocation.total or 0, verified, escapes)
    return [{"reversal_id": escape.reversal_id, "tonnes": tonnes} for escape, tonnes in deducted(verified, escapes)]
