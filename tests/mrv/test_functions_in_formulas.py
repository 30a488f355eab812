"""exp, max and min in formulas; years as labels; tables by two choices; decay of first order."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.dated import Citation, Grade
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.cases import read_cases
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.sensitivity import kinks, sensitivities
from openjcm.mrv.techniques import exponential, first_order_decay, larger, nothing, smaller, sum_over
from openjcm.mrv.trace import Symbol, Traced, TraceError, as_mathml, as_text, rounded_exponential
from openjcm.refusals import Refused

SOURCE = Citation("a test")
HERE = Path(__file__).parent


def decaying() -> Methodology:
    """Waste by year of disposal and kind; a rate by climate and kind; what decays in year y."""
    m = Methodology(
        "XX_AM002", title="Test", title_ja="試験", country="MNG", scope="13", summary="–", summary_ja="–",
        evidence=Grade.READ, text_source=SOURCE,
    )  # fmt: skip
    m.version("01.0", approved="2020-01-01", source=SOURCE, grade=Grade.READ)
    m.index("x", "year of disposal", ja="埋立年")
    m.index("j", "kind of waste", ja="廃棄物の種類")
    m.choice("CLIMATE", {"wet": ("Wet", "湿潤"), "dry": ("Dry", "乾燥")}, "Climate", ja="気候", clause="1")
    m.choice("KIND_j", {"food": ("Food", "食品"), "wood": ("Wood", "木")}, "Kind", ja="種類", clause="1", index=("j",))
    m.monitored("W_x_j", "tCO2e", "Waste", ja="廃棄物", clause="1", index=("x", "j"))
    m.monitored("Y", "year", "Year", ja="年", clause="1")
    m.label("X_x", "year", "Year of disposal", ja="埋立年", clause="1", index="x", of="W_x_j")
    m.fixed("k_j", "1/year", "Rate", ja="速度", clause="2", index=("j",), by=("CLIMATE", "KIND_j"))
    rates = {"wet/food": "0.4", "wet/wood": "0.035", "dry/food": "0.085"}
    m.printed("k_j", rates, versions=("01.0",), source=SOURCE, grade=Grade.READ)

    @m.formula("RE_p", "tCO2e", clause="3")
    def reference(W_x_j: Traced, Y: Traced, X_x: Traced, k_j: Traced) -> Traced:  # noqa: N803
        """What decays in the year."""
        return sum_over("x", sum_over("j", W_x_j * first_order_decay(k_j, Y - X_x)))

    @m.formula("PE_p", "tCO2e", clause="3")
    def project() -> Traced:
        """None."""
        return nothing("tCO2e")

    @m.formula("ER_p", "tCO2e", clause="3")
    def reductions(RE_p: Traced, PE_p: Traced) -> Traced:  # noqa: N803
        """Difference, never below zero."""
        return larger(RE_p - PE_p, nothing("tCO2e"))

    return m.check()


DECAY = decaying()


def decayed(waste: dict[str, str], year: int, kinds: dict[str, str], climate: str = "wet") -> Result:
    return calculate(
        DECAY,
        "01.0",
        {
            "W_x_j": Given(waste, "tCO2e", SOURCE),
            "Y": Given({"": str(year)}, "year", SOURCE),
            "CLIMATE": Given({"": climate}, source=SOURCE),
            "KIND_j": Given(kinds, source=SOURCE),
        },
    )


FOOD = {"f": "food"}
history = st.dictionaries(st.integers(2000, 2012), st.integers(0, 10**6), min_size=1, max_size=8)


@given(history, st.integers(2000, 2020))
def test_decay_agrees_with_a_plain_loop_and_later_years_change_nothing(waste: dict[int, int], year: int) -> None:
    given_waste = {f"{x}/f": str(tonnes) for x, tonnes in waste.items()}
    plain = sum(tonnes * math.exp(-0.4 * (year - x)) * (1 - math.exp(-0.4)) for x, tonnes in waste.items() if x <= year)
    found = decayed(given_waste, year, FOOD).value("RE_p")
    assert float(found) == pytest.approx(plain, rel=1e-12, abs=1e-9)
    later = {**given_waste, "2031/f": "1000000"}
    assert decayed(later, year, FOOD).value("RE_p") == found


@given(st.integers(1, 40))
def test_all_years_together_give_the_closed_form(years: int) -> None:
    """1 − e^(−k·n) of a tonne has decayed after n years: the shares telescope, exactly."""
    total = sum((decayed({"2000/f": "1"}, 2000 + n, FOOD).value("RE_p") for n in range(years)), Fraction(0))
    assert total == 1 - Fraction(rounded_exponential(Fraction(-2, 5) * years))


def test_years_label_themselves_and_are_refused_when_they_are_no_numbers() -> None:
    result = decayed({"2000/f": "1", "2001/f": "2"}, 2003, FOOD)
    assert [(step.at, step.value, step.kind) for step in result.trace if step.symbol == "X_x"] == [
        ("2000", "2000", "label"),
        ("2001", "2001", "label"),
    ]
    with pytest.raises(Refused) as refused:
        decayed({"first/f": "1"}, 2003, FOOD)
    assert refused.value.code == "value_not_a_number"
    with pytest.raises(Refused) as refused:
        calculate(DECAY, "01.0", {"X_x": Given({"2000": "2000"}, "year", SOURCE)})
    assert refused.value.code == "unknown_symbol"


def test_a_table_by_two_choices_names_both_and_refuses_a_case_that_was_not_printed() -> None:
    result = decayed({"2000/f": "1", "2000/w": "1"}, 2000, {"f": "food", "w": "wood"})
    assert (result.value("k_j", "f"), result.value("k_j", "w")) == (Fraction("0.4"), Fraction("0.035"))
    assert "CLIMATE, KIND_j = wet/wood" in [step.source for step in result.trace if step.symbol == "k_j"][1]
    with pytest.raises(Refused) as refused:
        decayed({"2000/w": "1"}, 2000, {"w": "wood"}, "dry")
    assert refused.value.code == "value_not_read"
    assert "dry/wood" in refused.value.message("en")


def test_an_answer_missing_for_one_index_is_refused_by_name() -> None:
    m = decaying()
    m.choice("AGE_j", {"old": ("Old", "旧"), "new": ("New", "新")}, "Age", ja="新旧", clause="1", index=("j",))
    m.fixed("q_j", "-", "Share", ja="割合", clause="2", index=("j",), by=("KIND_j", "AGE_j"))
    m.printed("q_j", {"food/old": "1"}, versions=("01.0",), source=SOURCE, grade=Grade.READ)
    place = next(place for place, item in enumerate(m.formulas) if item.symbol == "RE_p")
    del m.formulas[place]

    @m.formula("RE_p", "tCO2e", clause="3")
    def reference(W_x_j: Traced, q_j: Traced) -> Traced:  # noqa: N803
        """A share."""
        return sum_over("x", sum_over("j", W_x_j * q_j))

    given_ = {
        "W_x_j": Given({"2000/f": "1"}, "tCO2e", SOURCE),
        "KIND_j": Given({"f": "food", "g": "food"}, source=SOURCE),
        "AGE_j": Given({"f": "old"}, source=SOURCE),
    }
    with pytest.raises(Refused) as refused:
        calculate(m.check(), "01.0", given_)
    assert refused.value.code == "index_without_value"
    assert "AGE_j" in refused.value.message("en")


def test_tables_and_labels_that_contradict_are_refused_at_load() -> None:
    m = decaying()
    m.fixed("z", "-", "Share", ja="割合", clause="2", by=("KIND_j",))
    m.printed("z", {"food": "1"}, versions=("01.0",), source=SOURCE, grade=Grade.READ)
    with pytest.raises(ValueError, match="other indices"):
        m.check()
    m = decaying()
    m.label("L_x", "year", "Year", ja="年", clause="1", index="x", of="KIND_j")
    with pytest.raises(ValueError, match="no such index"):
        m.check()


# The functions themselves


@pytest.mark.parametrize(("exponent", "value"), [("0", "1"), ("1", "2.71828182845904523536028747135")])
def test_exp_is_rounded_to_thirty_digits(exponent: str, value: str) -> None:
    assert Fraction(rounded_exponential(Fraction(exponent))) == Fraction(value)
    step = next(step for step in decayed({"2000/f": "1"}, 2000, FOOD).trace if step.symbol == "RE_p")
    assert "exp_to_30_digits" in step.source
    assert "power" not in step.source
    assert "exp(-1 × 0.4" in step.numbers


def number(value: object, unit: str = "-") -> Traced:
    return Traced.number(Fraction(str(value)), unit=unit)


def test_exp_refuses_a_unit_and_an_exponent_that_would_fill_the_memory() -> None:
    with pytest.raises(Refused) as refused:
        exponential(number(1, "year"))
    assert refused.value.code == "wrong_dimension"
    assert exponential(number(-1000)).cells is not None
    with pytest.raises(TraceError, match="exponent_too_large"):
        exponential(number("-1000.001"))
    with pytest.raises(Refused) as refused:
        decayed({"2000/f": "1"}, 1_000_000, FOOD)
    assert refused.value.code == "exponent_too_large"


@pytest.mark.parametrize(("choose", "wanted"), [(larger, "1000"), (smaller, "900")])
def test_max_and_min_compare_in_one_unit(choose: Callable[[Traced, Traced], Traced], wanted: str) -> None:
    made = choose(number(900, "kWh"), number(1, "MWh"))
    assert made.cells == {(): Fraction(wanted)}
    assert made.unit == "kWh"
    with pytest.raises(Refused):
        choose(number(1, "kWh"), number(1, "year"))


def test_functions_are_written_as_text_and_as_mathml() -> None:
    k = Traced(Symbol("k_j", ("j",)), "-", ("j",), None)
    made = larger(exponential(-1 * k), 0)
    assert as_text(made.expression) == "max(exp(-1 × k_j), 0)"
    assert as_mathml(made.expression) == (
        "<mrow><mi>max</mi><mrow><mo>(</mo><msup><mi>e</mi><mrow><mn>-1</mn><mo>×</mo>"
        '<msub><mi mathvariant="italic">k</mi><mrow><mi>j</mi></mrow></msub></mrow></msup>'
        "<mo>,</mo><mn>0</mn><mo>)</mo></mrow></mrow>"
    )


# Derivatives and kinks


@pytest.mark.parametrize("year", [2000, 2001, 2007])
def test_the_derivative_by_the_rate_is_that_of_the_closed_form(year: int) -> None:
    found = sensitivities(decayed({"2000/f": "1000"}, year, FOOD))
    age = year - 2000
    wanted = 1000 * ((age + 1) * math.exp(-0.4 * (age + 1)) - age * math.exp(-0.4 * age))
    assert float(found["k_j"]["f",]) == pytest.approx(wanted, rel=1e-12)
    assert float(found["W_x_j"]["2000", "f"]) == pytest.approx(math.exp(-0.4 * age) * (1 - math.exp(-0.4)))


def test_every_max_and_min_behind_a_result_is_listed_with_its_distance_from_the_kink() -> None:
    found = kinks(decayed({"2000/f": "1"}, 2000, FOOD))
    assert [(kink.symbol, kink.distance, kink.at) for kink in found[:2]] == [
        ("RE_p", 0, ("2000",)),
        ("RE_p", 1, ("2000",)),
    ]
    assert found[0].symbols == ("Y", "X_x")
    assert found[-1].symbol == "ER_p"
    assert found[-1].unit == "tCO2e"
    assert not kinks(
        calculate(
            methodology("MN_AM003"),
            "02.0",
            {
                "EG_i_p": Given({"1": "1"}, "MWh", SOURCE),
                "CASE_i": Given({"1": "national_grid"}, source=SOURCE),
            },
        )
    )


@pytest.mark.parametrize(("project", "slope"), [("1", (1, -1)), ("3", (0, 0))])
def test_the_derivative_is_that_of_the_side_that_was_taken(project: str, slope: tuple[int, int]) -> None:
    m = decaying()
    m.formulas = [item for item in m.formulas if item.symbol == "ER_p"]
    for symbol in ("RE_p", "PE_p"):
        m.monitored(symbol, "tCO2e", "Given", ja="入力", clause="1")
    m.formula("RE_q", "tCO2e", clause="3")(lambda RE_p: RE_p)  # noqa: N803
    m.reference = m.project = "RE_q"
    given_ = {"RE_p": Given({"": "2000"}, "kgCO2e", SOURCE), "PE_p": Given({"": project}, "tCO2e", SOURCE)}
    found = sensitivities(calculate(m, "01.0", given_))
    assert tuple(found[name][()] for name in ("RE_p", "PE_p")) == slope


# The same bytes as ever


TRACES = yaml.safe_load((HERE / "traces.yaml").read_text("utf-8"))


@pytest.mark.parametrize("methodology_id", TRACES)
def test_the_explanation_keeps_its_bytes(methodology_id: str) -> None:
    text = (HERE.parent / "cases" / f"{methodology_id.lower()}.yaml").read_text("utf-8")
    cases = {case.name: case for case in read_cases(text) if not case.refused}
    for name, wanted in TRACES[methodology_id].items():
        result = cases[name].calculate(methodology(methodology_id))
        assert sha256_hex(canonical_bytes([step.as_data() for step in result.trace])) == wanted, name
