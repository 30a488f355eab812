"""What is always true of a registry. Each function's docstring is the sentence that an auditor may quote.

The functions look at plain facts and give back what breaks the promise, as text; an empty list means it is kept.
``openjcm audit`` runs them all over the database, tests run them over the pure ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from openjcm.registry.accounts import TARGETS, Account, Kind
from openjcm.registry.runs import Runs
from openjcm.registry.serials import Block, Series


@dataclass(frozen=True)
class HeldFact:
    """One holding as recorded."""

    block: Block
    account_id: str
    origin_id: int
    since: date


@dataclass(frozen=True)
class MovedFact:
    """One movement as recorded, in the order of the journal."""

    entry_no: int
    kind: Kind
    block: Block
    origin_id: int
    source: str | None
    target: str
    occurred_on: date
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class IssuedFact:
    """One issuance of one series."""

    origin_id: int
    block: Block
    registry_id: str
    decision_id: str
    issued_on: date


@dataclass(frozen=True)
class SideFact:
    """What one side was notified of and what it issued."""

    decision_id: str
    side: str
    decided_on: date
    total: int | None
    notified: int | None
    state: str
    issued_on: date | None
    shares: int
    issued: int
    kept_here: bool = True
    """Whether the side's registry is in this installation; elsewhere it issues by itself."""


@dataclass(frozen=True)
class Book:
    """The recorded facts of all registries, as far as the invariants look at them. Each can be gone through again."""

    accounts: Mapping[str, Account]
    holdings: Iterable[HeldFact]
    movements: Iterable[MovedFact]
    origins: Iterable[IssuedFact]
    sides: Sequence[SideFact] = ()


INVARIANTS: dict[str, Callable[[Book], list[str]]] = {}
"""Every invariant by name."""


def _invariant(check: Callable[[Book], list[str]]) -> Callable[[Book], list[str]]:
    INVARIANTS[check.__name__] = check
    return check


def _overlaps(blocks: Iterable[Block]) -> list[str]:
    ordered = sorted(blocks)
    return [f"{one} / {other}" for one, other in pairwise(ordered) if one.overlaps(other)]


@_invariant
def no_serial_is_issued_twice(book: Book) -> list[str]:
    """No serial number is issued twice."""
    return _overlaps(origin.block for origin in book.origins)


@_invariant
def every_credit_has_one_holder(book: Book) -> list[str]:
    """At every moment each issued credit is in exactly one account, and no account holds a credit never issued."""
    wrong = _overlaps(held.block for held in book.holdings)
    issued, held = _quantities(book.origins), _quantities(book.holdings)
    wrong += [
        f"{series}: {issued[series]} ≠ {held[series]}"
        for series in sorted(issued | held)
        if issued[series] != held[series]
    ]
    origins = {origin.origin_id: origin.block for origin in book.origins}
    return wrong + [
        str(held.block)
        for held in book.holdings
        if held.origin_id not in origins or not held.block.within(origins[held.origin_id])
    ]


def _quantities(facts: Iterable[HeldFact] | Iterable[IssuedFact]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for fact in facts:
        counts[str(fact.block.series)] += fact.block.quantity
    return counts


@_invariant
def sinks_never_release(book: Book) -> list[str]:
    """What entered a retirement or cancellation account never leaves it, except by the controlled correction of the
    entry that brought it there."""
    return [
        f"{moved.block} ({moved.source}, {moved.entry_no})"
        for moved in book.movements
        if moved.source is not None and book.accounts[moved.source].is_sink and moved.kind is not Kind.CORRECTION
    ]


@_invariant
def corrections_lead_back(book: Book) -> list[str]:
    """A correction takes a block back to the account from which the corrected entry took it, and to no other."""
    corrections = [moved for moved in book.movements if moved.kind is Kind.CORRECTION]
    by_entry: dict[int, list[MovedFact]] = {_corrected(moved): [] for moved in corrections}
    for moved in book.movements:
        if moved.entry_no in by_entry:
            by_entry[moved.entry_no].append(moved)
    return [
        f"{moved.block} → {moved.target} ({moved.entry_no})"
        for moved in corrections
        if not any(
            moved.block.within(earlier.block) and (earlier.source, earlier.target) == (moved.target, moved.source)
            for earlier in by_entry[_corrected(moved)]
        )
    ]


def _corrected(moved: MovedFact) -> int:
    """The entry that a correction takes back."""
    number = moved.details.get("corrects")
    return number if isinstance(number, int) else 0


@_invariant
def nothing_leaves_its_registry(book: Book) -> list[str]:
    """A credit stays in the registry that issued it until an international transfer takes it to the other Party's; it
    is never in two."""
    home = {origin.origin_id: origin.registry_id for origin in book.origins}
    wrong = []
    for moved in book.movements:
        gives = book.accounts[moved.source].registry_id if moved.source else home.get(moved.origin_id)
        stays = book.accounts[moved.target].registry_id == gives
        if stays == (moved.kind is Kind.INTERNATIONAL_TRANSFER):
            wrong.append(f"{moved.block} → {moved.target} ({moved.entry_no})")
    return wrong


@_invariant
def accounts_receive_only_what_they_are_for(book: Book) -> list[str]:
    """Retired credits are in retirement accounts, cancelled ones in cancellation accounts, all others in neither."""
    return [
        f"{moved.kind}: {moved.block} → {moved.target} ({moved.entry_no})"
        for moved in book.movements
        if book.accounts[moved.target].account_type not in TARGETS[moved.kind]
    ]


@_invariant
def nothing_happens_before_its_cause(book: Book) -> list[str]:
    """No credit is issued before the decision, nor moved before the day on which its holder received it."""
    wrong = [
        f"{side.decision_id} {side.side}: {side.issued_on} < {side.decided_on}"
        for side in book.sides
        if side.issued_on is not None and side.issued_on < side.decided_on
    ]
    received: dict[Series, Runs[date]] = {}
    """By series the newest day on which each serial was received."""
    for moved in book.movements:
        runs = received.setdefault(moved.block.series, Runs())
        earlier = runs.on(moved.block)
        wrong += [
            f"{part} ({moved.entry_no}): {moved.occurred_on} < {day}"
            for part, day in earlier
            if moved.occurred_on < day
        ]
        runs.cut(moved.block)
        newest = max([moved.occurred_on, *(day for _, day in earlier)])
        runs.put(moved.block, newest)
    return wrong


@_invariant
def sides_issue_what_was_decided(book: Book) -> list[str]:
    """Each side issues exactly the amount notified to it, once, and its accounts' shares sum to that amount."""
    wrong = []
    for side in book.sides:
        expected = (side.notified or 0) if side.state == "issued" and side.kept_here else 0
        if side.issued != expected:
            wrong.append(f"{side.decision_id} {side.side}: {side.issued} ≠ {expected}")
        if side.notified is not None and side.shares != (side.notified if side.kept_here else 0):
            wrong.append(f"{side.decision_id} {side.side}: {side.shares} ≠ {side.notified}")
    return wrong


@_invariant
def decisions_sum_to_their_total(book: Book) -> list[str]:
    """The sides' amounts of a decision sum to its total; where one is not known, the known ones do not exceed it."""
    wrong = []
    decisions: dict[str, list[SideFact]] = {}
    for side in book.sides:
        decisions.setdefault(side.decision_id, []).append(side)
    for decision_id, sides in decisions.items():
        total, known = sides[0].total, sum(side.notified or 0 for side in sides)
        complete = all(side.notified is not None for side in sides)
        if total is not None and (known > total or (complete and known != total)):
            wrong.append(f"{decision_id}: {known} ≠ {total}")
    return wrong
