"""Finding in Chromium: filters, own views, the page of a cluster, with and without script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import World, axe_violations, shoot, sign_in, watch, world


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


@pytest.fixture
def listing(page: Page, shop: World, live_stack: LiveStack) -> Page:
    sign_in(page, shop.owner, live_stack.url)
    page.goto("/traces")
    return page


def test_a_view_is_made_of_filters_and_goes_again(listing: Page, shop: World) -> None:
    wrong = watch(listing)
    listing.click("text=More filters")
    listing.fill("#f-branch", shop.failed.branch)
    listing.click("text=Filter >> nth=-1")
    expect(listing.locator("tbody tr")).to_have_count(1)
    listing.click("text=Save as a view")
    assert axe_violations(listing) == []
    shoot(listing, "list-filters")
    listing.fill("#view-name", "My branch")
    listing.keyboard.press("Enter")
    expect(listing.get_by_role("link", name="My branch")).to_have_attribute("aria-current", "page")
    listing.click("nav >> text=All")
    listing.click("text=My branch")
    expect(listing.locator("tbody tr")).to_have_count(1)
    listing.click("text=Delete this view")
    expect(listing.get_by_role("link", name="My branch")).to_have_count(0)
    assert wrong == []


def test_the_page_of_a_cluster(listing: Page, shop: World) -> None:
    wrong = watch(listing)
    listing.locator(".cluster .why").first.click()
    expect(listing.get_by_text("Why these traces are one cluster")).to_be_visible()
    expect(listing.get_by_text("Mender has not looked at this failure")).to_be_visible()
    for theme in ("light", "dark"):
        scheme: Any = theme
        listing.emulate_media(color_scheme=scheme)
        assert axe_violations(listing) == []
    shoot(listing, "signature")
    listing.set_viewport_size({"width": 390, "height": 844})
    assert listing.evaluate("document.documentElement.scrollWidth") <= 390
    listing.locator(".cite").first.click()
    expect(listing.locator("#main")).to_be_visible()
    assert "#seq=" in listing.url
    assert wrong == []


def test_without_script_nothing_is_missing(
    chromium: Browser, shop: World, live_stack: LiveStack
) -> None:
    context = chromium.new_context(base_url=live_stack.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, shop.owner, live_stack.url)
    page.goto("/traces?status=failed")
    page.click("text=Save as a view")
    page.fill("#view-name", "Failures")
    page.click("text=Save >> nth=-1")
    expect(page.get_by_text("Saved as Failures")).to_be_visible()
    with page.expect_download() as download:
        page.click("text=CSV")
    text = download.value.path().read_text()
    assert text.startswith("trace,title,status")
    assert shop.failed.short_id in text
    assert shop.passed.short_id not in text
    page.locator(".cluster .why").first.click()
    page.click("text=Mender's attempts")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Attempts on")
    context.close()
