"""The walk that matters: from the home page by keyboard alone to the readings behind one tonne, in both languages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

SERIAL = "JCM-JP-XD001-2022-4"
TEXTS = {
    "ja": {
        "skip": "本文へ移動",
        "nav": "1トンを説明する",
        "proof": "証明を入手",
        "table": "計測値を表で見る",
        "copied": "コピーしました",
    },
    "en": {
        "skip": "Skip to content",
        "nav": "Explain a tonne",
        "proof": "Download proof",
        "table": "These readings",
        "copied": "Copied",
    },
}


def tab_to(page: Page, text: str, limit: int = 120) -> None:
    """Press Tab until the focus is on something with this text, and see that the focus can be seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const one = document.activeElement; const style = getComputedStyle(one);
            return [one.textContent.trim(), style.outlineStyle, one.getBoundingClientRect().height]; }"""
        )
        if text in found[0]:
            assert found[1] != "none", f"the focus on “{text}” cannot be seen"
            return
    pytest.fail(f"Tab never reaches “{text}”")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_by_keyboard_from_home_to_the_readings_and_the_proof(
    site: str, browser: Browser, language: str, tmp_path: Path
) -> None:
    words = TEXTS[language]
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site}/{language}/")
    tab_to(page, words["skip"], 1)
    tab_to(page, words["nav"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{language}/explain")
    tab_to(page, SERIAL)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{language}/explain/{SERIAL}")

    assert page.locator("ol.desc > li").count() == 8
    assert page.locator("ol.desc > li.q").count() == 0
    for figure in ("45.102", "60.322", "−0.322", "0.797", "75.686"):
        assert page.get_by_text(figure).first.is_visible() or page.locator(f"text={figure}").count()

    tab_to(page, words["table"])
    page.keyboard.press("Enter")
    assert page.locator("details[open] table tbody tr").count() > 10

    tab_to(page, words["proof"])
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    proof = tmp_path / "P.json"
    download.value.save_as(proof)
    assert json.loads(proof.read_bytes())

    checker = tmp_path / "check_proof.py"
    checker.write_bytes(page.request.get(f"{site}/api/v1/log/check_proof.py").body())
    checked = subprocess.run([sys.executable, str(checker), str(proof)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert SERIAL in checked.stdout
    context.close()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_same_page_in_the_other_language_is_one_step_away(site: str, browser: Browser, language: str) -> None:
    other = {"ja": "en", "en": "ja"}[language]
    page = browser.new_page()
    page.goto(f"{site}/{language}/explain/{SERIAL}")
    page.locator(".lang a").click()
    assert page.url == f"{site}/{other}/explain/{SERIAL}"
    assert page.locator("html").get_attribute("lang") == other
    page.close()


def test_copying_a_hash_says_so(site: str, browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site}/ja/explain/{SERIAL}")
    button = page.locator("button[data-copy]").first
    assert button.is_visible()
    button.click()
    page.wait_for_function("document.querySelector('[role=status]').textContent !== ''")
    assert page.locator("[role=status]").text_content() == TEXTS["ja"]["copied"]
    assert page.evaluate("navigator.clipboard.readText()") == SERIAL
    context.close()


def test_a_real_tonne_is_followed_as_far_as_the_record_goes(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site}/en/projects/TH014")
    page.get_by_role("link", name="JCM-JP-TH014-2021-1-1009").click()
    assert page.locator("ol.desc > li.q").count() == 5
    assert page.locator("ol.desc > li:not(.q)").count() == 3
    page.close()
