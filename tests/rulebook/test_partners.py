"""Who is a partner when, how far its rules are, and which sources disagree."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from openjcm.dated import Grade
from openjcm.refusals import Refused
from openjcm.rulebook import CANDIDATES, COUNTRIES, Country, country, partners

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
DAYS = st.dates(date(2012, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize("case", CASES["partners"], ids=lambda case: str(case["day"]))
def test_partners_are_counted_on_a_day(case: dict[str, Any]) -> None:
    found = partners(case["day"])
    assert len(found) == case["count"]
    if found:
        assert found[-1].name_en == case["latest"]


@given(DAYS, DAYS)
def test_partners_only_join(one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    assert partners(later)[: len(partners(earlier))] == partners(earlier)
    assert all(item.signed.value <= later for item in partners(later))


def test_oman_is_a_candidate_and_not_a_partner() -> None:
    assert CANDIDATES == ("OM",)
    assert not {"OM", "OMN"} & {code for item in COUNTRIES for code in (item.iso2, item.iso3)}
    for code in ("OM", "OMN"):
        with pytest.raises(Refused) as refused:
            country(code)
        assert refused.value.code == "unknown_country"
        assert "MN" in refused.value.remedy("en")
        assert code in refused.value.message("ja")


@pytest.mark.parametrize("case", CASES["article6_status"], ids=lambda case: f"{case['country']}-{case['day']}")
def test_article6_status_on_a_day(case: dict[str, Any]) -> None:
    assert country(case["country"]).article6_status.on(case["day"]).value == case["status"]
    assert country(case["country"]).pin_status.on(case["day"]).value == case["status"]


def test_the_groups_of_the_slide_add_up() -> None:
    wanted = dict(CASES["groups_on_the_slide"])
    day = wanted.pop("day")
    assert Counter(item.article6_status.on(day).value for item in partners(day)) == wanted


@given(st.sampled_from(COUNTRIES), DAYS)
def test_every_partner_has_a_status_from_its_signing_on(item: Country, day: date) -> None:
    for timeline in (item.article6_status, item.pin_status):
        assert (timeline.find(day) is not None) == (day >= item.signed.value)


def test_no_status_before_signing_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        country("IND").article6_status.on(date(2020, 1, 1))
    assert refused.value.code == "no_value_on_day"


def test_a_country_is_found_by_either_code() -> None:
    for item in COUNTRIES:
        assert country(item.iso2) is country(item.iso3) is country(item.iso3.lower()) is item


def test_codes_and_names_are_unique() -> None:
    for field in ("iso2", "iso3", "name_en", "name_ja", "centroid"):
        values = [getattr(item, field) for item in COUNTRIES]
        assert len(set(values)) == len(values)


def test_a_centroid_lies_on_the_globe() -> None:
    for item in COUNTRIES:
        latitude, longitude = map(float, item.centroid)
        assert -60 < latitude < 60
        assert -180 < longitude < 180


def test_everything_said_of_a_country_has_a_source() -> None:
    for item in COUNTRIES:
        said = [item.signed, *item.article6_status, *item.pin_status, *item.facts, *item.claims, *item.departures]
        if item.signing_place is not None:
            said.append(item.signing_place)
        for each in said:
            assert each.citation.source.strip(), (item.name_en, each)
            assert isinstance(each.grade, Grade)
            assert "rulebook.md" not in each.citation.source


def test_conflicts_between_sources_are_kept() -> None:
    claims = {(item.iso2, claim.field): claim.value for item in COUNTRIES for claim in item.claims}
    assert claims["MX", "signed"] == "2014-07-26"
    assert country("MX").signed.value == date(2014, 7, 25)
    assert claims["LK", "signed"] == "2022-10-11"
    assert country("LK").signed.value == date(2022, 10, 10)
    assert "ジョージア" in claims["TN", "name"]
    assert "ジョージア" in claims["GE", "signed"]
    assert claims["MV", "day of the transfer of MV002"] == "2025-12-17"


def test_saudi_arabia_has_no_place_of_signing() -> None:
    assert [item.iso2 for item in COUNTRIES if item.signing_place is None] == ["SA"]
