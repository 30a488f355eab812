"""Kept shares, escapes and phases, by cases that a climate expert can read; and the guards one by one."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from openjcm.refusals import Refused
from openjcm.registry import storage
from openjcm.registry.storage import Escape, KeptShare, Phase, PhaseFact, deducted, phase_on

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "storage.yaml").read_text())
DAY = date(2026, 3, 1)
SITE = (
    PhaseFact(Phase.INJECTION, date(2025, 1, 2)),
    PhaseFact(Phase.CLOSURE_PREPARATION, date(2045, 1, 1)),
    PhaseFact(Phase.POST_CLOSURE, date(2050, 1, 1)),
    PhaseFact(Phase.CLOSED, date(2071, 1, 1)),
)


def escape(name: str, left: int, place: int = 0, phase: Phase = Phase.INJECTION) -> Escape:
    return Escape(name, "ID901", phase, DAY + timedelta(days=place), left, left)


@pytest.mark.parametrize("case", CASES["kept"], ids=lambda case: case["what"])
def test_what_is_kept(case: dict[str, Any]) -> None:
    rule = KeptShare(Fraction(case["share"]), case["rounding"], "reserve")
    assert rule.needed(case["total"]) == case["kept"]
    storage.share_is_kept(case["kept"], case["total"], rule)
    for other in (case["kept"] - 1, case["kept"] + 1):
        with pytest.raises(Refused, match="reserve_not_kept"):
            storage.share_is_kept(other, case["total"], rule)


@pytest.mark.parametrize("case", CASES["escapes_during_injection"], ids=lambda case: case["what"])
def test_what_the_period_makes_good(case: dict[str, Any]) -> None:
    escapes = [escape(name, tonnes, place) for place, (name, tonnes) in enumerate(case["escaped"].items())]
    found = deducted(case["verified"], escapes)
    assert {one.reversal_id: tonnes for one, tonnes in found} == case["deducted"]
    storage.within_what_is_left(case["can_be_issued"], case["verified"], escapes) if case["verified"] >= 0 else None
    if escapes:
        with pytest.raises(Refused, match="above_what_is_left"):
            storage.within_what_is_left(case["can_be_issued"] + 1, case["verified"], escapes)


@pytest.mark.parametrize("case", CASES["phases"], ids=lambda case: str(case["day"]))
def test_the_phase_on_a_day(case: dict[str, Any]) -> None:
    assert phase_on(SITE, case["day"]) == case["phase"]


@given(st.integers(-50, 500), st.lists(st.integers(1, 200), max_size=5))
def test_deductions_never_exceed_what_is_there(verified: int, left: list[int]) -> None:
    escapes = [escape(f"R{place}", tonnes, place) for place, tonnes in enumerate(left)]
    taken = [tonnes for _, tonnes in deducted(verified, escapes)]
    assert sum(taken) == min(max(verified, 0), sum(left))


@given(st.integers(0, 10**12), st.fractions(0, 1), st.sampled_from(["up", "down", "nearest"]))
def test_the_rounding_is_exact(total: int, share: Fraction, rounding: str) -> None:
    kept, exact = KeptShare(share, rounding, "buffer").needed(total), share * total
    assert {"up": 0 <= kept - exact < 1, "down": 0 <= exact - kept < 1, "nearest": abs(kept - exact) * 2 <= 1}[rounding]
    assert 0 <= kept <= total
