"""Every case of every methodology comes out as its author wrote it, and every methodology has cases."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from openjcm.methodologies import METHODOLOGIES, methodology
from openjcm.mrv.cases import Case, read_cases, run_case
from openjcm.refusals import Refused

CASES = Path(__file__).parent.parent / "cases"


@cache
def all_cases() -> tuple[Case, ...]:
    return tuple(case for path in sorted(CASES.glob("*.yaml")) for case in read_cases(path.read_text("utf-8")))


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.methodology}: {case.name}")
def test_case(case: Case) -> None:
    outcome = run_case(case, methodology(case.methodology))
    assert outcome.passed, "\n".join(outcome.differences)


@pytest.mark.parametrize("methodology_id", METHODOLOGIES)
def test_each_methodology_has_results_and_refusals_among_its_cases(methodology_id: str) -> None:
    own = [case for case in all_cases() if case.methodology == methodology_id]
    assert any(case.refused for case in own)
    assert any(not case.refused for case in own)
    assert {case.version for case in own} >= set(METHODOLOGIES[methodology_id].versions)


def test_an_unknown_methodology_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused) as refused:
        methodology("XX_AM999")
    assert refused.value.code == "unknown_methodology"
    assert "MN_AM003" in refused.value.remedy("ja")


WRONG_CASE_FILES = {
    "no cases": "methodology: MN_AM003",
    "not YAML": "cases: [",
    "unknown field": "methodology: MN_AM003\ncases: [{name: a, gvien: {}, expect: {ER_p: 1}}]",
    "expects nothing": "methodology: MN_AM003\ncases: [{name: a, given: {}}]",
    "expects both": "methodology: MN_AM003\ncases: [{name: a, expect: {ER_p: 1}, refused: missing_symbol}]",
    "a list of words": "- a\n- b",
}


@pytest.mark.parametrize("text", WRONG_CASE_FILES.values(), ids=WRONG_CASE_FILES.keys())
def test_a_malformed_file_of_cases_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_cases(text)
    assert refused.value.code == "cases_not_understood"
    assert text != WRONG_CASE_FILES["not YAML"] or "expected node content" in str(refused.value)


GOOD = """
methodology: MN_AM003
version: "02.0"
cases:
  - name: a
    given:
      EG_i_p: {values: {1: 1000}, unit: MWh, source: meter}
      CASE_i: {values: {1: national_grid}, source: plan}
    EXPECT
"""


@pytest.mark.parametrize(
    ("expected", "difference"),
    [
        ("expect: {ER_p: 797.0001}", "ER_p: expected 797.0001, found 797"),
        ("near: {ER_p: 796.9}", "ER_p: expected 796.9, found 797"),
        ("whole_tonnes: {ER_p: 798}", "ER_p: expected 798, found 797"),
        ("expect: {XX_p: 1}", "XX_p: expected 1, found no such value"),
        ('expect: {"EG_i_p[2]": 1}', "EG_i_p[2]: expected 1, found no such value"),
        ("refused: missing_symbol", "expected refused: missing_symbol, found 797 tCO2e"),
    ],
)
def test_a_case_that_comes_out_otherwise_names_the_difference(expected: str, difference: str) -> None:
    (case,) = read_cases(GOOD.replace("EXPECT", expected))
    outcome = run_case(case, methodology("MN_AM003"))
    assert not outcome.passed
    assert outcome.differences == (difference,)


def test_an_unexpected_refusal_is_a_difference() -> None:
    (case,) = read_cases(GOOD.replace("EXPECT", "expect: {ER_p: 797}").replace("national_grid", "moon"))
    assert "unknown_answer" in run_case(case, methodology("MN_AM003")).differences[0]


def test_numbers_in_cases_stay_exact() -> None:
    (case,) = read_cases(
        GOOD.replace("EXPECT", "expect: {ER_p: 797}").replace("1000", "0.1000000000000000055511151231")
    )
    assert case.given["EG_i_p"].values == {"1": "0.1000000000000000055511151231"}
