"""Which share is kept of an issuance: by the host's rule, else as the decision states, else it is refused."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from ledger_guards import SITE, account
from openjcm.commands.against_reversal import against_reversal
from openjcm.commands.keeping import FOREST, STORAGE, Kept
from openjcm.refusals import Refused
from openjcm.registry.accounts import AccountType
from openjcm.registry.allocation import Allocation, Share, Side
from openjcm.registry.storage import Escape, Phase

DAY = date(2026, 6, 1)
STATED = {"share": "1/5", "source": "guidelines of 2026"}
ACCOUNTS = {
    "c": account("c", AccountType.ENTITY_HOLDING),
    "r": account("r", AccountType.RESERVE),
    "b": account("b", AccountType.BUFFER),
}


def decided(kept: Kept, total: int, verified: int | None, stated: Any = None, **given: int) -> Any:
    shares = tuple(Share(name, "2025", quantity) for name, quantity in given.items())
    period = (SITE[0].since, SITE[0].since)
    return against_reversal(
        kept, Allocation(total, (Side("JPN", total, shares),), period, verified), ACCOUNTS, DAY, stated
    )


def kept(kind: str, host: str, *escapes: Escape) -> Kept:
    return Kept("X", host, kind, SITE if kind == STORAGE else (), escapes)


def test_a_forest_has_no_default() -> None:
    with pytest.raises(Refused, match="kept_share_missing"):
        decided(kept(FOREST, "KHM"), 10, 10, c=10)
    found = decided(kept(FOREST, "KHM"), 10, 10, STATED, c=8, b=2)
    assert found.shown["kept"] == 2
    assert found.shown["interpretation"][0] == {
        "rule": "redd_plus_buffer_share", "taken": "1/5", "grade": "stated", "source": "guidelines of 2026"
    }  # fmt: skip
    with pytest.raises(Refused, match="reserve_not_kept"):
        decided(kept(FOREST, "KHM"), 10, 10, STATED, c=8, r=2)
    assert decided(kept(FOREST, "KHM"), 10, None, c=10).shown == {}, "the public record is taken as it is"


def test_storage_outside_indonesia_has_no_rule() -> None:
    with pytest.raises(Refused, match="kept_share_missing"):
        decided(kept(STORAGE, "THA"), 10, 10, c=9, r=1)


def test_each_rule_is_shown_with_its_grade() -> None:
    found = decided(kept(STORAGE, "IDN"), 101, 101, c=97, r=4)
    assert [(item["rule"], item["grade"]) for item in found.shown["interpretation"]] == [
        ("ccs_reserve_share", "read"), ("ccs_reserve_base", "inferred"), ("ccs_reserve_rounding", "inferred"),
        ("ccs_reversal_during_injection", "inferred"),
    ]  # fmt: skip


def test_an_escape_is_deducted_and_written_down() -> None:
    escape = Escape("R", "X", Phase.INJECTION, SITE[0].since, 50, 50)
    found = decided(kept(STORAGE, "IDN", escape), 50, 100, c=48, r=2)
    assert found.shown["reversals_deducted"] == [{"reversal_id": "R", "tonnes": 50}]
    assert found.settlements == ({"reversal_id": "R", "tonnes": 50, "how": "deducted"},)
    with pytest.raises(Refused, match="above_what_is_left"):
        decided(kept(STORAGE, "IDN", escape), 51, 100, c=49, r=2)
    assert decided(kept(STORAGE, "IDN"), 100, 100, c=97, r=3).settlements == ()
    assert Fraction(STATED["share"]) == Fraction(1, 5)
