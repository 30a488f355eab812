"""In real Chromium: accessible in both languages, light and dark; nothing from elsewhere; phone, paper, no script."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from web_pages import PATHS

LANGUAGES = ("ja", "en")
AXE = Axe()
WIDTHS = (390, 320)
VIOLATIONS_ONLY = {"resultTypes": ["violations"]}
COLOURS_ONLY = {**VIOLATIONS_ONLY, "runOnly": ["color-contrast", "link-in-text-block"]}
SCHEMES: tuple[tuple[Literal["light", "dark"], dict[str, Any]], ...] = (
    ("light", VIOLATIONS_ONLY),
    ("dark", COLOURS_ONLY),  # the same page in other colours
)


def watched(page: Page, site: str) -> list[str]:
    """What went wrong on a page: console errors, failed requests, requests to anywhere else."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(site) else wrong.append(asked.url))
    page.on("response", lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    return wrong


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation(site: str, browser: Browser, language: str, path: str) -> None:
    context = browser.new_context(reduced_motion="reduce")  # no colour is caught half-way from light to dark
    page = context.new_page()
    wrong = watched(page, site)
    page.goto(f"{site}/{language}{path}")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for scheme, options in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = AXE.run(page, options=options)
        assert not found.violations_count, [
            (scheme, one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300])
            for one in found.response["violations"]
        ]
    context.close()
    assert not wrong


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_scrolls_sideways_on_a_phone(site: str, browser: Browser, language: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, is_mobile=True, has_touch=True)
    page = context.new_page()
    wide = {}
    for path in PATHS:
        page.goto(f"{site}/{language}{path}")
        across = page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            wide[path] = across
    context.close()
    assert not wide


@pytest.mark.parametrize("language", LANGUAGES)
def test_fonts_and_outline_come_from_here_and_are_used(site: str, browser: Browser, language: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    wrong = watched(page, site)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(f"{site}/{language}/", wait_until="networkidle")
    assert page.evaluate("document.fonts.check('16px \"BIZ UDPGothic\"')")
    assert any("land." in url for url in asked)
    assert any("biz-udpgothic-400-japanese" in url for url in asked) or language == "en"
    assert page.locator("svg.map use").first.evaluate("one => one.getBBox().width") > 500, "the outline is drawn"
    assert not wrong
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_works_without_script(site: str, browser: Browser, language: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{language}/")
    page.locator("#q").fill("Darkhan")
    page.locator("form[role=search] button").click()
    assert page.url.endswith(f"/{language}/projects?q=Darkhan")
    page.locator("td.id a").first.click()
    assert page.url.endswith(f"/{language}/projects/MN004")
    page.goto(f"{site}/{language}/projects")
    page.locator("#c").select_option("THA")
    page.locator("#s").select_option("registered")
    page.locator("form.filter button").click()
    assert "country=THA" in page.url
    assert "status=registered" in page.url
    assert page.locator("tbody tr").count() > 5
    page.goto(f"{site}/{language}/explain/JCM-JP-XD001-2022-4")
    assert page.locator("button[data-copy]").first.is_hidden(), "a button that cannot work is not shown"
    page.locator("details summary").first.click()
    assert page.locator("details[open]").count() == 1
    context.close()


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/TH014", "/explain/JCM-JP-XD001-2022-4"])
def test_on_paper_there_is_no_navigation_and_nothing_is_cut(site: str, browser: Browser, path: str) -> None:
    context = browser.new_context(viewport={"width": 680, "height": 960})
    page = context.new_page()
    page.goto(f"{site}/ja{path}")
    page.emulate_media(media="print")
    for hidden in (".nav", ".lang", ".skip"):
        assert page.locator(hidden).first.is_hidden()
    assert page.locator("h1").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
    context.close()


def test_reduced_motion_moves_nothing(site: str, browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site}/en/projects")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration !== '0s').length"
    )
    assert moving == 0
    context.close()


def test_targets_are_large_enough_to_touch(site: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{site}/en/projects")
    small = page.evaluate(
        """[...document.querySelectorAll('button, select, input, .pages a, .nav a, .lang a')]
        .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])
        .filter(([, height]) => height > 0 && height < 24)"""
    )
    assert small == []
    context.close()
