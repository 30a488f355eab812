"""The calculation: exact, traced, refusing what is missing, and indifferent to the order of what is given."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes
from openjcm.dated import Citation, Grade
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate, calendar_years
from openjcm.refusals import Refused
from openjcm.units import exact_text

SOURCE = Citation("a test")
energies = st.lists(st.integers(0, 10**12), min_size=1, max_size=8)


def solar(energy_wh: list[int], cases: list[str] | None = None, order: list[int] | None = None) -> Result:
    """Reductions of solar systems by their energy in Wh, given in some order."""
    order = order or list(range(len(energy_wh)))
    cases = cases or ["national_grid"] * len(energy_wh)
    return calculate(
        methodology("MN_AM003"),
        "02.0",
        {
            "EG_i_p": Given({str(place): str(energy_wh[place]) for place in order}, "Wh", SOURCE),
            "CASE_i": Given({str(place): cases[place] for place in reversed(order)}, source=SOURCE),
        },
    )


@hypothesis_given(energies, st.integers(0, 1000))
def test_solar_reductions_are_linear_in_energy(energy: list[int], scale: int) -> None:
    assert solar([wh * scale for wh in energy]).reductions == scale * solar(energy).reductions


@hypothesis_given(energies)
def test_solar_reductions_are_the_sum_of_the_systems(energy: list[int]) -> None:
    assert solar(energy).reductions == sum(solar([wh]).reductions for wh in energy)


@hypothesis_given(energies, st.data())
def test_more_energy_never_gives_less(energy: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(energy) - 1))
    more = [*energy[:place], energy[place] + data.draw(st.integers(0, 10**9)), *energy[place + 1 :]]
    assert solar(more).reductions >= solar(energy).reductions


@hypothesis_given(energies)
def test_the_grid_case_never_gives_less_than_the_captive_one(energy: list[int]) -> None:
    assert solar(energy).reductions >= solar(energy, ["captive_or_off_grid"] * len(energy)).reductions


@hypothesis_given(energies, st.data())
def test_the_order_of_systems_changes_no_byte(energy: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(energy))))
    one, other = solar(energy), solar(energy, order=list(order))
    assert trace_bytes(one) == trace_bytes(other)


def trace_bytes(result: Result) -> bytes:
    return canonical_bytes([step.as_data() for step in result.trace])


@hypothesis_given(st.integers(0, 10**15))
def test_units_of_the_same_dimension_give_the_same_tonnes(wh: int) -> None:
    def reductions(value: Fraction, unit: str) -> Fraction:
        energy = Given({"1": exact_text(value)}, unit, SOURCE)
        given = {"EG_i_p": energy, "CASE_i": Given({"1": "national_grid"}, source=SOURCE)}
        return calculate(methodology("MN_AM003"), "02.0", given).reductions

    results = {
        reductions(Fraction(wh), "Wh"),
        reductions(Fraction(wh, 1000), "kWh"),
        reductions(Fraction(wh, 10**6), "MWh"),
        reductions(Fraction(wh, 10**9), "GWh"),
        reductions(Fraction(wh * 3600), "J"),
    }
    assert len(results) == 1


positive = st.fractions(min_value=Fraction(1, 100), max_value=20, max_denominator=100)


@hypothesis_given(positive, positive, st.integers(0, 10**6))
def test_a_chiller_reduces_exactly_when_it_is_better_than_the_reference(
    project: Fraction, reference: Fraction, mwh: int
) -> None:
    given = {
        "EC_PJ_i_p": Given({"1": str(mwh)}, "MWh", SOURCE),
        "COP_PJ_i": Given({"1": str(project)}, "-", SOURCE),
        "COP_RE_i": Given({"1": str(reference)}, "-", SOURCE),
        "EF_elec": Given({"": "0.8"}, "tCO2e/MWh", SOURCE),
    }
    reductions = calculate(methodology("ID_AM002"), "02.0", given).reductions
    assert reductions == mwh * Fraction(8, 10) * (project / reference - 1)
    assert (reductions > 0) == (mwh > 0 and project > reference)


def rice(areas: dict[str, int], drainage: str, order: bool = True) -> Result:
    """Rice fields by ``season/stratum/field``, all in the dry season, without nitrogen and pumps."""
    strata = sorted({key.split("/")[1] for key in areas})
    seasons = sorted({key.split("/")[0] for key in areas})
    both = sorted({"/".join(key.split("/")[:2]) for key in areas})
    amendments = ("straw_under_30_days", "straw_over_30_days", "compost", "farmyard_manure", "green_manure")
    fields = areas if order else dict(reversed(areas.items()))

    def same(keys: list[str], value: str, unit: str = "") -> Given:
        return Given(dict.fromkeys(keys if order else reversed(keys), value), unit, SOURCE)

    given = {
        "APPROACH": same([""], "country_factor_every_5_years"),
        "SEASON_s": same(seasons, "dry"),
        "WATER_R_st": same(strata, "continuous_flooding"),
        "WATER_P_st": same(strata, drainage),
        "PRESEASON_s_st": same(both, "non_flooded_under_180_days"),
        "A_s_st_f": Given({key: str(area) for key, area in fields.items()}, "ha", SOURCE),
        "D_s_st_f": same(list(areas), "100", "day"),
        "ROA_s_st_a": same([f"{key}/{kind}" for key in both for kind in amendments], "0", "t/ha"),
        "Q_N2O_s_st": same(both, "0", "kgN/ha"),
        "Q_F_R_p": same([""], "0", "TJ"),
        "Q_F_P_p": same([""], "0", "TJ"),
        "EF_F": same([""], "74.1", "tCO2e/TJ"),
    }
    return calculate(methodology("PH_AM004"), "01.0", given)


field_keys = st.tuples(st.sampled_from("dw"), st.sampled_from("12"), st.sampled_from("abc")).map("/".join)


@hypothesis_given(st.dictionaries(field_keys, st.integers(0, 1000), min_size=1, max_size=6))
def test_the_order_of_strata_and_fields_changes_no_byte(areas: dict[str, int]) -> None:
    combinations = {key.split("/")[0] for key in areas}, {key.split("/")[1] for key in areas}
    both = {"/".join(key.split("/")[:2]) for key in areas}
    if len(both) == len(combinations[0]) * len(combinations[1]):
        one = rice(areas, "multiple_drainage")
        assert trace_bytes(one) == trace_bytes(rice(areas, "multiple_drainage", order=False))
        assert one.reductions >= rice(areas, "single_drainage").reductions
        assert one.reductions == sum(areas.values()) * Fraction("1.56366")


# Grades and reasons


def test_the_result_carries_the_weakest_grade_and_says_why() -> None:
    result = solar([1000])
    assert result.grade is Grade.SECONDARY
    assert result.provisional
    assert any("EF_RE_i" in reason for reason in result.reasons)
    recalled = calculate(
        methodology("TH_AM001"),
        "01.0",
        {
            "EG_i_p": Given({"1": "1"}, "MWh", SOURCE),
            "EF_RE_i": Given({"1": "0.319"}, "tCO2e/MWh", SOURCE, Grade.RECALLED),
        },
    )
    assert recalled.grade is Grade.RECALLED


def test_an_open_question_makes_the_result_provisional() -> None:
    result = rice({"d/1/a": 1}, "multiple_drainage")
    assert any("n_o" in reason for reason in result.reasons)


def test_every_step_has_clause_symbol_unit_source_and_grade() -> None:
    for step in rice({"d/1/a": 1, "d/1/b": 2}, "single_drainage").trace:
        assert step.clause
        assert step.symbol
        assert step.source
        assert step.kind == "choice" or step.unit
        assert isinstance(step.grade, Grade)


def test_steps_stand_after_what_they_use() -> None:
    seen: set[str] = set()
    for step in rice({"d/1/a": 1, "w/1/b": 2}, "single_drainage").trace:
        assert set(step.inputs) <= seen | {step.symbol}
        seen.add(step.symbol)


def test_the_explanation_shows_numbers_with_units() -> None:
    step = next(step for step in solar([1_000_000, 2_000_000]).trace if step.symbol == "RE_p")
    assert step.numbers == "(1 MWh × 0.797 tCO2e/MWh) + (2 MWh × 0.797 tCO2e/MWh)"
    assert (step.value, step.unit) == ("2.391", "tCO2e")


def test_a_long_sum_shows_its_first_terms_and_their_number() -> None:
    step = next(step for step in solar([1_000_000] * 40).trace if step.symbol == "RE_p")
    assert step.numbers.endswith("… (40 terms)")
    assert step.numbers.count("0.797") == 6


def test_a_fractional_power_names_its_rounding() -> None:
    from pathlib import Path

    from openjcm.mrv.cases import read_cases

    cases = read_cases((Path(__file__).parent.parent / "cases" / "ph_am004.yaml").read_text("utf-8"))
    case = next(case for case in cases if case.interpretations == {"n_o": "ipcc_2006"})
    step = next(step for step in case.calculate(methodology("PH_AM004")).trace if step.symbol == "SF_o_s_st")
    assert "power_to_30_digits" in step.source


def test_a_negative_base_under_a_fractional_power_is_refused() -> None:
    from openjcm.mrv.methodology import Methodology
    from openjcm.mrv.techniques import nothing
    from openjcm.mrv.trace import Traced

    m = Methodology(
        "XX_AM002", title="–", title_ja="–", country="MNG", scope="1", summary="–", summary_ja="–",
        evidence=Grade.READ, text_source=SOURCE,
    )  # fmt: skip
    m.version("01.0", approved=None, source=SOURCE, grade=Grade.READ)
    m.monitored("X_p", "-", "A number", ja="数", clause="1", minimum=None)
    m.interpretation("n", "?", ja="?", clause="1", answers={"half": ("1/2", "half", "半")}, taken="half")

    @m.formula("RE_p", "tCO2e", clause="2")
    def reference(X_p: Traced, n: Traced) -> Traced:  # noqa: N803
        """A root."""
        return nothing("tCO2e") + X_p**n * Traced.number(1, unit="tCO2e")

    @m.formula("PE_p", "tCO2e", clause="3")
    def project() -> Traced:
        """None."""
        return nothing("tCO2e")

    @m.formula("ER_p", "tCO2e", clause="4")
    def reductions(RE_p: Traced, PE_p: Traced) -> Traced:  # noqa: N803
        """Difference."""
        return RE_p - PE_p

    m.check()
    with pytest.raises(Refused) as refused:
        calculate(m, "01.0", {"X_p": Given({"": "-4"}, "-", SOURCE)})
    assert refused.value.code == "power_without_value"
    assert calculate(m, "01.0", {"X_p": Given({"": "4"}, "-", SOURCE)}).reductions == 2


# Given values


@hypothesis_given(
    st.dictionaries(st.sampled_from(["1", "2", "a/b"]), st.integers(-100, 100).map(str), min_size=1),
    st.sampled_from(Grade),
    st.booleans(),
)
def test_given_values_survive_their_plain_form(values: dict[str, str], grade: Grade, cited: bool) -> None:
    source = Citation("s", "c", "u", "n") if cited else None
    one = Given(values, "MWh", source, grade, date(2020, 1, 1), None)
    assert Given.from_data(one.as_data()) == one


def test_a_single_value_survives_its_plain_form() -> None:
    one = Given({"": "0.8"}, "tCO2e/MWh", Citation("s"))
    assert one.as_data()["value"] == "0.8"
    assert Given.from_data(one.as_data()) == one


def test_calendar_years_cover_the_period_without_gap() -> None:
    assert list(calendar_years(date(2021, 12, 31), date(2023, 1, 1))) == [
        (2021, date(2021, 12, 31), date(2021, 12, 31)),
        (2022, date(2022, 1, 1), date(2022, 12, 31)),
        (2023, date(2023, 1, 1), date(2023, 1, 1)),
    ]


@pytest.mark.parametrize("text", ["1e999999999", "1E-88888888", "9" * 2000])
def test_a_number_that_would_fill_the_memory_is_refused(text: str) -> None:
    given = {"EG_i_p": Given({"1": text}, "MWh", SOURCE), "CASE_i": Given({"1": "national_grid"}, source=SOURCE)}
    with pytest.raises(Refused) as refused:
        calculate(methodology("MN_AM003"), "02.0", given)
    assert refused.value.code == "value_not_a_number"
