"""Workbooks for download: empty ones and those of reports on record agree with what the check says of them."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openjcm.reports.spreadsheet_check import check_spreadsheet
from openjcm.reports.spreadsheet_sources import read_standard

EMPTY = "/api/v1/methodologies/MN_AM003/monitoring-spreadsheet.xlsx"


@pytest.mark.parametrize("kind", ["MPS", "MRS"])
def test_an_empty_workbook_lacks_its_values_and_nothing_else(client: TestClient, kind: str) -> None:
    answer = client.get(f"{EMPTY}?kind={kind}&version=02.0&setting=i=roof,camp")
    assert answer.status_code == 200
    assert f'filename="{kind}_MN_AM003_02.0.xlsx"' in answer.headers["content-disposition"]
    found = check_spreadsheet(answer.content, "empty.xlsx").findings
    assert {one.rule for one in found} == {"S02", "S15"}
    assert {one.facts["symbol"] for one in found} >= {"EG_i_p[roof]", "EG_i_p[camp]"}


@pytest.mark.parametrize(
    ("query", "status"),
    [("kind=XLS", 422), ("version=99", 404), ("setting=z=1", 422), ("setting=" + "a" * 2001, 422),
     ("setting=i=" + ",".join(str(n) for n in range(501)), 422)],
)  # fmt: skip
def test_what_no_workbook_can_be_made_of_is_refused(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"{EMPTY}?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert client.get("/api/v1/methodologies/XX_AM001/monitoring-spreadsheet.xlsx").status_code == 404


@given(st.lists(st.text(max_size=30), max_size=3), st.sampled_from(["MN_AM003", "PH_AM004", "TN_PM001"]))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_setting_breaks_the_server(client: TestClient, words: list[str], name: str) -> None:
    answer = client.get(EMPTY.replace("MN_AM003", name), params={"setting": words})
    assert answer.status_code in {200, 422}


def test_the_workbook_of_the_report_on_record_repeats_it(client: TestClient) -> None:
    page = client.get("/en/projects/XD001").text
    (sha256,) = set(re.findall(r"/api/v1/reports/monitoring/([0-9a-f]{64})\.xlsx", page))
    answer = client.get(f"/api/v1/reports/monitoring/{sha256}.xlsx")
    assert answer.status_code == 200
    held = read_standard(client.get(f"/api/v1/products/{sha256}").content, "report.json")
    checked = check_spreadsheet(answer.content, "MRS.xlsx", against=held.results, against_name=held.name)
    assert checked.findings == ()
    assert checked.as_data()["sheets"][0]["periods"][0]["whole_tonnes"] == 60
    other = client.get("/api/v1/reports/monitoring/" + "0" * 64 + ".xlsx")
    assert other.status_code == 404


def test_a_product_that_is_no_report_has_no_workbook(client: TestClient) -> None:
    page = client.get("/en/projects/XD001").text
    sha256 = re.findall(r"/api/v1/reports/monitoring/([0-9a-f]{64})", page)[0]
    plan = client.get(f"/api/v1/products/{sha256}").json()["plan_sha256"]
    assert client.get(f"/api/v1/reports/monitoring/{plan}.xlsx").status_code == 404


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_of_a_methodology_offers_both_sheets_of_every_version(client: TestClient, language: str) -> None:
    page = client.get(f"/{language}/methodologies/MN_AM003").text
    for version in ("02.0", "03.0"):
        for kind in ("MPS", "MRS"):
            assert f"{EMPTY}?kind={kind}&amp;version={version}" in page
