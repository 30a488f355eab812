"""The list of projects: filters, order, pages, sums. Figures are counted a second way, from the package data."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from openjcm.views.partners import country_names, partner_rows
from openjcm.views.project import project
from openjcm.views.projects import PAGE_SIZE, Query, facets, projects, status_class, sums
from openjcm.web.public.projects import both_names
from openjcm.world import tables

LISTED = tables.projects()


def found(connection: Any, **asked: Any) -> list[str]:
    listing = projects(connection, Query(**asked), names=both_names(country_names()), everything=True)
    assert listing.count == len(listing.rows)
    return [row.reference for row in listing.rows]


def test_every_project_of_the_list_is_there_once(connection: Any) -> None:
    assert sorted(found(connection)) == sorted(row.reference for row in LISTED)


@pytest.mark.parametrize("party", ["IDN", "THA", "MNG", "SAU", "ZZZ"])
def test_by_country(connection: Any, party: str) -> None:
    assert set(found(connection, country=party)) == {row.reference for row in LISTED if row.host_party == party}


def test_by_status_scope_and_methodology_together(connection: Any) -> None:
    expected = {
        row.reference
        for row in LISTED
        if row.project_type == "Solar"
        and row.status == "Project registered"
        and ("TH_AM001" in {name for name, _ in row.methodologies})
    }
    assert expected
    assert set(found(connection, scope="Solar", status="registered", methodology="TH_AM001")) == expected


@pytest.mark.parametrize(
    ("typed", "reference"),
    [("darkhan", "MN004"), ("TH014", "TH014"), ("th014", "TH014"), ("YKK Corporation", "BD004"), ("モンゴル", "MN001")],
)
def test_search_looks_in_title_number_participants_and_country(connection: Any, typed: str, reference: str) -> None:
    assert reference in found(connection, text=typed)


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "100%", "'; drop table project --", "\u202e"])
def test_search_takes_every_character_literally(connection: Any, typed: str) -> None:
    expected = {
        row.reference
        for row in LISTED
        if typed.lower() in f"{row.reference} {row.title} {row.participants_japan} {row.participants_host}".lower()
    }
    assert set(found(connection, text=typed)) == expected


def test_order_by_estimate_puts_the_largest_first_and_unknown_last(connection: Any) -> None:
    rows = projects(connection, Query(sort="estimate", descending=True), everything=True).rows
    known = [row.estimate for row in rows if row.estimate is not None]
    assert known == sorted(known, reverse=True)
    assert all(row.estimate is None for row in rows[len(known) :])


def test_order_by_what_nobody_offers_falls_back_to_the_estimate(connection: Any) -> None:
    by_nonsense = projects(connection, Query(sort="; drop"), everything=True).rows
    assert by_nonsense == projects(connection, Query(sort="estimate"), everything=True).rows


def test_pages_cut_the_list_without_loss_or_overlap(connection: Any) -> None:
    pages = projects(connection, Query()).pages
    seen = [row.reference for page in range(1, pages + 1) for row in projects(connection, Query(page=page)).rows]
    assert len(seen) == len(set(seen)) == len(LISTED)
    assert len(projects(connection, Query()).rows) == PAGE_SIZE


def test_a_page_behind_the_last_is_empty_but_still_counts(connection: Any) -> None:
    listing = projects(connection, Query(page=99))
    assert listing.rows == ()
    assert listing.count == len(LISTED)


def test_the_demonstration_is_never_in_a_public_list_or_sum(connection: Any) -> None:
    assert {"XD001", "XD002"}.isdisjoint(found(connection))
    assert [row.reference for row in projects(connection, Query(), world="demonstration").rows] == ["XD002", "XD001"]
    totals = sums(connection)
    assert totals.projects == len(LISTED)
    assert totals.estimate == sum(row.estimated_per_year or 0 for row in LISTED)
    assert totals.registered == sum(row.registered_on is not None for row in LISTED)


def test_facets_count_the_whole_record(connection: Any) -> None:
    counted = facets(connection)
    assert {facet.value: facet.count for facet in counted.countries} == Counter(row.host_party for row in LISTED)
    assert {facet.value: facet.count for facet in counted.scopes} == Counter(row.project_type for row in LISTED)
    assert sum(facet.count for facet in counted.statuses) == len(LISTED)


@pytest.mark.parametrize(
    ("phrase", "word"),
    [
        ("Project registered", "registered"),
        ("registered", "registered"),
        ("Validation", "validation"),
        ("Request for Registration withdrawn", "withdrawn"),
        ("Open for public comments", "public_comments"),
        ("something new", "cannot_tell"),
    ],
)
def test_a_phrase_that_we_do_not_understand_is_not_guessed(phrase: str, word: str) -> None:
    assert status_class(phrase) == word


def test_conflicts_between_sources_are_kept(connection: Any) -> None:
    found_ = project(connection, "MN003")
    assert found_ is not None
    titles = {said.value for said in found_.said["title"].said}
    assert len(titles) == 2
    assert found_.conflicts == (found_.said["title"],)


def test_a_silent_source_is_unknown_and_no_conflict(connection: Any) -> None:
    found_ = project(connection, "TH014")
    assert found_ is not None
    period = found_.said["crediting_period"]
    assert not period.best.known
    assert not period.conflict


@pytest.mark.parametrize(
    ("day", "count"), [("2015-06-06", 14), ("2022-12-31", 25), ("2024-03-01", 29), ("2026-01-14", 31)]
)
def test_partners_on_a_day(connection: Any, day: str, count: int) -> None:
    from datetime import date

    assert len(partner_rows(connection, date.fromisoformat(day))) == count
