"""What a rule says for a Party on a day, and what may be done with the answer."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from openjcm.dated import Citation, Dated, Grade, Timeline
from openjcm.refusals import Refused
from openjcm.rulebook import COMMON, COUNTRIES, RULES, RuleValue, japan, may_refuse, rule, rule_timeline

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))[
    "rules"
]
DAYS = st.dates(date(2012, 1, 1), date(2035, 12, 31))
PARTIES = ["JPN", *(item.iso3 for item in COUNTRIES)]


def _expected(value: object) -> object:
    if isinstance(value, str) and "/" in value and value.replace("/", "").isdigit():
        return Fraction(value)
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['party']}-{case['rule']}-{case['day']}")
def test_a_rule_on_a_day(case: dict[str, Any]) -> None:
    dated = rule(case["party"], case["rule"], case["day"])
    assert dated.value == _expected(case["value"])
    assert type(dated.value) is type(_expected(case["value"]))
    assert dated.grade == case["grade"]


@given(st.sampled_from(PARTIES), st.sampled_from(sorted(RULES)), DAYS)
def test_a_departure_goes_before_the_common_value(party: str, name: str, day: date) -> None:
    own = {item.iso3: item.timelines for item in COUNTRIES} | {"JPN": japan.TIMELINES}
    departure = own[party][name].find(day) if name in own[party] else None
    assert rule(party, name, day) == (departure or COMMON[name].on(day))


@given(st.sampled_from(PARTIES), st.sampled_from(sorted(RULES)), DAYS)
def test_only_a_read_or_secondary_value_may_refuse(party: str, name: str, day: date) -> None:
    dated = rule(party, name, day)
    known = dated.grade in {Grade.READ, Grade.SECONDARY}
    assert may_refuse(dated) == known
    assert (dated.value is None) == (dated.grade is Grade.UNKNOWN)
    assert dated.citation.source.strip()


def test_every_rule_has_its_meaning_in_both_languages() -> None:
    for name, named in RULES.items():
        assert name == named.name
        assert named.en.endswith(".")
        assert named.ja.endswith("。")
        assert any(ord(letter) > 0x3000 for letter in named.ja)


def test_every_departure_names_a_rule_and_fits_it() -> None:
    for owner in [item.timelines for item in COUNTRIES] + [japan.TIMELINES]:
        for name, timeline in owner.items():
            for dated in timeline:
                RULES[name].check(dated)


def test_a_timeline_of_departures_never_has_two_values_on_one_day() -> None:
    for item in COUNTRIES:
        for timeline in item.timelines.values():
            ordered = sorted(timeline, key=lambda dated: dated.since or date.min)
            for earlier, later in pairwise(ordered):
                assert earlier.until is not None
                assert later.since is not None
                assert later.since - earlier.until >= timedelta(days=1)


def test_all_values_of_a_rule_can_be_shown() -> None:
    values = [dated.value for dated in rule_timeline("KHM", "special_rule_sets")]
    assert values == [("REDD-plus",), ("REDD-plus", "afforestation and reforestation"), ()]
    assert len(rule_timeline("jpn".upper(), "retirement_needs_both_authorizations")) == 2


def test_an_unknown_rule_is_refused_and_the_nearest_name_is_told() -> None:
    with pytest.raises(Refused) as refused:
        rule("MNG", "first_transfer_triger", date(2025, 1, 1))
    assert refused.value.code == "unknown_rule"
    assert "first_transfer_trigger" in refused.value.remedy("en")
    assert "first_transfer_trigger" in refused.value.remedy("ja")


def test_an_unknown_party_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        rule("OMN", "first_transfer_trigger", date(2025, 1, 1))
    assert refused.value.code == "unknown_country"


def test_a_day_without_a_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "aef_deadline"
    from_2030: Dated[RuleValue] = Dated("04-15", Citation("a source"), Grade.READ, since=date(2030, 1, 1))
    monkeypatch.setitem(COMMON, name, Timeline(name, (from_2030,)))
    assert rule("MNG", name, date(2030, 1, 1)).value == "04-15"
    with pytest.raises(Refused) as refused:
        rule("MNG", name, date(2029, 12, 31))
    assert refused.value.code == "no_value_on_day"


def test_the_rulebook_imports_fast_and_reads_nothing_after_that() -> None:
    program = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from datetime import date
from openjcm.rulebook import COUNTRIES, RULES, partners, rule
data = [name for name in opened if not name.endswith((".py", ".pyc")) and ".pyc." not in name]
assert not data, data
opened.clear()
for item in COUNTRIES:
    for name in RULES:
        rule(item.iso3, name, date(2026, 1, 14))
assert not opened, opened
heavy = {"pint", "numpy", "pyarrow", "pydantic", "psycopg", "yaml", "fastapi"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
