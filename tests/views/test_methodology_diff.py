"""Two texts side by side: what is said otherwise, and the same cases under both; drafts too."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openjcm.cli_parts.methodology import app
from openjcm.refusals import Refused
from openjcm.views.draft import methodology_or_draft
from openjcm.views.methodology_diff import Change, Difference, difference, installed_text

SOURCE = Path(__file__).parents[2] / "src" / "openjcm" / "methodologies"


def places(found: Difference) -> dict[tuple[str, str], Change]:
    return {(one.part, one.what): one for one in found.changes}


def test_versions_of_one_text_differ_by_day_and_by_what_is_printed() -> None:
    found = difference("MN_AM003@02.0", "mn_am003")
    changed = places(found)
    assert set(changed) == {
        ("text", "approved"),
        ("printed_values", "EF_RE_i"),
        ("printed_values", "EF_RE_i[captive_or_off_grid]"),
        ("printed_values", "EF_RE_i[national_grid]"),
    }
    assert changed["printed_values", "EF_RE_i[national_grid]"].kind == "removed"
    assert changed["printed_values", "EF_RE_i"].kind == "added"
    assert changed["text", "approved"].kind == "changed"
    assert found.alike > 5
    refused = [one.b.refused.code for one in found.cases if one.b.refused]
    assert "value_not_read" in refused
    assert all(one.gained is None for one in found.cases if one.a.refused or one.b.refused)


def test_a_count_of_records_comes_with_its_version() -> None:
    changed = places(difference("ID_AM006@02.0", "ID_AM006@02.1"))
    assert changed["parameters", "D_FEED_u_p"].kind == "added"
    assert changed["parameters", "D_H2_u_p"].kind == "added"


def test_two_methodologies_are_compared_by_symbol_and_by_the_cases_of_both() -> None:
    found = difference("KE_AM002", "MV_AM001")
    assert {one.of for one in found.cases} == {"KE_AM002", "MV_AM001"}
    assert {one.gained for one in found.cases} == {Fraction(0)}
    other = places(difference("VN_AM007", "TH_AM005"))
    assert other["parameters", "EG_i_p"].kind == "removed"
    assert other["formulas", "RE_p"].a and other["formulas", "RE_p"].a.mathml.startswith("<math")
    assert other["open_readings", "temperature_correction"].kind == "added"


def test_a_text_is_like_itself() -> None:
    found = difference("PH_AM004", "PH_AM004")
    assert found.changes == ()
    assert {one.gained for one in found.cases} == {Fraction(0)}


def test_a_draft_is_compared_in_law_and_in_tonnes(tmp_path: Path) -> None:
    text = (SOURCE / "mn_am003.py").read_text(encoding="utf-8")
    draft = tmp_path / "draft.py"
    draft.write_text(text.replace('"national_grid": "0.797"', '"national_grid": "0.7"'), encoding="utf-8")
    found = difference("MN_AM003@02.0", f"{draft}@02.0")
    assert [one.what for one in found.changes] == ["EF_RE_i[national_grid]"]
    gained = {one.case: one.gained for one in found.cases}
    assert any(value is not None and value < 0 for value in gained.values())


def test_a_draft_that_reaches_out_is_not_run(tmp_path: Path) -> None:
    draft = tmp_path / "draft.py"
    draft.write_text("import os\nm = os\n", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        methodology_or_draft(str(draft))
    assert refused.value.code == "draft_reaches_out"


def test_without_a_choice_the_last_two_versions_are_taken() -> None:
    one = installed_text("TH_AM005", "", last_but=1), installed_text("TH_AM005", "", last_but=0)
    assert [text.version for text in one] == ["02.0", "03.0"]
    assert installed_text("VN_AM007", "", last_but=1).version == "01.0"
    with pytest.raises(Refused):
        installed_text("VN_AM007", "09.0", last_but=0)


@pytest.mark.parametrize(("language", "word"), [("en", "Printed value"), ("ja", "本文に記載された値")])
def test_the_command_prints_both_sides(language: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("OPENJCM_LANGUAGE", language)
    said = CliRunner().invoke(app, ["diff", "MN_AM003@02.0", "MN_AM003@03.0"]).output
    assert word in said
    assert "0.797 tCO2e/MWh (secondary)" in said
    assert "value_not_read" in said
    data = json.loads(CliRunner().invoke(app, ["diff", "KE_AM002", "MV_AM001", "--json"]).output)
    assert data["cases"][0]["gained"] == "0"
    assert {"kind", "a", "b", "part", "what"} == data["changes"][0].keys()
