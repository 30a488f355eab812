"""The budget of a project on paper: figures, materiality, deductions, and a report taken apart and computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts import methodology as methodology_part
from openjcm.cli_parts import report as report_part
from openjcm.dated import Citation
from openjcm.methodologies import METHODOLOGIES, methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.cases import Case, read_cases
from openjcm.mrv.error_terms import read_statements
from openjcm.refusals import Refused
from openjcm.reports.report_results import read_report, results_of
from openjcm.reports.uncertainty_budget import (
    DEDUCTIONS,
    UncertaintyReport,
    read_statements_of,
    rounded_up,
    shown,
    uncertainty_report,
)

CASES = Path(__file__).parent.parent / "cases"
SOLAR = CASES / "mn_am003.yaml"
DAY = date(2026, 1, 15)
SOURCE = Citation("a test")
TWENTY = "twenty meters of one type, with what is known of their errors"


def solar(mwh: str = "1000") -> Result:
    given = {"EG_i_p": Given({"1": mwh}, "MWh", SOURCE), "CASE_i": Given({"1": "national_grid"}, source=SOURCE)}
    return calculate(methodology("MN_AM003"), "02.0", given)


def made(percent: str, mwh: str = "1000", **options: Any) -> UncertaintyReport:
    term = {"kind": "stated", "distribution": "normal", "meaning": "standard", "percent": percent, "document": "d"}
    result = solar(mwh)
    return uncertainty_report([("", result)], read_statements({"EG_i_p": [term]}, result.methodology), DAY, **options)


def report_of(case: Case) -> dict[str, Any]:
    """What a monitoring report of one year holds of a result: enough to compute it again."""
    result = case.calculate(METHODOLOGIES[case.methodology])
    trace = [step.as_data() for step in result.trace]
    reductions = next(step["value"] for step in trace[::-1] if step["symbol"] == result.methodology.reductions)
    return {
        "schema": {"name": "openjcm/monitoring-report", "version": 1},
        "methodology": {"id": case.methodology, "version": case.version},
        "monitoring_period": {"start": "2022-01-01", "end": "2022-12-31"},
        "years": [{"year": 2022, "trace": trace, "reductions": reductions}],
    }


def all_cases() -> list[Case]:
    files = sorted(CASES.glob("*.yaml"))
    return [case for path in files for case in read_cases(path.read_text("utf-8")) if not case.refused]


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.methodology}: {case.name}")
def test_every_result_is_had_again_from_its_report(case: Case) -> None:
    ((year, again),) = results_of(read_report(canonical_bytes(report_of(case))))
    before = case.calculate(METHODOLOGIES[case.methodology])
    assert year == "2022"
    assert {name: value.cells for name, value in again.values.items()} == {
        name: value.cells for name, value in before.values.items()
    }
    grades = [sorted((step.symbol, step.at, step.grade) for step in one.trace) for one in (again, before)]
    assert grades[0] == grades[1]


def changed(where: Mapping[str, Any], **fields: Any) -> bytes:
    return canonical_bytes({**where, **fields})


def test_a_report_that_does_not_come_out_again_is_refused() -> None:
    report = report_of(all_cases()[0])
    report["years"][0]["reductions"] = "1"
    with pytest.raises(Refused) as refused:
        results_of(report)
    assert refused.value.code == "monitoring_report_not_recomputed"


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b"null", b'{"schema": 1}', b'{"schema": {"name": "x"}}', b'{"schema": {"name": ["a"]}}',
     b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_report(data)
    assert refused.value.code == "monitoring_report_not_readable"


@pytest.mark.parametrize("years", [None, [1], [{"year": 2022}], [{"year": 1, "trace": [{}], "reductions": "1"}], {}])
def test_a_report_with_torn_years_is_refused(years: object) -> None:
    with pytest.raises(Refused) as refused:
        assert results_of({**report_of(all_cases()[0]), "years": years})
        results_of({"schema": {}})
    assert refused.value.code == "monitoring_report_not_readable"


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (88.749, "88.7"),
        (0.00123456, "0.00123"),
        (1234567.0, "1230000"),
        (0.0, "0"),
        (2.5e-9, "2.50E-9"),
        (1.96, "1.96"),
    ],
)
def test_figures_are_shown_with_three_digits(figure: float, text: str) -> None:
    assert shown(figure) == text


def test_a_deduction_rests_on_a_figure_rounded_up() -> None:
    assert rounded_up(88.7001) == Fraction("88.8")
    assert rounded_up(0.0) == 0


def test_the_threshold_is_that_of_the_rulebook() -> None:
    data = made("1").as_data()
    assert data["materiality"]["threshold"] == "0.05"
    assert data["materiality"]["grade"] == "recalled"
    assert data["materiality"]["material"] == "no"
    assert made("3").as_data()["materiality"]["material"] == "yes"


def test_without_a_statement_nobody_can_tell() -> None:
    found = uncertainty_report([("", solar())], {}, DAY)
    data = found.as_data()
    assert data["materiality"]["material"] == "cannot tell"
    assert data["not_stated"] == [
        {"period": "", "input": "EG_i_p[1]", "value": "1000", "unit": "MWh", "kind": "monitored"}
    ]
    assert [one["input"] for one in data["zero_by_rule"]] == ["EF_RE_i[1]"]


def test_nothing_is_deducted_unless_a_rule_is_named() -> None:
    assert made("10").as_data()["deductions"] == []
    with pytest.raises(Refused) as refused:
        made("10", deductions=["by feeling"])
    assert refused.value.code == "unknown_uncertainty_deduction"


@pytest.mark.parametrize(
    ("rule", "percent", "tonnes"),
    [
        ("one_sided_95", "10", "131.1065"),  # u = 79.7 t, times 1.645
        ("half_width_90_above_10_percent", "10", "51.4065"),
        ("half_width_90_above_10_percent", "1", "0"),
        ("cdm_bands", "1", "14.346"),  # 797 × 0.018
        ("cdm_bands", "10", "45.429"),  # 797 × 0.057
        ("cdm_bands", "20", "85.279"),
        ("cdm_bands", "50", "130.708"),
        ("cdm_bands", "60", "215.19"),
    ],
)
def test_each_deduction(rule: str, percent: str, tonnes: str) -> None:
    ((used, deducted),) = made(percent, deductions=[rule], draws=0).deductions
    assert used.name == rule
    assert deducted == Fraction(tonnes)


def test_the_deductions_tell_what_they_do() -> None:
    assert all(one.en and one.ja and one.source for one in DEDUCTIONS.values())
    assert made("10", mwh="0", deductions=list(DEDUCTIONS), draws=0).as_data()["relative"] is None


def test_draws_are_made_where_they_are_needed_and_decide_there() -> None:
    linear, large = made("1"), made("30")
    assert linear.sample is None
    assert large.sample is not None
    assert large.half_width == large.sample.half_width
    asked = made("1", draws=1_000, seed=4)
    assert asked.half_width == asked.budget.expanded
    assert asked.as_data()["monte_carlo"]["seed"] == 4
    assert made("30", draws=0).sample is None


def test_a_file_of_statements_may_name_its_field_or_not() -> None:
    inner = "EG_i_p: [{kind: accuracy_class, percent: 0.5, document: d}]"
    m = methodology("MN_AM003")
    assert read_statements_of(inner, m) == read_statements_of(f"uncertainty: {{{inner}}}", m)
    for text in ("[", "- a", "", "[" * 10_000):
        with pytest.raises(Refused):
            read_statements_of(text, m)


# Commands -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("en", "Combined standard uncertainty"), ("ja", "合成標準不確かさ")])
def test_the_command_shows_the_budget_of_a_case(language: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENJCM_LANGUAGE", language)
    monkeypatch.setenv("COLUMNS", "250")
    line = [
        "uncertainty",
        "MN_AM003",
        "--input",
        str(SOLAR),
        "--case",
        TWENTY,
        "--draws",
        "1000",
        "--deduct",
        "cdm_bands",
    ]
    done = CliRunner().invoke(methodology_part.app, line)
    assert done.exit_code == 0, done.output
    assert f"{words}: 88.8 tCO2e" in done.output
    assert "materiality_threshold = 0.05" in done.output
    assert "20260115" in done.output
    assert "318.151242 tCO2e" in done.output
    data = json.loads(CliRunner().invoke(methodology_part.app, [*line, "--json"]).output)
    assert data["standard_uncertainty"] == "88.8"
    assert len(data["budget"]) == 40


def test_the_command_shows_the_budget_of_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    case = next(case for case in all_cases() if case.name == TWENTY)
    report, statement = tmp_path / "report.json", tmp_path / "statement.yaml"
    report.write_bytes(canonical_bytes(report_of(case)))
    statement.write_text("EG_i_p: [{kind: accuracy_class, percent: 0.5, at: [1], document: certificate 17}]")
    line = ["uncertainty", str(report), "--statement", str(statement)]
    text = CliRunner().invoke(report_part.app, line)
    assert text.exit_code == 0, text.output
    assert "cannot tell" in text.output
    assert "2022 EG_i_p[1]" in text.output
    assert "certificate 17" in text.output
