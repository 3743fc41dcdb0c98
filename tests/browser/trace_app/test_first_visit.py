"""The first visit in Chromium: what the ribbons are, what to look at first, once."""

from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import axe_violations, shoot, sign_in, watch, world


def test_the_first_visit_explains_itself_once(page: Page, live_stack: LiveStack) -> None:
    shop = world()
    sign_in(page, shop.owner, live_stack.url, first_visit=True)
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    intro = page.locator("#intro")
    expect(intro).to_contain_text("One clock, five ribbons")
    expect(intro.locator("li").first).to_contain_text("webhook payment_intent.succeeded")
    expect(intro).to_contain_text("POST /api/stripe/webhook → 404")
    assert axe_violations(page) == []
    shoot(page, "trace-first-visit")
    cause = intro.locator("li", has_text="404").nth(1)
    seq = cause.locator("a").inner_text().removeprefix("seq:")
    cause.locator("a").click()
    expect(page.locator("#evidence")).to_contain_text(f"seq {seq}")
    page.click("text=Got it")
    expect(intro).to_be_hidden()
    page.reload()
    page.wait_for_selector(".trace[data-ready]")
    expect(intro).to_be_hidden()
    page.keyboard.press("i")
    expect(intro).to_be_visible()
    page.goto(f"/traces/{shop.passed.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    page.keyboard.press("i")
    expect(intro).to_contain_text("Nothing failed here")
    assert wrong == []
