"""Picking an element of the recorded page in Chromium: its attributes, its history, its mark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.opener import Opener, trace_pages
from tests.harness.viewer import axe_violations, shoot

FRONT = "iframe.snapshot:not([data-back])"


@pytest.fixture
def opened(page: Page, live_stack: LiveStack) -> Iterator[Opener]:
    with trace_pages(page, live_stack) as opener:
        yield opener


def test_a_picked_element_shows_attributes_and_history_and_stays_picked(opened: Opener) -> None:
    page = opened(query="?step=7")
    page.keyboard.press("e")
    pane = page.locator("#elements")
    with page.expect_response(lambda answer: "/elements?find=input+card" in answer.url):
        page.fill("#element-query", "input card")
    page.wait_for_url("**element=input+card*")
    # The words that Network searches for are others.
    page.click("a[data-tab=network]")
    page.reload()
    page.wait_for_selector(".trace[data-ready]")
    expect(page.locator("#element-query")).to_have_value("input card")
    pane.locator("a[data-pick='#card']").click()
    expect(pane.locator(".picked")).to_contain_text("‹masked")
    expect(pane.locator(".element-history")).to_contain_text("appears")
    expect(pane.locator(".element-history")).to_contain_text("value")
    marked = page.frame_locator(FRONT).locator("[data-trace-picked]")
    expect(marked).to_have_attribute("id", "card")
    expect(page.locator(FRONT)).to_have_attribute("sandbox", "")
    # History leads to the moment of a change, with the element still picked there.
    pane.locator(".element-history a").first.click()
    expect(pane.locator(".element-history li[aria-current] a").first).to_be_visible()
    expect(marked).to_have_attribute("id", "card")
    page.click("a[data-step='2']")
    expect(pane).to_contain_text("The element is not on this page.")
    expect(marked).to_have_count(0)
    page.click("a[data-step='7']")
    expect(marked).to_have_attribute("id", "card")
    assert axe_violations(page) == []
    shoot(page, "trace-elements")
    page.keyboard.press("e")
    expect(pane).to_be_hidden()
