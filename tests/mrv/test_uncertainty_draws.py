"""Monte Carlo agrees with linear propagation where that holds, and with closed forms where it does not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from openjcm.dated import Citation, Grade
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, calculate
from openjcm.mrv.error_terms import read_statements
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant, exponential, larger, nothing, smaller
from openjcm.mrv.trace import Traced
from openjcm.mrv.uncertainty import Budget, budget
from openjcm.mrv.uncertainty_draws import CHUNK, draw
from openjcm.refusals import Refused

SOURCE = Citation("a test")
STATED = {"kind": "stated", "document": "d"}
NORMAL = STATED | {"distribution": "normal", "meaning": "standard"}


def stated(*terms: dict[str, Any], energy: tuple[str, ...] = ("1000",)) -> Budget:
    values = {str(place): one for place, one in enumerate(energy, 1)}
    given = {
        "EG_i_p": Given(values, "MWh", SOURCE),
        "CASE_i": Given(dict.fromkeys(values, "captive_or_off_grid"), source=SOURCE),
    }
    m = methodology("MN_AM003")
    return budget([("", calculate(m, "02.0", given))], read_statements({"EG_i_p": list(terms)}, m))


FACTOR = 0.533


@pytest.mark.parametrize("tag", ["own", "type A"])
def test_draws_agree_with_linear_propagation_of_small_errors(tag: str) -> None:
    term = {"percent": "0.5", "tag": tag}
    found = stated(NORMAL | term, {"kind": "accuracy_class", "document": "d"} | term, energy=("500", "300", "200"))
    sample = draw(found, 200_000, 7)
    assert sample.standard == pytest.approx(found.standard, rel=0.01)
    assert sample.mean == pytest.approx(FACTOR * 1000, rel=1e-4)
    assert sample.half_width == pytest.approx(found.expanded, rel=0.02)


@pytest.mark.parametrize(
    ("term", "mean", "standard", "low", "high"),
    [
        ({"distribution": "rectangular", "low": "900", "high": "1300", "unit": "MWh"}, 1100, 400 / math.sqrt(12), 910,
         1290),
        ({"distribution": "triangular", "low": "900", "high": "1300", "unit": "MWh"}, 3200 / 3,
         math.sqrt((900**2 + 1300**2 + 1000**2 - 900 * 1300 - 900 * 1000 - 1300 * 1000) / 18),
         900 + math.sqrt(0.025 * 400 * 100), 1300 - math.sqrt(0.025 * 400 * 300)),
        ({"distribution": "lognormal", "meaning": "standard", "percent": "50"}, 1000, 500,
         1000 / math.sqrt(1.25) * math.exp(-1.959964 * math.sqrt(math.log(1.25))),
         1000 / math.sqrt(1.25) * math.exp(1.959964 * math.sqrt(math.log(1.25)))),
        ({"distribution": "normal", "meaning": "standard", "percent": "30"}, 1000, 300, 1000 - 588, 1000 + 588),
    ],
    ids=["rectangular", "triangular", "lognormal", "normal"],
)  # fmt: skip
def test_each_distribution_has_its_moments_and_quantiles(
    term: dict[str, Any], mean: float, standard: float, low: float, high: float
) -> None:
    sample = draw(stated(STATED | term), 400_000, 11)
    assert sample.mean == pytest.approx(FACTOR * mean, rel=0.005)
    assert sample.standard == pytest.approx(FACTOR * standard, rel=0.01)
    assert sample.low == pytest.approx(FACTOR * low, rel=0.01)
    assert sample.high == pytest.approx(FACTOR * high, rel=0.01)


def test_the_product_of_two_large_errors_has_its_closed_form() -> None:
    """Var(XY) = (1 + a²)(1 + b²) − 1, relative, for independent X and Y: linear propagation misses a²b²."""
    given = {
        "EC_PJ_i_p": Given({"1": "100"}, "MWh", SOURCE),
        "COP_PJ_i": Given({"1": "6"}, "-", SOURCE),
        "COP_RE_i": Given({"1": "3"}, "-", SOURCE),
        "EF_elec": Given({"": "0.8"}, "tCO2e/MWh", SOURCE),
    }
    m = methodology("ID_AM002")
    errors = {"EC_PJ_i_p": [NORMAL | {"percent": "40"}], "EF_elec": [NORMAL | {"percent": "30"}]}
    found = budget([("", calculate(m, "02.0", given))], read_statements(errors, m))
    sample = draw(found, 400_000, 3)
    assert sample.standard == pytest.approx(80 * math.sqrt(1.16 * 1.09 - 1), rel=0.01)
    assert found.standard == pytest.approx(80 * 0.5)


def floored() -> Methodology:
    """Reductions that are never below zero, and grow by e to a power."""
    m = Methodology(
        "XX_AM003", title="Test", title_ja="試験", country="MNG", scope="1", summary="–", summary_ja="–",
        evidence=Grade.READ, text_source=SOURCE,
    )  # fmt: skip
    m.version("01.0", approved="2020-01-01", source=SOURCE, grade=Grade.READ)
    for name in ("A", "B", "G"):
        m.monitored(name, "-" if name == "G" else "tCO2e", name, ja="値", clause="1")

    @m.formula("RE_p", "tCO2e", clause="2")
    def reference(A: Traced, G: Traced) -> Traced:  # noqa: N803
        """Grown."""
        return A * exponential(G)

    @m.formula("PE_p", "tCO2e", clause="2")
    def project(B: Traced) -> Traced:  # noqa: N803
        """As measured."""
        return smaller(B, constant("1000000", "tCO2e"))

    @m.formula("ER_p", "tCO2e", clause="2")
    def reductions(RE_p: Traced, PE_p: Traced) -> Traced:  # noqa: N803
        """Never below zero."""
        return larger(RE_p - PE_p, nothing("tCO2e"))

    return m.check()


def test_a_kink_is_seen_and_its_draws_have_the_closed_form_of_a_floored_normal() -> None:
    m = floored()
    given = {name: Given({"": value}, unit, SOURCE) for name, value, unit in
             (("A", "100", "tCO2e"), ("B", "100", "tCO2e"), ("G", "0", "-"))}  # fmt: skip
    errors = {
        "A": [NORMAL | {"half_width": "3", "unit": "tCO2e"}],
        "B": [NORMAL | {"half_width": "4", "unit": "tCO2e"}],
    }
    found = budget([("", calculate(m, "01.0", given))], read_statements(errors, m))
    assert found.wants_draws() == ("kinked_formula",)
    sample = draw(found, 400_000, 9)
    assert sample.mean == pytest.approx(5 / math.sqrt(2 * math.pi), rel=0.01)
    assert sample.low == 0
    assert [one.symbol for one in found.unstated] == ["G"]


def test_an_exponent_is_drawn_through_the_exponential() -> None:
    m = floored()
    given = {name: Given({"": value}, unit, SOURCE) for name, value, unit in
             (("A", "100", "tCO2e"), ("B", "0", "tCO2e"), ("G", "0", "-"))}  # fmt: skip
    errors = {"G": [NORMAL | {"half_width": "0.5", "unit": "-"}]}
    sample = draw(budget([("", calculate(m, "01.0", given))], read_statements(errors, m)), 400_000, 2)
    assert sample.mean == pytest.approx(100 * math.exp(0.125), rel=0.01)


def test_a_seed_gives_the_same_draws_and_another_gives_others() -> None:
    found = stated(NORMAL | {"percent": "1"})
    assert draw(found, CHUNK + 1_000, 5) == draw(found, CHUNK + 1_000, 5)
    assert draw(found, 1_000, 5) != draw(found, 1_000, 6)
    assert draw(found, 1_000, 5).seed == 5


def test_an_error_of_nothing_draws_nothing_else() -> None:
    sample = draw(stated(STATED | {"distribution": "triangular", "low": "1000", "high": "1000", "unit": "MWh"}), 1_000)
    assert sample.standard == 0
    zero = stated(STATED | {"distribution": "lognormal", "meaning": "standard", "percent": "50"}, energy=("0",))
    assert draw(zero, 1_000).high == 0


def test_a_tag_of_two_families_is_refused() -> None:
    shared = {"tag": "A", "percent": "1"}
    found = stated(NORMAL | shared, STATED | {"distribution": "rectangular"} | shared)
    with pytest.raises(Refused) as refused:
        draw(found, 1_000)
    assert refused.value.code == "tag_of_two_families"
    assert draw(stated(NORMAL | shared, NORMAL | shared | {"distribution": "lognormal"}), 1_000)


@pytest.mark.parametrize("draws", [999, 10_000_001, -1])
def test_too_few_and_too_many_draws_are_refused(draws: int) -> None:
    with pytest.raises(Refused) as refused:
        draw(stated(NORMAL | {"percent": "1"}), draws)
    assert refused.value.code == "draws_out_of_range"
