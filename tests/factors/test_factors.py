"""The tables of factors: exact, sourced, dated, and silent about nothing."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from openjcm import factors
from openjcm.dated import Grade
from openjcm.factors import TABLES, FactorValue, all_values, look_up
from openjcm.refusals import Refused

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "look_ups.yaml").read_text(encoding="utf-8"))
EVERY = [value for table in TABLES for value in all_values(table)]
DAY = date(2022, 6, 1)


def _name(case: dict[str, Any]) -> str:
    return f"{case['key']}-{case.get('column')}-{case['day']}"


@pytest.mark.parametrize("case", CASES["answers"], ids=_name)
def test_a_look_up_answers(case: dict[str, Any]) -> None:
    found = look_up(case["table"], case["key"], case["day"], case.get("column"))
    assert found.value == Fraction(case["value"])
    assert (found.unit, found.grade, found.standing) == (case["unit"], case["grade"], case["standing"])


@pytest.mark.parametrize("case", CASES["refusals"], ids=_name)
def test_a_look_up_refuses_and_teaches(case: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        look_up(case["table"], case["key"], case["day"], case.get("column"))
    assert refused.value.code == case["code"]
    for language in ("en", "ja"):
        assert str(case["teaches"]) in refused.value.remedy(language)
        assert case["table"] in refused.value.message(language)


def test_all_values_of_an_unknown_table_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        all_values("prices")
    assert refused.value.code == "unknown_factor_table"


@given(st.sampled_from(EVERY), st.dates(date(1990, 1, 1), date(2040, 12, 31)))
def test_a_value_is_found_on_its_days_and_on_no_other(value: FactorValue, day: date) -> None:
    if value.holds_on(day):
        assert look_up(value.table, value.key, day, value.column) == value
    else:
        with pytest.raises(Refused) as refused:
            look_up(value.table, value.key, day, value.column)
        assert refused.value.code == "no_factor_on_day"


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_plain_exact_and_sourced(table: str) -> None:
    text = files(factors).joinpath(f"{table}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(all_values(table))
    for row in rows:
        assert re.fullmatch(r"\d+(\.\d*[1-9])?", row["value"]), row
        assert Fraction(row["value"]) > 0
        assert row["source"].strip()
        assert row["unit"].strip()
        assert row["key"] == row["key"].strip()
        assert row["grade"] in {Grade.READ, Grade.SECONDARY, Grade.INFERRED}
        assert (row["standing"] == "derived") == (row["grade"] == Grade.INFERRED)


def test_no_value_stands_twice() -> None:
    names = Counter((value.table, value.key, value.column, value.since) for value in EVERY)
    assert max(names.values()) == 1


def test_the_tables_are_whole() -> None:
    gases = Counter(value.key for value in all_values("gwp"))
    assert len(gases) == 24
    assert sum(gases.values()) == 24 * 6 - 4  # HFC41 in AR4; HFC245fa, HFC365mfc and NF3 in SAR are not given
    assert len({value.key for value in all_values("fuel")}) == 55
    assert len(all_values("fuel")) == 55 * 9 - 6  # two kinds of waste have no calorific value
    assert len(all_values("solid_waste")) == 6 * 6 * 3 + 9 * 3 + 3  # kinds of waste, kinds of site, the gas itself
    assert len([value for value in all_values("grid_emission_factor") if value.key.startswith("ID ")]) == 2 * 45


def test_derived_co2_factors_are_carbon_times_44_over_12() -> None:
    for value in all_values("fuel"):
        if value.column.startswith("co2_factor"):
            carbon = look_up("fuel", value.key, DAY, value.column.replace("co2_factor", "carbon_content"))
            exact = carbon.value * 44 / 12
            cents = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert value.value == Fraction(cents), value.key


def test_lower_default_and_upper_are_in_order() -> None:
    for value in (*all_values("fuel"), *all_values("solid_waste")):
        if value.column.endswith("_default"):
            stem = value.column.removesuffix("_default")
            lower, upper = (look_up(value.table, value.key, DAY, f"{stem}_{side}").value for side in ("lower", "upper"))
            assert lower <= value.value <= upper


def test_indonesias_second_case_is_never_above_diesel() -> None:
    for value in all_values("grid_emission_factor"):
        if value.column == "case_2":
            first = look_up("grid_emission_factor", value.key, DAY, "case_1").value
            assert value.value == min(first, Fraction("0.533"))


def test_the_printed_error_of_the_philippine_table_is_kept_beside_its_correction() -> None:
    day = date(2016, 1, 1)

    def margin(grid: str, column: str) -> Fraction:
        return look_up("grid_emission_factor", f"PH-national {grid}", day, column).value

    for grid in ("Luzon-Visayas", "Mindanao"):
        operating, build = margin(grid, "operating_margin"), margin(grid, "build_margin")
        assert abs(margin(grid, "combined_margin_wind_solar") - (3 * operating + build) / 4) <= Fraction("0.00005")
    assert margin("Luzon-Visayas", "combined_margin_other") == margin("Luzon-Visayas", "build_margin")
    assert margin("Luzon-Visayas", "combined_margin_other_recomputed") == Fraction("0.65505")
    assert margin("Mindanao", "combined_margin_other") == Fraction("0.7921")
    printed = look_up("grid_emission_factor", "PH-national Luzon-Visayas", day, "combined_margin_other")
    assert "error of the source" in printed.citation.note


def test_national_figures_say_that_they_are_not_the_jcms() -> None:
    for value in EVERY:
        if value.standing == "national":
            assert "not the" in value.citation.note


def test_an_unknown_standing_fails() -> None:
    row = dict.fromkeys(("key", "column", "unit", "source", "clause", "url", "note", "since", "until"), "")
    with pytest.raises(ValueError, match="is not one of"):
        factors._factor("gwp", row | {"value": "1", "grade": "read", "standing": "rumour"})


def test_provenance_names_every_table_and_every_source_of_values() -> None:
    page = files(factors).joinpath("PROVENANCE.md").read_text(encoding="utf-8")
    for table in TABLES:
        assert f"## {table}.csv" in page
    for key in {re.split(r"[ .]", value.key)[0] for value in all_values("grid_emission_factor")}:
        assert key in page
