"""What a partner's address may answer, over HTTP from a real server: an object, or a refusal that says what came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from openjcm.commands import statements_of_books
from openjcm.commands.courier import open_address, post
from openjcm.refusals import Refused
from openjcm.store.notices import Partner
from ports import free_port
from trial_office import Trial


class Answering(BaseHTTPRequestHandler):
    """Answers each path in its own way."""

    answers: ClassVar = {
        "/object": (200, b'{"a": 1}'), "/list": (200, b"[]"), "/words": (200, b"hello"), "/busy": (503, b"later"),
    }  # fmt: skip

    def do_POST(self) -> None:
        status, body = self.answers[self.path]
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def partner() -> Iterator[Partner]:
    """A partner at a server of this test."""
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield at(f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()


def at(address: str) -> Partner:
    return Partner("mongolia.example", 1, "japan.example", address, "k", None, ("MNG",), 1)


def test_an_object_is_an_answer(partner: Partner) -> None:
    assert post(partner, "/object", {}) == {"a": 1}


@pytest.mark.parametrize(("path", "reason"), [("/list", "no object"), ("/words", "Expecting"), ("/busy", "503 later")])
def test_anything_else_is_told(partner: Partner, path: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        post(partner, path, {})
    assert refused.value.code == "partner_unreachable" and reason in refused.value.facts["reason"]


def test_nobody_there() -> None:
    with pytest.raises(Refused) as refused:
        open_address(at(f"http://127.0.0.1:{free_port()}"), "/object", {})
    assert refused.value.code == "partner_unreachable" and "refused" in refused.value.facts["reason"]


def test_a_statement_is_not_read_without_end(
    partner: Partner, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial(database_url, tmp_path)
    monkeypatch.setattr(statements_of_books, "STATEMENTS_PATH", "/words")
    monkeypatch.setattr(statements_of_books, "LARGEST_STATEMENT", 5)
    assert statements_of_books.fetch_statement(trial.office, partner, None) == b"hello"
    monkeypatch.setattr(statements_of_books, "LARGEST_STATEMENT", 4)
    with pytest.raises(Refused) as refused:
        statements_of_books.fetch_statement(trial.office, partner, None)
    assert (refused.value.code, refused.value.facts["place"]) == ("statement_not_understood", "> 4")
    with pytest.raises(Refused) as refused:
        statements_of_books.report_of(trial.office, "0" * 64)
    assert refused.value.facts["place"] == "0" * 64
    trial.close()
