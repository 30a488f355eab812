"""Derivatives agree with what happens when a value is changed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from openjcm.dated import Citation
from openjcm.methodologies import METHODOLOGIES, methodology
from openjcm.mrv.calculation import Given, calculate
from openjcm.mrv.cases import read_cases
from openjcm.mrv.sensitivity import kinks, sensitivities
from openjcm.mrv.trace import TraceError
from openjcm.refusals import Refused
from openjcm.units import exact, exact_text

SOURCE = Citation("a test")
CASES = Path(__file__).parent.parent / "cases"
NUMERIC = {"monitored", "factor", "fixed"}


@settings(deadline=None)  # the first call loads the methodology
@hypothesis_given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5))
def test_one_more_mwh_of_solar_adds_its_factor(energy: list[int]) -> None:
    cases = ["national_grid" if place % 2 else "captive_or_off_grid" for place in range(len(energy))]
    result = calculate(
        methodology("MN_AM003"),
        "02.0",
        {
            "EG_i_p": Given({str(place): str(wh) for place, wh in enumerate(energy)}, "Wh", SOURCE),
            "CASE_i": Given({str(place): case for place, case in enumerate(cases)}, source=SOURCE),
        },
    )
    found = sensitivities(result)
    for place, case in enumerate(cases):
        assert found["EG_i_p"][str(place),] == Fraction("0.797" if case == "national_grid" else "0.533")
        assert found["EF_RE_i"][str(place),] == Fraction(energy[place], 10**6)


positive = st.fractions(min_value=Fraction(1, 10), max_value=10, max_denominator=50)


@hypothesis_given(positive, positive, positive, positive)
def test_the_derivatives_of_a_chiller_are_those_of_its_formula(
    mwh: Fraction, project: Fraction, reference: Fraction, factor: Fraction
) -> None:
    result = calculate(
        methodology("ID_AM002"),
        "02.0",
        {
            "EC_PJ_i_p": Given({"1": str(mwh)}, "MWh", SOURCE),
            "COP_PJ_i": Given({"1": str(project)}, "-", SOURCE),
            "COP_RE_i": Given({"1": str(reference)}, "-", SOURCE),
            "EF_elec": Given({"": str(factor * 1000)}, "kgCO2e/MWh", SOURCE),
        },
    )
    found = sensitivities(result)
    assert found["EC_PJ_i_p"]["1",] == (project / reference - 1) * factor
    assert found["COP_PJ_i"]["1",] == mwh * factor / reference
    assert found["COP_RE_i"]["1",] == -mwh * factor * project / reference**2
    assert found["EF_elec"][()] == mwh * (project / reference - 1)


def cases_with_results() -> list[tuple[str, str]]:
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        found += [(path.name, case.name) for case in read_cases(path.read_text("utf-8")) if not case.refused]
    return found


@pytest.mark.parametrize(("file", "name"), cases_with_results())
def test_derivatives_agree_with_a_small_change_of_each_given_value(file: str, name: str) -> None:
    case = next(case for case in read_cases((CASES / file).read_text("utf-8")) if case.name == name)
    m = METHODOLOGIES[case.methodology]
    result = case.calculate(m)
    found = sensitivities(result)
    on_a_kink = {name for kink in kinks(result) if kink.distance == 0 for name in kink.symbols}
    for symbol, given in case.given.items():
        if m.parameters[symbol].kind not in NUMERIC or symbol in on_a_kink:
            continue
        sign = 1 if m.parameters[symbol].maximum is None else -1
        for at, text in given.values.items():
            if sign < 0 and exact(text) == 0:
                continue  # a share of nothing cannot be lowered
            step = sign * Fraction(1, 10**9) * (abs(exact(text)) or 1)
            moved = Given({**given.values, at: exact_text(exact(text) + step)}, given.unit, given.source, given.grade)
            try:
                changed = calculate(
                    m, case.version, {**case.given, symbol: moved}, interpretations=case.interpretations, days=case.days
                )
            except Refused as refused:
                assert refused.code == "quantity_without_record"  # there the text allows zero only
                continue
            before, after = (outcome.values[symbol].cells or {} for outcome in (result, changed))
            slopes = found.get(symbol, {})
            expected = sum((slopes.get(key, 0) * (after[key] - before[key]) for key in before), Fraction(0)) / step
            slope = (changed.reductions - result.reductions) / step
            assert abs(slope - expected) <= Fraction(1, 10**5) * (1 + abs(expected)), (symbol, at)


def test_a_root_of_zero_has_no_derivative() -> None:
    from openjcm.mrv.sensitivity import _power

    with pytest.raises(TraceError, match="no_derivative"):
        _power(Fraction(0), Fraction(1, 2), Fraction(1), Fraction(1))
    assert _power(Fraction(0), Fraction(2), Fraction(1), Fraction(1)) == (0, 0)
    assert _power(Fraction(3), Fraction(2), Fraction(1, 2), Fraction(1)) == (Fraction(3, 2), 0)
