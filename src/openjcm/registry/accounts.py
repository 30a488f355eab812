"""Accounts of a registry and what each type may take part in.

Types follow Japan's account book: government accounts for retirement (無効化口座), cancellation (取消口座) and
others, and entity accounts (法人等保有口座) (OpenJCM domain research, 2026-11-21, after the account-book ordinance
507M60001400001). ``holder_not_stated`` is ours: it keeps credits of the public record whose holder no source names.
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


class Kind(StrEnum):
    """What a movement does to a block."""

    ISSUE = "issue"
    TRANSFER = "transfer"
    RETIRE = "retire"
    CANCEL = "cancel"


SINKS = frozenset({AccountType.RETIREMENT, AccountType.CANCELLATION})
"""Accounts that never release what they received."""

HOLDING_TYPES = frozenset(AccountType) - SINKS
"""Accounts from which credits can move on."""

TARGETS: dict[Kind, frozenset[AccountType]] = {
    Kind.ISSUE: HOLDING_TYPES,
    Kind.TRANSFER: HOLDING_TYPES,
    Kind.RETIRE: frozenset({AccountType.RETIREMENT}),
    Kind.CANCEL: frozenset({AccountType.CANCELLATION}),
}
"""The account types that may receive credits by each kind of movement."""


@dataclass(frozen=True)
class Account:
    """An account as the ledger sees it."""

    account_id: str
    registry_id: str
    account_type: AccountType
    opened_on: date

    @property
    def is_sink(self) -> bool:
        """Whether the account never releases what it received."""
        return self.account_type in SINKS
