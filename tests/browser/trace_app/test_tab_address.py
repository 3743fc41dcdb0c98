"""What is set inside a tab stands in the address, and a copy of it shows the same."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.opener import Opener, trace_pages
from tests.harness.viewer import world

EVERY = ("#panel", "#clock", "#evidence", "#stage-caption")


@pytest.fixture
def opened(page: Page, live_stack: LiveStack) -> Iterator[Opener]:
    with trace_pages(page, live_stack) as opener:
        yield opener


def copied(page: Page) -> Page:
    """The same address in another tab of the browser."""
    copy = page.context.new_page()
    copy.goto(page.url)
    copy.wait_for_selector(".trace[data-ready]")
    return copy


def test_the_ribbon_of_the_events_tab(opened: Opener) -> None:
    page = opened(query="?tab=events")
    chosen = page.locator("#panel .seg [aria-current]")
    page.locator("#panel .seg").get_by_role("link", name="Console").click()
    expect(chosen).to_have_text("Console")
    page.wait_for_url("**ribbon=console**")
    copy = copied(page)
    expect(copy.locator("#panel .seg [aria-current]")).to_have_text("Console")
    expect(copy.locator("#panel [data-event-count]")).to_have_text("9 events")
    # It stays when the tab is loaded again for a range, and goes with the tab.
    with page.expect_response(re.compile(r"/panels/events\?.*ribbon=console")):
        page.keyboard.press("s")
    expect(chosen).to_have_text("Console")
    page.click("a[data-tab=console]")
    page.wait_for_url(lambda url: "ribbon=" not in url)
    copy.close()


def test_the_step_the_clones_are_compared_with(opened: Opener) -> None:
    page = opened(query="?tab=clones&step=7")
    against = page.get_by_label("compared with")
    expect(against).to_have_value("")
    with page.expect_response(re.compile("against=2")):
        against.select_option("step 2")
    page.wait_for_url("**against=2**")
    copy = copied(page)
    expect(copy.get_by_label("compared with")).to_have_value("2")
    expect(copy.locator("#panel")).to_have_text(
        page.locator("#panel").inner_text(), use_inner_text=True
    )
    copy.close()
    # From step to step it stays the step to compare with, until it is let go.
    with page.expect_response(re.compile(r"step=6&against=2|against=2&step=6")):
        page.keyboard.press("k")
    expect(page.locator("#panel")).to_contain_text("After step 6")
    expect(against).to_have_value("2")
    with page.expect_response(re.compile("/panels/clones")):
        against.select_option("the step before")
    page.wait_for_url(lambda url: "against=" not in url)


def test_the_requests_that_are_open(opened: Opener) -> None:
    page = opened(query="?tab=network")
    for row in (page.locator(".net-item.error"), page.locator(".net-item").nth(3)):
        row.first.locator("summary").first.click()
        expect(row.first.locator(".net-more")).to_contain_text("Copy as curl")
    page.wait_for_url(re.compile(r"open=\d+\.\d+"))
    copy = copied(page)
    shown = copy.locator(".net-item[open] .net-more")
    expect(shown).to_have_count(2)
    for one in shown.all():
        expect(one).to_contain_text("Copy as curl")
    copy.locator(".net-item.error summary").first.click()
    copy.wait_for_url(re.compile(r"open=\d+(&|#|$)"))
    copy.close()


def test_cursors_typed_into_the_delta(opened: Opener) -> None:
    page = opened(query="?tab=delta")
    failing = world().failed.failing_seq
    page.get_by_label("A seq").fill("100")
    page.get_by_label("B seq").fill(str(failing))
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("#panel")).to_contain_text("seq:100")
    page.wait_for_url(re.compile(rf"a=100&b={failing}"))
    expect(page.locator(".cursor-flag:visible")).to_have_count(2)
    copy = copied(page)
    expect(copy.locator("#panel .cite").first).to_have_text("seq:100")
    expect(copy.locator(".cursor-flag:visible")).to_have_count(2)
    copy.close()


def test_the_picked_element_and_the_mode(opened: Opener) -> None:
    page = opened(query="?step=7")
    page.keyboard.press("e")
    page.locator("#elements a[data-pick='#card']").click()
    expect(page.locator("#elements .picked")).to_contain_text("input")
    page.wait_for_url("**pick=%23card**")
    copy = copied(page)
    expect(copy.locator("#elements .picked")).to_contain_text("input")
    marked = copy.frame_locator("iframe.snapshot:not([data-back])").locator("[data-trace-picked]")
    expect(marked).to_have_attribute("id", "card")
    copy.keyboard.press("e")
    copy.wait_for_url(lambda url: "pick=" not in url)
    copy.click("a[data-mode=source]")
    expect(copy.locator("#source")).to_contain_text("Click Pay now")
    again = copied(copy)
    expect(again.locator(".view")).to_have_attribute("data-mode", "source")
    expect(again.locator("#source")).to_contain_text("Click Pay now")
    again.close()
    copy.close()
