"""The page of partners' registries, over two installations whose books differ."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.testclient import TestClient

from openjcm.web.app import create_app
from two_offices import Side, story, two_sides
from worlds_of_books import module

told = module("commands/test_reconciliation")


def rows(text: str) -> list[list[str]]:
    """The cells of the table of differences."""
    body = text.partition("<tbody")[2]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr role=\"row\">(.*?)</tr>", body, re.DOTALL)
    ]


def page(side: Side, language: str = "en") -> str:
    with TestClient(create_app(side.office.database_url)) as client:
        answer = client.get(f"/{language}/partners")
    assert answer.status_code == 200 and len(answer.content) < 80_000
    return answer.text


def test_without_partners_the_page_says_so(database_url: str) -> None:
    with TestClient(create_app(database_url)) as client:
        assert "No partner" in client.get("/en/partners").text


def test_the_demonstrations_other_system(client: TestClient) -> None:
    text = client.get("/en/partners").text
    assert "jakarta.demonstration" in text and "Differences: 1 (10 t)" in text and "5 outstanding" in text
    assert [row[2] for row in rows(text)] == ["769", "20", "11", "10"]
    told = client.get("/en/projects/XD002").text
    assert "Its notices tell of 210 t of the 210 t" in told
    assert 'href="/en/partners"' in client.get("/en/registries").text


def test_what_is_outstanding_and_what_differs(database_url: str, second_database_url: str, tmp_path: Path) -> None:
    japan, mongolia = two_sides(database_url, second_database_url, tmp_path)
    story(japan, mongolia)
    text = page(japan)
    assert "Never compared" in text and re.search(r"\d+ outstanding", text) and "Nothing outstanding" not in text
    japan.send(mongolia), mongolia.send(japan)
    told.reconcile(japan, mongolia)
    text = page(japan)
    assert "The books agree" in text and "Nothing outstanding" in text and rows(text) == []
    otherwise = "update mirror_holding set since = '2025-04-02', purpose = 'ndc 2031' where state = 'retired'"
    told.tamper(mongolia, "mirror_holding", otherwise)
    told.later(mongolia)
    report = told.reconcile(japan, mongolia)
    text = page(japan)
    assert "Differences: 1 (7 t)" in text and report["held"] == ["JCM-JP-MN901-2022-1-7"]
    assert rows(text) == [
        [
            "Ours", "JCM-JP-MN901-2022-1-7", "7", "Day, Purpose", "JPN retired 2025-04-01 ndc 2030",
            "JPN retired 2025-04-02 ndc 2031", "Contradiction",
        ]
    ]  # fmt: skip
    assert 'href="/en/history/JCM-JP-MN901-2022-1-7"' in text.partition("Held back")[2]
    assert "相違" in page(japan, "ja")
    japan.do("revoke_partner", "2025-07-01", partner=mongolia.name, reason="a new contract")
    assert "Ended" in page(japan)
    japan.close(), mongolia.close()
