"""Accounts of a registry and what each type may take part in.

Types follow Japan's account book: government accounts for retirement (無効化口座), cancellation (取消口座) and
others, and entity accounts (法人等保有口座) (OpenJCM domain research, 2026-11-21, after the account-book ordinance
507M60001400001). Reserve accounts come from the CCS rules of Indonesia, buffer accounts from forest rules.
``holder_not_stated`` is ours: it keeps credits of the public record whose holder no source names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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


@dataclass(frozen=True)
class Account:
    """An account as the ledger sees it."""

    account_id: str
    registry_id: str
    account_type: AccountType
    opened_on: date

    @property
    def party(self) -> str:
        """The Party whose registry it is (ISO 3166-1 alpha-3), with which the registry's name begins."""
        return self.registry_id[:3]

    @property
    def is_sink(self) -> bool:
        """Whether the account is for retired or cancelled credits."""
        return self.account_type in SINKS
