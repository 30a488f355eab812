"""The desk in real Chromium: every role's page is accessible, narrow enough for a phone, and works without script."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

ROLES = {
    "holder": ("Hanako Sato", "/desk/account"),
    "administrator": ("JPN-demonstration", "/desk/registry"),
}


def at_desk(page: Page, site: str, language: str, role: str) -> None:
    """Take a role by its button."""
    name, path = ROLES[role]
    page.goto(f"{site}/{language}/desk")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(f"**{path}*")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_role_has_an_accessible_page(site: str, browser: Browser, language: str, role: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    at_desk(page, site, language, role)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert not found.violations_count, found.generate_report()
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_switch_works_without_script_and_by_keyboard(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/en/desk")
    button = page.get_by_role("button", name="Ichiro Suzuki")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/desk/account*")
    assert page.get_by_role("button", name="Approve").count() == 1
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    context.close()
