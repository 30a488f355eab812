"""``openjcm methodology``: what it says, in both languages and as JSON, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openjcm.cli_parts.methodology import app, readable
from openjcm.methodologies import METHODOLOGIES
from openjcm.refusals import Refused

CASES = Path(__file__).parent.parent / "cases"
SOLAR, RICE = str(CASES / "mn_am003.yaml"), str(CASES / "ph_am004.yaml")


@pytest.fixture(autouse=True)
def wide_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "220")
    monkeypatch.setenv("OPENJCM_LANGUAGE", "en")


def said(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done.output


def test_list_names_every_methodology_on_file_and_how_well_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said("list")
    assert all(name in text for name in [*METHODOLOGIES, "BD_AM002", "VN_AM015"])
    assert "(not known)" in text
    assert "99 on file" in text
    running = [item["id"] for item in json.loads(said("list", "--runs", "--json"))]
    assert running == sorted(running)
    assert "BD_AM002" not in running
    assert {"MN_AM003", "TH_AM001"} <= set(running)
    monkeypatch.setenv("OPENJCM_LANGUAGE", "ja")
    assert "太陽光発電システムの導入" in said("list")


def test_search_finds_by_title_country_proposal_and_project() -> None:
    def ids(*words: str) -> list[str]:
        return [item["id"] for item in json.loads(said("search", *words, "--json"))]

    assert ids("loom") == ["BD_AM003", "ID_AM011"]
    assert ids("solar", "mongolia") == ["MN_AM003", "MN_AM004"]
    assert ids("TH_PM001") == ["TH_AM001"]
    assert ids("ID003") == ["ID_AM003"]
    assert ids("nothing-has-this-name") == []
    assert ids("solar", "--country", "ken") == ["KE_AM002"]
    assert "VN_AM015" in ids("VN", "--grade", "unknown", "--on-file-only")


@pytest.mark.parametrize(("name", "language"), [*((name, "en") for name in METHODOLOGIES), ("PH_AM004", "ja")])
def test_show_tells_the_whole_text(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENJCM_LANGUAGE", language)
    text = said("show", name.lower())
    for formula in METHODOLOGIES[name].formulas:
        assert METHODOLOGIES[name].formula_text(formula) in text
    data = json.loads(said("show", name, "--json"))
    assert data["source_sha256"] == METHODOLOGIES[name].source_sha256


@pytest.mark.parametrize(("language", "word"), [("en", "not known"), ("ja", "不明")])
def test_show_tells_what_is_known_of_one_that_is_only_on_file(
    language: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENJCM_LANGUAGE", language)
    text = said("show", "vn_am015")
    assert word in text
    assert "VN015" in text
    assert json.loads(said("show", "VN_AM015", "--json"))["runs"] is False


def test_the_list_is_quick_it_loads_no_text_and_no_arithmetic_of_units() -> None:
    program = (
        "import sys\nfrom typer.testing import CliRunner\nfrom openjcm.cli_parts.methodology import app\n"
        "assert CliRunner().invoke(app, ['list']).exit_code == 0\n"
        "print(sorted(name for name in sys.modules if name == 'pint' or name.startswith('openjcm.methodologies.vn')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_show_prints_open_questions_and_who_confirmed_them() -> None:
    text = said("show", "PH_AM004")
    assert "Does SF_o carry an exponent?" in text
    assert "nobody" in text


@pytest.mark.parametrize("file", [CASES / "ph_am004.yaml", CASES / "ke_pm003.yaml"], ids=lambda path: path.stem)
def test_test_runs_the_cases(file: Path) -> None:
    assert "cases passed" in said("test", str(file))
    data = json.loads(said("test", str(file), "--json"))
    assert data["passed"] == len(data["cases"])


def test_test_ends_with_exit_code_1_when_a_case_comes_out_otherwise(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(Path(SOLAR).read_text(encoding="utf-8").replace("ER_p: 797}", "ER_p: 798}"), encoding="utf-8")
    assert "expected 798, found 797" in said("test", str(wrong), code=1)


def test_explain_shows_formula_numbers_value_source_and_that_it_is_provisional() -> None:
    text = said("explain", "MN_AM003", "--input", SOLAR)
    for part in ("Σ_i EG_i_p × EF_RE_i", "1000 MWh × 0.797 tCO2e/MWh", "797 tCO2e", "docslib", "PROVISIONAL"):
        assert part in text
    data = json.loads(said("explain", "MN_AM003", "--input", SOLAR, "--json"))
    assert data["reductions"] == "797"
    assert data["provisional"] is True
    assert {"clause", "symbol", "value", "unit", "source", "grade"} <= data["trace"][0].keys()


def test_explain_takes_a_case_by_name_and_shows_fractions_as_decimals_too() -> None:
    text = said(
        "explain", "ph_am004", "--input", RICE, "--case", "one hectare, straw just before the season, no exponent"
    )
    assert "15741/140000 ≈ 0.112436" in text
    assert readable("1/3") == "1/3 ≈ 0.333333"
    assert readable("0.797") == "0.797"
    assert readable("national_grid") == "national_grid"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "XX_AM001"], "unknown_methodology"),
        (["explain", "MN_AM003", "--input", SOLAR, "--case", "none such"], "no_such_case"),
        (["explain", "TH_AM001", "--input", SOLAR], "no_such_case"),
        (["explain", "MN_AM003", "--input", SOLAR, "--case", "no generation is given"], "missing_symbol"),
    ],
)
def test_what_cannot_be_shown_is_refused(words: list[str], code: str) -> None:
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, Refused)
    assert done.exception.code == code
