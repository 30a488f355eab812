"""Holds: serials that do not move until somebody lifts what keeps them.

A hold names a run of serials, how far it reaches, its ground and a reference. It binds from the moment at which it is
recorded, whatever day a later act states, until its release is recorded. A proposal reserves its credits by a hold,
and its own execution passes through that hold and no other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from openjcm.refusals import Refusal, refusal
from openjcm.registry.accounts import HOLDERS_WISH, INTERNATIONAL, Account, Kind
from openjcm.registry.serials import Block, Series

_CLAUSE = "OpenJCM: reserved or frozen credits do not move"

HELD_FOR_PROPOSAL = refusal(
    "held_for_proposal",
    en="{block} is reserved by {hold} for the proposal {reference} and cannot move by this act ({kind}).",
    ja="{block} は提案 {reference} のために確保されており ({hold})、この手続 ({kind}) では動かせません。",
    remedy_en="Choose other credits, or have the proposal approved, rejected or withdrawn.",
    remedy_ja="別のクレジットを指定するか、提案の承認・却下・取下げを待ってください。",
    clause=_CLAUSE,
    status=409,
)
HELD_BY_DIFFERENCE = refusal(
    "held_by_difference",
    en="{block} is blocked by {hold}: the registries do not agree on it ({reference}), so {kind} is refused.",
    ja="{block} は登録簿間の相違 ({reference}) により {hold} で留保されており、この手続 ({kind}) では動かせません。",
    remedy_en="Settle the difference with the other registry; the administrator then releases the hold.",
    remedy_ja="相手方登録簿との相違を解消してください。その後、管理者が留保を解除します。",
    clause=_CLAUSE,
    status=409,
)
HELD_BY_ORDER = refusal(
    "held_by_order",
    en="{block} is under a restriction on disposal ({hold}, order {reference}), so {kind} is refused.",
    ja="{block} には処分の制限 ({hold}、命令 {reference}) があり、この手続 ({kind}) では動かせません。",
    remedy_en="Only the lifting of the order, shown by a document, releases the hold.",
    remedy_ja="命令の解除を示す文書に基づいてのみ解除されます。",
    clause="Act on Promotion of Global Warming Countermeasures and Cabinet Order: restrictions on disposal are "
    "recorded, so that transfers stop (secondary)",
    status=409,
)
HELD_BACK = refusal(
    "held_back",
    en="{block} is held back by {hold} (reference {reference}), so {kind} is refused.",
    ja="{block} は {hold} (参照 {reference}) により留保されており、この手続 ({kind}) では動かせません。",
    remedy_en="Ask the administrator of the registry, who releases the hold with a reason.",
    remedy_ja="登録簿の管理者に照会してください。管理者が理由を付して解除します。",
    clause=_CLAUSE,
    status=409,
)


NEEDS_SECOND_PERSON = refusal(
    "needs_second_person",
    en="{account} has four eyes: {kind} needs a proposal of one representative and the approval of another.",
    ja="口座 {account} には二者確認が設定されています。この手続 ({kind}) には、代表者による提案と別の代表者による"
    "承認が必要です。",
    remedy_en="Sign a proposal with `openjcm proposal sign`, record it by `propose`, and have another approve it.",
    remedy_ja="`openjcm proposal sign` で署名した提案を `propose` で記録し、別の代表者の承認を受けてください。",
    clause="UK ETS Registry (peer): proposals by one representative, approval by another; the controls of the account",
    status=403,
)


class Scope(StrEnum):
    """How far a hold reaches."""

    ALL = "all"
    """Nothing moves."""
    INTERNATIONAL = "international"
    """Only international acts are refused; transfers within the registry go on."""


class Ground(StrEnum):
    """Why serials are held back."""

    PROPOSAL = "proposal"
    """Reserved for a proposal that waits for approval or for its day."""
    DIFFERENCE = "difference"
    """The two registries do not agree on them."""
    ORDER = "order"
    """A restriction on disposal by order, such as a seizure."""
    OTHER = "other"


HOLD_REFUSALS: dict[Ground, Refusal] = {
    Ground.PROPOSAL: HELD_FOR_PROPOSAL,
    Ground.DIFFERENCE: HELD_BY_DIFFERENCE,
    Ground.ORDER: HELD_BY_ORDER,
    Ground.OTHER: HELD_BACK,
}


@dataclass(frozen=True)
class Hold:
    """One run of serials of one issuance that is held back."""

    hold_id: str
    block: Block
    scope: Scope
    ground: Ground
    reference: str

    def binds(self, kind: Kind) -> bool:
        """Whether a movement of this kind is refused."""
        return self.scope is Scope.ALL or kind in INTERNATIONAL


class HoldsInForce:
    """The holds that bind, found by the serials that they are on. Immutable."""

    def __init__(self, holds: Iterable[Hold] = ()) -> None:
        self._by_series: dict[Series, tuple[list[Hold], int]] = {}
        """The holds by their first serial, and how many serials the longest of them has."""
        for hold in sorted(holds, key=_place):
            found, longest = self._by_series.get(hold.block.series, ([], 0))
            found.append(hold)
            self._by_series[hold.block.series] = found, max(longest, hold.block.quantity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HoldsInForce) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Hold]:
        for series in sorted(self._by_series):
            yield from self._by_series[series][0]

    def on(self, block: Block) -> list[Hold]:
        """Those that share a serial with the block, by their first serial and name."""
        if block.series not in self._by_series:
            return []
        found, longest = self._by_series[block.series]
        start = bisect_left(found, block.first - longest, key=_first)
        end = bisect_right(found, block.last, key=_first)
        return [hold for hold in found[start:end] if hold.block.last >= block.first]

    def with_holds(self, holds: Iterable[Hold]) -> HoldsInForce:
        """These and further ones."""
        changed = HoldsInForce()
        changed._by_series = dict(self._by_series)
        for hold in holds:
            found, longest = changed._by_series.get(hold.block.series, ([], 0))
            found = found.copy()
            insort(found, hold, key=_place)
            changed._by_series[hold.block.series] = found, max(longest, hold.block.quantity)
        return changed

    def without(self, hold_id: str) -> HoldsInForce:
        """These but one, which is released."""
        changed = HoldsInForce()
        for series, (found, longest) in self._by_series.items():
            kept = [hold for hold in found if hold.hold_id != hold_id]
            if kept:
                changed._by_series[series] = kept, longest
        return changed


def _first(hold: Hold) -> int:
    return hold.block.first


def _place(hold: Hold) -> tuple[int, str]:
    return hold.block.first, hold.hold_id


@dataclass(frozen=True)
class Consent:
    """Two persons' signatures under one proposal, whose execution a movement is."""

    account_id: str
    """The account that gives away."""
    hold_id: str
    """The hold by which the proposal reserved its credits."""
    proposed_by: str
    approved_by: str


def not_held_back(block: Block, holds: Iterable[Hold], kind: Kind, consent: Consent | None) -> None:
    """What is frozen or reserved does not move, except by the proposal it is reserved for.

    Refuses ``held_for_proposal``, ``held_by_difference``, ``held_by_order`` or ``held_back``.
    """
    for hold in holds:
        own = consent is not None and hold.hold_id == consent.hold_id
        if hold.binds(kind) and not own:
            shared = block.shared_with(hold.block)
            raise HOLD_REFUSALS[hold.ground](block=shared, hold=hold.hold_id, reference=hold.reference, kind=kind)


def four_eyes_kept(account: Account, kind: Kind, consent: Consent | None) -> None:
    """Nobody alone moves anything out of an account with four eyes. Refuses ``needs_second_person``."""
    own = consent is not None and consent.account_id == account.account_id
    two = consent is not None and consent.proposed_by != consent.approved_by
    if account.four_eyes and kind in HOLDERS_WISH and not (own and two):
        raise NEEDS_SECOND_PERSON(account=account.account_id, kind=kind)
