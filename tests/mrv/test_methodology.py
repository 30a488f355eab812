"""The machine: declarations are checked at load; one function gives number, words, units and page."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from openjcm.dated import Citation, Grade
from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.calculation import Given, calculate
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant, nothing, sum_over
from openjcm.mrv.trace import POWER_DIGITS, Symbol, Traced, TraceError, rounded_power
from openjcm.refusals import Refused

SOURCE = Citation("a test")


def blank() -> Methodology:
    """A methodology with one index and one monitored quantity of energy, and no formulas yet."""
    m = Methodology(
        "XX_AM001", title="Test", title_ja="試験", country="MNG", scope="1", summary="–", summary_ja="–",
        evidence=Grade.READ, text_source=SOURCE,
    )  # fmt: skip
    m.version("01.0", approved="2020-01-01", source=SOURCE, grade=Grade.READ)
    m.index("i", "system", ja="システム")
    m.monitored("EG_i", "MWh", "Energy", ja="電力量", clause="1", index=("i",))
    m.index("k", "site", ja="サイト")
    m.monitored("EK_k", "MWh", "Energy of a site", ja="サイトの電力量", clause="1", index=("k",))
    m.factor("EF", "tCO2e/MWh", "Factor", ja="係数", clause="2", read_on="validation")
    return m


def with_results(m: Methodology, reference: Callable[..., Traced]) -> Methodology:
    m.formula("RE_p", "tCO2e", clause="3")(reference)

    @m.formula("PE_p", "tCO2e", clause="4")
    def project_emissions() -> Traced:
        """None."""
        return nothing("tCO2e")

    @m.formula("ER_p", "tCO2e", clause="5")
    def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:  # noqa: N803
        """Difference."""
        return RE_p - PE_p

    return m


def good(EG_i: Traced, EF: Traced) -> Traced:  # noqa: N803
    """Energy times factor."""
    return sum_over("i", EG_i * EF)


def test_a_sound_methodology_loads_and_calculates() -> None:
    m = with_results(blank(), good).check()
    given = {"EG_i": Given({"1": "2", "2": "3"}, "MWh", SOURCE), "EF": Given({"": "0.5"}, "tCO2e/MWh", SOURCE)}
    result = calculate(m, "01.0", given)
    assert result.reductions == Fraction(5, 2)
    assert result.grade is Grade.READ
    assert not result.provisional


def wrong_symbol(EG_i: Traced, EFF: Traced) -> Traced:  # noqa: N803
    """Names a symbol that is not there."""
    return sum_over("i", EG_i * EFF)


def wrong_unit(EG_i: Traced, EF: Traced) -> Traced:  # noqa: N803
    """Divides where it should multiply."""
    return sum_over("i", EG_i / EF)


def wrong_sum(EG_i: Traced, EF: Traced) -> Traced:  # noqa: N803
    """Adds energy to a factor."""
    return sum_over("i", EG_i) + EF


def no_sum(EG_i: Traced, EF: Traced) -> Traced:  # noqa: N803
    """Forgets to sum."""
    return EG_i * EF


def sum_over_nothing(EG_i: Traced, EF: Traced) -> Traced:  # noqa: N803
    """Sums over an index that is not there."""
    return sum_over("k", EG_i * EF)


def power_of_energy(EG_i: Traced, EF: Traced) -> Traced:  # noqa: N803
    """Raises a quantity to a power."""
    return sum_over("i", EG_i**2 * EF)


def sum_of_different_indices(EG_i: Traced, EK_k: Traced, EF: Traced) -> Traced:  # noqa: N803
    """Adds energy by system to energy by site."""
    return sum_over("i", (EG_i + EK_k) * EF)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (wrong_symbol, "formula_unknown_symbol"),
        (wrong_unit, "formula_wrong_unit"),
        (wrong_sum, "formula_wrong_unit"),
        (power_of_energy, "formula_wrong_unit"),
        (no_sum, "formula_wrong_index"),
        (sum_over_nothing, "formula_wrong_index"),
        (sum_of_different_indices, "formula_wrong_index"),
    ],
)
def test_a_wrong_formula_is_refused_when_the_file_is_loaded(formula: Callable[..., Traced], code: str) -> None:
    with pytest.raises(Refused) as refused:
        with_results(blank(), formula).check()
    assert refused.value.code == code
    assert "XX_AM001" in refused.value.message("ja")


def declare_twice(m: Methodology) -> None:
    m.monitored("EG_i", "MWh", "Energy", ja="電力量", clause="1", index=("i",))


def version_twice(m: Methodology) -> None:
    m.version("01.0", approved=None, source=SOURCE, grade=Grade.READ)


def unknown_index(m: Methodology) -> None:
    m.monitored("EG_q", "MWh", "Energy", ja="電力量", clause="1", index=("q",))


def no_clause(m: Methodology) -> None:
    m.monitored("EG_x", "MWh", "Energy", ja="電力量", clause=" ")


def formula_for_declared(m: Methodology) -> None:
    m.formula("EF", "tCO2e/MWh", clause="9")(good)


def taken_is_no_answer(m: Methodology) -> None:
    m.interpretation("n", "?", ja="?", clause="1", answers={"a": ("1", "one", "一")}, taken="b")


def circle(m: Methodology) -> None:
    @m.formula("A_x", "-", clause="9")
    def first(B_x: Traced) -> Traced:  # noqa: N803
        """First."""
        return B_x

    @m.formula("B_x", "-", clause="9")
    def second(A_x: Traced) -> Traced:  # noqa: N803
        """Second."""
        return A_x


def print_for_unfixed(m: Methodology) -> None:
    m.printed("EF", "1", versions=("01.0",), source=SOURCE, grade=Grade.READ)


def print_for_unknown_version(m: Methodology) -> None:
    m.fixed("GWP", "-", "GWP", ja="GWP", clause="1")
    m.printed("GWP", "28", versions=("09.0",), source=SOURCE, grade=Grade.READ)


def print_twice(m: Methodology) -> None:
    m.fixed("GWP", "-", "GWP", ja="GWP", clause="1")
    m.printed("GWP", "28", versions=("01.0",), source=SOURCE, grade=Grade.READ)
    m.printed("GWP", "25", versions=("01.0",), source=SOURCE, grade=Grade.READ)


def silent_formula(m: Methodology) -> None:
    def speechless(EF: Traced) -> Traced:  # noqa: N803
        return EF

    m.formula("X_x", "tCO2e/MWh", clause="9")(speechless)


def two_formulas_at_once(m: Methodology) -> None:
    m.formula("FX_p", "tCO2e", clause="9")(good)
    m.formula("FX_p", "tCO2e", clause="9", versions=("01.0",))(good)


def two_units_of_one_symbol(m: Methodology) -> None:
    m.version("02.0", approved=None, source=SOURCE, grade=Grade.READ)
    m.formula("FX_p", "tCO2e", clause="9", versions=("02.0",))(good)
    m.formula("FX_p", "kgCO2e", clause="9", versions=("01.0",))(good)


def formula_of_an_unknown_version(m: Methodology) -> None:
    m.formula("FX_p", "tCO2e", clause="9", versions=("07.0",))(good)


def formula_of_an_unknown_case(m: Methodology) -> None:
    m.choice("CASE", {"a": ("A", "A")}, "Case", ja="区分", clause="1")
    m.formula("FX_p", "tCO2e", clause="9", when={"CASE": ("b",)})(good)


def formula_of_overlapping_cases(m: Methodology) -> None:
    m.choice("CASE", {"a": ("A", "A"), "b": ("B", "B")}, "Case", ja="区分", clause="1")
    m.formula("FX_p", "tCO2e", clause="9", when={"CASE": ("a",)})(good)
    m.formula("FX_p", "tCO2e", clause="9", when={"CASE": ("a", "b")})(good)


@pytest.mark.parametrize(
    "mistake",
    [
        declare_twice, version_twice, unknown_index, no_clause, formula_for_declared, taken_is_no_answer, circle,
        print_for_unfixed, print_for_unknown_version, print_twice, silent_formula, two_formulas_at_once,
        two_units_of_one_symbol, formula_of_an_unknown_version, formula_of_an_unknown_case,
        formula_of_overlapping_cases,
    ],
)  # fmt: skip
def test_a_contradictory_declaration_fails_at_load(mistake: Callable[[Methodology], None]) -> None:
    m = blank()
    with pytest.raises(ValueError, match="XX_AM001"):
        mistake(m)
        with_results(m, good).check()


def test_a_methodology_without_result_fails_at_load() -> None:
    with pytest.raises(ValueError, match="no formula gives RE_p"):
        blank().check()


@pytest.mark.parametrize("methodology_id", METHODOLOGIES)
def test_formulas_are_well_formed_mathml_and_text(methodology_id: str) -> None:
    m = METHODOLOGIES[methodology_id]
    for formula in m.formulas:
        ElementTree.fromstring(m.formula_mathml(formula))
        assert m.formula_text(formula).startswith(f"{formula.symbol} = ")


def test_the_formula_reads_like_the_text() -> None:
    m = METHODOLOGIES["PH_AM004"]
    texts = {formula.symbol: m.formula_text(formula) for formula in m.formulas}
    assert texts["SF_o_s_st"] == "SF_o_s_st = (1 + Σ_a ROA_s_st_a × CFOA_a)^n_o"
    assert texts["ER_p"] == "ER_p = (RE_p - PE_p) × (1 - Ud)"
    assert "44/28" in texts["RE_N2O_p"]


def test_every_methodology_speaks_both_languages_and_cites() -> None:
    for m in METHODOLOGIES.values():
        for item in m.parameters.values():
            assert item.en.strip()
            assert item.ja.strip()
        assert m.title_ja
        assert m.text_source.source
        assert len(m.source_sha256) == 64


def test_brackets_are_where_arithmetic_needs_them() -> None:
    a, b, c = (constant(value) for value in "234")
    from openjcm.mrv.trace import as_text

    cases = [
        (a - (b - c), "2 - (3 - 4)", 3),
        (a - b - c, "2 - 3 - 4", -5),
        (a / (b * c), "2 / (3 × 4)", Fraction(1, 6)),
        (a * (b + c), "2 × (3 + 4)", 14),
        ((a**b) ** 2, "(2^3)^2", 64),
        (a ** (b - 1), "2^(3 - 1)", 4),
        (1 - a, "1 - 2", -1),
        (1 / a, "1 / 2", Fraction(1, 2)),
        (2 * a + 1, "2 × 2 + 1", 5),
    ]
    for traced, text, value in cases:
        assert as_text(traced.expression) == text
        assert traced.cells == {(): value}


def test_a_fractional_power_has_thirty_digits_and_is_the_same_everywhere() -> None:
    assert str(rounded_power(Fraction(4), Fraction(1, 2))) == "2.00000000000000000000000000000"
    assert str(rounded_power(Fraction(2), Fraction(1, 2))) == "1.41421356237309504880168872421"
    assert len(str(rounded_power(Fraction(4), Fraction(59, 100))).replace(".", "")) == POWER_DIGITS


@pytest.mark.parametrize(("base", "exponent"), [("0", "-1"), ("0", "-1/2")])
def test_zero_has_no_negative_power(base: str, exponent: str) -> None:
    with pytest.raises(TraceError):
        constant(base) ** constant(exponent)
    assert (constant("0") ** constant("1/2")).cells == {(): 0}
    assert (constant("2") ** constant("-1")).cells == {(): Fraction(1, 2)}


def test_values_of_different_indices_are_not_added() -> None:
    one = Traced(Symbol("A_i", ("i",)), "MWh", ("i",), {("1",): Fraction(1)})
    other = Traced(Symbol("B_k", ("k",)), "MWh", ("k",), {("1",): Fraction(1)})
    with pytest.raises(TraceError, match="indices_differ"):
        one + other
    assert (one * other).cells == {("1", "1"): Fraction(1)}


def test_a_formula_may_belong_to_one_version_and_another_lacks_it() -> None:
    m = blank()
    m.version("02.0", approved=None, source=SOURCE, grade=Grade.READ)
    m.formula("FX_p", "tCO2e", clause="3", versions=("02.0",))(good)

    def passed_on(FX_p: Traced) -> Traced:  # noqa: N803
        """What the version's own formula gives."""
        return FX_p

    with_results(m, passed_on).check()
    given = {"EG_i": Given({"1": "2"}, "MWh", SOURCE), "EF": Given({"": "0.5"}, "tCO2e/MWh", SOURCE)}
    assert calculate(m, "02.0", given).reductions == 1
    with pytest.raises(Refused) as refused:
        calculate(m, "01.0", given)
    assert refused.value.code == "missing_symbol"
    assert refused.value.facts["symbol"] == "FX_p"
