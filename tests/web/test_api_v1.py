"""The read-only API: described, exact, with problem documents for what is wrong, and never a zero for the unknown."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from openjcm.web.public.api_docs import operations

SERIAL = "JCM-JP-XD001-2022-4"


def rows(client: TestClient, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_tables_hold_the_whole_record(client: TestClient) -> None:
    assert len(rows(client, "/api/v1/projects.csv")) == 147
    assert {row["host_party"] for row in rows(client, "/api/v1/projects.csv?country=MNG")} == {"MNG"}
    issued = rows(client, "/api/v1/issuances.csv")
    assert len(issued) == len(client.get("/api/v1/issuances").json())
    assert len(rows(client, "/api/v1/holdings.csv?registry=JPN")) == len(
        client.get("/api/v1/holdings?registry=JPN").json()
    )


def test_unknown_is_empty_or_null_and_zero_is_zero(client: TestClient) -> None:
    table = {row["decision_id"]: row for row in rows(client, "/api/v1/issuances.csv")}
    assert table["PW001-2025-07-26"]["total_tco2"] == ""
    assert table["MN005-2019-05-17"]["japan_side_tco2"] == "0"
    listed = {one["decision_id"]: one for one in client.get("/api/v1/issuances").json()}
    assert listed["PW001-2025-07-26"]["total"] is None
    assert listed["MN005-2019-05-17"]["japan"]["amount"] == 0


def test_projects_page_by_page(client: TestClient) -> None:
    first = client.get("/api/v1/projects").json()
    assert (first["count"], first["page"], first["pages"], len(first["projects"])) == (147, 1, 6, 25)
    assert client.get("/api/v1/projects?page=6").json()["projects"]
    one = client.get("/api/v1/projects/MN003").json()
    assert len({said["value"] for said in one["statements"]["title"]}) == 2


def test_partners_on_a_day(client: TestClient) -> None:
    assert len(client.get("/api/v1/partners?on=2022-12-31").json()) == 25


def test_registries_and_accounts(client: TestClient) -> None:
    found = client.get("/api/v1/registries/JPN").json()
    assert sum(one["held"] for one in found["accounts"]) == found["registry"]["issued"]


def test_explain_ends_where_the_record_ends(client: TestClient) -> None:
    assert client.get(f"/api/v1/explain/{SERIAL}").json()["report"]["byte_equal"] is True
    assert client.get("/api/v1/explain/JCM-JP-TH014-2021-1").json()["report"] is None


@pytest.mark.parametrize("serial", [SERIAL, "JCM-JP-TH014-2021-1009", "JCM-MN-MN004-2017-1"])
def test_a_proof_is_checked_by_the_program_offered_beside_it(client: TestClient, tmp_path: Path, serial: str) -> None:
    proof, program = tmp_path / "P.json", tmp_path / "check_proof.py"
    proof.write_bytes(client.get(f"/api/v1/proof/{serial}").content)
    program.write_bytes(client.get("/api/v1/log/check_proof.py").content)
    key = client.get("/api/v1/log/key").text.strip()
    command = [sys.executable, "-I", str(program), str(proof), "--key", key]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "[no" not in done.stdout, done.stdout
    assert done.returncode in {0, 3}, done.stdout + done.stderr


def test_files_and_products_are_the_bytes_behind_their_hash(client: TestClient) -> None:
    report = client.get(f"/api/v1/explain/{SERIAL}").json()["report"]
    for one in report["files"]:
        answer = client.get(f"/api/v1/files/{one['sha256']}")
        assert hashlib.sha256(answer.content).hexdigest() == one["sha256"]
        assert answer.headers["content-type"] == "application/octet-stream"
    product = client.get(f"/api/v1/products/{report['sha256']}")
    assert hashlib.sha256(product.content).hexdigest() == report["sha256"]


def test_the_workbook_is_the_same_bytes_each_time_and_worlds_are_apart(client: TestClient) -> None:
    once = client.get("/api/v1/reports/aef/JPN/2025.xlsx").content
    assert once == client.get("/api/v1/reports/aef/JPN/2025.xlsx").content
    public = client.get("/api/v1/reports/aef/JPN/2025").text
    assert "XD001" not in public
    assert "XD001" in client.get("/api/v1/reports/aef/JPN/2025?world=demonstration").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/nothing", 404),
        ("/api/v1/projects/ZZ999", 404),
        ("/api/v1/projects/zz", 422),
        ("/api/v1/projects?page=0", 422),
        ("/api/v1/projects?page=9999999999999999999999", 422),
        ("/api/v1/projects?q=%00", 422),
        ("/api/v1/registries/ZZZ", 404),
        ("/api/v1/explain/JCM-JP-TH014-2021-1010", 404),
        ("/api/v1/explain/four", 422),
        ("/api/v1/explain/JCM-JP-TH014-2021-9999999999999999", 422),
        ("/api/v1/explain/JCM-JP-TH014-2021-999999999999999", 404),
        ("/api/v1/explain/JCM-JP-TH014-20211-1", 422),
        ("/api/v1/proof/JCM-JP-TH014-2021-1010", 404),
        ("/api/v1/log/leaves/999999", 404),
        ("/api/v1/log/leaves/-1", 422),
        ("/api/v1/log/consistency?old=3", 422),
        ("/api/v1/log/consistency?old=700&new=3", 404),
        ("/api/v1/files/" + "0" * 64, 404),
        ("/api/v1/files/../../etc/passwd", 404),
        ("/api/v1/products/" + "0" * 64, 404),
        ("/api/v1/reports/aef/JPN/1999", 422),
        ("/api/v1/reports/aef/JPN/2025?world=other", 422),
        ("/api/v1/partners?on=yesterday", 422),
        ("/api/v1/partners?on=0", 422),
        ("/api/v1/explain/JCM-JP-TH014-2022to2021-1", 404),
    ],
)
def test_what_is_wrong_gets_a_problem_document(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert body["status"] == status


def test_every_reading_operation_is_described_and_documented(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    found = [one for one in operations(document) if one.path.startswith("/api/v1/") and one.method == "get"]
    assert len(found) > 20
    page = client.get("/en/api").text
    for one in found:
        assert one.summary
        assert one.description
        assert one.path in page
        assert {"404", "422", "503"} <= set(one.statuses)
