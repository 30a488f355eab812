"""Recorded periods under another text: the same text changes nothing, and what cannot be told is told so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.dated import Citation, Grade
from openjcm.methodologies import METHODOLOGIES, methodology
from openjcm.mrv.calculation import Given, calculate
from openjcm.mrv.cases import read_cases
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.replay import Recorded, Replayed, Target, asked_for, credited, replay, totals
from openjcm.units import exact, exact_text

SOURCE = Citation("a test")


def solar(wh: int = 1_000_000_000, project: str = "XA001", year: int = 2022) -> Recorded:
    """One system on the national grid, on record under MN_AM003 02.0."""
    given_ = {
        "EG_i_p": Given({"1": str(wh)}, "Wh", SOURCE),
        "CASE_i": Given({"1": "national_grid"}, source=SOURCE),
        "EF_RE_i": Given({"1": "0.797"}, "tCO2e/MWh", Citation("as printed in 02.0"), Grade.SECONDARY),
    }
    return Recorded(
        key=f"{project}/{year}",
        project=project,
        start=date(year, 1, 1),
        end=date(year, 12, 31),
        methodology="MN_AM003",
        version="02.0",
        given=given_,
        reductions=Fraction(wh, 10**6) * Fraction("0.797"),
        printed=frozenset({"EF_RE_i"}),
    )


def target(version: str = "02.0", **given_: Given) -> Target:
    return Target(methodology("MN_AM003"), version, given_)


FACTOR = Given({"*": "0.7"}, "tCO2e/MWh", SOURCE)


@settings(deadline=None)
@given(st.integers(0, 10**12))
def test_the_text_on_record_gives_what_is_on_record(wh: int) -> None:
    found = replay(solar(wh), target())
    assert found.found == found.recorded
    assert found.gained == 0
    assert not found.left_out


def test_a_value_printed_in_one_version_is_never_taken_for_another() -> None:
    found = replay(solar(), target("03.0"))
    assert (found.refused, found.found, found.gained) == ("value_not_read", None, None)
    assert "EF_RE_i" in found.reason_ja


def test_a_value_given_besides_holds_for_every_system() -> None:
    two = replace(solar(), given={**solar().given, "EG_i_p": Given({"1": "1000", "2": "500"}, "MWh", SOURCE)})
    two = replace(
        two, given={**two.given, "CASE_i": Given({"1": "national_grid", "2": "national_grid"}, source=SOURCE)}
    )
    found = replay(two, target("03.0", EF_RE_i=FACTOR))
    assert found.found == 1500 * Fraction("0.7")
    assert found.gained == 1050 - 797
    one = Given({"*": "0.7", "2": "0.5"}, "tCO2e/MWh", SOURCE)
    assert replay(two, target("03.0", EF_RE_i=one)).found == 950


def test_what_the_other_text_does_not_ask_for_is_left_out_and_named() -> None:
    period = replace(solar(), given={**solar().given, "STAFF": Given({"": "3"}, "-", SOURCE)})
    found = replay(period, target())
    assert found.left_out == ("STAFF",)
    assert found.found == found.recorded


def rice(answers: dict[str, str]) -> Recorded:
    text = methodology("PH_AM004")
    given_ = {
        "APPROACH": Given({"": "per_season_every_3_years"}, source=SOURCE),
        "A_s_st_f": Given({"d/1/1": "10"}, "ha", SOURCE),
        "EF_CH4_R_s_st": Given({"d/1": "300"}, "kgCH4/ha", SOURCE),
        "EF_CH4_P_s_st": Given({"d/1": "150"}, "kgCH4/ha", SOURCE),
        "Q_N2O_s_st": Given({"d/1": "0"}, "kgN/ha", SOURCE),
        **{f"Q_F_{side}_p": Given({"": "0"}, "TJ", SOURCE) for side in "RP"},
        "EF_F": Given({"": "72.6"}, "tCO2e/TJ", SOURCE),
    }
    reductions = calculate(text, "01.0", given_).reductions
    return Recorded("r", "XA002", None, None, "PH_AM004", "01.0", given_, reductions, answers=answers)


def test_answers_to_open_questions_are_taken_where_the_text_has_them() -> None:
    there, gone = (Target(methodology("PH_AM004"), "01.0", answers={"n_o": answer}) for answer in ("ipcc_2006", "0.5"))
    assert replay(rice({}), there).found == replay(rice({"n_x": "1"}), gone).found == rice({}).reductions


@pytest.mark.parametrize(("reductions", "tonnes"), [("3.9", 3), ("0", 0), ("-0.1", 0), ("-7", 0)])
def test_a_negative_year_is_credited_with_zero(reductions: str, tonnes: int) -> None:
    assert credited(Fraction(reductions), "down_to_whole_tonne") == tonnes
    assert credited(Fraction("3.9"), "half_up_to_whole_tonne") == 4


def told(project: str, recorded: int, found: int | None) -> Replayed:
    whole = None if found is None else Fraction(found)
    return Replayed(
        f"{project}{recorded}", project, date(2022, 1, 1), None, "02.0", Fraction(recorded), recorded, whole, found,
        refused="" if found is not None else "missing_symbol",
    )  # fmt: skip


def test_gains_and_losses_stand_apart_and_refusals_count_for_nothing() -> None:
    one, two = totals([told("B", 10, 4), told("A", 5, 9), told("B", 7, 8), told("B", 100, None)])
    assert (one.project, one.gained, one.lost, one.net) == ("A", 4, 0, 4)
    assert (two.periods, two.recorded, two.found, two.gained, two.lost, two.net) == (3, 17, 12, 1, 6, -5)
    assert (two.refused, two.recorded_in_refused) == (1, 100)


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_what_came_of_a_period_survives_its_plain_form(recorded: int, found: int | None) -> None:
    one = told("A", recorded, found)
    assert Replayed.from_data(one.as_data()) == one


@pytest.mark.parametrize("change", [{"left_out": "EG"}, {"recorded": None}, {"start": "x"}, {"more": 1}])
def test_another_shape_is_no_plain_form(change: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Replayed.from_data({**told("A", 1, 2).as_data(), **change})


# What a text asks for


@pytest.mark.parametrize(
    ("name", "version", "answers", "asked"),
    [
        ("MN_AM003", "02.0", {}, {"EG_i_p", "CASE_i"}),
        ("MN_AM003", "03.0", {}, {"EG_i_p", "EF_RE_i", "CASE_i"}),
        ("VN_AM001", "02.0", {"ACTIVITY": "distance"}, {"ACTIVITY", "L_i_p", "SL_RE_i", "FC_i_p", "NCV_i", "EF_i"}),
        (
            "VN_AM001",
            "02.0",
            {"ACTIVITY": "transport_work"},
            {"ACTIVITY", "TK_i_p", "ST_RE_i", "FC_i_p", "NCV_i", "EF_i"},
        ),
    ],
)
def test_a_text_asks_for_what_its_formulas_use(
    name: str, version: str, answers: dict[str, str], asked: set[str]
) -> None:
    assert asked_for(methodology(name), version, answers) == asked


def test_what_is_asked_for_is_enough_and_nothing_of_it_is_too_much() -> None:
    """The same answer from the calculation itself: each symbol asked for is missed, and no other is."""
    m: Methodology = methodology("KH_AM004")
    answers = {"OPTION": "with_degradation"}
    assert asked_for(m, "01.1", answers) == {
        name for name, item in m.parameters.items() if item.kind not in {"interpretation", "label"} and name != "s_c"
    }


# Exact texts, which every step of every period is written with


@given(st.integers(-(10**40), 10**40), st.integers(0, 400), st.integers(0, 400), st.sampled_from([1, 3, 7, 35]))
def test_an_exact_text_is_read_back_as_the_same_number(above: int, twos: int, fives: int, other: int) -> None:
    value = Fraction(above, 2**twos * 5**fives * other)
    text = exact_text(value)
    assert exact(text) == Fraction(text) == value
    finite = not 10 ** (twos + fives + 1) % value.denominator
    assert ("/" in text) == (not finite)
    assert not re.search(r"\.\d*0$|^-?0\d|\.$", text), "the shortest one"


CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize("name", METHODOLOGIES)
def test_every_methodology_is_replayed_to_its_own_number(name: str) -> None:
    cases = read_cases((CASES / f"{name.lower()}.yaml").read_text("utf-8"))
    for case in (case for case in cases if not case.refused and case.expect and not case.days):
        reductions = case.calculate(methodology(name)).reductions
        period = Recorded(
            key=case.name,
            project=name,
            start=None,
            end=None,
            methodology=name,
            version=case.version,
            given=case.given,
            reductions=reductions,
            answers=case.interpretations,
        )
        found = replay(period, Target(methodology(name), case.version, {}))
        assert (found.found, found.left_out) == (reductions, ()), case.name
