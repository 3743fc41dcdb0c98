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
    expect(drift).to_contain_text("Stripe clone at step 7")
    expect(drift).to_contain_text("9000")
    mender = page.locator("#panel .slot")
    mender.evaluate("one => { one.dataset.mine = 'kept'; }")
    with page.expect_response(re.compile(r"/panels/drift\?step=6")):
        page.keyboard.press("k")
    expect(drift).to_contain_text("Clones at step 6")
    expect(drift).to_contain_text("As in the last green run.")
    expect(drift).not_to_contain_text("9000")
    expect(mender).to_have_attribute("data-mine", "kept")
    page.keyboard.press("j")
    expect(drift).to_contain_text("Stripe clone at step 7")
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(drift).to_contain_text("Clones at step 5")
