"""Decisions, registries and records: sums agree with the record counted a second way, and unknown is never zero."""

from __future__ import annotations

from datetime import date
from typing import Any

from openjcm.views.decisions import by_year, decision, decisions
from openjcm.views.issuance_records import not_replayed
from openjcm.views.key_figures import key_figures
from openjcm.views.registries import accounts, holdings, registries, registry, transactions
from openjcm.world import public_record


def test_the_sum_of_decisions_is_that_of_the_record(connection: Any) -> None:
    known = [one.total for one in public_record.decisions() if one.total is not None]
    figures = key_figures(connection)
    assert figures.record_taken_on == date(2026, 11, 21), "when sources were looked at, not when they were loaded"
    assert figures.decided_known_tonnes == sum(known)
    assert figures.decisions_known == len(known)
    assert figures.decisions_known + figures.decisions_unknown == len(public_record.decisions())


def test_years_add_up_and_leave_none_out(connection: Any) -> None:
    rows = by_year(connection)
    assert [row.year for row in rows] == list(range(rows[0].year, rows[-1].year + 1))
    assert sum(row.tonnes for row in rows) == key_figures(connection).decided_known_tonnes
    assert sum(row.unknown for row in rows) == key_figures(connection).decisions_unknown


def test_unknown_stays_unknown(connection: Any) -> None:
    palau = decision(connection, "PW001-2025-07-26")
    assert palau is not None
    assert palau.total is None
    assert palau.japan is not None
    assert palau.japan.amount is None
    assert palau.japan.state == "notified"


def test_zero_is_a_value(connection: Any) -> None:
    single = decision(connection, "MN005-2019-05-17")
    assert single is not None
    assert single.total == 1
    assert single.japan is not None
    assert (single.japan.amount, single.japan.state) == (0, "not_applicable")
    assert single.host is not None
    assert (single.host.amount, single.host.state) == (1, "issued")


def test_a_decision_names_its_source_and_grade(connection: Any) -> None:
    for one in decisions(connection):
        assert one.source
        assert one.grade in {"read", "secondary", "recalled", "inferred", "unknown"}


def test_worlds_are_kept_apart(connection: Any) -> None:
    assert {one.world for one in decisions(connection)} == {"public"}
    assert [one.decision_id for one in decisions(connection, world="demonstration")] == [
        "XD002-2026-08-20", "XD002-2026-03-10", "XD001-2025-05-20",
    ]  # fmt: skip


def test_sums_over_projects_stand_apart(connection: Any) -> None:
    records = {one.subject: one for one in not_replayed(connection)}
    assert records["MN001+MN002+MN003-2018-11-06"].aggregate
    assert not records["TH001-2018-04"].aggregate
    assert records["TH001-2018-04"].said["japan_government"].conflict


def test_what_a_registry_holds_is_what_was_issued_in_it(connection: Any) -> None:
    for one in registries(connection):
        held = accounts(connection, one.registry_id)
        assert sum(account.held for account in held) == one.issued
        assert sum(one.by_type.values()) == one.issued
        assert sum(block.quantity for block in holdings(connection, one.registry_id, limit=10_000)) == one.issued
        moved = transactions(connection, one.registry_id)
        assert sum(row.quantity for row in moved if row.kind == "issue") == one.issued


def test_an_unknown_registry_is_none(connection: Any) -> None:
    assert registry(connection, "ZZZ") is None
    assert decision(connection, "nothing") is None
