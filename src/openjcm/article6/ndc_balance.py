"""A Party's emissions balances over its NDC period, from its emissions and its flows of outcomes.

Decision 2/CMA.3 annex paras 8 and 23(k). A year whose inventory or whose flows are not known is *cannot tell*; it is
never taken as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from openjcm.article6.actions import ActionType, Article6Action
from openjcm.article6.corresponding_adjustment import (
    Adjustment,
    Flow,
    Kind,
    Method,
    YearBasis,
    adjustment,
    emissions_balance,
)
from openjcm.dated import Answer


@dataclass(frozen=True)
class Balance:
    """One year: emissions (``None``: inventory not known), adjustment, balance; all in t CO2 eq."""

    year: int
    emissions: Fraction | None
    adjustment: Adjustment
    balance: Fraction | None

    @property
    def answer(self) -> Answer:
        """*Yes* when the balance is known."""
        return Answer.CANNOT_TELL if self.balance is None else Answer.YES


def balances(
    emissions: Mapping[int, Fraction],
    flows: Iterable[Flow],
    method: Method,
    period: tuple[int, int],
    *,
    basis: YearBasis = YearBasis.VINTAGE,
) -> tuple[Balance, ...]:
    """The balance of every year of the NDC period (first and last year, both included)."""
    known = tuple(flows)
    first, last = period
    rows = []
    for year in range(first, last + 1):
        applied = adjustment(known, method, year, start=first, basis=basis)
        value = emissions.get(year)
        rows.append(Balance(year, value, applied, emissions_balance(value, applied.applied)))
    return tuple(rows)


def flows_of(party: str, actions: Iterable[Article6Action]) -> tuple[Flow, ...]:
    """The flows that count for a Party. Acquisitions and onward transfers are none of them.

    What is first transferred for other purposes only is line (d), everything else that is first transferred line
    (c): no outcome is counted in both.
    """
    flows = []
    for action in actions:
        if action.party != party:
            continue
        vintage = action.first_transfer.outcome.vintage
        quantity = Fraction(action.block.quantity)
        if action.action_type is ActionType.FIRST_TRANSFER:
            kind = Kind.FIRST_TRANSFERRED if action.towards_ndc else Kind.OTHER_PURPOSES
            flows.append(Flow(kind, quantity, action.occurred_on.year, vintage))
        elif action.action_type is ActionType.USE and action.used_for_year is not None:
            flows.append(Flow(Kind.USED, quantity, action.used_for_year, vintage))
    return tuple(flows)
