"""What the ledger is made of: issuances, holdings, movements, and the entries that change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from openjcm.frozen import frozen
from openjcm.registry.accounts import Account, Kind
from openjcm.registry.gate import COMMON_RULES, AuthorizationOnFile, RetirementRules
from openjcm.registry.serials import Block


@dataclass(frozen=True)
class Origin:
    """What all credits of one issuance of one series have in common."""

    origin_id: int
    block: Block
    registry_id: str
    decision_id: str
    issued_on: date
    parties: tuple[str, ...] = ()
    """Japan and the host Party (ISO 3166-1 alpha-3), whose authorizations a retirement needs."""
    earliest_year: int | None = None
    """First calendar year in which the reductions may have happened, from vintage or monitoring period."""
    latest_year: int | None = None


@frozen()
class Holding:
    """A block in an account since a day."""

    block: Block
    account: Account
    since: date
    origin: Origin
    cause: int = 0
    """Number of the journal entry that brought the block here; 0 where it does not matter."""


@frozen()
class Movement:
    """One block moved from one account to another; an issuance has no source."""

    kind: Kind
    block: Block
    origin: Origin
    source: Account | None
    target: Account
    occurred_on: date
    cause: int = 0

    @property
    def registry_id(self) -> str:
        """The registry that gives the block, or issues it."""
        return (self.source or self.target).registry_id


@dataclass(frozen=True)
class Issue:
    """One side's issuance by one decision. Each item: the origin, the block and the account that receives it."""

    decided_on: date
    occurred_on: date
    items: tuple[tuple[Origin, Block, Account], ...]


@frozen()
class Transfer:
    """Credits go to another account of the same registry."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    kind: Kind = field(default=Kind.TRANSFER, init=False)


@dataclass(frozen=True)
class Retire:
    """無効化: credits are made untransferable to count for a Party's NDC."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    used_for_year: int
    purpose: str
    authorizations: tuple[AuthorizationOnFile, ...]
    rules: RetirementRules
    serves: str | None = None
    """What the retirement serves besides an NDC (:data:`openjcm.registry.gate.USES`); ``None``: nothing more."""
    kind: Kind = field(default=Kind.RETIRE, init=False)


@dataclass(frozen=True)
class Cancel:
    """取消し: credits are made untransferable for any other purpose."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    purpose: str
    authorizations: tuple[AuthorizationOnFile, ...] = ()
    rules: RetirementRules = COMMON_RULES
    kind: Kind = field(default=Kind.CANCEL, init=False)


@dataclass(frozen=True)
class Reserve:
    """Credits go into a reserve or buffer account, to stand ready for a reversal."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    kind: Kind = field(default=Kind.RESERVE, init=False)


@dataclass(frozen=True)
class Release:
    """A reserve goes back to a holder."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    kind: Kind = field(default=Kind.RELEASE, init=False)


@dataclass(frozen=True)
class CoverReversal:
    """A reserve is cancelled, because stored tonnes escaped."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    kind: Kind = field(default=Kind.REVERSAL, init=False)


@dataclass(frozen=True)
class InternationalTransfer:
    """Credits go to an account of the other Party's registry; for that one it is the acquisition."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    allowed_by: tuple[str, ...] = ()
    """The partners whose rulebook lets credits move between registries on that day."""
    kind: Kind = field(default=Kind.INTERNATIONAL_TRANSFER, init=False)


@dataclass(frozen=True)
class SignedConsent:
    """One person's signature under a statement. Key and signature are base64url without padding, Ed25519."""

    side: str
    name: str
    public_key: str
    signature: str


@dataclass(frozen=True)
class Correction:
    """The blocks of a mistaken entry go back to where it took them from (see ``registry.correction``)."""

    blocks: tuple[Block, ...]
    target: Account
    occurred_on: date
    corrects: int
    """Number of the mistaken entry."""
    moved: tuple[Movement, ...]
    """What that entry moved."""
    reason: str
    document_sha256: str
    consents: tuple[SignedConsent, ...]
    correctable: tuple[str, ...]
    """The kinds of movement that the rule lets be corrected."""
    approvers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Side → the keys of those who approve for its government's accounts; without a side that has registered none."""
    kind: Kind = field(default=Kind.CORRECTION, init=False)


Move = Transfer | Retire | Cancel | Reserve | Release | CoverReversal | InternationalTransfer | Correction
Entry = Issue | Move
