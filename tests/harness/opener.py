"""Opens the seeded traces' pages for a test and sees that nothing went wrong on them."""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from playwright.sync_api import Page

from tests.harness.live import LiveStack
from tests.harness.viewer import sign_in, watch, world


class Opener(Protocol):
    """Opens a trace of the world by its name, or any by its short id, and waits for its index."""

    def __call__(self, name: str = "failed", query: str = "", *, ref: str = "") -> Page: ...


@contextlib.contextmanager
def trace_pages(page: Page, live: LiveStack) -> Iterator[Opener]:
    """Sign an owner in and give what opens pages; at the end no page may have complained."""
    shop = world()
    sign_in(page, shop.owner, live.url)
    wrong = watch(page)

    def open_trace(name: str = "failed", query: str = "", *, ref: str = "") -> Page:
        page.goto(f"/traces/{ref or getattr(shop, name).short_id}{query}")
        page.wait_for_selector(".trace[data-ready]")
        return page

    yield open_trace
    assert wrong == [], wrong
