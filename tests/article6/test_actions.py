"""First transfer once per unit, by the named rule; T4, T7, T8 and the defects seen in other systems."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.article6 import actions as a6
from openjcm.article6.actions import ActionType, LedgerAction, Subtype, history, without_corrected
from openjcm.article6.authorization import Authorization, FirstTransferDefinition
from openjcm.article6.corresponding_adjustment import Kind, Method
from openjcm.article6.ndc_balance import balances, flows_of
from openjcm.refusals import Refused
from openjcm.registry.serials import Block, Series, Vintage

SERIES = Series.of("JP", ["XD001"], "2022")
HOST, JAPAN = "MNG", "JPN"


def by(rule: str) -> a6.Trigger:
    return lambda host, day: rule


AT_ISSUANCE, ABROAD, AT_RETIREMENT = by("japan_side_issuance"), by("international_transfer"), by("retirement")


def authorization(day: str = "2024-01-10", party: str = HOST, version: int = 1, **changes: object) -> Authorization:
    given = Authorization(party, f"{party}-1", version, date.fromisoformat(day), HOST)
    return replace(given, **changes)  # type: ignore[arg-type]


def move(kind: str, first: int, last: int, day: str, **changes: object) -> LedgerAction:
    defaults: dict[str, object] = {"target_party": JAPAN, "registry_party": JAPAN}
    if kind != "issue":
        defaults["source_party"] = JAPAN
    if kind == "retire":
        defaults["used_for_year"] = 2030
    given = LedgerAction(
        entry_no=int(changes.pop("entry_no", 1)),  # type: ignore[call-overload]
        position=0,
        kind=kind,
        block=Block(changes.pop("series", SERIES), first, last),  # type: ignore[arg-type]
        host=HOST,
        occurred_on=date.fromisoformat(day),
        **defaults,  # type: ignore[arg-type]
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def told(found: a6.History) -> list[tuple[str, str, str, int, int]]:
    return [
        (row.party, row.action_type.value, str(row.occurred_on), row.block.first, row.block.last)
        for row in found.actions
    ]


def test_the_issuance_of_japans_share_is_the_first_transfer_under_the_common_rule() -> None:
    found = history(
        [
            move("issue", 1, 100, "2025-05-01", entry_no=1),
            move("transfer", 1, 60, "2025-06-01", entry_no=2),
            move("retire", 1, 40, "2025-12-01", entry_no=3),
        ],
        [authorization(), authorization(party=JAPAN)],
        AT_ISSUANCE,
    )
    assert told(found) == [
        ("MNG", "First transfer", "2025-05-01", 1, 100),
        ("JPN", "Acquisition", "2025-05-01", 1, 100),
        ("JPN", "Use", "2025-12-01", 1, 40),
    ]
    first, acquisition, use = found.actions
    assert (first.acquiring_party, first.transferring_party, first.subtype) == (JAPAN, None, Subtype.TO_ANOTHER_PARTY)
    assert (acquisition.transferring_party, acquisition.acquiring_party) == (HOST, None)
    assert (use.using_party, use.used_for_year) == (JAPAN, 2030)
    assert first.first_transfer.rule == "japan_side_issuance"
    assert acquisition.own is not None and acquisition.own.authorization.party == JAPAN


def test_a_domestic_transfer_is_no_action_of_article_6() -> None:
    found = history([move("transfer", 1, 5, "2025-05-01")], [authorization()], AT_ISSUANCE)
    assert not found.actions


def test_t4_acquisition_alone_adjusts_nothing() -> None:
    found = history([move("issue", 1, 1442, "2025-11-11")], [authorization()], AT_ISSUANCE)
    assert flows_of(JAPAN, found.actions) == ()
    (row,) = balances({2025: Fraction(50)}, flows_of(JAPAN, found.actions), Method.TRAJECTORY, (2025, 2025))
    assert row.balance == 50
    (flow,) = flows_of(HOST, found.actions)
    assert (flow.kind, flow.quantity, str(flow.vintage)) == (Kind.FIRST_TRANSFERRED, 1442, "2022")


def test_t7_a_part_that_goes_abroad_is_first_transferred_and_the_rest_is_not() -> None:
    """Also defect F15: a partial first transfer must not be demoted to a transfer."""
    home = {"registry_party": HOST}
    found = history(
        [
            move("issue", 1, 1000, "2024-03-01", entry_no=1, target_party=HOST, **home),
            move("transfer", 1, 300, "2026-03-01", entry_no=2, source_party=HOST, **home),
            move("transfer", 201, 400, "2026-04-01", entry_no=3, source_party=HOST, **home),
        ],
        [authorization()],
        ABROAD,
    )
    assert told(found)[:2] == [
        ("MNG", "First transfer", "2026-03-01", 1, 300),
        ("JPN", "Acquisition", "2026-03-01", 1, 300),
    ]
    again = [row for row in told(found) if row[2] == "2026-04-01"]
    assert ("MNG", "First transfer", "2026-04-01", 301, 400) in again
    assert ("MNG", "Transfer", "2026-04-01", 201, 300) in again
    assert [(item.block.first, item.block.last) for item in found.first_transfers] == [(1, 300), (301, 400)]


def test_t8_of_two_purposes_the_earliest_event_counts() -> None:
    both = authorization(
        purposes=("NDC and OIMP",), first_transfer_definition=FirstTransferDefinition.ISSUANCE, day="2024-01-10"
    )
    home = {"registry_party": HOST}
    found = history(
        [
            move("issue", 1, 10, "2024-03-01", entry_no=1, target_party=HOST, **home),
            move("transfer", 1, 10, "2026-03-01", entry_no=2, source_party=HOST, **home),
        ],
        [both],
        ABROAD,
    )
    (first,) = found.first_transfers
    assert (first.on, first.subtype, first.acquirer) == (date(2024, 3, 1), Subtype.ISSUANCE, None)
    assert [row[:2] for row in told(found)] == [("MNG", "First transfer"), ("MNG", "Transfer"), ("JPN", "Acquisition")]


def test_authorization_as_first_transfer_reaches_units_issued_before_it() -> None:
    later = authorization(
        "2025-02-01", purposes=("IMP",), first_transfer_definition=FirstTransferDefinition.AUTHORIZATION
    )
    found = history(
        [
            move("issue", 1, 10, "2024-03-01", entry_no=1, target_party=HOST, registry_party=HOST),
            move("cancel", 1, 4, "2024-06-01", entry_no=2, registry_party=HOST, source_party=HOST, purpose="other"),
        ],
        [later],
        AT_ISSUANCE,
    )
    assert told(found) == [("MNG", "First transfer", "2025-02-01", 5, 10)]
    assert found.actions[0].towards_ndc is False
    assert flows_of(HOST, found.actions)[0].kind is Kind.OTHER_PURPOSES


def test_authorization_as_first_transfer_marks_units_as_they_are_issued() -> None:
    given = authorization(purposes=("IMP",), first_transfer_definition=FirstTransferDefinition.AUTHORIZATION)
    found = history([move("issue", 1, 10, "2024-03-01")], [given], AT_ISSUANCE)
    assert [row[:2] for row in told(found)] == [("MNG", "First transfer"), ("JPN", "Acquisition")]
    assert found.first_transfers[0].subtype is Subtype.AUTHORIZATION


def test_use_or_cancellation_as_first_transfer() -> None:
    given = authorization(purposes=("OIMP",), first_transfer_definition=FirstTransferDefinition.USE_OR_CANCELLATION)
    found = history(
        [
            move("issue", 1, 10, "2024-03-01", entry_no=1),
            move("cancel", 1, 4, "2025-03-01", entry_no=2, purpose="oimp", reason="CORSIA"),
        ],
        [given],
        AT_ISSUANCE,
    )
    assert told(found) == [("MNG", "First transfer", "2025-03-01", 1, 4), ("JPN", "Cancellation", "2025-03-01", 1, 4)]
    assert [row.other_purpose for row in found.actions] == ["CORSIA", "CORSIA"]
    assert found.actions[0].acquiring_party is None


def test_retirement_as_first_transfer() -> None:
    found = history(
        [move("issue", 1, 10, "2025-03-01"), move("retire", 1, 4, "2026-03-01", entry_no=2)],
        [authorization()],
        AT_RETIREMENT,
    )
    assert told(found) == [
        ("MNG", "First transfer", "2026-03-01", 1, 4),
        ("JPN", "Acquisition", "2026-03-01", 1, 4),
        ("JPN", "Use", "2026-03-01", 1, 4),
    ]


def test_cancellations_by_purpose() -> None:
    rows = [move("issue", 1, 70, "2025-03-01")]
    rows += [
        move("cancel", 1 + 10 * place, 10 + 10 * place, "2025-04-01", entry_no=2 + place, purpose=purpose, reason="why")
        for place, purpose in enumerate(("omge", "oimp", "other", "corsia", "reversal"))
    ]
    rows.append(move("reserve", 61, 70, "2025-04-01", entry_no=7))
    rows.append(move("reversal", 61, 64, "2025-05-01", entry_no=8))
    rows.append(move("release", 65, 70, "2025-05-02", entry_no=9))
    found = history(rows, [authorization()], AT_ISSUANCE)
    assert [(row.action_type, row.subtype, row.other_purpose) for row in found.actions[2:]] == [
        (ActionType.VOLUNTARY_CANCELLATION, Subtype.VOLUNTARY_OMGE, None),
        (ActionType.CANCELLATION, Subtype.OTHER_CANCELLATION, "why"),
        (ActionType.VOLUNTARY_CANCELLATION, Subtype.OTHER_CANCELLATION, None),
        (ActionType.CANCELLATION, Subtype.OTHER_CANCELLATION, "CORSIA"),
        (ActionType.CANCELLATION, Subtype.OTHER_CANCELLATION, None),
        (ActionType.CANCELLATION, Subtype.OTHER_CANCELLATION, None),
    ]


def test_outcomes_before_2021_are_no_itmos() -> None:
    old = Series.of("JP", ["MN004"], "2020")
    found = history([move("issue", 1, 5, "2025-03-01", series=old)], [authorization()], AT_ISSUANCE)
    assert not found.actions and not found.findings


@pytest.mark.parametrize("vintage", ["unknown", "2020to2021"])
def test_a_vintage_that_may_lie_before_2021_is_told(vintage: str) -> None:
    series = Series.of("JP", ["MN004"], vintage)
    found = history([move("issue", 1, 5, "2025-03-01", series=series)], [authorization()], AT_ISSUANCE)
    assert [finding.rule for finding in found.findings] == ["A6-VINTAGE-UNKNOWN"]
    assert "MN004" in found.findings[0].message("ja") and len(found.actions) == 2


def test_what_was_issued_before_2021_is_no_itmo_whatever_its_vintage() -> None:
    series = Series.of("JP", ["MN002"], "unknown")
    rows = [
        move("issue", 1, 166, "2018-11-29", series=series),
        move("transfer", 1, 9, "2025-03-01", entry_no=2, series=series, source_party=HOST),
    ]
    for rule in (AT_ISSUANCE, ABROAD):
        found = history(rows, [authorization()], rule)
        assert not found.actions and not found.findings


def test_what_was_issued_in_2021_may_be_of_2021() -> None:
    series = Series.of("JP", ["MN002"], "unknown")
    row = move("issue", 1, 5, "2021-06-01", series=series)
    found = history([row], [authorization("2021-01-01")], AT_ISSUANCE)
    assert [finding.rule for finding in found.findings] == ["A6-VINTAGE-UNKNOWN"]
    assert len(found.actions) == 2


def test_the_monitoring_period_tells_the_years_where_the_serials_do_not() -> None:
    series = Series.of("JP", ["MN004"], "unknown")
    row = move("issue", 1, 5, "2025-03-01", series=series, monitored=Vintage(2021, 2022))
    found = history([row], [authorization(vintages=(2021, 2030))], AT_ISSUANCE)
    assert len(found.actions) == 2 and not found.findings
    early = move("issue", 1, 5, "2025-03-01", series=series, monitored=Vintage(2019, 2020))
    assert not history([early], [authorization()], AT_ISSUANCE).actions


def test_without_an_authorization_there_is_no_itmo_and_it_is_told() -> None:
    """Defect F13: a safeguard must not pass silently for lack of data."""
    found = history([move("issue", 1, 5, "2025-03-01")], [], AT_ISSUANCE)
    assert not found.actions
    assert [finding.rule for finding in found.findings] == ["A6-NOT-AUTHORIZED"]


def test_an_authorization_that_comes_late_counts_from_its_day() -> None:
    found = history([move("issue", 1, 5, "2025-03-01")], [authorization("2025-07-01")], AT_ISSUANCE)
    assert told(found) == [
        ("MNG", "First transfer", "2025-07-01", 1, 5),
        ("JPN", "Acquisition", "2025-07-01", 1, 5),
    ]
    assert [finding.rule for finding in found.findings] == ["A6-AUTHORIZED-LATE"]


def test_a_dual_purpose_without_a_definition_is_told() -> None:
    found = history([move("issue", 1, 5, "2025-03-01")], [authorization(purposes=("NDC and OIMP",))], AT_ISSUANCE)
    assert [finding.rule for finding in found.findings] == ["A6-DEFINITION-UNKNOWN"]


def test_other_purposes_only_know_no_international_first_transfer() -> None:
    """Defect F6: the definition belongs to the authorization, not to the whole system."""
    given = authorization(purposes=("OIMP",), first_transfer_definition=FirstTransferDefinition.USE_OR_CANCELLATION)
    assert not history([move("issue", 1, 5, "2025-03-01")], [given], AT_ISSUANCE).actions


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        history([move("issue", 1, 5, "2025-03-01")], [authorization()], by("when_convenient"))
    assert refused.value.code == "unknown_first_transfer_trigger"


def test_a_withdrawal_does_not_reach_what_was_first_transferred() -> None:
    withdrawn = authorization("2025-06-01", version=2, purposes=())
    found = history(
        [
            move("issue", 1, 5, "2025-03-01", entry_no=1),
            move("issue", 6, 9, "2025-07-01", entry_no=2),
            move("retire", 1, 2, "2025-08-01", entry_no=3),
        ],
        [authorization(), withdrawn],
        AT_ISSUANCE,
    )
    assert [row[:2] for row in told(found)] == [("MNG", "First transfer"), ("JPN", "Acquisition"), ("JPN", "Use")]
    assert found.actions[2].first_transfer.bound.authorization.version == 1
    assert [finding.rule for finding in found.findings] == ["A6-NOT-AUTHORIZED"]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 12), st.sampled_from(["out", "back", "retire"])), max_size=12)
)
def test_no_unit_is_first_transferred_twice(steps: list[tuple[int, int, str]]) -> None:
    """Whatever moves back and forth: each serial has at most one first transfer, and it is its first way abroad."""
    rows = [move("issue", 1, 50, "2024-03-01", entry_no=1, target_party=HOST, registry_party=HOST)]
    first_abroad: dict[int, int] = {}
    for number, (first, more, what) in enumerate(steps, start=2):
        last = min(50, first + more)
        source, target = (HOST, JAPAN) if what == "out" else (JAPAN, HOST)
        kind = "retire" if what == "retire" else "transfer"
        rows.append(
            move(
                kind,
                first,
                last,
                "2025-03-01",
                entry_no=number,
                source_party=source,
                target_party=target,
                registry_party=HOST,
            )
        )
        if what == "out":
            for serial in range(first, last + 1):
                first_abroad.setdefault(serial, number)
    found = history(rows, [authorization()], ABROAD)
    seen: dict[int, int] = {}
    for item in found.first_transfers:
        for serial in range(item.block.first, item.block.last + 1):
            assert serial not in seen
            seen[serial] = item.entry_no
    assert seen == first_abroad


def test_a_transfer_between_registries_is_the_first_transfer_and_later_ones_are_onward() -> None:
    """The host's own credits go abroad: first transfer and acquisition; back again: transfer and acquisition."""
    own = Series.of("MN", ["MN004"], "2022")
    rows = [
        move("issue", 1, 10, "2025-03-01", series=own, registry_party="MNG", target_party="MNG"),
        move("international_transfer", 1, 6, "2025-04-01", entry_no=2, series=own, registry_party="MNG",
             source_party="MNG", target_party="JPN"),
        move("international_transfer", 1, 2, "2025-05-01", entry_no=3, series=own, registry_party="JPN",
             source_party="JPN", target_party="MNG"),
    ]  # fmt: skip
    found = history(rows, [authorization()], AT_ISSUANCE)
    assert told(found) == [
        ("MNG", "First transfer", "2025-04-01", 1, 6),
        ("JPN", "Acquisition", "2025-04-01", 1, 6),
        ("JPN", "Transfer", "2025-05-01", 1, 2),
        ("MNG", "Acquisition", "2025-05-01", 1, 2),
    ]


def test_a_corrected_act_is_reported_in_no_year() -> None:
    """The correction takes the use of three of five credits back, and is itself no action."""
    rows = [
        move("issue", 1, 10, "2025-03-01"),
        move("retire", 1, 5, "2025-04-01", entry_no=2),
        move("correction", 1, 3, "2026-02-01", entry_no=3, corrects=2),
    ]
    standing = without_corrected(rows)
    assert [(row.kind, row.block.first, row.block.last) for row in standing] == [("issue", 1, 10), ("retire", 4, 5)]
