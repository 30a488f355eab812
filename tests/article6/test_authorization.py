"""Which version of an authorization binds a block, three-valued."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.article6.authorization import (
    Authorization,
    Bindings,
    Entity,
    FirstTransferDefinition,
    Outcome,
    binding,
    covers,
    in_force,
)
from openjcm.dated import Answer, Grade
from openjcm.refusals import Refused
from openjcm.registry.serials import Vintage

GIVEN = Authorization("MNG", "MNG-1", 1, date(2024, 1, 10), "MNG", vintages=(2021, 2030))


def outcome(vintage: str = "2022", *projects: str) -> Outcome:
    return Outcome("MNG", projects or ("MN004",), Vintage.parse(vintage))


@pytest.mark.parametrize(
    ("vintage", "answer"),
    [
        ("2022", Answer.YES),
        ("2021", Answer.YES),
        ("2030", Answer.YES),
        ("2021to2022", Answer.YES),
        ("2030to2031", Answer.CANNOT_TELL),
        ("2020", Answer.NO),
        ("2031", Answer.NO),
        ("2020to2021", Answer.CANNOT_TELL),
        ("unknown", Answer.CANNOT_TELL),
    ],
)
def test_vintages_within_the_frame(vintage: str, answer: Answer) -> None:
    assert covers(GIVEN, outcome(vintage)) is answer


def test_no_frame_is_no_limit() -> None:
    assert covers(replace(GIVEN, vintages=None), outcome("unknown")) is Answer.YES


def test_projects_hosts_and_users() -> None:
    narrow = replace(GIVEN, projects=("MN003", "MN004"), authorized_parties=("JPN",))
    assert covers(narrow, outcome("2022", "MN003", "MN004"), "JPN") is Answer.YES
    assert covers(narrow, outcome("2022", "MN004", "MN006"), "JPN") is Answer.NO
    assert covers(narrow, outcome(), "CHE") is Answer.NO
    assert covers(narrow, Outcome("THA", ("MN004",), Vintage(2022, 2022))) is Answer.NO
    assert covers(GIVEN, outcome(), "CHE") is Answer.YES, "no Party named means any Party"
    assert covers(replace(GIVEN, purposes=()), outcome()) is Answer.NO


def test_a_host_left_open_is_the_party_itself_and_for_japan_every_host() -> None:
    open_host = replace(GIVEN, first_transferring_party=None)
    assert covers(open_host, outcome()) is Answer.YES
    assert covers(open_host, Outcome("THA", ("TH014",), Vintage(2022, 2022))) is Answer.NO
    comprehensive = replace(open_host, party="JPN")
    assert covers(comprehensive, Outcome("THA", ("TH014",), Vintage(2022, 2022))) is Answer.YES


def test_the_version_of_the_day() -> None:
    second = replace(GIVEN, version=2, authorized_on=date(2025, 1, 1), terms="changed")
    assert in_force([second, GIVEN], date(2024, 1, 9)) == ()
    assert in_force([second, GIVEN], date(2024, 12, 31)) == (GIVEN,)
    assert in_force([second, GIVEN], date(2025, 1, 1)) == (second,)


def test_a_later_version_does_not_reach_what_was_first_transferred() -> None:
    narrowed = replace(GIVEN, version=2, authorized_on=date(2025, 1, 1), vintages=(2025, 2030))
    both = [GIVEN, narrowed]
    assert binding(both, "MNG", outcome(), date(2026, 1, 1)) is None
    bound = binding(both, "MNG", outcome(), date(2026, 1, 1), first_transferred_on=date(2024, 6, 1))
    assert bound is not None and bound.authorization.version == 1


def test_only_a_first_version_may_bind_afterwards() -> None:
    late = replace(GIVEN, party="JPN", authorization_id="JPN-1", authorized_on=date(2025, 1, 1))
    bound = binding([late], "JPN", outcome(), date(2026, 1, 1), first_transferred_on=date(2024, 6, 1))
    assert bound is not None and bound.authorization is late
    assert binding([late], "JPN", outcome(), date(2024, 12, 31), first_transferred_on=date(2024, 6, 1)) is None
    bound = binding([late], "JPN", outcome(), late.authorized_on, first_transferred_on=date(2024, 6, 1))
    assert bound is not None, "it binds from its own day on"
    empty = replace(GIVEN, projects=("MN999",), authorized_on=date(2024, 6, 1))
    widened = replace(GIVEN, version=2, authorized_on=date(2025, 1, 1))
    assert binding([empty, widened], "MNG", outcome(), date(2026, 1, 1), first_transferred_on=date(2024, 6, 1)) is None


def test_the_surest_and_most_particular_is_taken() -> None:
    particular = replace(GIVEN, authorization_id="MNG-2", projects=("MN004",), authorized_on=date(2023, 1, 1))
    bound = binding([GIVEN, particular], "MNG", outcome(), date(2025, 1, 1))
    assert bound is not None and bound.authorization is particular
    unsure = replace(particular, vintages=(2022, 2030))
    spread = outcome("2021to2022")
    bound = binding([GIVEN, unsure], "MNG", spread, date(2025, 1, 1))
    assert bound is not None and bound.authorization is GIVEN and bound.covers is Answer.YES


def test_purposes_are_read_from_the_code_list() -> None:
    """Defect F5: NDC together with another purpose exists."""
    both = replace(GIVEN, purposes=("NDC and OIMP",))
    assert both.for_ndc and both.for_other
    assert not GIVEN.for_other
    with pytest.raises(Refused) as refused:
        replace(GIVEN, purposes=("Ndc",))
    assert refused.value.code == "unknown_authorization_purpose"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Authorisation", FirstTransferDefinition.AUTHORIZATION),
        ("authorization", FirstTransferDefinition.AUTHORIZATION),
        ("Issuance", FirstTransferDefinition.ISSUANCE),
        ("Use or Cancellation", FirstTransferDefinition.USE_OR_CANCELLATION),
        ("use_or_cancellation", FirstTransferDefinition.USE_OR_CANCELLATION),
        ("", None),
        (None, None),
        ("first international transfer", None),
    ],
)
def test_spellings_of_the_definition(text: str | None, meaning: FirstTransferDefinition | None) -> None:
    assert FirstTransferDefinition.read(text) is meaning


def test_a_recorded_body_is_read() -> None:
    body = {
        "world": "demonstration",
        "party": "MNG",
        "authorization_id": "XD-1",
        "version": 2,
        "occurred_on": "2024-02-03",
        "cooperative_approach_id": None,
        "purposes": ["NDC and IMP"],
        "first_transfer_definition": "Issuance",
        "authorized_parties": ["JPN"],
        "first_transferring_party": "MNG",
        "projects": ["XD001"],
        "vintages": {"first": 2021, "last": 2030},
        "quantity": 5000,
        "sectors": ["Energy generation"],
        "activity_types": ["Solar"],
        "terms": "none",
        "entities": [{"name": "A", "country": "JPN"}, "B"],
        "document": None,
        "grade": "inferred",
        "source": "somewhere",
    }
    read = Authorization.from_body(body, entry_no=7)
    assert read == Authorization(
        "MNG",
        "XD-1",
        2,
        date(2024, 2, 3),
        "MNG",
        ("NDC and IMP",),
        None,
        FirstTransferDefinition.ISSUANCE,
        ("JPN",),
        ("XD001",),
        (2021, 2030),
        5000,
        ("Energy generation",),
        ("Solar",),
        "none",
        (Entity("A", country="JPN"), Entity("B")),
        Grade.INFERRED,
        "somewhere",
        7,
    )
    assert read.stated_id == "XD-1"
    assert replace(read, authorization_id="not stated (TH 2025)").stated_id is None


DAYS = st.dates(date(2024, 1, 1), date(2024, 1, 12))
VERSIONS = st.builds(
    Authorization,
    st.sampled_from(["MNG", "JPN"]), st.sampled_from(["A", "B"]), st.integers(1, 3), DAYS, st.none(),
    purposes=st.sampled_from([("NDC",), ()]), projects=st.sampled_from([(), ("MN004",)]),
    vintages=st.sampled_from([None, (2021, 2022), (2022, 2030)]),
)  # fmt: skip


@given(st.lists(VERSIONS, max_size=6), st.lists(st.tuples(DAYS, st.none() | DAYS), min_size=1, max_size=8))
def test_what_is_remembered_is_what_would_be_found_again(
    authorizations: list[Authorization], days: list[tuple[date, date | None]]
) -> None:
    remembered = Bindings(authorizations)
    for party in ("MNG", "JPN", "THA"):
        for one in (outcome("2021"), outcome("unknown"), outcome("2022", "MN006")):
            for day, first in days:
                found = binding(authorizations, party, one, day, first_transferred_on=first)
                assert remembered.of(party, one, day, first_transferred_on=first) == found


def test_the_same_authorization_has_one_hash() -> None:
    assert hash(replace(GIVEN)) == hash(GIVEN) and replace(GIVEN, version=2) not in {GIVEN}
    assert replace(GIVEN, quantity=1) not in {GIVEN}
