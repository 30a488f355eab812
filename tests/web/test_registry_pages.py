"""The pages of registries: every use has its certificate, the history is drawn, holdings are asked as of a day."""

from __future__ import annotations

import json
import re

import pytest
from fastapi.testclient import TestClient

from openjcm.reports import certificate as certificates


def used(client: TestClient, registry: str = "JPN-demonstration") -> list[str]:
    """The numbers of the entries that the list of uses links to."""
    return re.findall(r"/en/certificates/(\d+)", client.get(f"/en/registries/{registry}/uses").text)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_use_has_its_certificate_at_a_public_address(client: TestClient, language: str) -> None:
    entries = used(client) + used(client, "MNG-demonstration")
    assert len(entries) == 3, "the demonstration retires once, cancels once and covers a reversal once"
    for entry in entries:
        page = client.get(f"/{language}/certificates/{entry}")
        assert page.status_code == 200 and len(page.content) < 80_000
        assert f"/api/v1/certificates/{entry}.pdf" in page.text
        pdf = client.get(f"/api/v1/certificates/{entry}.pdf")
        assert pdf.headers["content-type"] == "application/pdf"
        assert [step["answer"] for step in certificates.check(pdf.content)] == ["yes"] * 5
        signed = client.get(f"/api/v1/certificates/{entry}.json").content
        said = json.loads(json.loads(signed)["statement"])
        assert said["record"].endswith(f"/ja/certificates/{entry}") and said["world"] == "demonstration"
        covered = said["source"] == "JPN-demonstration/reserve"
        assert covered == ("XD002-2026-05-10" in page.text) == (said.get("reversal_id") == "XD002-2026-05-10")


def test_an_entry_without_certificate_is_answered_so(client: TestClient) -> None:
    assert client.get("/ja/certificates/1").status_code == 404
    assert client.get("/ja/certificates/99999999999999999999").status_code == 404
    answer = client.get("/api/v1/certificates/1.pdf")
    assert answer.status_code == 404 and answer.json()["code"] == "no_certificate"


def test_an_issuance_has_one_too(client: TestClient) -> None:
    history = client.get("/en/history/JCM-JP-XD001-2022-1-48").text
    first = re.findall(r"/en/certificates/(\d+)", history)[0]
    assert "Certificate of issuance" in client.get(f"/en/certificates/{first}").text


def test_the_tree_is_drawn_and_told(client: TestClient) -> None:
    page = client.get("/en/history/JCM-JP-XD001-2022-1-48").text
    assert page.count("<li class=") == 4 and "out of no. 2" in page
    assert re.search(r"<title id=[^>]+>JCM-JP-XD001-2022-1-48, 48 t: 4 movements, 6 t retired or cancelled", page)
    part = client.get("/en/history/JCM-JP-XD001-2022-4").text
    assert part.count("<li class=") == 3 and "JCM-JP-XD001-2022-4-4" in part, "the history of one tonne"
    for wrong in ("JCM-JP-XD001-2022-49", "JCM-JP-XD001-2099-1", "nothing", "JCM-JP-XD001-2022-2-1"):
        assert client.get(f"/en/history/{wrong}").status_code == 404
    told = client.get("/api/v1/history/JCM-JP-XD001-2022-4").json()
    assert (
        told["roots"][0]["kind"] == "issue" and client.get("/api/v1/history/JCM-JP-XD001-2022-9999").status_code == 404
    )


def test_holdings_as_of_a_day(client: TestClient) -> None:
    asked = "world=demonstration&account=JPN-demonstration/demo-trading"
    for day, total in (("2025-07-14", 0), ("2025-07-15", 10), ("2025-09-29", 10), ("2025-09-30", 4)):
        found = client.get(f"/api/v1/holdings/as-of?as_of={day}&{asked}").json()
        assert found["total"] == total, day
        page = client.get(f"/en/holdings?as_of={day}&{asked}").text
        assert (f'<dd class="v num">{total}<small>' in page) and f"As of {day}" in page
    rows = client.get("/api/v1/holdings/as-of.csv?world=demonstration&by=type").text.splitlines()
    assert rows[0] == "\ufefftype,quantity_tco2e" and "retirement,6" in rows and "cancellation,22" in rows
    blocks = client.get(f"/api/v1/holdings/as-of/blocks?{asked}").json()
    assert [one["block"] for one in blocks] == ["JCM-JP-XD001-2022-7-10"] and blocks[0]["itmo"] == "yes"
    answer = client.get("/api/v1/holdings/as-of?as_of=yesterday")
    assert answer.status_code == 422 and answer.json()["code"] == "instant_not_readable"
    assert client.get("/api/v1/holdings/as-of?by=colour").json()["code"] == "not_a_dimension"


def test_a_statement_of_account_is_given_where_it_is_public(client: TestClient) -> None:
    account = "JPN-demonstration/demo-trading"
    pdf = client.get(f"/api/v1/statements/holding.pdf?account={account}&as_of=2025-08-01")
    assert [step["answer"] for step in certificates.check(pdf.content)] == ["yes"] * 5
    said = json.loads(client.get(f"/api/v1/statements/holding.json?account={account}").json()["statement"])
    assert said["quantity"] == 4 and said["account"]["holder"].startswith("Demo Trading")
    page = client.get(said["record"].partition("example")[2])
    assert page.status_code == 200 and "JCM-JP-XD001-2022-7-10" in page.text, "the QR code leads to the same question"


def test_a_hostile_question_is_harmless(client: TestClient) -> None:
    for value in ("'; drop table holding; --", "<script>alert(1)</script>", "%00", "a" * 4000, "＝1+1"):
        for name in ("account", "project", "vintage", "side", "as_of", "recorded_by", "itmo", "world", "by"):
            answer = client.get("/en/holdings", params={name: value})
            assert answer.status_code in {200, 404} and "<script>alert" not in answer.text, (name, value)
        assert client.get("/en/registries/JPN/uses", params={"before": value}).status_code == 404
