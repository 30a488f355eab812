"""The public record on a real database: sums recomputed from the tables, holdings, idempotency, retry after a cut."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from openjcm.article6.actions import history
from openjcm.commands import Office
from openjcm.refusals import Refused
from openjcm.reports.aef import build_aef
from openjcm.reports.article6_lines import article6_data
from openjcm.views.article6_actions import article6_entries
from openjcm.world import load, public_record, tables


@pytest.fixture(scope="module")
def office(world_office: Office) -> Office:
    """The office with the public record loaded."""
    loaded = load.load(world_office, public_record.planned())
    assert loaded == load.Loaded(recorded=len(public_record.planned()), on_record=0)
    return world_office


def rows(office: Office, query: str) -> list[Any]:
    with psycopg.connect(office.database_url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload]


def test_projects(office: Office) -> None:
    counts = dict(rows(office, "select status, count(*) from project where world = 'public' group by 1"))
    assert counts == {"registered": 94, "validation": 49, "withdrawn": 4}


def test_decisions_and_their_unknowns(office: Office) -> None:
    assert rows(office, "select count(*), count(total) from issuance_decision") == [(26, 16)]
    states = dict(rows(office, "select state, count(*) from side_issuance group by 1"))
    assert states == {"issued": 25, "notified": 26, "not_applicable": 1}


def test_sums_per_side_are_those_of_the_table(office: Office) -> None:
    """Recomputed from the bytes of the table with nothing of the importer."""
    text = io.StringIO(tables.data_bytes("issuances.csv").decode("utf-8"))
    expected: dict[str, int] = defaultdict(int)
    for row in csv.DictReader(text):
        if row["reference_number"].startswith("MN") and "+" not in row["reference_number"]:
            if row["issued_on_japan_registry"]:
                expected["JPN"] += int(row["japan_side_tco2e"])
            if row["issued_on_host_registry"]:
                expected["MNG"] += int(row["host_side_tco2e"])
    expected["JPN"] += 1_009 + 433 + 32 + 12 + 34 + 116 + 86_564
    assert expected == {"JPN": 191_651, "MNG": 19_645}
    held = rows(office, "select registry_id, sum(upper(serials) - lower(serials))::bigint from block_origin group by 1")
    assert dict(held) == expected
    held = rows(
        office,
        "select registry_id, sum(upper(serials) - lower(serials))::bigint from holding join account using (account_id)"
        " group by 1",
    )
    assert dict(held) == expected


def test_mongolian_totals(office: Office) -> None:
    found = rows(
        office,
        "select projects[1], sum(total)::bigint from issuance_decision"
        " where cardinality(projects) = 1 and projects[1] like 'MN%' group by 1",
    )
    totals = {"MN001": 307, "MN002": 637, "MN003": 44_299, "MN004": 53_764, "MN005": 1, "MN006": 30_312}
    assert dict(found) == totals


def test_holders(office: Office) -> None:
    held = dict(
        rows(
            office,
            "select account_id, sum(upper(serials) - lower(serials))::bigint from holding group by 1 order by 1",
        )
    )
    government = 82 + 21_251 + 1_009 + 433
    assert held == {
        "JPN/government": government,
        "JPN/holder-not-stated": 191_651 - government,
        "MNG/holder-not-stated": 19_645,
    }


def test_issued_on_their_real_days(office: Office) -> None:
    days = {
        (decision, side): str(day)
        for decision, side, day in rows(office, "select decision_id, side, issued_on from side_issuance")
    }
    assert days["MN004-2025-03-27", "JPN"] == "2025-04-11"
    assert days["MN004-2025-03-27", "MNG"] == "2025-05-07"
    assert days["MV002-2025-12-16", "JPN"] == "2025-12-16"
    assert days["MN006-2026-01-24", "MNG"] == "None"
    assert days["TH014-2025-10-30", "JPN"] == "2025-11-11"


def test_conflicts_are_on_record(office: Office) -> None:
    said = rows(
        office,
        "select value from statement where subject = 'TH001-2018-04' and field = 'japan_government' order by 1",
    )
    assert said == [(150,), (151,)]
    said = rows(office, "select grade from statement where subject = 'MN007' and field = 'status' order by 1")
    assert said == [("inferred",), ("secondary",)]


def test_a_second_load_changes_nothing(office: Office) -> None:
    before = rows(office, "select count(*), max(entry_no) from journal")
    size = rows(office, "select tree_size from log_head")
    again = load.load(office, public_record.planned())
    assert again == load.Loaded(recorded=0, on_record=len(public_record.planned()))
    assert rows(office, "select count(*), max(entry_no) from journal") == before
    assert rows(office, "select tree_size from log_head") == size


def test_a_load_that_was_cut_off_goes_on(fresh_office: Office) -> None:
    acts = public_record.replay()

    class Cut(Exception):
        """The power went."""

    def cut(done: int, total: int, act: object, on_record: bool) -> None:
        if done == 100:
            raise Cut

    with pytest.raises(Cut):
        load.load(fresh_office, acts, cut)
    assert load.load(fresh_office, acts) == load.Loaded(recorded=len(acts) - 100, on_record=100)
    assert rows(fresh_office, "select count(*) from journal") == [(len(acts),)]


def test_what_an_earlier_edition_wrote_stays_written(fresh_office: Office) -> None:
    act = public_record.replay()[0]
    earlier = replace(act, request={**act.request, "occurred_on": "2015-11-12"})
    load.load(fresh_office, [earlier])
    assert load.load(fresh_office, [act]) == load.Loaded(recorded=0, on_record=1, differing=1)
    assert rows(fresh_office, "select occurred_on::text from journal") == [("2015-11-12",)]


def test_a_refused_act_stops_the_load(fresh_office: Office) -> None:
    account = next(act for act in public_record.replay() if act.act == "open_account")
    with pytest.raises(Refused) as refused:
        load.load(fresh_office, [account])
    assert refused.value.code == "unknown_registry"


@pytest.mark.parametrize(
    ("party", "year", "actions"),
    [
        ("JPN", 2025, [("Acquisition", 1_009, 2021), ("Acquisition", 433, None)]),
        ("THA", 2025, [("First transfer", 1_009, 2021)]),
        ("MDV", 2025, [("First transfer", 433, None)]),
        ("PLW", 2026, [("First transfer", quantity, 2021) for quantity in (32, 12, 34, 116)]),
        ("MNG", 2026, [("First transfer", 86_564, None)]),
    ],
)
def test_annual_information_follows_from_history(
    office: Office, party: str, year: int, actions: list[tuple[str, int, int | None]]
) -> None:
    with office.transaction() as connection:
        entries = article6_entries(connection, "public")
    made = build_aef(party, year, article6_data(entries.world, entries.movements, entries.authorizations))
    table = next(table for table in made.tables if table.layout.number == 3)
    found = [(row["ActionType"], row["QuantityCO2"], row["Vintage"] or None) for row in table.rows]
    assert sorted(map(str, found)) == sorted(map(str, actions))


def test_what_is_reported_as_not_authorized(office: Office) -> None:
    """Nothing from after 2020 lacks an authorization on file; of Mongolia's transfer the year cannot be told."""
    with office.transaction() as connection:
        entries = article6_entries(connection, "public")
    data = article6_data(entries.world, entries.movements, entries.authorizations)
    past = history(data.movements, data.authorizations, data.trigger)
    assert [finding.rule for finding in past.findings] == ["A6-VINTAGE-UNKNOWN"]
    assert sum(first.block.quantity for first in past.first_transfers) == 88_200
