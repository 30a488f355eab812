"""The ledger as a pure function: (holdings, entry) → holdings, or a refusal.

It works on ranges of serials, never on single credits, so an entry costs the same for one tonne and for a million.
Each promise is kept by one small guard; ``tools/delete_guards.py`` takes them away one at a time and shows that a
test turns red. The database promises the same again by constraints and triggers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from openjcm.refusals import refusal
from openjcm.registry.accounts import SINKS, SOURCES, TARGETS, Account, Kind, account_may_receive, account_may_send
from openjcm.registry.correction import may_be_corrected
from openjcm.registry.crossing import registries_can_exchange, transfer_abroad_is_allowed
from openjcm.registry.entries import (
    Cancel,
    Correction,
    CoverReversal,
    Entry,
    Holding,
    InternationalTransfer,
    Issue,
    Move,
    Movement,
    Origin,
    Release,
    Reserve,
    Retire,
    SignedConsent,
    Transfer,
)
from openjcm.registry.gate import authorized_for_other, may_be_retired, use_is_open, use_within_period
from openjcm.registry.holds import Consent, Hold, HoldsInForce, four_eyes_kept, not_held_back
from openjcm.registry.serials import Block, Series

__all__ = [
    "Cancel", "Correction", "CoverReversal", "Entry", "Holding", "Holdings", "InternationalTransfer", "Issue", "Move",
    "Movement", "Origin", "Release", "Reserve", "Retire", "SignedConsent", "Transfer", "apply", "movements",
]  # fmt: skip

NO_BLOCKS = refusal(
    "no_blocks",
    en="The request names no credits.",
    ja="対象となるクレジットが指定されていません。",
    remedy_en="Name at least one serial number or run of serial numbers.",
    remedy_ja="識別番号またはその範囲を1つ以上指定してください。",
    clause="Act on Promotion of Global Warming Countermeasures, Art. 57-11 (2025 numbering): numbers are stated",
)
BLOCK_NAMED_TWICE = refusal(
    "block_named_twice",
    en="The serials {block} are named twice in one request.",
    ja="同じ請求の中で {block} が重複して指定されています。",
    remedy_en="Name every serial once.",
    remedy_ja="各識別番号は1回だけ指定してください。",
    clause="OpenJCM invariant every_credit_has_one_holder",
)
NOT_HELD = refusal(
    "not_held",
    en="Of {block}, {asked} credits, only {held} are in a registry's accounts.",
    ja="{block} ({asked} トン) のうち、口座に記録されているのは {held} トンだけです。",
    remedy_en="Check the serial numbers against the holdings of the account.",
    remedy_ja="口座の保有記録と識別番号を照合してください。",
    clause="OpenJCM invariant every_credit_has_one_holder",
    status=409,
)
MORE_THAN_ONE_SOURCE = refusal(
    "more_than_one_source",
    en="The credits are in more than one account: {accounts}.",
    ja="対象のクレジットは複数の口座にあります: {accounts}。",
    remedy_en="Make one request for each account; only the holder of an account can ask for its decrease.",
    remedy_ja="口座ごとに請求を分けてください。減少の記録は、その口座の名義人だけが請求できます。",
    clause="Act on Promotion of Global Warming Countermeasures, Art. 57-11 (2025 numbering): the decreasing "
    "account asks",
)
SINK_NEVER_RELEASES = refusal(
    "sink_never_releases",
    en="{block} is in {account}, a retirement or cancellation account, which never releases credits.",
    ja="{block} は無効化口座または取消口座 {account} にあり、振替できません。",
    remedy_en="Retired and cancelled credits cannot move again; choose credits of a holding account. A mistake is "
    "taken back by the act correct_mistake only.",
    remedy_ja="無効化・取消しされたクレジットは再び振替できません。保有口座のクレジットを指定してください。"
    "誤りの訂正は correct_mistake によってのみ行えます。",
    clause="Common Specifications of the JCM Registry v1: no further transfer after cancellation and retirement",
    status=409,
)
SAME_ACCOUNT = refusal(
    "same_account",
    en="{block} is already in {account}.",
    ja="{block} はすでに口座 {account} にあります。",
    remedy_en="Name another account as the target.",
    remedy_ja="別の口座を振替先に指定してください。",
    clause="OpenJCM: a movement has two different accounts",
)
CROSS_REGISTRY_TRANSFER = refusal(
    "cross_registry_transfer",
    en="{account} is an account of the registry {target}, the credits are in {source}: there is no transfer between "
    "registries.",
    ja="振替先 {account} は登録簿 {target} の口座ですが、クレジットは登録簿 {source} にあります。"
    "登録簿間の振替はできません。",
    remedy_en="Name an account of the registry {source}. Where a partner's rules allow it, the act "
    "international_transfer leads to another registry.",
    remedy_ja="登録簿 {source} の口座を振替先に指定してください。相手国の規則が認める場合は"
    "国際移転 (international_transfer) によります。",
    clause="Common Specifications of the JCM Registry v1: transfers go to accounts of the respective registry",
)
ACCOUNT_TYPE_DOES_NOT_FIT = refusal(
    "account_type_does_not_fit",
    en="{account} is a {account_type} account and cannot receive credits by this act ({kind}).",
    ja="口座 {account} の種類は {account_type} であり、この手続 ({kind}) では受け入れられません。",
    remedy_en="Name an account of one of these types: {allowed}.",
    remedy_ja="次のいずれかの種類の口座を指定してください: {allowed}。",
    clause="Common Specifications of the JCM Registry v1: cancellation and retirement are transfers to such accounts",
)
ACCOUNT_NOT_OPEN_YET = refusal(
    "account_not_open_yet",
    en="{account} was opened on {opened}, after {day}.",
    ja="口座 {account} の開設日 {opened} は {day} より後です。",
    remedy_en="Name a day on which the account was open.",
    remedy_ja="口座開設日以降の日付を指定してください。",
    clause="OpenJCM invariant nothing_happens_before_its_cause",
)
BEFORE_ITS_CAUSE = refusal(
    "before_its_cause",
    en="{what} cannot happen on {day}: its cause is dated {cause}.",
    ja="{what} は {day} には行えません。その原因の日付は {cause} です。",
    remedy_en="Name a day that is not before {cause}.",
    remedy_ja="{cause} 以降の日付を指定してください。",
    clause="OpenJCM invariant nothing_happens_before_its_cause",
)
ACCOUNT_CANNOT_GIVE = refusal(
    "account_cannot_give",
    en="{block} is in {account}, a {account_type} account, which gives no credits by this act ({kind}).",
    ja="{block} のある口座 {account} の種類は {account_type} であり、この手続 ({kind}) では振り出せません。",
    remedy_en="Name credits in an account of one of these types: {allowed}. Reserves leave by release, or to cover a "
    "reversal.",
    remedy_ja="次のいずれかの種類の口座にあるクレジットを指定してください: {allowed}。"
    "リザーブは解除または反転の補填によってのみ振り出されます。",
    clause="CCS/CCUS rules of the 10th Joint Committee with Indonesia, item 9: a reserve stands against reversal",
    status=409,
)
SERIALS_ALREADY_ISSUED = refusal(
    "serials_already_issued",
    en="Serials of {block} are issued already.",
    ja="{block} の識別番号はすでに発行されています。",
    remedy_en="Numbers of a series go on where the last issuance stopped.",
    remedy_ja="識別番号は前回発行の続きから付番してください。",
    clause="OpenJCM invariant no_serial_is_issued_twice",
    status=409,
)
UNKNOWN_PURPOSE = refusal(
    "unknown_purpose",
    en="“{purpose}” is not a purpose of this act ({kind}).",
    ja="「{purpose}」はこの手続 ({kind}) の目的として認められません。",
    remedy_en="Use one of: {allowed}.",
    remedy_ja="次のいずれかを指定してください: {allowed}。",
    clause="Act on Promotion of Global Warming Countermeasures, Art. 57-11 (2025 numbering): retirement is for Japan's "
    "NDC, cancellation for any other purpose",
)

RETIREMENT_PURPOSES = ("ndc",)
CANCELLATION_PURPOSES = ("corsia", "oimp", "omge", "reversal", "other")
"""International aviation (CORSIA); other international mitigation purposes; overall mitigation in global emissions; to
make good for escaped tonnes; any other stated reason."""


class Holdings:
    """Who holds which serials, by series and in their order, and what holds them back. An entry gives new holdings."""

    def __init__(self, holdings: Iterable[Holding] = (), holds: Iterable[Hold] = ()) -> None:
        self._holds = HoldsInForce(holds)
        self._accounts: Mapping[str, Account] = {}
        self.consent: Consent | None = None
        """The approved proposal by which the holdings are looked at, if it is one."""
        self._by_series: dict[Series, tuple[list[int], list[Holding]]] = {}
        """The first serial of each holding, and the holdings."""
        for holding in sorted(holdings, key=_first_serial):
            firsts, items = self._by_series.setdefault(holding.block.series, ([], []))
            firsts.append(holding.block.first)
            items.append(holding)

    def __iter__(self) -> Iterator[Holding]:
        for series in sorted(self._by_series):
            yield from self._by_series[series][1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Holdings) and list(self) == list(other) and self._holds == other._holds

    __hash__ = None  # type: ignore[assignment]

    def overlapping(self, block: Block) -> list[Holding]:
        """The holdings that share a serial with the block, in order of serials."""
        firsts, items = self._by_series.get(block.series, _NOTHING)
        start, end = _place(firsts, items, block)
        found = items[start:end]
        if not self._accounts:
            return found
        return [replace(item, account=self._accounts.get(item.account.account_id, item.account)) for item in found]

    def holds_on(self, block: Block) -> list[Hold]:
        """The holds in force that share a serial with the block, in order of their serials and names."""
        return self._holds.on(block)

    def with_holds(self, holds: Iterable[Hold]) -> Holdings:
        """The same holdings with further holds."""
        return self._held_by(self._holds.with_holds(holds))

    def without_hold(self, hold_id: str) -> Holdings:
        """The same holdings after the release of a hold."""
        return self._held_by(self._holds.without(hold_id))

    def with_account(self, account: Account) -> Holdings:
        """The same holdings where an account stands otherwise than before."""
        changed = self._held_by(self._holds)
        changed._accounts = {**self._accounts, account.account_id: account}
        return changed

    def by_consent(self, consent: Consent | None) -> Holdings:
        """The same holdings, looked at by the execution of an approved proposal."""
        changed = self._held_by(self._holds)
        changed.consent = consent
        return changed

    def _held_by(self, holds: HoldsInForce) -> Holdings:
        changed = Holdings()
        changed._holds = holds
        changed._by_series, changed._accounts, changed.consent = self._by_series, self._accounts, self.consent
        return changed

    def after(self, movements: Sequence[Movement], cause: int | None = None) -> Holdings:
        """The holdings after the movements, which the guards have let through (see :meth:`take`)."""
        changed = self._held_by(self._holds)
        changed._by_series = dict(self._by_series)
        for series in {moved.block.series for moved in movements}:
            firsts, items = self._by_series.get(series, _NOTHING)
            changed._by_series[series] = firsts.copy(), items.copy()
        changed.take(movements, cause)
        return changed

    def take(self, movements: Sequence[Movement], cause: int | None = None) -> None:
        """Bring these very holdings to where the movements lead: for one who alone has them, at a cost that does not
        grow with them. ``cause``: the entry that the movements belong to, where they do not say it."""
        for moved in movements:
            block, entry_no = moved.block, moved.cause if cause is None else cause
            firsts, items = self._by_series.setdefault(block.series, ([], []))
            start, end = _place(firsts, items, block)
            touched, pieces = (
                items[start:end],
                [Holding(block, moved.target, moved.occurred_on, moved.origin, entry_no)],
            )
            # The first holding that is touched may begin before the block, and the last may end after it.
            if touched and (one := touched[0]).block.first < block.first:
                rest = Block(block.series, one.block.first, block.first - 1)
                pieces.insert(0, Holding(rest, one.account, one.since, one.origin, one.cause))
            if touched and (one := touched[-1]).block.last > block.last:
                rest = Block(block.series, block.last + 1, one.block.last)
                pieces.append(Holding(rest, one.account, one.since, one.origin, one.cause))
            firsts[start:end] = [piece.block.first for piece in pieces]
            items[start:end] = pieces


_NOTHING: tuple[list[int], list[Holding]] = ([], [])


def _place(firsts: Sequence[int], items: Sequence[Holding], block: Block) -> tuple[int, int]:
    """From which to before which place the holdings of its series share a serial with the block."""
    start = bisect_right(firsts, block.first)
    if start and items[start - 1].block.last >= block.first:
        start -= 1
    return start, bisect_right(firsts, block.last, start)


def _first_serial(holding: Holding) -> int:
    return holding.block.first


def apply(holdings: Holdings, entry: Entry) -> Holdings:
    """The holdings after the entry.

    Raises:
        Refused: by the guard that the entry breaks; the holdings are as they were.
    """
    return holdings.after(movements(holdings, entry))


def movements(holdings: Holdings, entry: Entry) -> tuple[Movement, ...]:
    """What the entry moves, one movement for each run of one holding, in order of the request.

    Raises:
        Refused: by the guard that the entry breaks.
    """
    return _issue(holdings, entry) if isinstance(entry, Issue) else _move(holdings, entry)


def _issue(holdings: Holdings, entry: Issue) -> tuple[Movement, ...]:
    blocks = tuple(block for _, block, _ in entry.items)
    some_blocks(blocks)
    each_serial_named_once(blocks)
    issue_not_before_decision(entry)
    for origin, block, account in entry.items:
        serials_are_new(holdings, block)
        account_fits(account, Kind.ISSUE)
        account_of_registry(account, origin.registry_id)
        account_open(account, entry.occurred_on)
        account_may_receive(account, entry.occurred_on)
    return tuple(
        Movement(Kind.ISSUE, block, origin, None, account, entry.occurred_on) for origin, block, account in entry.items
    )


def _move(holdings: Holdings, entry: Move) -> tuple[Movement, ...]:
    some_blocks(entry.blocks)
    each_serial_named_once(entry.blocks)
    pieces = [piece for block in entry.blocks for piece in held_pieces(holdings, block)]
    one_source([holding for holding, _ in pieces])
    purpose_fits(entry)
    account_fits(entry.target, entry.kind)
    account_open(entry.target, entry.occurred_on)
    account_may_receive(entry.target, entry.occurred_on)
    for holding, piece in pieces:
        not_from_a_sink(holding, entry.kind)
        source_fits(holding, entry.kind)
        account_may_send(holding.account, entry.occurred_on)
        four_eyes_kept(holding.account, entry.kind, holdings.consent)
        not_held_back(piece, holdings.holds_on(piece), entry.kind, holdings.consent)
        if isinstance(entry, InternationalTransfer):
            registries_can_exchange(holding, entry.target)
            transfer_abroad_is_allowed(holding, entry)
        else:
            account_of_registry(entry.target, holding.account.registry_id)
        not_to_itself(holding, entry.target)
        not_before_received(holding, entry.occurred_on)
        if isinstance(entry, (Retire, Cancel)):
            _at_the_gate(holding, piece, entry)
        if isinstance(entry, Correction):
            may_be_corrected(holding, entry)
    return tuple(
        [
            Movement(entry.kind, piece, holding.origin, holding.account, entry.target, entry.occurred_on)
            for holding, piece in pieces
        ]
    )


def _at_the_gate(holding: Holding, piece: Block, entry: Retire | Cancel) -> None:
    """What a retirement or a cancellation asks of the credits' authorizations, vintage and use."""
    years = (holding.origin.earliest_year, holding.origin.latest_year)
    days = (entry.occurred_on, first_transfer(holding, entry))
    party = entry.target.party
    if isinstance(entry, Retire):
        may_be_retired(
            piece,
            parties=holding.origin.parties,
            years=years,
            earliest_vintage=entry.rules.earliest_vintage,
            first_transferred_on=days[1],
            occurred_on=entry.occurred_on,
            authorizations=entry.authorizations,
        )
        use_is_open(party, entry.serves, entry.occurred_on, entry.rules.uses)
        use_within_period(piece, party, entry.used_for_year, years, entry.rules.ndc_periods)
    else:
        hosts = [name for name in holding.origin.parties if name != "JPN"]
        needed = dict(entry.rules.needed).get(entry.purpose, ())
        authorized_for_other(piece, entry.purpose, hosts, years, days, needed, entry.authorizations)


def first_transfer(holding: Holding, entry: Retire | Cancel) -> date:
    """The day whose authorizations stand by the credits: Japan's are transferred first when they are issued, if the
    rulebook says so; others not before they are used."""
    at_issuance = entry.rules.issuance_is_first_transfer and holding.block.series.side == "JP"
    return holding.origin.issued_on if at_issuance else entry.occurred_on


# The guards ---------------------------------------------------------------------------------------------------------


def some_blocks(blocks: Sequence[Block]) -> None:
    """A request names credits. Refuses ``no_blocks``."""
    if not blocks:
        raise NO_BLOCKS()


def each_serial_named_once(blocks: Sequence[Block]) -> None:
    """A request names a serial once. Refuses ``block_named_twice``."""
    if len(blocks) > 1:
        for one, other in pairwise(sorted(blocks)):
            if one.overlaps(other):
                raise BLOCK_NAMED_TWICE(block=one.shared_with(other))


def held_pieces(holdings: Holdings, block: Block) -> list[tuple[Holding, Block]]:
    """The block, cut along the holdings that it lies in. Refuses ``not_held`` if a serial is held by nobody."""
    found = holdings.overlapping(block)
    if len(found) == 1 and block.within(found[0].block):
        return [(found[0], block)]
    pieces = [(holding, piece) for holding in found if (piece := holding.block.shared_with(block))]
    held = sum(piece.quantity for _, piece in pieces)
    if held != block.quantity:
        raise NOT_HELD(block=block, asked=block.quantity, held=held)
    return pieces


def hold_pieces(holdings: Holdings, blocks: Sequence[Block]) -> list[tuple[Origin, Block]]:
    """The blocks cut along the issuances that they come from, as a hold keeps them.

    Raises:
        Refused: ``not_held`` if a serial is on no account.
    """
    pieces = []
    for block in blocks:
        origins = dict.fromkeys(holding.origin for holding, _ in held_pieces(holdings, block))
        pieces += [(origin, piece) for origin in origins if (piece := origin.block.shared_with(block))]
    return pieces


def one_source(sources: Sequence[Holding]) -> None:
    """All credits of a request are in one account. Refuses ``more_than_one_source``."""
    accounts = {holding.account.account_id for holding in sources}
    if len(accounts) > 1:
        raise MORE_THAN_ONE_SOURCE(accounts=sorted(accounts))


def purpose_fits(entry: Move) -> None:
    """Retirement and cancellation each have their own purposes. Refuses ``unknown_purpose``."""
    if not isinstance(entry, (Retire, Cancel)):
        return
    allowed = RETIREMENT_PURPOSES if isinstance(entry, Retire) else CANCELLATION_PURPOSES
    if entry.purpose not in allowed:
        raise UNKNOWN_PURPOSE(purpose=entry.purpose, kind=entry.kind, allowed=allowed)


def account_fits(account: Account, kind: Kind) -> None:
    """An account receives only what its type is for. Refuses ``account_type_does_not_fit``."""
    if account.account_type not in TARGETS[kind]:
        raise ACCOUNT_TYPE_DOES_NOT_FIT(
            account=account.account_id, account_type=account.account_type, kind=kind, allowed=sorted(TARGETS[kind])
        )


def account_of_registry(account: Account, registry_id: str) -> None:
    """Credits stay in the registry that issued them. Refuses ``cross_registry_transfer``."""
    if account.registry_id != registry_id:
        raise CROSS_REGISTRY_TRANSFER(account=account.account_id, target=account.registry_id, source=registry_id)


def account_open(account: Account, day: date) -> None:
    """An account receives nothing before it is opened. Refuses ``account_not_open_yet``."""
    if day < account.opened_on:
        raise ACCOUNT_NOT_OPEN_YET(account=account.account_id, opened=account.opened_on, day=day)


def issue_not_before_decision(entry: Issue) -> None:
    """No issuance is dated before the decision. Refuses ``before_its_cause``."""
    if entry.occurred_on < entry.decided_on:
        raise BEFORE_ITS_CAUSE(what="issuance", day=entry.occurred_on, cause=entry.decided_on)


def serials_are_new(holdings: Holdings, block: Block) -> None:
    """No serial is issued twice. Refuses ``serials_already_issued``."""
    if holdings.overlapping(block):
        raise SERIALS_ALREADY_ISSUED(block=block)


def not_from_a_sink(holding: Holding, kind: Kind) -> None:
    """A retirement or cancellation account releases by correction only. Refuses ``sink_never_releases``."""
    if holding.account.is_sink and kind is not Kind.CORRECTION:
        raise SINK_NEVER_RELEASES(block=holding.block, account=holding.account.account_id)


def source_fits(holding: Holding, kind: Kind) -> None:
    """A reserve is released or covers a reversal, and nothing else is. Refuses ``account_cannot_give``."""
    allowed = SOURCES[kind] | SINKS
    if holding.account.account_type not in allowed:
        raise ACCOUNT_CANNOT_GIVE(
            block=holding.block, account=holding.account.account_id, account_type=holding.account.account_type,
            kind=kind, allowed=sorted(SOURCES[kind]),
        )  # fmt: skip


def not_to_itself(holding: Holding, target: Account) -> None:
    """A movement has two different accounts. Refuses ``same_account``."""
    if holding.account.account_id == target.account_id:
        raise SAME_ACCOUNT(block=holding.block, account=target.account_id)


def not_before_received(holding: Holding, day: date) -> None:
    """Nobody gives away what was not yet received on that day. Refuses ``before_its_cause``."""
    if day < holding.since:
        raise BEFORE_ITS_CAUSE(what=holding.block, day=day, cause=holding.since)
