"""No part of the page shows another moment than the playhead's."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.opener import Opener, trace_pages


@pytest.fixture
def opened(page: Page, live_stack: LiveStack) -> Iterator[Opener]:
    with trace_pages(page, live_stack) as opener:
        yield opener


def test_the_drift_of_the_clones_follows_the_playhead(opened: Opener) -> None:
    page = opened()
    drift = page.locator("[data-part-url]")
    expect(drift).to_contain_text("Stripe clone after step 7")
    expect(drift).to_contain_text("9000")
    mender = page.locator("#panel .slot")
    mender.evaluate("one => { one.dataset.mine = 'kept'; }")
    with page.expect_response(re.compile(r"/panels/drift\?step=6")):
        page.keyboard.press("k")
    expect(drift).to_contain_text("Clones after step 6")
    expect(drift).to_contain_text("As in the last green run.")
    expect(drift).not_to_contain_text("9000")
    expect(mender).to_have_attribute("data-mine", "kept")
    page.keyboard.press("j")
    expect(drift).to_contain_text("Stripe clone after step 7")
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(drift).to_contain_text("Clones after step 5")


def test_states_are_those_of_the_moment_not_of_the_step_under_way(opened: Opener) -> None:
    page = opened(query="?tab=clones&step=7")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("After step 7")
    # The request before the answer: the step goes on, its states are not there yet.
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(page.locator("#evidence")).to_contain_text("step 7")
    expect(panel).to_contain_text("After step 6")
    expect(panel).not_to_contain_text("9000")
    with page.expect_response(re.compile("against=2")):
        page.get_by_label("compared with").select_option("step 2")
    expect(panel).to_contain_text("After step 6")
    copy = page.context.new_page()
    copy.goto(page.url)
    expect(copy.locator("#panel")).to_contain_text("After step 6")
    copy.close()
    page.click("a[data-tab=storage]")
    expect(panel).to_contain_text("After step 6")
    page.click("a[data-step='7']")
    expect(panel).to_contain_text("After step 7")
    page.click("a[data-tab=overview]")
    drift = page.locator("[data-part-url]")
    expect(drift).to_contain_text("Stripe clone after step 7")
    page.keyboard.press("[")
    expect(drift).to_contain_text("Clones after step 6")
