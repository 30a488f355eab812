"""The catalogue holds every methodology that is known of, agrees with what runs here and with the list of projects."""

from __future__ import annotations

import csv
import re
from importlib.resources import files

import pytest

from openjcm.dated import GRADES_BEST_FIRST, Grade
from openjcm.methodologies import METHODOLOGIES
from openjcm.methodologies.catalogue import FAMILIES, catalogue
from openjcm.refusals import Refused
from openjcm.views.methodology_catalogue import CatalogueQuery, entry, entry_data, facets, search

PROJECTS = files("openjcm.world").joinpath("data/projects.csv").read_text(encoding="utf-8")


def test_every_project_applies_a_methodology_on_file_and_the_other_way_round() -> None:
    applied: dict[tuple[str, str], set[str]] = {}
    for row in csv.DictReader(PROJECTS.splitlines()):
        for name, version in re.findall(r"([A-Z]{2}_AM\d{3}) Ver(\d+\.\d+)", row["methodologies"]):
            applied.setdefault((name, version.zfill(4)), set()).add(row["reference_number"])
    on_file = {(one.id, v.number): set(v.projects) for one in catalogue().values() for v in one.versions if v.projects}
    assert on_file == applied


@pytest.mark.parametrize("name", [name for name in METHODOLOGIES if re.fullmatch(r"[A-Z]{2}_[AP]M\d{3}", name)])
def test_what_runs_agrees_with_the_catalogue(name: str) -> None:
    m, known = METHODOLOGIES[name], catalogue()[name]
    assert m.country == known.country
    assert m.evidence == known.calculation_grade
    assert known.family, "what runs has a family"
    if known.title:
        assert (m.title, m.title_ja) == (known.title, known.title_ja)
    else:
        assert "not read" in m.title
        assert "未確認" in m.title_ja
    if known.scope:
        assert m.scope.partition(".")[0] == known.scope.partition(".")[0]
    approved = {version.number: version.approved for version in known.versions}
    for number, version in m.versions.items():
        if known.status == "proposed":
            assert version.approved is None
        else:
            assert version.approved == approved.get(number), number
            assert GRADES_BEST_FIRST.index(version.grade) >= 0


def test_unknown_is_shown_as_unknown() -> None:
    data = entry_data(entry("BD_AM002"))
    assert data["title"]["en"] is None
    assert data["title"]["grade"] is Grade.UNKNOWN
    assert data["versions"][0]["approved"] is None
    for one in catalogue().values():
        assert (one.title == "") == (one.title_grade is Grade.UNKNOWN) == (one.title_ja == ""), one.id
        assert (one.scope == "") == (one.scope_grade is Grade.UNKNOWN), one.id
        assert (one.family == "") == (one.family_grade is Grade.UNKNOWN), one.id
        assert one.versions, one.id
        assert (one.status == "proposed") == ("_PM" in one.id), one.id


def test_each_filter_narrows_and_they_narrow_together() -> None:
    everything = search(CatalogueQuery())
    assert len(everything) == 99
    for name, choices in facets(everything).items():
        assert sum(count for _, count in choices) == len(everything)
        for value, count in choices:
            assert len(search(CatalogueQuery(**{name: value}))) == count
    solar = search(CatalogueQuery(text="solar", country="THA", scope="1", family="generation_factor", runs="yes"))
    assert [one.entry.id for one in solar] == ["TH_AM001"]
    assert search(CatalogueQuery(runs="no"))
    assert not CatalogueQuery().asks
    assert CatalogueQuery(text="x").asks
    assert set(FAMILIES) >= {value for value, _ in facets(everything)["family"]} - {"unknown"}


def test_public_inputs_come_before_approval() -> None:
    windows = [(v.inputs, v.approved) for one in catalogue().values() for v in one.versions if v.inputs]
    assert len(windows) == 3
    for inputs, approved in windows:
        assert inputs and approved and inputs[0] < inputs[1] < approved


def test_what_is_not_on_file_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        entry("XX_AM999")
    assert refused.value.code == "methodology_not_on_file"
