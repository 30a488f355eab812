"""The page of gateways, over an office that receives batches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from batches import TrialGateway
from live_office import live_trial
from openjcm.web.app import create_app
from openjcm.web.public import gateways


def cells(text: str, place: int) -> list[list[str]]:
    """The cells of the first or the second table."""
    body = text.split("<tbody")[1 + place].partition("</tbody>")[0]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr role=\"row\">(.*?)</tr>", body, re.DOTALL)
    ]


def test_without_gateways_the_page_says_so(database_url: str) -> None:
    with TestClient(create_app(database_url)) as client:
        text = client.get("/en/gateways").text
    assert "No gateway is registered" in text and "Nothing is kept apart" in text


def test_the_demonstrations_gateway(client: TestClient) -> None:
    text = client.get("/en/gateways").text
    (key,) = cells(text, 0)
    assert key[:2] == ["XD001 Demonstration", "XD001-plant"] and key[3:6] == ["4", "1", "0"]
    assert [row[0] for row in cells(text, 1)] == ["XD001-plant", "Unknown sender"]
    assert client.get("/en/gateways?page=2").status_code == 404
    assert client.get("/en/gateways?page=x").status_code == 404
    assert 'href="/en/gateways"' in client.get("/en/downloads").text


def test_what_waits_and_what_is_kept_apart(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = live_trial(database_url, tmp_path)
    roof = trial.gateway(TrialGateway())
    trial.gateway(TrialGateway("shed", seed=2))
    first, second, third = (roof.batch() for _ in range(3))
    trial.receive(first, third)
    forged = second.line[:-8] + "AAAAAAAA"
    trial.receive(forged)
    with TestClient(create_app(database_url)) as client:
        text = client.get("/en/gateways").text
        by_gateway = {row[1]: row for row in cells(text, 0)}
        assert by_gateway["shed"][3:] == ["1", "0", "0", "Nothing came yet"]
        assert by_gateway[roof.name][3:6] == ["2", "1", "0"]
        apart = cells(text, 1)
        assert [row[:2] for row in apart] == [[roof.name, "3"], ["Unknown sender", "–"]]
        assert apart[1][3].startswith("B02")
        assert "署名" in client.get("/ja/gateways").text
        assert len(cells(client.get("/en/gateways?project=XL001").text, 0)) == 2
        assert "No gateway" in client.get("/en/gateways?project=XD001").text
        monkeypatch.setattr(gateways, "ON_A_PAGE", 1)
        pages = [client.get(f"/en/gateways?project=XL001&page={page}").text for page in (1, 2)]
        assert [[row[1] for row in cells(text, 0)] for text in pages] == [[roof.name], ["shed"]]
        assert "page=2" in pages[0] and "Page 2 of 2" in pages[1]
    trial.close()
