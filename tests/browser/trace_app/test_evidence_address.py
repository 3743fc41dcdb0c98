"""A copied address opens the very same view of a trace."""

import re
from itertools import accumulate

from playwright.sync_api import Browser, Page, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import axe_violations, sign_in, watch, world


def state(page: Page) -> dict[str, object]:
    """Everything the page shows of its moment and its view."""
    page.wait_for_timeout(600)
    expect(page.locator("#panel:not([aria-busy])")).to_be_visible()
    return {
        "url": page.url,
        "clock": page.locator("#clock").inner_text(),
        "evidence": page.locator("#evidence").inner_text(),
        "step": page.locator("a[data-step][aria-current=step]").inner_text(),
        "caption": page.locator("#stage-caption").inner_text(),
        "snapshot": page.locator("iframe.snapshot:not([data-back])").get_attribute("src"),
        "tab": page.locator(".tabs a[aria-current]").inner_text(),
        "panel": page.locator("#panel").inner_text(),
        "range": page.locator("#range b").inner_text(),
        "lane": page.locator(".lane-names [aria-pressed=true]").inner_text(),
        "window": page.locator(".mini-window").get_attribute("style"),
        "cursors": page.locator(".cursor-flag:visible").evaluate_all(
            "all => all.map(one => one.style.left)"
        ),
    }


def test_a_copied_address_shows_the_same_view(
    page: Page, chromium: Browser, live_stack: LiveStack
) -> None:
    shop = world()
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    page.click("a[data-step='6']")
    page.keyboard.press("a")
    page.keyboard.press("s")
    page.click("a[data-tab=network]")
    page.get_by_role("button", name="Network", exact=True).click()
    page.keyboard.press("n")
    expect(page.locator("#evidence")).to_contain_text("seq")
    for _ in range(3):
        page.keyboard.press("+")
    canvas = page.locator("#lanes canvas")
    canvas.press("ArrowRight")
    before = state(page)
    address = str(before["url"])
    for field in (
        r"step=\d+",
        "tab=network",
        r"zoom=[\d.]+-[\d.]+",
        "lane=network",
        r"t=[\d.]+",
        r"#seq=\d+$",
    ):
        assert re.search(field, address), (field, address)
    assert axe_violations(page) == []
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    fresh = context.new_page()
    sign_in(fresh, shop.viewer, live_stack.url)
    fresh.goto(address)
    fresh.wait_for_selector(".trace[data-ready]")
    after = state(fresh)
    context.close()
    assert after == before
    assert wrong == []


def test_event_by_event_in_one_lane(page: Page, live_stack: LiveStack) -> None:
    shop = world()
    sign_in(page, shop.viewer, live_stack.url)
    page.goto(f"/traces/{shop.failed.short_id}?lane=console")
    page.wait_for_selector(".trace[data-ready]")
    index = page.request.get(f"/traces/{shop.failed.short_id}/index.json").json()
    kinds = dict(zip(accumulate(index["seq"]), index["kind"], strict=True))
    chosen = page.get_by_role("button", name="Console", exact=True)
    expect(chosen).to_have_attribute("aria-pressed", "true")
    for _ in range(3):
        page.keyboard.press("p")
        seq = int(page.locator("#evidence").inner_text().rpartition(" ")[2])
        assert index["kinds"][kinds[seq]] in {"console.message", "page.error", "app.log"}
    chosen.press("Enter")
    expect(chosen).to_have_attribute("aria-pressed", "false")
