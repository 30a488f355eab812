"""Defects that an audit of another national registry found (its list F1 to F15), as tests of ours where they apply.

Source: compliance audit in the repository undp/undp-national-carbon-registry, pull request 361 (June 2026).
F11 and F12 concern initial reports and approval states, which do not exist here. F2, F5, F6, F13 and F15 are also told
in the tests of their modules.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from openjcm.article6.actions import history
from openjcm.article6.authorization import Entity, FirstTransferDefinition
from openjcm.article6.corresponding_adjustment import Method, adjusted_indicator
from openjcm.dated import Answer
from openjcm.refusals import Refused
from openjcm.registry.serials import Block, Series
from openjcm.reports.aef import build_aef
from openjcm.reports.aef_checks import run_checks
from openjcm.reports.article6_lines import Article6Data
from openjcm.reports.balance import balance_table

from .article6_world import DATA, GIVEN, HOST, JAPAN, MOVEMENTS, SERIES, TAKEN, move


def given_for(**changes: object) -> Article6Data:
    return replace(DATA, authorizations=(replace(GIVEN, **changes), replace(TAKEN, **changes)))  # type: ignore[arg-type]


def test_f1_the_balance_subtracts_what_was_used_not_what_was_acquired() -> None:
    only_acquired = replace(DATA, movements=MOVEMENTS[:2])
    (*_, last) = balance_table(JAPAN, only_acquired, Method.AVERAGING, emissions={2030: Fraction(100)}).rows
    assert last.balance == 100
    (*_, last) = balance_table(JAPAN, DATA, Method.AVERAGING, emissions={2030: Fraction(100)}).rows
    assert last.balance == 50


def test_f2_the_methods_differ() -> None:
    averaged, yearly = (balance_table(JAPAN, DATA, method).rows[9] for method in Method)
    assert (averaged.adjustment.applied, yearly.adjustment.applied) == (-50, -500)


def test_f3_cancellation_for_mitigation_takes_the_tonnes_out_of_the_holdings() -> None:
    kept = build_aef(JAPAN, 2025, replace(DATA, movements=MOVEMENTS[:3]))
    cancelled = build_aef(JAPAN, 2025, replace(DATA, movements=MOVEMENTS[:4]))
    held = [sum(line.quantity for line in aef.lines.holdings) for aef in (kept, cancelled)]
    assert held == [600, 550]


def test_f4_the_purpose_of_another_use_is_written() -> None:
    data = replace(
        given_for(purposes=("NDC and OIMP",), first_transfer_definition=FirstTransferDefinition.USE_OR_CANCELLATION),
        movements=(MOVEMENTS[0], move("cancel", 1, 9, "2025-06-01", 11, purpose="oimp", reason="CORSIA")),
    )
    row = build_aef(JAPAN, 2025, data).tables[2].rows[1]
    assert (row["ActionType"], row["PurposeITMOUsedForOIMP"]) == ("Cancellation", "CORSIA")


def test_f5_both_purposes_in_one_authorization() -> None:
    row = build_aef(HOST, 2025, given_for(purposes=("NDC and OIMP",))).tables[1].rows[0]
    assert row["PurposeForAuthorization"] == "NDC and OIMP"


def test_f6_two_authorizations_may_define_first_transfer_differently() -> None:
    other = Series.of("JP", ["XD002"], "2022")
    one = replace(GIVEN, purposes=("OIMP",), first_transfer_definition=FirstTransferDefinition.ISSUANCE)
    two = replace(
        one,
        authorization_id="MNG-XD-2",
        projects=("XD002",),
        first_transfer_definition=FirstTransferDefinition.USE_OR_CANCELLATION,
    )
    rows = (MOVEMENTS[0], replace(MOVEMENTS[0], entry_no=11, block=Block(other, 1, 10)))
    firsts = history(rows, [one, two], DATA.trigger).first_transfers
    assert [(item.block.series.projects, item.subtype.value) for item in firsts] == [(("XD001",), "issuance")]


def test_f7_entities_stand_with_their_authorization() -> None:
    entities = (Entity("A", "JPN", "1"), Entity("B", "MNG", "2"))
    aef = build_aef(HOST, 2025, replace(DATA, authorizations=(replace(GIVEN, entities=entities), TAKEN)))
    assert aef.tables[1].rows[0]["AuthorizedEntityIDs"] == "1, 2"
    assert [row["AuthorizedEntityName"] for row in aef.tables[4].rows] == ["A", "B"]
    assert {row["CooperativeApproachID"] for row in aef.tables[4].rows} == {"CA9999"}


def test_f8_the_report_is_of_one_year_and_one_party() -> None:
    aef = build_aef(JAPAN, 2025, DATA)
    assert {line.occurred_on.year for line in aef.lines.actions} == {2025}
    assert {line.party for line in aef.lines.actions} == {JAPAN}


def test_f9_no_column_is_dropped() -> None:
    for table in build_aef(JAPAN, 2025, DATA).tables:
        for row in table.rows:
            assert set(row) == {item.name for item in table.layout.fields}


def test_f10_another_metric_has_its_own_sign() -> None:
    assert adjusted_indicator(Fraction(1000), Fraction(100), Fraction(30)) == 930


def test_f13_a_check_without_data_does_not_pass() -> None:
    data = given_for(cooperative_approach_id=None)
    answers = {item.code: item.answer for item in run_checks(build_aef(JAPAN, 2025, data))}
    assert answers["II01"] is Answer.CANNOT_TELL


@pytest.mark.parametrize("vintage", ["22", "20222", "2022to2021", "soon", ""])
def test_f14_a_vintage_is_a_year(vintage: str) -> None:
    with pytest.raises(Refused):
        Series.of("JP", ["XD001"], vintage)


def test_f14_a_vintage_outside_the_authorized_years_is_not_reported() -> None:
    aef = build_aef(JAPAN, 2025, given_for(vintages=(2023, 2030)))
    assert not aef.tables[2].rows
    assert "A6-NOT-AUTHORIZED" in {item.rule for item in aef.findings}


def test_f15_a_part_that_goes_abroad_is_a_first_transfer() -> None:
    rows = (
        move("issue", 1, 1000, "2025-02-01", 10, target_party=HOST, registry_party=HOST),
        move("transfer", 1, 300, "2025-03-01", 11, source_party=HOST, registry_party=HOST),
    )
    data = replace(DATA, movements=rows, trigger=lambda host, day: "international_transfer")
    (row,) = build_aef(HOST, 2025, data).tables[2].rows
    assert (row["ActionType"], row["QuantityCO2"]) == ("First transfer", 300)
    assert [(item["ActionType"], item["QuantityCO2"]) for item in build_aef(JAPAN, 2025, data).tables[2].rows] == [
        ("Acquisition", 300)
    ]


def test_use_without_authorization_is_no_row_and_is_told() -> None:
    aef = build_aef(JAPAN, 2025, replace(DATA, authorizations=(TAKEN,)))
    assert not aef.tables[2].rows and not aef.tables[3].rows
    assert "A6-NOT-AUTHORIZED" in {item.rule for item in aef.findings}


def test_one_number_of_two_parties_is_two_authorizations() -> None:
    """Numbers are unique within a Party only: a join on the number alone would mix the two."""
    same = replace(TAKEN, authorization_id=GIVEN.authorization_id, terms="Japan's own")
    data = replace(DATA, authorizations=(GIVEN, same))
    assert build_aef(JAPAN, 2025, data).tables[1].rows[0]["AuthorizationT&Cs"] == "Japan's own"
    assert build_aef(HOST, 2025, data).tables[1].rows[0]["AuthorizationT&Cs"] == GIVEN.terms
    assert {item.answer for item in run_checks(build_aef(JAPAN, 2025, data, submitted_on=date(2026, 4, 1)))} == {
        Answer.YES
    }


def test_holdings_roll_forward_over_three_years() -> None:
    rows = (
        *MOVEMENTS,
        move("retire", 501, 600, "2027-05-01", 16),
        move("cancel", 1001, 1010, "2027-06-01", 17, purpose="other", reason="a gift"),
    )
    data = replace(DATA, movements=rows)
    closing = []
    for year in (2025, 2026, 2027):
        aef = build_aef(JAPAN, year, data)
        assert next(item for item in run_checks(aef) if item.code == "ISC01").answer is Answer.YES
        assert [line.block for line in aef.lines.opening] == (closing[-1] if closing else [])
        closing.append([line.block for line in aef.lines.holdings])
    assert closing[-1] == [Block(SERIES, 651, 1000), Block(SERIES, 1011, 1200)]
