"""The query box of the Events tab in Chromium."""

import re

from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import axe_violations, shoot, sign_in, watch, world


def test_finding_events_over_all_lanes(page: Page, live_stack: LiveStack) -> None:
    shop = world()
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}?tab=events")
    page.wait_for_selector(".trace[data-ready]")
    page.keyboard.press("/")
    expect(page.locator("#event-query")).to_be_focused()
    page.keyboard.type("level:error nett:1")
    expect(page.locator("#panel")).to_contain_text("nett: is no field")
    expect(page.locator("#event-query")).to_be_focused()
    expect(page.locator("tr[data-row-seq].error").first).to_be_visible()
    page.wait_for_url(re.compile("q=level%3Aerror"))
    rows = page.locator("tr[data-row-seq]").count()
    assert axe_violations(page) == []
    shoot(page, "trace-event-query")
    page.reload()
    page.wait_for_selector(".trace[data-ready]")
    expect(page.locator("tr[data-row-seq]")).to_have_count(rows)
    page.locator("tr[data-row-seq]").first.click()
    expect(page.locator("#event-query")).to_have_value("level:error nett:1")
    with page.expect_response(re.compile(r"/panels/events\?.*from=.*q=level|q=level.*from=")):
        page.locator("#panel").press("s")
    expect(page.locator("#event-query")).to_have_value("level:error nett:1")
    assert wrong == []
