"""Signing in and the list of traces in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import World, at_rest, axe_violations, shoot, sign_in, watch, world


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


@pytest.fixture
def listing(page: Page, shop: World, live_stack: LiveStack) -> Page:
    sign_in(page, shop.owner, live_stack.url)
    page.goto("/traces")
    return page


def test_a_link_waits_behind_the_sign_in(page: Page, shop: World) -> None:
    shop.owner.set_password("correct horse battery")
    shop.owner.save()
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}?step=4")
    assert axe_violations(page) == []
    shoot(page, "login")
    page.fill("#id_username", shop.owner.username)
    page.fill("#id_password", "wrong")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    assert axe_violations(page) == []
    page.fill("#id_password", "correct horse battery")
    page.click("button[type=submit]")
    expect(page.locator("a[data-step='4']")).to_have_attribute("aria-current", "step")
    assert wrong == []


def test_from_the_list_to_the_failure(listing: Page, shop: World) -> None:
    listing.click("text=Failed · 24h")
    expect(listing.locator("tbody .dot.fail").first).to_be_visible()
    expect(listing.locator("tbody .dot.pass")).to_have_count(0)
    listing.locator("tbody tr", has_text="PR #4521").locator("a.plain").click()
    expect(listing).to_have_url(
        f"/traces/{shop.failed.short_id}?step=7#seq={shop.failed.failing_seq}"
    )


def test_a_cluster_filters_the_list(listing: Page) -> None:
    listing.locator(".cluster", has_text="webhook-404").first.click()
    expect(listing.locator("tbody .dot.pass")).to_have_count(0)
    expect(listing.locator(".cluster[aria-current]")).to_have_count(1)
    listing.click("text=Clear")
    expect(listing.locator("tbody .dot.pass").first).to_be_visible()


def test_search_and_choices_stay_in_the_address(listing: Page) -> None:
    listing.keyboard.press("/")
    expect(listing.locator("main .search")).to_be_focused()
    listing.keyboard.type("branch:main")
    listing.keyboard.press("Enter")
    expect(listing.locator("tbody tr")).to_have_count(1)
    assert "q=branch%3Amain" in listing.url
    listing.goto("/traces")
    listing.select_option("select[name=status]", "passed")
    expect(listing.locator("tbody .dot:not(.pass)")).to_have_count(0)
    assert "status=passed" in listing.url


def test_pinning_from_the_row_needs_no_reload(listing: Page) -> None:
    row = listing.locator("tbody tr", has_text="PR #4521").first
    row.hover()
    row.get_by_role("button", name="Pin").click()
    expect(row.get_by_role("button", name="Pinned")).to_be_visible()
    row.get_by_role("button", name="Pinned").click()
    expect(row.locator("button[aria-pressed=false]")).to_have_count(1)


def test_two_ticked_traces_are_compared(listing: Page, shop: World) -> None:
    for trace in (shop.failed, shop.passed):
        listing.check(f"input[name=trace][value='{trace.short_id}']")
    listing.click("text=Compare two")
    expect(listing).to_have_url(f"/traces/{shop.passed.short_id}/diff/{shop.failed.short_id}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_list(listing: Page, theme: Any) -> None:
    listing.emulate_media(color_scheme=theme)
    assert axe_violations(listing) == []
    listing.goto("/traces?q=nothing-is-called-this")
    assert axe_violations(listing) == []


def test_pictures(listing: Page) -> None:
    shoot(listing, "list")
    listing.goto("/traces/zzzzzzzzz")
    shoot(listing, "not-found")


def test_a_small_screen_scrolls_only_downwards(listing: Page, shop: World) -> None:
    listing.set_viewport_size({"width": 390, "height": 844})
    for path in ("/traces", f"/traces/{shop.failed.short_id}"):
        listing.goto(path)
        at_rest(listing)
        wide = listing.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, path
