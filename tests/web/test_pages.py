"""Every page in both languages: it answers, is light, asks few questions, and keeps the promises of the house."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from openjcm.web.database import Database
from openjcm.web.messages import texts
from web_pages import DEMONSTRATION, PATHS

PAGES = [f"/{language}{path}" for language in ("ja", "en") for path in PATHS]


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, client: TestClient) -> Any:
    """Each page in turn."""
    answer = client.get(request.param)
    assert answer.status_code == 200, request.param
    return answer


def test_a_page_keeps_its_promises(page: Any) -> None:
    path = page.request.url.path
    language = path.split("/")[1]
    elements = Elements(page.text)
    assert elements.of("html")[0]["lang"] == language
    assert len(elements.of("h1")) == 1
    assert len(elements.of("main")) == 1
    alternate = next(one for one in elements.of("link") if one.get("rel") == "alternate")
    assert alternate["hreflang"] == {"ja": "en", "en": "ja"}[language]
    assert str(alternate["href"]).startswith(f"/{alternate['hreflang']}/")
    for _, attributes in elements.found:
        assert "style" not in attributes, "a style attribute is not allowed by the policy"
        assert not [name for name in attributes if name.startswith("on")]
    assert elements.of("style") == []
    for script in elements.of("script"):
        assert str(script["src"]).startswith("/static/")
    for one in elements.of("link", "script", "img", "use", "image"):
        assert not re.match(r"(https?:)?//", str(one.get("href") or one.get("src") or ""))
    assert len(page.content) <= 80_000


def test_every_picture_has_a_title_or_is_hidden(page: Any) -> None:
    for start in re.finditer(r"<svg\b[^>]*>(.{0,200})", page.text, re.DOTALL):
        tag = start.group(0).split(">")[0]
        assert 'aria-hidden="true"' in tag or ('role="img"' in tag and "<title" in start.group(1)), tag
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]


def test_headings_go_down_one_level_at_a_time(page: Any) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", page.text)]
    for before, after in pairwise(levels):
        assert after <= before + 1, levels


def test_security_headers(page: Any) -> None:
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_a_second_visit_costs_nothing(page: Any, client: TestClient) -> None:
    again = client.get(str(page.request.url), headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("path", DEMONSTRATION)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_demonstration_says_so_on_every_page(client: TestClient, language: str, path: str) -> None:
    assert 'class="note demo"' in client.get(f"/{language}{path}").text


@pytest.mark.parametrize("path", [path for path in PATHS if path not in DEMONSTRATION])
def test_other_pages_carry_no_demonstration_notice(client: TestClient, path: str) -> None:
    assert 'class="note demo"' not in client.get(f"/en{path}").text


def test_no_page_asks_the_database_row_by_row(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page asks a number of questions that does not grow with what it shows; the largest has 25 rows and more."""
    asked: list[str] = []

    class Counting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            asked.append(str(query))
            return super().execute(query, *arguments, **options)

    opened = Database._open

    def counted(database: Database) -> Any:
        connection = opened(database)
        connection.cursor_factory = Counting
        return connection

    monkeypatch.setattr(Database, "_open", counted)
    client.app.state.database.close()  # type: ignore[attr-defined]
    many = {}
    for path in PAGES:
        asked.clear()
        client.get(path)
        if len(asked) > 20:
            many[path] = len(asked)
    assert asked, "the questions were counted"
    assert not many


def test_links_within_the_pages_lead_somewhere(client: TestClient) -> None:
    seen: set[str] = set()
    for path in PAGES:
        if path.startswith("/en"):
            elements = Elements(client.get(path).text)
            seen |= {
                str(one["href"]) for one in elements.of("a", "link", "use") if str(one.get("href", "")).startswith("/")
            }
    assert len(seen) > 300
    broken = {}
    for href in sorted(seen):
        answer = client.get(href.split("#")[0], headers={"accept-encoding": "identity"})
        if answer.status_code not in {200, 303}:
            broken[href] = answer.status_code
    assert not broken


def test_the_way_in_follows_the_reader(client: TestClient) -> None:
    def leads(header: str | None) -> str:
        headers = {"accept-language": header} if header is not None else {"accept-language": ""}
        return client.get("/", headers=headers).headers["location"]

    assert leads("en-GB,en;q=0.9,ja;q=0.8") == "/en/"
    assert leads("ja,en;q=0.9") == "/ja/"
    assert leads("fr,en;q=0.3,ja;q=0.2") == "/en/"
    assert leads("de") == "/ja/"
    assert leads(None) == "/ja/"
    assert leads("en;q=abc") == "/en/"


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("TH014", "/en/projects/TH014"),
        ("th014", "/en/projects/TH014"),
        ("mn_am003", "/en/methodologies/MN_AM003"),
        ("JCM-JP-XD001-2022-4", "/en/explain/JCM-JP-XD001-2022-4"),
        ("ZZ999", "/en/projects?q=ZZ999"),
        ("Darkhan", "/en/projects?q=Darkhan"),
        ("", "/en/projects?q="),
    ],
)
def test_search_leads_to_what_was_named(client: TestClient, typed: str, place: str) -> None:
    answer = client.get("/en/search", params={"q": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, place)


def test_static_files_are_kept_for_a_year_under_their_hash(client: TestClient) -> None:
    sheet = re.search(r'href="(/static/openjcm\.[0-9a-f]{10}\.css)"', client.get("/en/").text)
    assert sheet
    answer = client.get(sheet[1])
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) <= 33_000
    fonts = re.findall(r"url\((fonts/[^)]+)\)", answer.text)
    assert len(fonts) == 5
    for font in fonts:
        kept = client.get(f"/static/{font}", headers={"accept-encoding": "identity"})
        assert kept.status_code == 200
        assert len(kept.content) <= 120_000
    assert client.get("/static/openjcm.css").status_code == 404
    assert client.get("/static/../app.py").status_code == 404


def test_a_first_visit_weighs_less_than_200_kb(client: TestClient) -> None:
    """What travels, compressed as any browser asks for it: page, style sheet, script, outline, and every font."""
    for path in PAGES:
        page = client.get(path, headers={"accept-encoding": "gzip"})
        weight = int(page.headers["content-length"])
        sheet = next(str(one["href"]) for one in Elements(page.text).of("link") if one.get("rel") == "stylesheet")
        parts = [sheet, *(str(one["src"]) for one in Elements(page.text).of("script"))]
        parts += sorted({str(one["href"]).split("#")[0] for one in Elements(page.text).of("use")} - {""})
        for part in parts:
            weight += int(client.get(part, headers={"accept-encoding": "gzip"}).headers["content-length"])
        assert weight + font_weight(client, path.startswith("/ja")) <= 320_000, path
        assert weight <= 60_000, path


def font_weight(client: TestClient, japanese: bool) -> int:
    """Bytes of the fonts that a page of the language asks for."""
    sheet = next(
        str(one["href"]) for one in Elements(client.get("/en/").text).of("link") if one.get("rel") == "stylesheet"
    )
    fonts = re.findall(r"url\((fonts/[^)]+)\)", client.get(sheet).text)
    return sum(len(client.get(f"/static/{font}").content) for font in fonts if japanese or "japanese" not in font)


def test_no_page_shows_a_bare_key_or_value_of_the_program(client: TestClient) -> None:
    keys = [re.escape(key) for key in texts("en") if key.count(".") >= 1]
    pattern = re.compile(rf">\s*({'|'.join(keys)})\s*<")
    for path in PAGES:
        text = client.get(path).text
        assert not pattern.search(text)
        for sign in (">None<", "Undefined", "datetime.date", "{{", "}}", "Fraction("):
            assert sign not in text, (path, sign)
