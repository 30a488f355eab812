"""Balances come from the same actions as the AEF."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from openjcm.article6.corresponding_adjustment import Kind, Method, YearBasis
from openjcm.refusals import Refused
from openjcm.reports.balance import balance_table, chosen_basis, chosen_method

from .article6_world import DATA, HOST, JAPAN, UNKNOWN


def test_host_and_buyer_from_one_ledger() -> None:
    """Defect F1: acquisition must not lower the buyer's balance; only use does, in the year for which it is used."""
    host = balance_table(HOST, DATA, Method.TRAJECTORY, emissions={2022: Fraction(10000)})
    assert host.quantities[Kind.FIRST_TRANSFERRED][2022] == 1200
    assert host.rows[1].balance == 11200
    japan = balance_table(JAPAN, DATA, Method.TRAJECTORY, emissions={2022: Fraction(10000), 2030: Fraction(9000)})
    assert japan.rows[1].balance == 10000
    assert japan.rows[9].balance == 8500
    assert japan.rows[8].balance is None and japan.rows[8].answer == "cannot tell"


def test_the_method_changes_the_figures() -> None:
    """Defect F2: the method stored must be the method used."""
    averaged = balance_table(JAPAN, DATA, Method.AVERAGING, emissions={2030: Fraction(9000)})
    assert averaged.rows[9].balance == 8950


def test_the_basis_changes_the_year() -> None:
    by_event = balance_table(HOST, DATA, Method.TRAJECTORY, basis=YearBasis.EVENT)
    assert by_event.quantities[Kind.FIRST_TRANSFERRED][2022] == 0
    assert by_event.quantities[Kind.FIRST_TRANSFERRED][2025] == 1000
    assert by_event.quantities[Kind.FIRST_TRANSFERRED][2026] == 200


def test_unknown_is_text_that_is_not_there() -> None:
    data = balance_table(HOST, UNKNOWN, Method.TRAJECTORY, through=2022).as_data()
    rows = data["rows"]
    assert isinstance(rows, list)
    assert [row["first_transferred"] for row in rows] == [None, None]
    assert [row["cumulative"] for row in rows] == [None, "433"]
    assert [row["answer"] for row in rows] == ["cannot tell"] * 2


def test_cancellation_for_mitigation_adjusts_nothing_more() -> None:
    """Defect F3, turned: a voluntary cancellation moves no balance by itself; the host's first transfer did."""
    without = replace(DATA, movements=tuple(item for item in DATA.movements if item.kind != "cancel"))
    assert (
        balance_table(JAPAN, DATA, Method.AVERAGING).as_data()
        == balance_table(JAPAN, without, Method.AVERAGING).as_data()
    )


def test_the_method_of_the_rulebook_or_the_one_named() -> None:
    assert chosen_method("JPN", "", 2030) is Method.AVERAGING
    assert chosen_method("MNG", "trajectory", 2030) is Method.TRAJECTORY
    for given in ("", "guess"):
        with pytest.raises(Refused) as refused:
            chosen_method("MNG", given, 2030)
        assert refused.value.code == "adjustment_method_not_known"
    assert chosen_basis("event") is YearBasis.EVENT
    with pytest.raises(Refused) as refused:
        chosen_basis("fiscal")
    assert refused.value.code == "year_basis_not_known"
