"""The emissions balances of a Party as a table, from the same actions as its AEF. Unknown stays unknown.

2/CMA.3 annex paras 7, 8 and 23.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from openjcm.article6.actions import history
from openjcm.article6.corresponding_adjustment import Kind, Method, YearBasis, by_year
from openjcm.article6.ndc_balance import Balance, balances, flows_of
from openjcm.refusals import refusal
from openjcm.reports.article6_lines import FIRST_NDC_PERIOD, Article6Data, reporting_party
from openjcm.rulebook import rule
from openjcm.units import exact_text

METHOD_NOT_KNOWN = refusal(
    "adjustment_method_not_known",
    en="“{given}” is no method of adjustment, and the rulebook knows none for {party}.",
    ja="「{given}」は調整方法ではなく、{party} の調整方法は規則集でも不明です。",
    remedy_en="Name the method that the Party states in its initial report: {known}.",
    remedy_ja="締約国が初期報告書で示した方法を指定してください: {known}。",
    clause="2/CMA.3 annex para 7: one method, applied consistently",
)
BASIS_NOT_KNOWN = refusal(
    "year_basis_not_known",
    en="“{given}” is no basis for the year of a first transfer.",
    ja="「{given}」は最初の移転の年の基準として定められていません。",
    remedy_en="Use one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="2/CMA.3 annex paras 8(a), 23(c)",
)


def chosen_method(party: str, given: str, year: int) -> Method:
    """The method asked for; where none is, the one that the rulebook has for the Party at the end of the year.

    Raises:
        Refused: ``adjustment_method_not_known``, ``unknown_country``.
    """
    name = given or rule(reporting_party(party), "corresponding_adjustment_method", date(year, 12, 31)).value
    if name not in list(Method):
        raise METHOD_NOT_KNOWN(given=given, party=party, known=list(Method))
    return Method(str(name))


def chosen_basis(given: str) -> YearBasis:
    """The basis by its name.

    Raises:
        Refused: ``year_basis_not_known``.
    """
    if given not in list(YearBasis):
        raise BASIS_NOT_KNOWN(given=given, known=list(YearBasis))
    return YearBasis(given)


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
        Refused: ``unknown_country``, ``unknown_first_transfer_trigger``.
    """
    party = reporting_party(party)
    period = (FIRST_NDC_PERIOD[0], through)
    flows = flows_of(party, history(data.movements, data.authorizations, data.trigger).actions)
    years = range(period[0], period[1] + 1)
    quantities = {kind: by_year(flows, kind, years, basis) for kind in Kind}
    rows = balances(emissions or {}, flows, method, period, basis=basis)
    return BalanceTable(party, method, basis, rows, quantities)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)
