"""Accounts of a registry, what each type may take part in, and how an account stands on a day.

Types follow Japan's account book: government accounts for retirement (無効化口座), cancellation (取消口座) and
others, and entity accounts (法人等保有口座) (OpenJCM domain research, 2026-11-21, after the account-book ordinance
507M60001400001). Reserve accounts come from the CCS rules of Indonesia, buffer accounts from forest rules.
``holder_not_stated`` is ours: it keeps credits of the public record whose holder no source names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openjcm.refusals import Refusal, refusal

ACCOUNT_SUSPENDED = refusal(
    "account_suspended",
    en="{account} is suspended and does not {direction} on {day} (suspended from {since}, {until}).",
    ja="口座 {account} は停止中のため、{day} の記録 ({direction}) はできません (停止開始 {since}、{until})。",
    remedy_en="Wait for the end of the suspension, or ask the administrator to lift it.",
    remedy_ja="停止期間の終了を待つか、管理者に停止の解除を求めてください。",
    clause="OpenJCM: a suspended account sends or receives nothing (inferred; the account-book ordinance "
    "507M60001400001 was not readable)",
    status=409,
)
ACCOUNT_UNDER_ORDER = refusal(
    "account_under_order",
    en="{account} is under a restriction on disposal since {since} ({until}) and does not {direction} on {day}.",
    ja="口座 {account} には {since} から処分の制限が記録されており ({until})、{day} の記録 ({direction}) は"
    "できません。",
    remedy_en="Only the lifting of the order, shown by a document, ends the restriction.",
    remedy_ja="処分の制限は、その解除を示す文書に基づいてのみ解除されます。",
    clause="Act on Promotion of Global Warming Countermeasures and Cabinet Order: restrictions on disposal are "
    "recorded in the account, so that transfers stop (secondary)",
    status=409,
)
ACCOUNT_CLOSED = refusal(
    "account_closed",
    en="{account} was closed on {since} ({until}) and does not {direction} on {day}.",
    ja="口座 {account} は {since} に廃止されており ({until})、{day} の記録 ({direction}) はできません。",
    remedy_en="Name an account that is open; a closed one is never opened again.",
    remedy_ja="有効な口座を指定してください。廃止された口座は再開できません。",
    clause="OpenJCM: a closed account sends and receives nothing",
    status=409,
)


class AccountType(StrEnum):
    """What an account is for."""

    GOVERNMENT_HOLDING = "government_holding"
    ENTITY_HOLDING = "entity_holding"
    RETIREMENT = "retirement"
    CANCELLATION = "cancellation"
    HOLDER_NOT_STATED = "holder_not_stated"
    RESERVE = "reserve"
    """Credits of a storage project (CCS) kept against reversal (リザーブ口座)."""
    BUFFER = "buffer"
    """Credits of a forest project (REDD-plus, afforestation) kept against reversal."""


OF_GOVERNMENTS = frozenset({AccountType.GOVERNMENT_HOLDING, AccountType.RETIREMENT, AccountType.CANCELLATION})
"""Accounts that governments keep: Japan's account book knows them beside those of entities (class comment above)."""


class Kind(StrEnum):
    """What a movement does to a block."""

    ISSUE = "issue"
    TRANSFER = "transfer"
    RETIRE = "retire"
    CANCEL = "cancel"
    RESERVE = "reserve"
    """Into a reserve or buffer account."""
    RELEASE = "release"
    """Out of it, to a holder."""
    REVERSAL = "reversal"
    """Out of it, cancelled because stored tonnes escaped."""
    INTERNATIONAL_TRANSFER = "international_transfer"
    """To an account of another registry."""
    CORRECTION = "correction"
    """Back to where a mistaken entry took it from."""


SINKS = frozenset({AccountType.RETIREMENT, AccountType.CANCELLATION})
"""Accounts that release what they received by a controlled correction only."""

RESERVES = frozenset({AccountType.RESERVE, AccountType.BUFFER})
"""Accounts whose credits stand ready for a reversal and do nothing else."""

HOLDING_TYPES = frozenset(AccountType) - SINKS - RESERVES
"""Accounts from which a holder can move credits on."""

HOLDERS_WISH = frozenset({Kind.TRANSFER, Kind.RETIRE, Kind.CANCEL, Kind.INTERNATIONAL_TRANSFER})
"""The kinds of movement for which the account's holder asks; four eyes guard these."""

INTERNATIONAL: frozenset[str] = frozenset({"international_transfer"})
"""The kinds of movement from one registry to another: a hold of that scope binds them alone."""

TARGETS: dict[Kind, frozenset[AccountType]] = {
    Kind.ISSUE: HOLDING_TYPES | RESERVES,
    Kind.TRANSFER: HOLDING_TYPES,
    Kind.RETIRE: frozenset({AccountType.RETIREMENT}),
    Kind.CANCEL: frozenset({AccountType.CANCELLATION}),
    Kind.RESERVE: RESERVES,
    Kind.RELEASE: HOLDING_TYPES,
    Kind.REVERSAL: frozenset({AccountType.CANCELLATION}),
    Kind.INTERNATIONAL_TRANSFER: HOLDING_TYPES,
    Kind.CORRECTION: HOLDING_TYPES | RESERVES,
}
"""The account types that may receive credits by each kind of movement."""

SOURCES: dict[Kind, frozenset[AccountType]] = {
    Kind.ISSUE: frozenset(),
    Kind.TRANSFER: HOLDING_TYPES,
    Kind.RETIRE: HOLDING_TYPES,
    Kind.CANCEL: HOLDING_TYPES,
    Kind.RESERVE: HOLDING_TYPES,
    Kind.RELEASE: RESERVES,
    Kind.REVERSAL: RESERVES,
    Kind.INTERNATIONAL_TRANSFER: HOLDING_TYPES,
    Kind.CORRECTION: frozenset(AccountType),
}
"""The account types that may give credits by each kind of movement."""


class BarGround(StrEnum):
    """Why an account does not send or receive."""

    SUSPENSION = "suspension"
    ORDER = "order"
    CLOSURE = "closure"


class Standing(StrEnum):
    """How an account stands on a day."""

    OPEN = "open"
    SUSPENDED_IN = "suspended_in"
    SUSPENDED_OUT = "suspended_out"
    SUSPENDED = "suspended"
    CLOSED = "closed"


BAR_REFUSALS: dict[BarGround, Refusal] = {
    BarGround.SUSPENSION: ACCOUNT_SUSPENDED,
    BarGround.ORDER: ACCOUNT_UNDER_ORDER,
    BarGround.CLOSURE: ACCOUNT_CLOSED,
}


@dataclass(frozen=True)
class Bar:
    """A dated fact: from a day on the account sends nothing, receives nothing, or both."""

    ground: BarGround
    sends: bool
    """Whether it keeps the account from sending (transfer, retire, cancel)."""
    receives: bool
    """Whether it keeps the account from receiving."""
    since: date
    until: date | None = None
    """The last day, where it ends by itself."""
    lifted_on: date | None = None

    def binds(self, day: date) -> bool:
        """Whether an act of that day is refused.

        Until it is lifted on record it binds every day up to its end, also the days before it began: an act that is
        recorded meanwhile does not escape by an earlier date. After that it binds the days on which it stood.
        """
        if self.until is not None and day > self.until:
            return False
        return self.lifted_on is None or self.since <= day < self.lifted_on


@dataclass(frozen=True)
class Account:
    """An account as the ledger sees it."""

    account_id: str
    registry_id: str
    account_type: AccountType
    opened_on: date
    bars: tuple[Bar, ...] = ()
    four_eyes: bool = False
    """Whether what its holder gives away needs a proposal of one representative and another's approval."""

    @property
    def party(self) -> str:
        """The Party whose registry it is (ISO 3166-1 alpha-3), with which the registry's name begins."""
        return self.registry_id[:3]

    @property
    def is_sink(self) -> bool:
        """Whether the account is for retired or cancelled credits."""
        return self.account_type in SINKS

    def standing_on(self, day: date) -> Standing:
        """How the account stood on a day, by what is on record; a restriction by order is like a suspension out."""
        found = [bar for bar in self.bars if bar.since <= day and bar.binds(day)]
        if any(bar.ground is BarGround.CLOSURE for bar in found):
            return Standing.CLOSED
        sends, receives = any(bar.sends for bar in found), any(bar.receives for bar in found)
        if sends and receives:
            return Standing.SUSPENDED
        return Standing.SUSPENDED_OUT if sends else Standing.SUSPENDED_IN if receives else Standing.OPEN


def account_may_send(account: Account, day: date) -> None:
    """A closed, suspended or restricted account sends nothing.

    Refuses ``account_closed``, ``account_suspended`` or ``account_under_order``.
    """
    for bar in account.bars:
        if bar.sends and bar.binds(day):
            raise BAR_REFUSALS[bar.ground](
                account=account.account_id, direction="send / 振替元", day=day, since=bar.since, until=_until(bar)
            )


def account_may_receive(account: Account, day: date) -> None:
    """A closed account, or one suspended for what comes in, receives nothing.

    Refuses ``account_closed`` or ``account_suspended``.
    """
    for bar in account.bars:
        if bar.receives and bar.binds(day):
            raise BAR_REFUSALS[bar.ground](
                account=account.account_id, direction="receive / 振替先", day=day, since=bar.since, until=_until(bar)
            )


def _until(bar: Bar) -> str:
    return f"– {bar.until}" if bar.until else "no end stated / 期限の定めなし"
