"""The comparison of distribution models as somebody without a mouse uses it, with and without JavaScript."""

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Demo, sign_in


def table_text(page: Page) -> str:
    return page.get_by_role("table").first.inner_text()


def test_a_weight_moved_by_keyboard_changes_the_amounts_and_keeps_the_focus(page: Page) -> None:
    sign_in(page, "planung")
    page.goto("/verteilung/?jahr=2026")
    before = table_text(page)
    slider = page.locator("input[type=range]").first
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"60"))
    expect(slider).to_be_focused()
    expect(page.get_by_role("table").first).not_to_have_text(before, use_inner_text=True)
    expect(page.get_by_role("status").first).not_to_be_empty()
    address, after = page.url, table_text(page)
    page.goto("/")
    page.goto(address)
    assert table_text(page) == after


def test_the_bands_follow_a_weight_that_was_moved(page: Page) -> None:
    sign_in(page, "planung")
    page.goto("/verteilung/?jahr=2026")
    bands = page.get_by_role("table", name="Spannen in Euro je Sozialraum")
    before = bands.inner_text()
    page.get_by_label("Arbeitslose je 1.000", exact=True).first.fill("60")
    page.wait_for_url(re.compile("g-unemployment=60"))
    expect(bands).not_to_have_text(before, use_inner_text=True)
    assert bands.count() == 1


def test_the_bands_are_a_page_without_javascript(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(base_url=demo.base_url, locale="de-DE", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "planung")
    page.goto("/verteilung/?jahr=2026&betrag=2.000.000,00")
    page.get_by_role("link", name=re.compile("Spannen in Euro")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wie sicher sind diese Beträge?")
    page.get_by_role("link", name="Verteilungsmodelle vergleichen").click()
    expect(page.get_by_label("Zu verteilender Betrag in €")).to_have_value("2.000.000,00")
    context.close()


def test_the_whole_form_is_reached_by_the_tab_key(page: Page) -> None:
    sign_in(page, "planung")
    page.goto("/verteilung/?jahr=2026")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=re.compile("Inhalt"))).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "Neu berechnen":
            return
    raise AssertionError("the button was not reached")


def test_the_comparison_works_without_javascript(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(base_url=demo.base_url, locale="de-DE", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "planung")
    page.goto("/verteilung/?jahr=2026")
    page.get_by_label("Zu verteilender Betrag in €").fill("2.000.000,00")
    page.get_by_role("button", name="Neu berechnen").click()
    expect(page.get_by_text("Alle Modelle verteilen genau 2.000.000,00 €")).to_be_visible()
    context.close()


def test_a_wrong_amount_is_told_at_its_field_and_the_last_result_stays(page: Page) -> None:
    sign_in(page, "planung")
    page.goto("/verteilung/?jahr=2026")
    before = table_text(page)
    page.get_by_label("Zu verteilender Betrag in €").fill("1.23.4")
    expect(page.locator(".kern-error").first).to_be_visible()
    assert table_text(page) == before


def test_the_picture_of_the_readme_shows_the_page(page: Page) -> None:
    """docs/images/verteilung.png is made by `pytest -k picture_of_the_readme` with SRB_PICTURES=1."""
    sign_in(page, "planung")
    page.set_viewport_size({"width": 1366, "height": 1500})
    page.goto("/verteilung/?jahr=2026")
    picture = page.screenshot(clip={"x": 0, "y": 0, "width": 1366, "height": 1500})
    target: Path = ROOT / "docs" / "images" / "verteilung.png"
    if os.environ.get("SRB_PICTURES"):
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(picture)
    assert target.read_bytes()[:8] == picture[:8]
