"""The emissions balances of a Party as a table, from the same actions as its AEF. Unknown stays unknown.

2/CMA.3 annex paras 7, 8 and 23.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from openjcm.article6.actions import history
from openjcm.article6.corresponding_adjustment import Kind, Method, YearBasis, by_year
from openjcm.article6.ndc_balance import Balance, balances, flows_of
from openjcm.reports.article6_lines import FIRST_NDC_PERIOD, Article6Data
from openjcm.units import exact_text


@dataclass(frozen=True)
class BalanceTable:
    """A Party's NDC period: method and basis, each year's quantities (c, d, e of para 23) and balance, in t CO2 eq."""

    party: str
    method: Method
    basis: YearBasis
    rows: tuple[Balance, ...]
    quantities: Mapping[Kind, Mapping[int, Fraction | None]]

    def as_data(self) -> dict[str, object]:
        """The table as plain data; ``None``: cannot be told."""
        return {
            "party": self.party,
            "method": self.method.value,
            "basis": self.basis.value,
            "rows": [
                {
                    "year": row.year,
                    "emissions": _text(row.emissions),
                    "first_transferred": _text(self.quantities[Kind.FIRST_TRANSFERRED][row.year]),
                    "other_purposes": _text(self.quantities[Kind.OTHER_PURPOSES][row.year]),
                    "used": _text(self.quantities[Kind.USED][row.year]),
                    "cumulative": _text(row.adjustment.cumulative),
                    "adjustment": _text(row.adjustment.applied),
                    "balance": _text(row.balance),
                    "answer": row.answer.value,
                }
                for row in self.rows
            ],
        }


def balance_table(
    party: str,
    data: Article6Data,
    method: Method,
    *,
    emissions: Mapping[int, Fraction] | None = None,
    basis: YearBasis = YearBasis.VINTAGE,
    through: int = FIRST_NDC_PERIOD[1],
) -> BalanceTable:
    """The balances of the first NDC period up to the year ``through``, from every act in the data.

    Raises:
        Refused: ``unknown_first_transfer_trigger``.
    """
    period = (FIRST_NDC_PERIOD[0], through)
    flows = flows_of(party, history(data.movements, data.authorizations, data.trigger).actions)
    years = range(period[0], period[1] + 1)
    quantities = {kind: by_year(flows, kind, years, basis) for kind in Kind}
    rows = balances(emissions or {}, flows, method, period, basis=basis)
    return BalanceTable(party, method, basis, rows, quantities)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)
