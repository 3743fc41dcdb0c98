"""A run of many events in Chromium: the list holds the rows in view, a close look fetches events."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.long_log import long_log
from tests.harness.opener import Opener, trace_pages
from tests.harness.viewer import World, world
from trace_app.models import Trace

STEPS = 420
MOST_NODES = 1_500


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


@pytest.fixture
def opened(page: Page, live_stack: LiveStack) -> Iterator[Opener]:
    with trace_pages(page, live_stack) as opener:
        yield opener


@pytest.fixture
def long(shop: World) -> Trace:
    """42,000 events: above what the page's index lists one by one."""
    # Other tests record shorter runs of the same name.
    found = Trace.objects.filter(project=shop.project, event_count__gt=STEPS * 98).first()
    return found or long_log(shop.project, steps=STEPS, per_step=98, failing=300)


def nodes(page: Page) -> int:
    return int(page.evaluate("document.querySelectorAll('*').length"))


def open_long(opened: Opener, long: Trace, query: str = "") -> Page:
    return opened(query=query, ref=long.short_id)


def test_the_whole_run_is_one_list_of_which_only_rows_in_view_exist(
    opened: Opener, long: Trace
) -> None:
    page = open_long(opened, long, "?tab=events")
    rows = page.locator("[role=row]")
    table = page.get_by_role("table", name="Events of the run")
    expect(table).to_have_attribute("aria-rowcount", str(long.event_count))
    expect(page.locator("[role=row][aria-current]")).to_contain_text("the warehouse did not answer")
    assert rows.count() < 60
    assert nodes(page) < MOST_NODES
    page.evaluate("document.querySelector('#panel').scrollTop = 0")
    expect(rows.first).to_contain_text("run.start")
    page.evaluate("document.querySelector('#panel').scrollTop = 1e9")
    expect(page.locator(f"[role=row][aria-rowindex='{long.event_count}']")).to_be_visible()
    rows.last.click()
    expect(page.locator("#evidence")).to_contain_text(f"seq {long.last_seq}")


def test_the_row_at_the_playhead_shows_all_of_a_long_text(opened: Opener) -> None:
    page = opened(query="?tab=events")
    row = page.locator("[role=row][aria-current]")
    expect(row).to_contain_text("delivered does not hold: webhook")
    expect(row.locator("code")).to_have_text("payment_intent.succeeded")
    said = row.locator(".say").evaluate("(one) => [one.clientWidth, one.scrollWidth]")
    assert said[1] <= said[0]
    number = int(row.get_attribute("aria-rowindex") or 0)
    box, below = (
        one.bounding_box() for one in (row, page.locator(f"[aria-rowindex='{number + 1}']"))
    )
    assert box
    assert below
    assert box["height"] > 46
    assert below["y"] == pytest.approx(box["y"] + box["height"], abs=1)
    page.keyboard.press("n")
    expect(row).to_have_attribute("aria-rowindex", str(number + 1))
    closed = page.locator(f"[aria-rowindex='{number}']").bounding_box()
    assert closed
    assert closed["height"] == 46


def test_event_by_event_leaves_none_out_and_an_address_finds_each(
    opened: Opener, long: Trace
) -> None:
    page = open_long(opened, long, "?step=20")
    evidence = page.locator("#evidence")
    expect(evidence).to_have_text("step 20 · seq 2001")
    for seq in range(2000, 1994, -1):
        page.keyboard.press("p")
        expect(evidence).to_have_text(f"step 20 · seq {seq}")
    page.keyboard.press("n")
    expect(evidence).to_have_text("step 20 · seq 1996")
    # Between events the evidence is the last one by then, listed or not.
    page.locator("#lanes canvas").press("ArrowLeft")
    expect(evidence).to_have_text("step 16 · seq 1576")
    # In one lane: the agent's events only, over the border of a step.
    page.keyboard.press("j")
    page.get_by_role("button", name="Agent", exact=True).click()
    for step, seq in ((18, 1702), (18, 1801), (19, 1802)):
        page.keyboard.press("n")
        expect(evidence).to_have_text(f"step {step} · seq {seq}")
    page.get_by_role("button", name="Agent", exact=True).click()
    page.keyboard.press("a")
    for seq in (1801, 1800):
        page.keyboard.press("p")
        expect(evidence).to_have_text(f"step 18 · seq {seq}")
    page.wait_for_url("**a=1802**#seq=1800")
    told = {name: page.locator(name).inner_text() for name in ("#clock", "#evidence")}
    page.goto(page.url.replace("a=1802", "a=1750"))
    page.wait_for_selector(".trace[data-ready]")
    for name, text in told.items():
        expect(page.locator(name)).to_have_text(text)
    expect(page.locator(".cursor-flag:visible")).to_have_text("A")
    # From a list that shows what the index does not hold.
    page.click("a[data-tab=events]")
    row = page.locator("[role=row]", has_text="line 90 of step 18")
    row.click()
    expect(evidence).to_have_text("step 18 · seq 1793")
    expect(page.locator("#clock")).to_have_text("1.79 s")


def test_zooming_in_shows_and_names_single_events(opened: Opener, long: Trace) -> None:
    page = open_long(opened, long)
    page.evaluate("window.scrollTo(0, 0)")
    with page.expect_response("**/marks.json?*"):
        for _ in range(12):
            page.keyboard.press("+")
    page.wait_for_timeout(150)
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(page.locator("#evidence")).to_contain_text("step 300")
    box = page.locator("#lanes canvas").bounding_box()
    assert box is not None
    seen = False
    for share in range(40, 60):
        page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + 18 + 30 * 3 + 15)
        if page.locator(".hover-card").is_visible():
            seen = True
            break
    assert seen
    expect(page.locator(".hover-card .card-text")).to_contain_text("of step")
