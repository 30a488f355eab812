"""The package data: counts, and nothing lost or invented on the way into typed rows."""

import csv
import hashlib
import re
from collections import Counter
from datetime import date

import pytest

from openjcm.world import tables

PROVENANCE = (tables.DATA / "PROVENANCE.md").read_text(encoding="utf-8")


def test_the_project_list_has_its_147_projects() -> None:
    rows = tables.projects()
    assert len(rows) == len({row.reference for row in rows}) == 147
    assert Counter(row.status for row in rows) == {
        "Project registered": 94,
        "Validation": 49,
        "Request for Registration withdrawn": 4,
    }
    assert sum(row.registered_on is not None for row in rows) == 94
    assert sum(row.estimated_per_year or 0 for row in rows) == 1_459_031
    assert sum(len(row.methodologies) > 1 for row in rows) == 9


def test_countries_of_the_project_list() -> None:
    counts = Counter(row.host_party for row in tables.projects())
    assert counts["IDN"] == 40
    assert counts["THA"] == 34
    assert counts["VNM"] == 20
    assert counts["PHL"] == 10
    assert counts["MNG"] == 7
    assert len(counts) == 15


def test_the_issuance_table_has_33_rows_seven_of_them_sums_or_unnamed() -> None:
    rows = tables.issuances()
    assert len(rows) == len({row.subject for row in rows}) == 33
    assert sum(row.is_aggregate for row in rows) == 7


def test_blank_is_unknown_and_zero_is_zero() -> None:
    rows = {row.subject: row for row in tables.issuances()}
    assert rows["MN005-2019-05-17"].japan_side == 0
    assert rows["PW001-2025-07-26"].total is None
    assert rows["TH001-2018-04"].decision_day is None
    assert rows["MN004-2025-03-27"].decision_day == date(2025, 3, 27)
    assert rows["ALL VN to 2021-10-undated"].decision_day is None


def test_the_list_of_adopted_projects_has_227() -> None:
    rows = tables.adoptions()
    assert len(rows) == len({row.subject for row in rows}) == 227
    assert sum(row.registered for row in rows) == 66
    assert Counter(row.programme for row in rows)["設備補助"] == 215


@pytest.mark.parametrize("name", ["projects.csv", "issuances.csv", "adopted_projects_2022.csv"])
def test_every_row_of_a_table_is_read(name: str) -> None:
    read = {
        "projects.csv": tables.projects,
        "issuances.csv": tables.issuances,
        "adopted_projects_2022.csv": tables.adoptions,
    }
    with (tables.DATA / name).open("r", encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == len(read[name]()) + 1


def test_methodology_versions() -> None:
    assert tables.methodology_versions("TH_AM005 Ver2.0; KH_AM004 Ver1.1") == (
        ("TH_AM005", "02.0"),
        ("KH_AM004", "01.1"),
    )
    with pytest.raises(ValueError, match="not a methodology"):
        tables.methodology_versions("TH_AM005")


def test_files_are_those_that_the_provenance_page_describes() -> None:
    named = dict(re.findall(r"\| `([\w./]+)` .*`([0-9a-f]{64})` \|", PROVENANCE))
    assert set(named) == {
        "projects.csv",
        "issuances.csv",
        "adopted_projects_2022.csv",
        "meters/pvops_example_perf_data.csv",
        "meters/TAEFC1044741.parquet",
    }
    for name, digest in named.items():
        assert hashlib.sha256(tables.data_bytes(name)).hexdigest() == digest, name


def test_licences_of_the_meter_files_are_beside_them() -> None:
    assert b"BSD 3-Clause" in tables.data_bytes("meters/LICENSE-pvops.txt")
    assert b"BSD 2-Clause" in tables.data_bytes("meters/LICENSE-solar-data-tools.txt")
