"""Every page of the product, light and dark, wide and at 390 px: axe-core finds nothing.

The pages are those of the policy's table, so a new URL is looked at without being named here.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import at_rest, axe_violations, sign_in, world
from tests.policy.rows import Row
from tests.policy.table import TABLE
from tests.policy.world import World, make_world
from trace_app.domain.ids import new_short_id
from trace_app.views.panels import PANELS

WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
PAGES = [row for row in TABLE if row.method == "get" and "_api:" not in row.name and not row.live]
# What a colour scheme can break; all else is the same document.
COLOURS = ("color-contrast", "link-in-text-block")
DIALOGS = {"keys": "?", "replay": "r"}


@cache
def everything() -> World:
    """One of everything, in the running product's database."""
    return make_world(f"-{new_short_id().lower()}")


@pytest.fixture(scope="module")
def screen(chromium: Browser) -> Iterator[Page]:
    """One page for the whole module: a context per page would cost more than the looking."""
    context = chromium.new_context(viewport=WIDE, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def look(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in each of its looks."""
    wrong: list[str] = []
    for name, size, rules in (("dark", WIDE, COLOURS), ("390 px", NARROW, ()), ("", WIDE, ())):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if name == "dark" else "light")
        wrong += [f"{name} {line}" for line in axe_violations(page, only=rules)]
        if size is NARROW and (wide := page.evaluate("document.documentElement.scrollWidth")) > 390:
            wrong.append(f"the page is {wide} px wide on a screen of 390 px")
    return wrong


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_axe_finds_nothing_on(screen: Page, live_stack: LiveStack, row: Row) -> None:
    held = everything()
    screen.context.clear_cookies()
    if row.name != "login" and (owner := held.people["owner"]) is not None:
        sign_in(screen, owner, live_stack.url)
    address = live_stack.url + reverse(row.name, args=[held.names[name] for name in row.world])
    answer = screen.context.request.get(address)
    shown = answer.headers["content-type"].startswith("text/html") and "<main" in answer.text()
    if not shown:
        # A part of a page, or a file: parts are looked at in the pages that show them.
        return
    screen.goto(address)
    at_rest(screen)
    assert look(screen) == []


@pytest.mark.parametrize("tab", [*PANELS, "mode=video", "mode=source"])
def test_axe_finds_nothing_on_the_trace_page(screen: Page, live_stack: LiveStack, tab: str) -> None:
    shop = world()
    sign_in(screen, shop.owner, live_stack.url)
    query = tab if "=" in tab else f"tab={tab}"
    screen.goto(f"{live_stack.url}/traces/{shop.failed.short_id}?{query}")
    screen.wait_for_selector(".trace[data-ready]")
    at_rest(screen)
    assert look(screen) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_axe_finds_nothing_in_the_window(screen: Page, live_stack: LiveStack, name: str) -> None:
    shop = world()
    sign_in(screen, shop.owner, live_stack.url)
    screen.goto(f"{live_stack.url}/traces/{shop.failed.short_id}")
    screen.wait_for_selector(".trace[data-ready]")
    screen.keyboard.press(DIALOGS[name])
    expect(screen.locator("dialog[open]")).to_be_visible()
    at_rest(screen)
    assert look(screen) == []


@pytest.mark.parametrize(
    "address", ["/nowhere", "/traces/zzzzzzzzz", "/traces?status=nonsense&q=none"]
)
def test_axe_finds_nothing_where_nothing_is(
    screen: Page, live_stack: LiveStack, address: str
) -> None:
    sign_in(screen, world().owner, live_stack.url)
    screen.goto(live_stack.url + address)
    assert look(screen) == []
