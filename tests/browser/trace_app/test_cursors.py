"""Cursors A and B with the Delta panel, and copying evidence, in Chromium."""

import re

from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import axe_violations, shoot, sign_in, watch, world


def test_two_cursors_and_what_changed_between_them(page: Page, live_stack: LiveStack) -> None:
    shop = world()
    sign_in(page, shop.owner, live_stack.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    page.keyboard.press("c")
    expect(page.locator(".toast")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"{shop.failed.short_id}?step=7#seq={shop.failed.failing_seq})" in copied
    page.keyboard.press("b")
    page.click("a[data-step='6']")
    with page.expect_response(re.compile(r"/panels/delta\?.*a=\d+&b=\d+")):
        page.keyboard.press("a")
    expect(page.locator("#panel")).to_contain_text("/api/stripe/webhook")
    # B stands at the failure; what its step left in the clone was kept right after.
    expect(page.locator("#panel .card", has_text="Stripe clone")).to_contain_text("9000")
    expect(page.locator("#panel .card", has_text="Page text")).to_contain_text("Payment pending")
    expect(page.locator(".cursor-flag:visible")).to_have_count(2)
    expect(page.locator(".tabs a[aria-current]")).to_have_text("Delta")
    page.wait_for_selector(".toast", state="detached")
    assert axe_violations(page) == []
    shoot(page, "trace-delta")
    page.reload()
    page.wait_for_selector(".trace[data-ready]")
    expect(page.locator("#panel")).to_contain_text("Stripe clone")
    page.locator("#panel").get_by_role("link", name="Close").click()
    expect(page.locator(".tabs a[aria-current]")).to_have_text("Overview")
    expect(page.locator(".tabs a[data-tab=delta]")).to_be_hidden()
    page.click("a[data-tab=network]")
    page.locator(".net-item.error summary").first.click()
    page.locator(".net-item.error").get_by_text("Copy as curl").click()
    expect(page.locator(".toast")).to_have_text("Copied.")
    command = page.evaluate("navigator.clipboard.readText()")
    assert command.startswith("# not included: cookie")
    assert "--data-raw '{" in command
    assert "kept apart" not in command
    assert axe_violations(page) == []
    shoot(page, "trace-network-row")
    assert wrong == []
