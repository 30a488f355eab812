"""``docs/add_a_country.md``, tried by following it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from openjcm.rulebook import COUNTRIES
from openjcm.rulebook.countries import __path__ as real_files
from openjcm.rulebook.countries import load

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "docs" / "add_a_country.md").read_text(encoding="utf-8")


@pytest.fixture
def code() -> str:
    (block,) = re.findall(r"```python\n(.*?)```", RECIPE, re.DOTALL)
    return str(block)


def _write(folder: Path, code: str, name: str = "examplia") -> str:
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return str(folder)


def _changed(code: str, old: str, new: str) -> str:
    assert old in code
    return code.replace(old, new)


def test_the_recipes_file_is_a_country(tmp_path: Path, code: str) -> None:
    (country,) = load([_write(tmp_path, code)])
    assert (country.iso2, country.iso3, country.signed.value) == ("XC", "XCC", date(2027, 4, 1))
    assert country.article6_status.on(date(2027, 9, 30)).value == "first_joint_committee_pending"
    assert country.article6_status.on(date(2027, 10, 1)).value == "adopted"
    assert country.timelines["public_input_days_methodology"].on(date(2027, 10, 1)).value == 20


def test_it_comes_after_the_partners_that_signed_before(tmp_path: Path, code: str) -> None:
    together = load([*real_files, _write(tmp_path, code)])
    assert [item.iso3 for item in together] == [*(item.iso3 for item in COUNTRIES), "XCC"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"public_input_days_methodology"', '"public_inputs_days_methodology"', "there is no rule"),
        ('Citation("JCM_XC_PCP_ver01.0", clause="paragraph 31")', "None", "without a citation"),
        ('Citation("JCM_XC_PCP_ver01.0", clause="paragraph 31")', 'Citation("")', "no citation"),
        ("            20,", '            "20",', "not a count"),
        ('Dated("adopted"', 'Dated("done"', "'done' is not one of"),
        ("until=date(2027, 9, 30)", "until=date(2027, 10, 1)", "two values on one day"),
        ("COUNTRY = Country(", "OTHER = Country(", "has no COUNTRY"),
    ],
)
def test_a_mistake_fails_at_import(tmp_path: Path, code: str, old: str, new: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        load([_write(tmp_path, _changed(code, old, new))])


def test_two_departures_on_one_day_fail_at_import(tmp_path: Path, code: str) -> None:
    departure = code[code.index("        Departure(") : code.index("    ),\n    facts")]
    with pytest.raises(ValueError, match="two values on one day"):
        load([_write(tmp_path, _changed(code, departure, departure * 2))])


def test_a_code_of_another_country_fails_at_import(tmp_path: Path, code: str) -> None:
    folder = _write(tmp_path, _changed(code, '"XC"', '"MN"'))
    with pytest.raises(ValueError, match="the code MN is used twice"):
        load([*real_files, folder])


def test_the_recipe_names_what_exists() -> None:
    for path in re.findall(r"`((?:src|tools|docs|tests)/[\w/.]+)`", RECIPE):
        assert (ROOT / path).exists(), path
    for name in ("names.py", "common.py", "sources.py"):
        assert (ROOT / "src/openjcm/rulebook" / name).exists()
