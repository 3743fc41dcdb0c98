"""The stage in Chromium: film and snapshots follow the playhead, and nothing late is shown."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.harness.live import LiveStack
from tests.harness.opener import Opener, trace_pages
from tests.harness.viewer import at_rest

FRONT = "iframe.snapshot:not([data-back])"


@pytest.fixture
def opened(page: Page, live_stack: LiveStack) -> Iterator[Opener]:
    with trace_pages(page, live_stack) as opener:
        yield opener


def held_back(page: Page, pattern: str) -> Callable[[], None]:
    """Keeps the first answer to `pattern` back until the returned function is called."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile(pattern), hold)

    def let_go() -> None:
        assert held, "nothing was asked for"
        held[0].continue_()

    return let_go


def test_before_at_and_after_move_the_playhead(opened: Opener) -> None:
    page = opened(query="?step=7")
    after = page.locator("[data-phase=after]")
    expect(after).to_have_attribute("aria-pressed", "true")
    page.click("a[data-step='7']")
    page.click("a[data-step='4']")
    page.click("[data-phase=before]")
    expect(page.locator("[data-phase=before]")).to_have_attribute("aria-pressed", "true")
    at_rest(page)
    before = page.locator(FRONT).get_attribute("src")
    page.keyboard.press("3")
    expect(after).to_have_attribute("aria-pressed", "true")
    expect(page.locator(FRONT)).not_to_have_attribute("src", before or "")
    expect(page.locator("#evidence")).to_contain_text("seq")


def test_at_the_action_its_target_is_marked(opened: Opener) -> None:
    page = opened(query="?step=7")
    page.click("a[data-step='3']")
    page.keyboard.press("2")
    target = page.frame_locator(FRONT).locator("[data-trace-target]")
    expect(target).to_have_css("outline-style", "solid")


def test_a_step_is_fetched_as_soon_as_it_is_pressed(opened: Opener) -> None:
    page = opened(query="?step=7")
    with page.expect_request(re.compile(r"/snapshots/\d+$")):
        page.dispatch_event("a[data-step='2']", "pointerdown")
    expect(page.locator("#evidence")).to_contain_text("step 7")


def test_a_snapshot_on_its_way_is_veiled_and_a_late_one_never_shown(opened: Opener) -> None:
    page = opened(query="?step=7")
    let_go = held_back(page, r"/snapshots/\d+$")
    page.click("a[data-step='2']")
    expect(page.locator(".shot.dom")).to_have_attribute("aria-busy", "true")
    page.click("a[data-step='6']")
    expect(page.locator("#evidence")).to_contain_text("step 6")
    let_go()
    expect(page.locator(".shot.dom:not([aria-busy])")).to_be_visible()
    expect(page.frame_locator(FRONT).locator("h1")).to_have_text("Checkout")
    expect(page.locator("#evidence")).to_contain_text("step 6")


def test_a_late_answer_of_another_step_or_tab_is_dropped(opened: Opener) -> None:
    page = opened(query="?step=7&tab=clones")
    let_go = held_back(page, r"/panels/clones\?.*step=2")
    with page.expect_request(re.compile(r"/panels/clones\?.*step=2")):
        page.click("a[data-step='2']")
    page.click("a[data-step='4']")
    expect(page.locator("#panel")).to_contain_text("After step 4")
    let_go()
    at_rest(page)
    expect(page.locator("#panel")).to_contain_text("After step 4")
    page.unroute_all()
    let_go = held_back(page, r"/panels/network")
    page.click("a[data-tab=network]")
    page.click("a[data-tab=storage]")
    expect(page.locator("#panel")).to_contain_text("Cookies")
    let_go()
    at_rest(page)
    expect(page.locator("#panel")).to_contain_text("Cookies")


def test_the_film_steps_and_plays_at_a_speed(opened: Opener) -> None:
    page = opened(query="?step=2&mode=video")
    frame = page.locator("#frame")
    first = frame.get_attribute("src") or ""
    page.keyboard.press(".")
    expect(frame).not_to_have_attribute("src", first)
    page.keyboard.press(",")
    expect(frame).to_have_attribute("src", re.compile(f"{re.escape(first)}$"))
    clock = page.locator("#clock").inner_text()
    page.select_option("#speed", "4")
    page.click("#play")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false", timeout=4_000)
    assert page.locator("#clock").inner_text() != clock


def test_before_the_first_picture_the_stage_is_empty_and_says_so(opened: Opener) -> None:
    page = opened(query="?step=7")
    page.locator("#lanes canvas").press("Home")
    expect(page.locator("#stage-caption")).to_contain_text("no snapshot yet, the first at")
    expect(page.locator(FRONT)).to_be_hidden()
    page.click("a[data-mode=video]")
    expect(page.locator("#stage-caption")).to_contain_text("no frame yet, the first at")
    expect(page.locator("#frame")).to_be_hidden()
    note = page.locator(".shot-note")
    expect(note).to_be_hidden()
    page.locator("#lanes canvas").press("End")
    expect(note).to_contain_text("redaction masks texts and does not search pictures")
    frame, told = page.locator("#frame").bounding_box(), note.bounding_box()
    assert frame
    assert told
    assert frame["y"] + frame["height"] <= told["y"]


def test_the_source_shows_the_tests_line_and_the_stack_with_its_code(opened: Opener) -> None:
    page = opened("imported", "?step=29&mode=source")
    source = page.locator("#source")
    here = source.locator(".lines").first.locator(".here")
    expect(here).to_contain_text("toHaveText('Paid'")
    expect(here).to_be_in_viewport()
    frames = source.locator(".frames li")
    expect(frames.first).to_contain_text("shop.spec.js")
    expect(frames.first.locator(".here")).to_contain_text("toHaveText('Paid'")
    page.click("a[data-step='26']")
    expect(source.locator(".lines").first.locator(".here")).to_contain_text("#pw")
    expect(source.locator(".frames")).to_have_count(0)
