"""What the trace page shows first in Chromium, and that the rest comes whatever happens to it."""

import re

from playwright.sync_api import Page, Route, expect

from tests.harness.live import LiveStack
from tests.harness.opener import trace_pages
from tests.harness.viewer import world

# Runs before the page: looks, in the first frame that has steps, whether the ribbons are drawn.
LOOK = """
const look = () => {
  const step = document.querySelector(".steps .step");
  if (!step) { requestAnimationFrame(look); return; }
  const canvas = document.querySelector("#lanes canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  window.drawn = data.some((value) => value > 0);
};
if (window === window.top) requestAnimationFrame(look);
"""


def test_the_ribbons_are_in_the_first_frame(page: Page, live_stack: LiveStack) -> None:
    page.add_init_script(LOOK)
    with trace_pages(page, live_stack) as opened:
        assert opened(query="?step=7").evaluate("window.drawn")


def test_the_film_is_fetched_once_it_is_looked_at(page: Page, live_stack: LiveStack) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/frames/" in one.url else None)
    with trace_pages(page, live_stack) as opened:
        opened(query="?step=7")
        assert asked == []
        page.click("a[data-mode=video]")
        expect(page.locator("#frame")).to_be_visible()
    assert asked


def test_a_snapshot_that_does_not_come_holds_nothing_up(page: Page, live_stack: LiveStack) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/snapshots/\d+$"), hold)
    with trace_pages(page, live_stack):
        page.goto(f"/traces/{world().failed.short_id}?step=7", wait_until="commit")
        page.wait_for_selector(".trace[data-ready]")
        assert page.evaluate("document.readyState") == "interactive"
        assert page.evaluate("[htmx.config.allowEval, htmx.config.selfRequestsOnly]") == [
            False,
            True,
        ]
        page.click("a[data-tab=console]")
        expect(page.locator("#panel")).to_contain_text("webhook")
        for one in held:
            one.abort()
