"""Selecting a range on the ribbons in Chromium, and the minimap of the whole run."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FloatRect, Page, expect

from tests.harness.live import LiveStack, wait_for
from tests.harness.viewer import World, axe_violations, shoot, sign_in, watch, world


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


@pytest.fixture
def viewer(page: Page, shop: World, live_stack: LiveStack) -> Iterator[Page]:
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}?tab=events")
    page.wait_for_selector(".trace[data-ready]")
    yield page
    assert wrong == []


def drag(page: Page, start: float, end: float, *, shift: bool = True) -> None:
    """Drags over the ribbons between two shares of their width."""
    box = page.locator("#lanes canvas").bounding_box()
    assert box is not None
    if shift:
        page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 60, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_shift_drag_narrows_the_tabs_and_the_address(viewer: Page) -> None:
    before = viewer.locator("#clock").inner_text()
    with viewer.expect_response(re.compile(r"/panels/events\?.*from=")):
        drag(viewer, 0.3, 0.5)
    expect(viewer.locator("#range")).to_be_visible()
    expect(viewer.locator("#panel")).to_contain_text("Range")
    expect(viewer.locator("#clock")).to_have_text(before)
    viewer.wait_for_url(re.compile(r"from=[0-9.]+&to=[0-9.]+"))
    said = viewer.locator("#range b").inner_text()
    assert axe_violations(viewer) == []
    shoot(viewer, "trace-range")
    viewer.reload()
    viewer.wait_for_selector(".trace[data-ready]")
    expect(viewer.locator("#range b")).to_have_text(said)
    with viewer.expect_response(re.compile(r"/panels/network\?.*from=")):
        viewer.click("a[data-tab=network]")
    with viewer.expect_response(re.compile(r"/panels/network\?step=7$")):
        viewer.keyboard.press("x")
    expect(viewer.locator("#range")).to_be_hidden()
    expect(viewer).not_to_have_url(re.compile("from="))


def test_the_keyboard_selects_too(viewer: Page) -> None:
    viewer.keyboard.press("s")
    expect(viewer.locator("#range")).to_be_visible()
    viewer.keyboard.press("s")
    expect(viewer.locator("#range")).to_be_hidden()
    canvas = viewer.locator("#lanes canvas")
    canvas.focus()
    for _ in range(3):
        canvas.press("Shift+ArrowLeft")
    expect(viewer.locator("#range")).to_be_visible()
    expect(viewer.locator(".range-band")).to_be_visible()


def test_the_minimap_shows_and_moves_the_window(viewer: Page) -> None:
    window = viewer.locator(".mini-window")

    def when(what: str, holds: Callable[[FloatRect], bool]) -> FloatRect:
        def look() -> FloatRect | None:
            box = window.bounding_box()
            return box if box is not None and holds(box) else None

        return wait_for(f"a window that {what}", look, 10)

    viewer.keyboard.press("0")
    whole = when("shows everything", lambda box: box["width"] > 100)
    for _ in range(4):
        viewer.keyboard.press("+")
    small = when("is small", lambda box: box["width"] < whole["width"] / 3)
    viewer.mouse.click(whole["x"] + 20, whole["y"] + 8)
    when("is moved", lambda box: box["x"] < small["x"] - 50)
    viewer.locator("#minimap").dblclick(position={"x": 60, "y": 8})
    when("is whole again", lambda box: abs(box["width"] - whole["width"]) <= 2)
