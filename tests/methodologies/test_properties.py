"""What holds for every methodology: order and unit change nothing, each value is explained, negatives never enter."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.calculation import Given, calculate
from openjcm.mrv.cases import Case, read_cases
from openjcm.refusals import Refused

CASES = Path(__file__).parents[1] / "cases"


def first_result(name: str) -> Case:
    """The first case of a methodology that ends in numbers."""
    return next(case for case in read_cases((CASES / f"{name.lower()}.yaml").read_text("utf-8")) if not case.refused)


def calculated(case: Case, given: dict[str, Given]) -> tuple[object, object]:
    result = calculate(
        METHODOLOGIES[case.methodology], case.version, given, interpretations=case.interpretations, days=case.days
    )
    return result.reductions, [step.as_data() for step in result.trace]


@pytest.mark.parametrize("name", METHODOLOGIES)
def test_order_changes_no_byte_and_every_value_is_explained(name: str) -> None:
    case = first_result(name)
    mixed = list(case.given)
    random.Random(name).shuffle(mixed)
    turned = {
        symbol: Given(
            dict(reversed(case.given[symbol].values.items())),
            case.given[symbol].unit,
            case.given[symbol].source,
            case.given[symbol].grade,
            case.given[symbol].since,
            case.given[symbol].until,
        )
        for symbol in mixed
    }
    assert calculated(case, turned) == calculated(case, dict(case.given))
    result = case.calculate(METHODOLOGIES[name])
    explained = {step.symbol for step in result.trace}
    assert explained >= set(result.values)
    assert all(step.clause and step.source for step in result.trace)
    assert result.provisional, "no official document was read"


@pytest.mark.parametrize("name", METHODOLOGIES)
def test_no_quantity_that_is_measured_may_be_negative_unless_the_text_says_so(name: str) -> None:
    case, m = first_result(name), METHODOLOGIES[name]
    for symbol, given in case.given.items():
        parameter = m.parameters[symbol]
        if parameter.kind != "monitored" or parameter.minimum is None:
            continue
        below = Given(dict.fromkeys(given.values, "-1"), given.unit, given.source)
        with pytest.raises(Refused) as refused:
            calculated(case, {**case.given, symbol: below})
        assert refused.value.code == "value_below_minimum", symbol
