"""The named invariants find what they are named for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger_guards import ABROAD, COMPANY, GOVERNMENT, RETIREMENT, block
from openjcm.registry.accounts import Kind
from openjcm.registry.invariants import INVARIANTS, Book, HeldFact, IssuedFact, MovedFact, SideFact

DAY = date(2025, 1, 10)
ACCOUNTS = {item.account_id: item for item in (GOVERNMENT, COMPANY, RETIREMENT, ABROAD)}
ISSUED = MovedFact(1, Kind.ISSUE, block(1, 40), 1, None, "JPN/government", DAY)
MOVED = MovedFact(2, Kind.TRANSFER, block(11, 20), 1, "JPN/government", "JPN/company", DAY)
SIDE = SideFact("D", "JPN", DAY, 40, 40, "issued", DAY, 40, 40)
BOOK = Book(
    ACCOUNTS,
    [
        HeldFact(block(1, 10), "JPN/government", 1, DAY),
        HeldFact(block(11, 20), "JPN/company", 1, DAY),
        HeldFact(block(21, 40), "JPN/government", 1, DAY),
    ],
    [ISSUED, MOVED],
    [IssuedFact(1, block(1, 40), "JPN", "D", DAY)],
    [SIDE],
)
BROKEN = {
    "no_serial_is_issued_twice": replace(BOOK, origins=[*BOOK.origins, IssuedFact(2, block(40, 41), "JPN", "D", DAY)]),
    "every_credit_has_one_holder": replace(BOOK, holdings=BOOK.holdings[:2]),
    "sinks_never_release": replace(BOOK, movements=[ISSUED, replace(MOVED, source="JPN/retirement")]),
    "corrections_lead_back": replace(
        BOOK, movements=[ISSUED, MOVED, replace(MOVED, entry_no=3, kind=Kind.CORRECTION, details={"corrects": 2})]
    ),
    "nothing_leaves_its_registry": replace(BOOK, movements=[ISSUED, replace(MOVED, target="MNG/government")]),
    "accounts_receive_only_what_they_are_for": replace(
        BOOK, movements=[ISSUED, replace(MOVED, target="JPN/retirement")]
    ),
    "nothing_happens_before_its_cause": replace(BOOK, movements=[ISSUED, replace(MOVED, occurred_on=date(2025, 1, 9))]),
    "sides_issue_what_was_decided": replace(BOOK, sides=[replace(SIDE, issued=41)]),
    "decisions_sum_to_their_total": replace(BOOK, sides=[replace(SIDE, total=41)]),
}


def test_a_book_in_order_breaks_none() -> None:
    """Nothing is found in an orderly book."""
    assert {name: check(BOOK) for name, check in INVARIANTS.items() if check(BOOK)} == {}


@pytest.mark.parametrize("name", INVARIANTS)
def test_each_invariant_finds_its_breach(name: str) -> None:
    """The invariant names what breaks it, and has a sentence."""
    assert INVARIANTS[name](BROKEN[name])
    assert (INVARIANTS[name].__doc__ or "").strip().endswith(".")


@pytest.mark.parametrize(
    "holdings",
    [
        [HeldFact(block(1, 40), "JPN/government", 1, DAY), HeldFact(block(40), "JPN/company", 1, DAY)],
        [HeldFact(block(2, 41), "JPN/government", 1, DAY)],
        [HeldFact(block(1, 40), "JPN/government", 9, DAY)],
    ],
)
def test_two_holders_foreign_serials_and_unknown_origins(holdings: list[HeldFact]) -> None:
    """Overlap, serials never issued, and a holding without issuance are all found."""
    assert INVARIANTS["every_credit_has_one_holder"](replace(BOOK, holdings=holdings))


def test_only_a_correction_leaves_a_sink_and_only_a_transfer_abroad_a_registry() -> None:
    """The two doors, each for its own kind of movement."""
    retired = replace(MOVED, kind=Kind.RETIRE, target="JPN/retirement")
    back = replace(
        MOVED, entry_no=3, kind=Kind.CORRECTION, source="JPN/retirement", target="JPN/government",
        details={"corrects": 2},
    )  # fmt: skip
    assert not INVARIANTS["sinks_never_release"](replace(BOOK, movements=[ISSUED, retired, back]))
    assert not INVARIANTS["corrections_lead_back"](replace(BOOK, movements=[ISSUED, retired, back]))
    abroad = replace(MOVED, kind=Kind.INTERNATIONAL_TRANSFER, target="MNG/government")
    assert not INVARIANTS["nothing_leaves_its_registry"](replace(BOOK, movements=[ISSUED, abroad]))
    home = replace(MOVED, kind=Kind.INTERNATIONAL_TRANSFER)
    assert INVARIANTS["nothing_leaves_its_registry"](replace(BOOK, movements=[ISSUED, home]))


def test_an_issuance_before_its_decision_is_found() -> None:
    """The side's day is looked at."""
    early = replace(SIDE, issued_on=date(2025, 1, 9))
    assert INVARIANTS["nothing_happens_before_its_cause"](replace(BOOK, sides=[early]))
