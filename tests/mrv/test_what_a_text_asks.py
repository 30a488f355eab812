"""What a text asks beside its formulas: a reading taken, counts of records, values by case, its day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from openjcm.dated import Citation, Grade
from openjcm.mrv.calculation import Given, calculate
from openjcm.mrv.methodology import Methodology, Suggestion
from openjcm.mrv.techniques import at_standard_lift, constant, nothing, sum_over, weighted_mean
from openjcm.mrv.trace import Traced
from openjcm.refusals import Refused

SOURCE = Citation("a test")


def invented(grade: Grade = Grade.READ) -> Methodology:
    """Two readings of one sentence, a factor by case, and a count of days since version 02.0."""
    m = Methodology(
        "XX_AM002", title="t", title_ja="t", country="XCC", scope="1", summary="s", summary_ja="s",
        evidence=Grade.READ, text_source=SOURCE,
    )  # fmt: skip
    m.version("01.0", approved=None, source=SOURCE, grade=grade)
    m.version("02.0", approved="2020-02-02", source=SOURCE, grade=grade)
    m.index("i", "system", ja="s")
    m.choice("CASE_i", {"grid": ("g", "g"), "diesel": ("d", "d")}, "c", ja="c", clause="1", index=("i",))
    m.monitored("EG_i_p", "MWh", "e", ja="e", clause="1", index=("i",))
    m.record_count("D_i_p", "day", "d", ja="d", clause="1", of="EG_i_p", versions=("02.0",))
    hint = Suggestion("0.5", "tCO2e/MWh", Grade.RECALLED, "remembered")
    m.fixed("EF_i", "tCO2e/MWh", "f", ja="f", clause="2", index=("i",), by="CASE_i", suggestion=hint)
    m.interpretation(
        "half", "q", ja="q", clause="3", answers={"no": ("0", "n", "n"), "yes": ("1", "y", "y")}, taken="no"
    )

    @m.formula("RE_p", "tCO2e", clause="3", when={"half": ("no",)})
    def whole(EG_i_p: Traced, EF_i: Traced) -> Traced:  # noqa: N803
        """All of it."""
        return sum_over("i", EG_i_p * EF_i)

    @m.formula("RE_p", "tCO2e", clause="3", when={"half": ("yes",)})
    def halved(EG_i_p: Traced, EF_i: Traced) -> Traced:  # noqa: N803
        """Half of it."""
        return sum_over("i", EG_i_p * EF_i) / 2

    @m.formula("PE_p", "tCO2e", clause="4")
    def none() -> Traced:
        """Nothing."""
        return nothing("tCO2e")

    @m.formula("ER_p", "tCO2e", clause="5")
    def reductions(RE_p: Traced, PE_p: Traced) -> Traced:  # noqa: N803
        """The difference."""
        return RE_p - PE_p

    return m.check()


GIVEN = {
    "EG_i_p": Given({"1": "10", "2": "4"}, "MWh", SOURCE),
    "CASE_i": Given({"1": "grid", "2": "diesel"}, source=SOURCE),
    "EF_i": Given({"grid": "0.5", "diesel": "0.8"}, "tCO2e/MWh", SOURCE),
}
DAYS = {**GIVEN, "D_i_p": Given({"1": "30", "2": "31"}, "day", SOURCE)}


def refused(given: dict[str, Given], version: str = "01.0", **more: object) -> Refused:
    with pytest.raises(Refused) as found:
        calculate(invented(), version, given, **more)  # type: ignore[arg-type]
    return found.value


def test_the_reading_taken_selects_the_formula_and_makes_the_result_provisional() -> None:
    taken = calculate(invented(), "01.0", GIVEN)
    assert taken.reductions == Fraction("8.2")
    assert any("half" in reason for reason in taken.reasons)
    assert taken.grade is Grade.INFERRED
    assert calculate(invented(), "01.0", GIVEN, interpretations={"half": "yes"}).reductions == Fraction("4.1")
    assert any(step.symbol == "half" and step.value == "1" for step in
               calculate(invented(), "01.0", GIVEN, interpretations={"half": "yes"}).trace)  # fmt: skip


def test_values_that_were_not_read_are_given_by_case_or_by_index_but_all_of_them() -> None:
    by_index = {**GIVEN, "EF_i": Given({"1": "0.5", "2": "0.8"}, "tCO2e/MWh", SOURCE)}
    assert calculate(invented(), "01.0", by_index).reductions == Fraction("8.2")
    missing = refused({**GIVEN, "EF_i": Given({"grid": "0.5"}, "tCO2e/MWh", SOURCE)})
    assert missing.code == "value_not_read"
    assert "diesel" in missing.message("en")
    assert "0.5 tCO2e/MWh" in missing.remedy("en"), "the suggestion is shown"


def test_a_text_that_counts_records_gets_them_or_refuses() -> None:
    assert calculate(invented(), "02.0", DAYS).reductions == Fraction("8.2")
    assert refused(GIVEN, "02.0").code == "missing_symbol"
    assert refused(DAYS, "01.0").code == "unused_symbol"
    none = {**GIVEN, "D_i_p": Given({"1": "30", "2": "0"}, "day", SOURCE)}
    assert refused(none, "02.0").code == "quantity_without_record"
    assert refused({**GIVEN, "D_i_p": Given({"1": "30"}, "day", SOURCE)}, "02.0").code == "index_without_value"
    nothing_at_all = {**none, "EG_i_p": Given({"1": "10", "2": "0"}, "MWh", SOURCE)}
    assert calculate(invented(), "02.0", nothing_at_all).reductions == 5
    assert [item.name for item in invented().records_of("02.0")] == ["D_i_p"]
    assert invented().records_of("01.0") == []


def test_no_project_is_registered_under_a_version_before_its_approval() -> None:
    early = {"registration": date(2020, 2, 1)}
    assert refused(DAYS, "02.0", days=early).code == "version_not_approved_yet"
    assert calculate(invented(), "02.0", DAYS, days={"registration": date(2020, 2, 2)}).reductions == Fraction("8.2")
    assert calculate(invented(), "01.0", GIVEN, days=early).reductions, "an unknown day of approval refuses nobody"
    recalled = calculate(invented(Grade.RECALLED), "02.0", DAYS, days=early)
    assert recalled.reductions, "what is only recalled may not refuse"


def test_shared_arithmetic() -> None:
    grid, diesel = constant("0.5", "tCO2e/MWh"), constant("0.8", "tCO2e/MWh")
    mean = weighted_mean(grid, constant("600", "MWh"), diesel, constant("200", "MWh"))
    assert mean.cells == {(): Fraction("0.575")}
    cop = at_standard_lift(
        constant("6.6"), constant("35", "K"), constant("8", "K"), constant("3", "K"), constant("30", "K")
    )
    assert cop.cells == {(): Fraction(6)}
