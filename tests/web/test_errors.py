"""When something is wrong the reader is told in words, in both languages, and nothing is given away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from loaded_record import LoadedRecord
from openjcm.web import pages
from openjcm.web.app import create_app
from openjcm.web.database import Database


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/projects/ZZ999",
        "/projects/%00",
        "/registries/ZZZ",
        "/methodologies/ZZ_AM999",
        "/rules/ZZZ",
        "/explain/four-tonnes",
        "/explain/JCM-JP-TH014-2021-1010",
        "/log/999999",
        "/log/99999999999999999999999",
        "/projects/..%2f..%2fetc%2fpasswd",
        "/projects/XD001/meters/M9",
        "/projects/XD001/periods/1999-01-01",
        "/projects/ZZ999/periods/2022-03-06",
        f"/readings/{'0' * 64}",
        f"/readings/{'a' * 63}",
        "/readings/739e898f2bb08852ccf917cf68b46ae8c719447a398ad9af3f6a4b8e34f86fda?meter=M9",
        "/registries/ZZZ/uses",
        "/methodologies/ZZ_AM999/diff",
        "/methodologies/MN_AM003/diff?a=99.0",
        "/methodologies/ZZ_AM999/replay",
        "/reports/aef/jpn/2025",
        "/reports/aef/JPN/1999",
        "/reports/aef/JPN/2025?world=other",
        "/api?method=get&operation=/nothing",
    ],
)
def test_what_is_not_there_gets_a_page_in_the_readers_language(client: TestClient, path: str) -> None:
    for language, words in (("en", "no such page"), ("ja", "このページはありません")):
        answer = client.get(f"/{language}{path}")
        assert answer.status_code == 404, path
        if path != "/rules/ZZZ":
            assert words in answer.text
        assert f'<html lang="{language}">' in answer.text


def test_outside_both_languages_the_reader_is_asked_by_the_browser(client: TestClient) -> None:
    assert 'lang="en"' in client.get("/nothing", headers={"accept-language": "en"}).text
    assert 'lang="ja"' in client.get("/nothing", headers={"accept-language": "ja"}).text


def test_a_refusal_on_a_page_says_the_rule_and_the_remedy(client: TestClient) -> None:
    text = client.get("/ja/rules/ZZZ").text
    assert "unknown_country" in text
    assert "パートナー国ではありません" in text


@pytest.fixture
def lost() -> TestClient:
    """The application with a database that is not there."""
    return TestClient(create_app("postgresql://nobody@127.0.0.1:1/none"), raise_server_exceptions=False)


def test_an_empty_log_has_no_checkpoint(database_url: str) -> None:
    with TestClient(create_app(database_url)) as client:
        answer = client.get("/api/v1/log/checkpoint")
    assert (answer.status_code, answer.json()["detail"]) == (404, "the log is empty")


def test_without_a_database_pages_and_api_say_so(lost: TestClient) -> None:
    assert lost.get("/healthz").status_code == 503
    page = lost.get("/en/")
    assert page.status_code == 503
    assert "cannot be read at the moment" in page.text
    problem = lost.get("/api/v1/projects")
    assert (problem.status_code, problem.json()["code"]) == (503, "database_unreachable")
    for answer in (page, problem):
        assert "127.0.0.1" not in answer.text, "an address of the inside is nobody's business"


def test_a_mistake_of_ours_gives_nothing_away(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "conditional", _fail_once(pages.conditional))
    page = client.get("/ja/projects")
    assert page.status_code == 500
    assert "内部で問題が起きました" in page.text
    assert "secret" not in page.text
    assert "content-security-policy" in page.headers


def _fail_once(whole: Callable[..., Any]) -> Callable[..., Any]:
    calls: list[int] = []

    def fails(*given: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("secret of the inside")
        return whole(*given, **more)

    return fails


def test_healthy(client: TestClient) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")


def test_pages_cannot_write(record: LoadedRecord) -> None:
    database = Database(record.url)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), database.reading() as connection:
        connection.execute("insert into registry values ('X', 'ZZZ', 'public', 1)")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), database.reading() as connection:
        connection.execute("create table x (y int)")
    database.close()


def test_a_page_sees_one_moment(database_url: str) -> None:
    database = Database(database_url)
    with database.reading() as reader, psycopg.connect(database_url, autocommit=True) as writer:
        before = reader.execute("select tree_size from log_head").fetchone()
        writer.execute("update log_head set entry_no = entry_no + 1, tree_size = tree_size + 1")
        assert reader.execute("select tree_size from log_head").fetchone() == before
    with database.reading() as reader:
        row = reader.execute("select tree_size from log_head").fetchone()
        assert row is not None
        assert row.tree_size == 1
    database.close()


def test_a_connection_that_the_server_ended_is_replaced(database_url: str) -> None:
    database = Database(database_url)
    with database.reading() as reader:
        first = reader.info.backend_pid
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s)", [first])
    with database.reading() as reader:
        assert reader.info.backend_pid != first
    database.close()


def test_idle_connections_stay_few(database_url: str) -> None:
    database = Database(database_url, size=2)
    opened = [database.reading() for _ in range(4)]
    for one in opened:
        one.__enter__()
    for one in opened:
        one.__exit__(None, None, None)
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    assert row[0] <= 3
    database.close()
