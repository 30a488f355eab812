"""The mirror check: what one Party says it gave, the other must say it got, and the other way round.

Every difference is named: which serials, and whether it is the range, the quantity, the vintage, the date, the
purpose, the cooperative approach or the identifier that differs (2/CMA.3 annex para 33; OpenJCM domain research,
2026-11-21, section on consistency checks).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from openjcm.article6.actions import ActionType
from openjcm.registry.serials import Block
from openjcm.reports.article6_lines import ActionLine

GIVEN = {ActionType.FIRST_TRANSFER, ActionType.TRANSFER}


class Kind(StrEnum):
    """What differs."""

    RANGE = "range"
    QUANTITY = "quantity"
    VINTAGE = "vintage"
    DATE = "date"
    PURPOSE = "purpose"
    APPROACH = "cooperative approach"
    IDENTIFIER = "identifier"


@dataclass(frozen=True)
class Difference:
    """One difference: its kind, the serials, and what the giver and the receiver say (``None``: nothing at all)."""

    kind: Kind
    giver: str
    receiver: str
    block: str
    given: str | None
    received: str | None

    def as_data(self) -> dict[str, object]:
        """The difference as plain data."""
        return {
            "kind": self.kind.value,
            "giver": self.giver,
            "receiver": self.receiver,
            "serials": self.block,
            "given": self.given,
            "received": self.received,
        }


@dataclass(frozen=True)
class Mirror:
    """The outcome of a comparison: how much both sides agree on (t CO2 eq), and every difference."""

    agreed: int
    differences: tuple[Difference, ...]


def mirror(one: Iterable[ActionLine], other: Iterable[ActionLine], party: str, partner: str) -> Mirror:
    """Hold the actions of two Parties against each other, in both directions."""
    mine, theirs = tuple(one), tuple(other)
    there, back = _direction(mine, theirs, party, partner), _direction(theirs, mine, partner, party)
    return Mirror(there.agreed + back.agreed, there.differences + back.differences)


def _direction(givers: tuple[ActionLine, ...], receivers: tuple[ActionLine, ...], giver: str, receiver: str) -> Mirror:
    given = [
        line for line in givers if line.party == giver and line.action_type in GIVEN and line.acquiring == receiver
    ]
    received = [
        line
        for line in receivers
        if line.party == receiver and line.action_type is ActionType.ACQUISITION and line.transferring == giver
    ]
    differences: list[Difference] = []
    agreed = 0
    for line in given:
        for match in received:
            shared = line.block.shared_with(match.block)
            if shared is None:
                continue
            found = list(_compare(line, match, shared, giver, receiver))
            agreed += 0 if found else shared.quantity
            differences += found
    for block in _uncovered(given, received):
        differences.append(Difference(Kind.RANGE, giver, receiver, str(block), f"{block.quantity}", None))
    for block in _uncovered(received, given):
        differences.append(Difference(Kind.RANGE, giver, receiver, str(block), None, f"{block.quantity}"))
    return Mirror(agreed, tuple(differences))


def _compare(given: ActionLine, received: ActionLine, block: Block, giver: str, receiver: str) -> Iterable[Difference]:
    pairs = {
        Kind.VINTAGE: (given.itmo.vintage, received.itmo.vintage),
        Kind.DATE: (str(given.occurred_on), str(received.occurred_on)),
        Kind.PURPOSE: (_purposes(given), _purposes(received)),
        Kind.APPROACH: (given.itmo.cooperative_approach, received.itmo.cooperative_approach),
        Kind.IDENTIFIER: (_numbers(given, block), _numbers(received, block)),
    }
    if given.block == received.block:
        pairs[Kind.QUANTITY] = (str(given.quantity), str(received.quantity))
    for kind, (mine, theirs) in pairs.items():
        if mine != theirs:
            yield Difference(kind, giver, receiver, str(block), mine, theirs)


def _uncovered(lines: Iterable[ActionLine], by: Iterable[ActionLine]) -> list[Block]:
    rest = [line.block for line in lines]
    for line in by:
        rest = [part for block in rest for part in block.without(line.block)]
    return rest


def _purposes(line: ActionLine) -> str | None:
    """The purposes that the reporting Party itself authorized."""
    return ", ".join(sorted(line.bound.authorization.purposes)) if line.bound is not None else None


def _numbers(line: ActionLine, block: Block) -> str:
    start = line.itmo.first + block.first - line.block.first
    return f"{line.itmo.registry or '?'}-{line.itmo.first_party}-{start}"
