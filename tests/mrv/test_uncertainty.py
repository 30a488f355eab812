"""The budget agrees with closed forms, with another library, and with the example printed in the docs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from uncertainties import UFloat, ufloat, umath

from openjcm.dated import Answer, Citation
from openjcm.methodologies import METHODOLOGIES, methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.cases import Case, read_cases
from openjcm.mrv.error_terms import KINDS, Statements, read_statements
from openjcm.mrv.fold import Indexed, fold, in_order, in_unit
from openjcm.mrv.trace import Key, Number, Sum
from openjcm.mrv.uncertainty import Budget, budget, is_material
from openjcm.refusals import Refused

CASES = Path(__file__).parent.parent / "cases"
SOURCE = Citation("a test")
STANDARD = {"kind": "stated", "distribution": "normal", "meaning": "standard", "document": "d"}


def solar(*energy: str, unit: str = "MWh", systems: str = "national_grid") -> Result:
    values = {str(place): one for place, one in enumerate(energy, 1)}
    given = {
        "EG_i_p": Given(values, unit, SOURCE),
        "CASE_i": Given(dict.fromkeys(values, systems), source=SOURCE),
    }
    return calculate(methodology("MN_AM003"), "02.0", given)


def stated(result: Result, *terms: dict[str, Any], symbol: str = "EG_i_p") -> Budget:
    return budget([("", result)], read_statements({symbol: list(terms)}, result.methodology))


def twenty_meters() -> tuple[Case, Result]:
    text = (CASES / "mn_am003.yaml").read_text("utf-8")
    case = next(case for case in read_cases(text) if case.name.startswith("twenty meters"))
    return case, case.calculate(methodology("MN_AM003"))


@pytest.mark.parametrize(("tag", "tonnes"), [("meter type A", 89), ("own", 23)])
def test_the_printed_example_of_twenty_meters(tag: str, tonnes: int) -> None:
    _, result = twenty_meters()
    found = stated(result, STANDARD | {"percent": "0.2"}, STANDARD | {"percent": "0.5", "tag": tag})
    assert round(found.standard) == tonnes
    assert round(found.reductions) == 17675
    assert found.complete


def test_the_case_on_file_says_the_same() -> None:
    case, result = twenty_meters()
    assert round(budget([("", result)], read_statements(case.uncertainty, result.methodology)).standard) == 89


TONNE = Fraction("0.797")
KIND_SIZES: list[tuple[dict[str, Any], float]] = [
    ({"kind": "accuracy_class", "percent": "0.5"}, 1000 * 0.005 / math.sqrt(3)),
    ({"kind": "transformer_class", "percent": "1"}, 1000 * 0.01 / math.sqrt(3)),
    ({"kind": "calibration_drift", "percent": "0.1"}, 1000 * 0.001 / math.sqrt(3)),
    ({"kind": "resolution", "half_width": "1", "unit": "kWh"}, 0.001 / math.sqrt(6)),
    ({"kind": "estimated", "low": "900", "high": "1100", "unit": "MWh"}, 100),
    ({"kind": "estimated", "half_width": "40", "unit": "MWh"}, 40),
    (STANDARD | {"percent": "2"}, 20),
    (STANDARD | {"percent": "2", "meaning": "coverage_95"}, 20 / 1.959963984540054),
    ({"kind": "stated", "distribution": "rectangular", "low": "990", "high": "1002", "unit": "MWh"}, math.sqrt(12)),
    ({"kind": "stated", "distribution": "triangular", "low": "994", "high": "1006", "unit": "MWh"}, 6 / math.sqrt(6)),
    ({"kind": "stated", "distribution": "lognormal", "meaning": "standard", "percent": "3"}, 30),
]  # fmt: skip


@pytest.mark.parametrize(("term", "u"), KIND_SIZES, ids=lambda one: str(one)[:60])
def test_each_kind_of_error_has_its_closed_form(term: dict[str, Any], u: float) -> None:
    found = stated(solar("1000"), {"document": "d"} | term)
    assert found.contributions[0].standard == pytest.approx(u, rel=1e-12)
    assert found.standard == pytest.approx(u * 0.797, rel=1e-12)


def test_every_kind_is_tried_and_has_words() -> None:
    assert {str(term["kind"]) for term, _ in KIND_SIZES} | {"fixed_by_methodology"} == set(KINDS)
    assert all(kind.en and kind.ja and kind.source for kind in KINDS.values())


def test_shared_errors_add_and_own_errors_add_in_squares() -> None:
    term = STANDARD | {"percent": "1"}
    three = solar("100", "200", "300")
    assert stated(three, term).standard == pytest.approx(0.797 * math.sqrt(1 + 4 + 9))
    assert stated(three, term | {"tag": "laboratory"}).standard == pytest.approx(0.797 * 6)


def test_one_tag_of_two_kinds_is_two_errors() -> None:
    shared = {"tag": "type A", "document": "d", "percent": "1"}
    found = stated(solar("100", "100"), {"kind": "accuracy_class"} | shared, {"kind": "calibration_drift"} | shared)
    assert found.standard == pytest.approx(math.sqrt(2) * 200 * 0.01 / math.sqrt(3) * 0.797)


def test_a_shared_error_of_reference_and_project_cancels_as_far_as_it_should() -> None:
    given = {
        "EC_PJ_i_p": Given({"1": "100"}, "MWh", SOURCE),
        "COP_PJ_i": Given({"1": "6"}, "-", SOURCE),
        "COP_RE_i": Given({"1": "5"}, "-", SOURCE),
        "EF_elec": Given({"": "0.8"}, "tCO2e/MWh", SOURCE),
    }
    result = calculate(methodology("ID_AM002"), "02.0", given)
    error = STANDARD | {"percent": "1"}
    both = {"COP_PJ_i": [error | {"tag": "laboratory"}], "COP_RE_i": [error | {"tag": "laboratory"}]}
    alone = {"COP_PJ_i": [error], "COP_RE_i": [error]}
    fixed = {"EF_elec": [{"kind": "fixed_by_methodology", "document": "text"}]}
    shared, apart = (
        budget([("", result)], read_statements(said | fixed, result.methodology)) for said in (both, alone)
    )
    assert shared.standard == pytest.approx(0, abs=1e-12)
    assert apart.standard == pytest.approx(math.sqrt(2) * 0.96)
    assert [one.symbol for one in shared.unstated] == ["EC_PJ_i_p"]
    assert {one.symbol for one in shared.by_rule} == {"EF_elec"}


def test_a_meters_own_error_goes_through_all_years() -> None:
    years = [("2022", solar("100")), ("2023", solar("200"))]
    found = budget(years, read_statements({"EG_i_p": [STANDARD | {"percent": "1"}]}, methodology("MN_AM003")))
    assert found.standard == pytest.approx(3 * 0.797)
    assert found.reductions == 300 * TONNE


def test_the_shares_add_up_to_one() -> None:
    _, result = twenty_meters()
    found = stated(result, STANDARD | {"percent": "0.2"}, STANDARD | {"percent": "0.5", "tag": "A"})
    assert math.fsum(found.shares()) == pytest.approx(1)
    assert stated(solar("0"), STANDARD | {"percent": "1"}).shares() == [0.0]


def test_only_the_named_places_are_meant() -> None:
    found = stated(solar("100", "100"), STANDARD | {"percent": "1", "at": ["2"]})
    assert [(one.symbol, one.key) for one in found.contributions] == [("EG_i_p", ("2",))]
    assert [one.key for one in found.unstated] == [("1",)]


@pytest.mark.parametrize(
    ("half_width", "complete", "answer"),
    [(51.0, True, "yes"), (51.0, False, "yes"), (50.0, True, "no"), (1.0, True, "no"), (1.0, False, "cannot tell")],
)
def test_materiality_has_three_answers(half_width: float, complete: bool, answer: str) -> None:
    assert is_material(half_width, Fraction(1000), Fraction(1, 20), complete=complete) is Answer(answer)


def test_when_linear_propagation_is_not_enough() -> None:
    assert stated(solar("100"), STANDARD | {"percent": "20"}).wants_draws() == ()
    assert stated(solar("100"), STANDARD | {"percent": "21"}).wants_draws() == ("monte_carlo_relative_u",)
    skewed = {
        "kind": "stated",
        "distribution": "triangular",
        "low": "99",
        "high": "102",
        "unit": "MWh",
        "document": "d",
    }
    assert stated(solar("100"), skewed).wants_draws() == ("skewed_distribution",)
    lognormal = STANDARD | {"percent": "1", "distribution": "lognormal"}
    assert stated(solar("100"), lognormal).wants_draws() == ("skewed_distribution",)


# Against another library ----------------------------------------------------------------------------------------------


@dataclass
class Others:
    """The same formulas in the numbers of the library ``uncertainties``."""

    def number(self, number: Number) -> Any:
        return float(number.value)

    def scale(self, value: Any, factor: Fraction) -> Any:
        return value * float(factor)

    def combine(self, sign: str, left: Any, right: Any) -> Any:
        match sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
        return left**right

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        return umath.exp(*arguments) if name == "exp" else {"max": max, "min": min}[name](*arguments)

    def total(self, node: Sum, outer: Key, terms: Sequence[tuple[Key, Any]]) -> Any:
        return sum(value for _, value in terms)


@dataclass
class Errors:
    """Tags as independent numbers 0 ± 1."""

    tags: dict[str, UFloat] = field(default_factory=dict)

    def of(self, tag: str) -> UFloat:
        return self.tags.setdefault(tag, ufloat(0, 1))


def by_the_other_library(found: Budget) -> UFloat:
    errors, total = Errors(), ufloat(0, 0)
    for period, result in found.results:
        values: dict[str, Indexed[Any]] = {}
        for symbol, exact in result.values.items():
            assert exact.cells is not None
            if symbol in result.expressions:
                made = in_unit(fold(result.expressions[symbol], values, Others()), exact.unit, Others())
                values[symbol] = in_order(made, exact.indices)
                continue
            cells: dict[Key, Any] = {key: float(value) for key, value in exact.cells.items()}
            for one in found.contributions:
                if (one.period, one.symbol) == (period, symbol):
                    cells[one.key] += one.standard * errors.of(one.tag)
            values[symbol] = Indexed(exact.unit, exact.indices, cells)
        total += values[result.methodology.reductions].cells[()]
    return total


def cases_with_results() -> list[Case]:
    files = sorted(CASES.glob("*.yaml"))
    return [case for path in files for case in read_cases(path.read_text("utf-8")) if not case.refused]


def errors_everywhere(case: Case) -> Statements:
    """An own error of 1 % and a shared one of 0.5 % on every number that the case gives."""
    m = METHODOLOGIES[case.methodology]
    terms = [STANDARD | {"percent": "1"}, STANDARD | {"percent": "0.5", "tag": "global"}]
    return read_statements({symbol: terms for symbol in case.given if m.parameters[symbol].kind != "choice"}, m)


@pytest.mark.parametrize("case", cases_with_results(), ids=lambda case: f"{case.methodology}: {case.name}")
def test_the_budget_of_every_case_is_that_of_the_library_uncertainties(case: Case) -> None:
    result = case.calculate(METHODOLOGIES[case.methodology])
    found = budget([("", result)], errors_everywhere(case))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an input of zero has an error of zero, which that library finds odd
        other = by_the_other_library(found)
    assert other.nominal_value == pytest.approx(float(found.reductions), rel=1e-9, abs=1e-9)
    assert other.std_dev == pytest.approx(found.standard, rel=1e-9, abs=1e-9)


# Refusals -------------------------------------------------------------------------------------------------------------

GOOD = {"kind": "accuracy_class", "percent": "0.5", "document": "d"}
WRONG: dict[str, tuple[object, str]] = {
    "no mapping": ([1], "uncertainty_not_understood"),
    "unknown symbol": ({"EG": [GOOD]}, "uncertainty_of_unknown_input"),
    "a choice": ({"CASE_i": [GOOD]}, "uncertainty_of_unknown_input"),
    "no list": ({"EG_i_p": GOOD}, "uncertainty_not_understood"),
    "empty": ({"EG_i_p": []}, "uncertainty_not_understood"),
    "text": ({"EG_i_p": ["0.5 %"]}, "uncertainty_not_understood"),
    "unknown kind": ({"EG_i_p": [GOOD | {"kind": "mood"}]}, "uncertainty_not_understood"),
    "unknown field": ({"EG_i_p": [GOOD | {"colour": "red"}]}, "uncertainty_not_understood"),
    "no document": ({"EG_i_p": [GOOD | {"document": " "}]}, "uncertainty_without_document"),
    "no size": ({"EG_i_p": [{"kind": "accuracy_class", "document": "d"}]}, "uncertainty_not_understood"),
    "two sizes": ({"EG_i_p": [GOOD | {"half_width": "1", "unit": "MWh"}]}, "uncertainty_not_understood"),
    "size without unit": (
        {"EG_i_p": [{"kind": "resolution", "half_width": "1", "document": "d"}]}, "uncertainty_not_understood"),
    "percent with unit": ({"EG_i_p": [GOOD | {"unit": "MWh"}]}, "uncertainty_not_understood"),
    "wrong unit": (
        {"EG_i_p": [{"kind": "resolution", "half_width": "1", "unit": "ha", "document": "d"}]},
        "uncertainty_not_understood"),
    "no number": ({"EG_i_p": [GOOD | {"percent": "half"}]}, "uncertainty_not_understood"),
    "negative": ({"EG_i_p": [GOOD | {"percent": "-1"}]}, "uncertainty_not_understood"),
    "low above high": (
        {"EG_i_p": [{"kind": "estimated", "low": "2", "high": "1", "unit": "MWh", "document": "d"}]},
        "uncertainty_not_understood"),
    "own distribution": ({"EG_i_p": [GOOD | {"distribution": "normal"}]}, "uncertainty_not_understood"),
    "stated without distribution": ({"EG_i_p": [GOOD | {"kind": "stated"}]}, "uncertainty_not_understood"),
    "normal without meaning": (
        {"EG_i_p": [GOOD | {"kind": "stated", "distribution": "normal"}]}, "uncertainty_not_understood"),
    "lognormal in units": (
        {"EG_i_p": [{"kind": "stated", "distribution": "lognormal", "meaning": "standard", "half_width": "1",
                     "unit": "MWh", "document": "d"}]}, "uncertainty_not_understood"),
    "fixed beside another": (
        {"EG_i_p": [GOOD, {"kind": "fixed_by_methodology", "document": "d"}]}, "uncertainty_not_understood"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), WRONG.values(), ids=WRONG.keys())
def test_a_malformed_statement_is_refused(data: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_statements(data, methodology("MN_AM003"))
    assert refused.value.code == code


def test_fixed_at_one_place_and_an_error_at_another_go_together() -> None:
    said = [GOOD | {"at": ["1"]}, {"kind": "fixed_by_methodology", "document": "d", "at": "2"}]
    found = stated(solar("1", "1"), *said)
    assert [one.key for one in found.by_rule if one.symbol == "EG_i_p"] == [("2",)]
    assert found.complete


def test_a_place_without_value_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        stated(solar("1", "1"), GOOD | {"at": ["3"]})
    assert refused.value.code == "uncertainty_at_no_value"
    assert "1, 2" in refused.value.remedy("ja")


def test_a_root_of_zero_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from openjcm.mrv import uncertainty
    from openjcm.mrv.trace import TraceError

    def without_derivative(result: Result) -> object:
        raise TraceError("no_derivative", Number(Fraction(0)))

    monkeypatch.setattr(uncertainty, "sensitivities", without_derivative)
    with pytest.raises(Refused) as refused:
        stated(solar("1"), GOOD)
    assert refused.value.code == "no_sensitivity"
