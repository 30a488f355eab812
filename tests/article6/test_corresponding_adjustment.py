"""The published arithmetic: test vectors T1 to T6 and T9, signs, year bases, and ignorance that stays ignorance."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.article6.corresponding_adjustment import (
    Flow,
    Kind,
    Method,
    YearBasis,
    adjusted_indicator,
    adjustment,
    by_year,
    emissions_balance,
)
from openjcm.article6.ndc_balance import balances
from openjcm.dated import Answer
from openjcm.registry.serials import Vintage


def applied_in(
    flows: list[Flow], method: Method, *years: int, basis: YearBasis = YearBasis.VINTAGE
) -> list[Fraction | None]:
    return [adjustment(flows, method, year, start=2021, basis=basis).applied for year in years]


def out(quantity: int, vintage: str, event_year: int = 2026, kind: Kind = Kind.FIRST_TRANSFERRED) -> Flow:
    return Flow(kind, Fraction(quantity), event_year, Vintage.parse(vintage))


def used(quantity: int, year: int) -> Flow:
    return Flow(Kind.USED, Fraction(quantity), year, Vintage.parse("2021"))


def emissions(*values: int) -> dict[int, Fraction]:
    return {2021 + place: Fraction(value) for place, value in enumerate(values)}


def test_t1_a_host_adds_what_it_first_transferred_by_vintage() -> None:
    rows = balances(emissions(100, 98, 96), [out(5, "2021"), out(3, "2022")], Method.TRAJECTORY, (2021, 2023))
    assert [row.balance for row in rows] == [105, 101, 96]


def test_t2_a_buyer_subtracts_what_it_used() -> None:
    rows = balances(emissions(50, 49), [used(4, 2022)], Method.TRAJECTORY, (2021, 2022))
    assert [row.balance for row in rows] == [50, 45]


def test_t3_a_buyer_that_averages() -> None:
    flows = [used(1442, 2025), used(86758, 2026)]
    in_2026 = adjustment(flows, Method.AVERAGING, 2026, start=2021, basis=YearBasis.VINTAGE)
    in_2030 = adjustment(flows, Method.AVERAGING, 2030, start=2021, basis=YearBasis.VINTAGE)
    assert (in_2026.cumulative, in_2026.applied, in_2030.applied) == (-88200, -14700, -8820)
    in_2024 = adjustment(flows, Method.AVERAGING, 2024, start=2021, basis=YearBasis.VINTAGE)
    assert in_2024.applied == 0


def test_t4_without_use_there_is_nothing_to_adjust() -> None:
    assert adjustment([], Method.AVERAGING, 2026, start=2021, basis=YearBasis.VINTAGE).applied == 0


def test_t5_a_host_that_averages() -> None:
    flows = [out(40, "2021"), out(20, "2026")]
    applied = [
        adjustment(flows, Method.AVERAGING, year, start=2021, basis=YearBasis.VINTAGE).applied for year in (2026, 2030)
    ]
    assert applied == [10, 6]


def test_t6_a_metric_other_than_ghg_turns_the_sign() -> None:
    assert adjusted_indicator(Fraction(1000), Fraction(100), Fraction(0)) == 900
    assert adjusted_indicator(Fraction(1000), Fraction(0), Fraction(100)) == 1100
    assert adjusted_indicator(None, Fraction(1), Fraction(1)) is None


def test_t9_without_an_inventory_nobody_can_tell() -> None:
    (row,) = balances({}, [out(5, "2021")], Method.TRAJECTORY, (2021, 2021))
    assert row.balance is None
    assert row.answer is Answer.CANNOT_TELL
    assert row.adjustment.applied == 5
    assert emissions_balance(None, Fraction(5)) is None
    assert emissions_balance(Fraction(5), None) is None


def test_both_year_bases_can_be_asked() -> None:
    flows = [out(5, "2021", event_year=2025)]
    assert by_year(flows, Kind.FIRST_TRANSFERRED, (2021, 2025), YearBasis.VINTAGE) == {2021: 5, 2025: 0}
    assert by_year(flows, Kind.FIRST_TRANSFERRED, (2021, 2025), YearBasis.EVENT) == {2021: 0, 2025: 5}


def test_outcomes_for_other_purposes_are_added_with_the_same_sign() -> None:
    flows = [out(5, "2021", kind=Kind.OTHER_PURPOSES)]
    assert adjustment(flows, Method.TRAJECTORY, 2021, start=2021, basis=YearBasis.VINTAGE).applied == 5


def test_a_vintage_that_is_not_split_by_year_is_known_in_sum_only() -> None:
    flows = [out(433, "2021to2022")]
    by_vintage = [
        adjustment(flows, Method.TRAJECTORY, year, start=2021, basis=YearBasis.VINTAGE) for year in (2021, 2022, 2023)
    ]
    assert [row.applied for row in by_vintage] == [None, None, 0]
    assert [row.answer for row in by_vintage] == [Answer.CANNOT_TELL, Answer.CANNOT_TELL, Answer.YES]
    assert [row.cumulative for row in by_vintage] == [None, 433, 433]
    averaged = adjustment(flows, Method.AVERAGING, 2022, start=2021, basis=YearBasis.VINTAGE)
    assert averaged.applied == Fraction(433, 2)


def test_an_unknown_vintage_is_never_taken_as_zero() -> None:
    row = adjustment([out(1, "unknown")], Method.AVERAGING, 2030, start=2021, basis=YearBasis.VINTAGE)
    assert row.applied is None
    by_event = adjustment([out(1, "unknown")], Method.AVERAGING, 2030, start=2021, basis=YearBasis.EVENT)
    assert by_event.applied == Fraction(1, 10)


def test_a_year_before_the_period_is_an_error() -> None:
    with pytest.raises(ValueError):
        adjustment([], Method.AVERAGING, 2020, start=2021, basis=YearBasis.VINTAGE)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(2021, 2030)), max_size=20),
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(2021, 2030)), max_size=20),
)
def test_over_the_whole_period_both_methods_adjust_by_the_same_sum(
    exported: list[tuple[int, int]], consumed: list[tuple[int, int]]
) -> None:
    """At the end of the period ten times the average is the sum of the yearly adjustments."""
    flows = [out(quantity, str(year)) for quantity, year in exported] + [used(*item) for item in consumed]
    yearly = applied_in(flows, Method.TRAJECTORY, *range(2021, 2031))
    last = adjustment(flows, Method.AVERAGING, 2030, start=2021, basis=YearBasis.VINTAGE)
    assert last.applied is not None
    assert sum(value for value in yearly if value is not None) == last.applied * 10
    assert last.cumulative == sum(item[0] for item in exported) - sum(item[0] for item in consumed)
