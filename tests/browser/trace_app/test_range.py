"""Selecting a range on the ribbons in Chromium, and the minimap of the whole run."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
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
    viewer.wait_for_timeout(300)
    assert "from=" not in viewer.url


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
    viewer.keyboard.press("0")
    whole = window.bounding_box()
    for _ in range(4):
        viewer.keyboard.press("+")
    viewer.wait_for_timeout(100)
    small = window.bounding_box()
    assert whole is not None
    assert small is not None
    assert small["width"] < whole["width"] / 3
    viewer.mouse.click(whole["x"] + 20, whole["y"] + 8)
    viewer.wait_for_timeout(100)
    moved = window.bounding_box()
    assert moved is not None
    assert moved["x"] < small["x"] - 50
    viewer.locator("#minimap").dblclick(position={"x": 60, "y": 8})
    viewer.wait_for_timeout(100)
    full = window.bounding_box()
    assert full is not None
    assert full["width"] == pytest.approx(whole["width"], abs=2)
