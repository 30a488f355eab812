"""Pages ask few questions: the number of queries does not grow with the number of rows shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from web_pages import PATHS

MOST = 25
MOST_OF_A_LIST = 12
LISTS = ("/", "/projects", "/issuances", "/registries", "/registries/JPN", "/methodologies", "/rules", "/downloads")


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each query is asked meanwhile."""
    asked: Counter[str] = Counter()
    whole = psycopg.Connection.execute

    def count(self: Any, query: Any, *given: Any, **more: Any) -> Any:
        asked[str(query)] += 1
        return whole(self, query, *given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", count)
        yield asked


@pytest.mark.parametrize("path", PATHS)
def test_no_page_asks_row_by_row(client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    with counted(monkeypatch) as asked:
        assert client.get(f"/en{path}").status_code == 200
    questions = sum(number for query, number in asked.items() if query != "select")
    assert questions <= MOST, asked.most_common(3)
    if path in LISTS:
        assert questions <= MOST_OF_A_LIST, asked.most_common(3)
        assert all(number <= 2 for query, number in asked.items() if query != "select"), asked.most_common(3)
