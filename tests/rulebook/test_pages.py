"""The pages made from the rulebook are current and whole."""

from __future__ import annotations

import importlib.util
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

from openjcm.rulebook import COUNTRIES, RULES
from openjcm.rulebook.__main__ import main
from openjcm.rulebook.pages import BEGIN, END, open_questions, rules_page, value_text

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("law_pages", ROOT / "tools" / "law_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_rules_is_current() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == rules_page(), "run: python tools/law_pages.py"


def test_the_open_questions_are_current(tool: ModuleType) -> None:
    page = (ROOT / "docs" / "open_questions.md").read_text(encoding="utf-8")
    assert page == tool.with_law_section(page), "run: python tools/law_pages.py"


def test_the_law_section_is_replaced_and_the_rest_kept(tool: ModuleType) -> None:
    page = f"# Before\n\n{BEGIN}\nold\n{END}\n\n# After\n"
    assert tool.with_law_section(page) == f"# Before\n\n{open_questions()}\n# After\n"
    assert tool.with_law_section("# Before\n") == f"# Before\n\n{open_questions()}"


def test_the_page_names_every_rule_and_every_country_that_departs() -> None:
    page = rules_page()
    for name in RULES:
        assert f"### `{name}`" in page
    for country in COUNTRIES:
        for name in country.timelines:
            section = page.split(f"### `{name}`\n")[1].split("\n### ")[0]
            assert f"- {country.name_en}: " in section


def test_every_value_that_is_not_read_or_secondary_is_an_open_question() -> None:
    page = open_questions()
    for name in ("registration_decision_days", "public_input_days_pdd", "allocation_rounding", "registry_time_zone"):
        assert f"| `{name}` |" in page
    for name in ("aef_deadline", "public_input_days_methodology", "acquisition_adjusts"):
        assert f"| `{name}` |" not in page


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("public_input_days_pdd", 30, "30 days"),
        ("committee_meetings_per_year_at_least", 1, "1 meeting"),
        ("earliest_article6_vintage", 2021, "2021"),
        ("government_share_at_least", Fraction(1, 2), "1/2"),
        ("pledge_allowed", False, "no"),
        ("pledge_allowed", True, "yes"),
        ("earliest_operation_start", date(2013, 1, 1), "2013-01-01"),
        ("special_rule_sets", (), "none"),
        ("gap_rules", ("G0", "G4"), "G0; G4"),
        ("serial_format", None, "not known"),
    ],
)
def test_a_value_in_words(name: str, value: object, text: str) -> None:
    assert value_text(RULES[name], value) == text  # type: ignore[arg-type]


def test_the_program_prints_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert capsys.readouterr().out == rules_page()
    assert main(["open-questions"]) == 0
    assert capsys.readouterr().out == open_questions()
    assert main(["nothing"]) == 2
    assert "usage" in capsys.readouterr().err
