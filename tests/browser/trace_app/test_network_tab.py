"""The Network tab in Chromium: type and size of each request, search in bodies, what was sent; downloads."""

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


def test_bodies_are_searched_and_laid_out(opened: Opener) -> None:
    page = opened(query="?tab=network")
    rows = page.locator(".net-item")
    count = page.locator("#net-results [role=status]")
    everything = count.inner_text()
    expect(rows.filter(has_text="/checkout").first).to_contain_text("doc")
    with page.expect_response(re.compile("find=webhook")):
        page.fill("#net-query", "webhook")
    page_with_it = rows.filter(has_text="/checkout").first
    expect(page_with_it.locator(".net-where")).to_contain_text("in the response's body: … ")
    found = rows.and_(page.locator(".error")).filter(has_text="/api/stripe/webhook").first
    expect(found).to_contain_text("404")
    expect(count).not_to_have_text(everything)
    found.locator("summary").first.click()
    expect(found.locator(".net-more")).to_contain_text("Copy as curl")
    expect(found.locator(".net-more pre").first).to_contain_text('"')
    with page.expect_response(re.compile("find=")):
        page.fill("#net-query", "no such words anywhere")
    expect(page.locator("#panel")).to_contain_text("Nothing found")
    page.wait_for_url(re.compile("find=no"))


def test_the_record_is_downloaded_as_lines_zip_and_bundle(opened: Opener) -> None:
    page = opened(query="?tab=artifacts")
    for name, ends in (("Events", ".ndjson"), ("Playwright zip", ".zip"), ("Bundle", ".zip")):
        with page.expect_download() as waiting:
            page.locator("#panel").get_by_role("link", name=name, exact=True).click()
        assert waiting.value.suggested_filename.endswith(ends), name
        path = waiting.value.path()
        assert path.read_bytes()[:1] == (b"{" if ends == ".ndjson" else b"P")
