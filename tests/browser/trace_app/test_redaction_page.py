"""Redaction in Chromium: a rule is tried, then saved; the report on the trace leads to events."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import World, axe_violations, shoot, sign_in, watch, world


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


def checked(page: Page) -> None:
    """Light and dark pass axe, and the page fits a small screen."""
    for theme in ("light", "dark"):
        scheme: Any = theme
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert axe_violations(page) == []


def test_a_rule_is_tried_before_it_is_saved(page: Page, shop: World, live_stack: LiveStack) -> None:
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/teams/{shop.project.team.slug}/settings")
    page.get_by_role("link", name="Rules of this team").click()
    hints = page.locator(".kind-hint:visible")
    for kind, example in (("header", "x-order-secret"), ("selector", "input#pan")):
        page.locator("#rule-kind").select_option(kind)
        expect(hints).to_have_count(1)
        expect(hints.locator("code")).to_have_text(example)
    page.locator("#rule-kind").select_option("pattern")
    page.locator("#rule-value").fill("a@b[.]co")
    page.locator("#rule-name").fill("customer mail")
    page.locator("#rule-trace").select_option(shop.failed.short_id)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Would mask 6 times")).to_be_visible()
    expect(page.get_by_text("Nothing was stored.")).to_be_visible()
    checked(page)
    shoot(page, "team-redaction")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Save this rule").click()
    expect(page.get_by_role("cell", name="customer mail", exact=True)).to_be_visible()
    page.locator("#rule-value").fill("(?=x)")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("A name has letters, digits")).to_be_visible()
    page.get_by_role("button", name="Delete the rule customer mail").click()
    expect(page.get_by_role("cell", name="customer mail", exact=True)).to_have_count(0)
    # A refused form answers 422, which the browser notes as an error of the network.
    assert [line for line in wrong if "422" not in line] == []


def test_the_report_leads_to_an_event(page: Page, shop: World, live_stack: LiveStack) -> None:
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}?tab=artifacts")
    report = page.locator(".redaction")
    expect(report.get_by_text("Masked before it was stored")).to_be_visible()
    report.scroll_into_view_if_needed()
    checked(page)
    shoot(page, "trace-redaction")
    cite = report.locator(".cite").first
    seq = cite.get_attribute("data-seq")
    cite.click()
    page.wait_for_url(f"**#seq={seq}")
    assert wrong == []
