"""The recipe works: its file and its cases, taken from the page as they stand, are loaded and run."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import openjcm.methodologies as package
from openjcm.mrv.cases import read_cases, run_case
from openjcm.mrv.methodology import Methodology
from openjcm.refusals import Refused

PAGE = (Path(__file__).parents[2] / "docs" / "add_a_methodology.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The page's one block in that language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def loaded(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "xc_am001") -> dict[str, Methodology]:
    """All methodologies, with this text as one more file."""
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, f"openjcm.methodologies.{name}", raising=False)
    try:
        return package.load_all()
    finally:
        sys.modules.pop(f"openjcm.methodologies.{name}", None)


def test_the_recipe_gives_a_methodology_whose_cases_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(block("python"), tmp_path, monkeypatch)["XC_AM001"]
    assert found.source_text == block("python")
    assert found.formula_text(found.formulas[0]) == "RE_p = Σ_i FC_i_p × eta_PJ_i / eta_RE × EF_gas"
    outcomes = [run_case(case, found) for case in read_cases(block("yaml"))]
    assert [outcome.differences for outcome in outcomes] == [()] * 3
    assert outcomes[0].result is not None
    assert not outcomes[0].result.provisional


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("/ eta_RE * EF_gas)", "/ eta_RE / EF_gas)", "formula_wrong_unit"),
        ('sum_over("i", FC_i_p * EF_gas)', "FC_i_p * EF_gas", "formula_wrong_index"),
        ("FC_i_p: Traced, EF_gas: Traced", "FC_i_p: Traced, EF_oil: Traced", "formula_unknown_symbol"),
    ],
)
def test_a_slip_in_the_file_is_refused_when_it_is_loaded(
    right: str, wrong: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused) as refused:
        loaded(block("python").replace(right, wrong), tmp_path, monkeypatch)
    assert refused.value.code == code


def test_a_file_must_have_the_name_of_its_methodology(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="XC_AM001"):
        loaded(block("python"), tmp_path, monkeypatch, "xc_am002")


def test_the_commands_of_the_page_exist() -> None:
    from openjcm.cli_parts.methodology import app

    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(re.findall(r"openjcm methodology (\w+)", PAGE)) <= names
