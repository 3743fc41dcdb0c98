"""The trace page in Chromium: one playhead moves every panel, and the address holds the evidence."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Position, expect

from tests.harness.live import LiveStack
from tests.harness.viewer import World, at_rest, shoot, sign_in, watch, world

TABS = ("overview", "events", "network", "console", "clones", "storage", "artifacts")


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


@pytest.fixture
def viewer(page: Page, shop: World, live_stack: LiveStack) -> Iterator[Page]:
    """The failed run's page, opened by an owner; nothing may have gone wrong at the end."""
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    yield page
    assert wrong == []


TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
AGREED = """() => {
  const step = new URLSearchParams(location.search).get("step");
  const seq = location.hash.replace("#seq=", "");
  const address = [step && `step ${step}`, seq && `seq ${seq}`].filter(Boolean).join(" · ");
  return document.querySelector("#evidence").textContent === address;
}"""


def moment(page: Page) -> tuple[int | None, int | None]:
    """(step, seq) in the address bar, once it says what the page says."""
    page.evaluate(TWO_FRAMES)
    page.wait_for_function(AGREED)
    step = re.search(r"[?&]step=(\d+)", page.url)
    seq = re.search(r"#seq=(\d+)", page.url)
    return (int(step[1]) if step else None, int(seq[1]) if seq else None)


def lane(page: Page, number: int, share: float) -> Position:
    """Where on the canvas a share of the trace's time lies in a lane (0 is video)."""
    box = page.locator("#lanes canvas").bounding_box()
    assert box is not None
    return {"x": 7 + share * (box["width"] - 14), "y": 18 + 30 * number + 15}


def open_tab(page: Page, tab: str) -> None:
    """Opens a tab and waits for its content."""
    with page.expect_response(re.compile(f"/panels/{tab}")):
        page.click(f"a[data-tab={tab}]")
    expect(page.locator("#panel:not([aria-busy])")).to_be_visible()
    if tab == "events":
        # The list goes to the playhead once the hand rests.
        expect(page.locator("[role=row][aria-current]")).to_be_in_viewport()
    at_rest(page)


def current_step(page: Page) -> Locator:
    return page.locator("a[data-step][aria-current=step]")


def test_it_opens_at_the_failure(viewer: Page, shop: World) -> None:
    assert moment(viewer) == (7, shop.failed.failing_seq)
    expect(current_step(viewer)).to_contain_text("Click Pay now")
    expect(viewer.locator("#panel .slug")).to_have_text("webhook-404")
    expect(viewer.locator(".head")).to_contain_text("failed at step 7")
    frame = viewer.frame_locator("iframe.snapshot:not([data-back])")
    expect(frame.locator("body")).to_contain_text("Payment pending")


def test_a_step_moves_snapshot_clones_and_address(viewer: Page) -> None:
    viewer.click("a[data-tab=clones]")
    expect(viewer.locator("#panel")).to_contain_text("After step 7")
    viewer.click("a[data-step='4']")
    expect(viewer.locator("#panel")).to_contain_text("After step 4")
    expect(viewer.locator("#panel")).to_contain_text("times_redeemed")
    frame = viewer.frame_locator("iframe.snapshot:not([data-back])")
    expect(frame.locator("h1")).to_contain_text("Your cart")
    assert moment(viewer)[0] == 4
    assert "tab=clones" in viewer.url


def test_the_address_brings_the_moment_back(viewer: Page, shop: World) -> None:
    cited = viewer.locator("#panel a.cite").nth(1)
    seq = int(cited.inner_text().removeprefix("seq:"))
    cited.click()
    assert moment(viewer)[1] == seq
    viewer.reload()
    viewer.wait_for_selector(".trace[data-ready]")
    expect(viewer.locator("#evidence")).to_contain_text(f"seq {seq}")
    viewer.goto(f"/r/{shop.failed.short_id}")
    viewer.wait_for_selector(".trace[data-ready]")
    assert viewer.url.split("?")[0].endswith(f"/traces/{shop.failed.short_id}")


def test_keys_move_step_event_and_error(viewer: Page, shop: World) -> None:
    viewer.keyboard.press("k")
    assert moment(viewer)[0] == 6
    viewer.keyboard.press("j")
    assert moment(viewer) == (7, shop.failed.failing_seq)
    viewer.keyboard.press("[")
    earlier = moment(viewer)[1]
    assert earlier is not None
    assert earlier < (shop.failed.failing_seq or 0)
    viewer.keyboard.press("p")
    assert moment(viewer)[1] != earlier
    viewer.keyboard.press("n")
    assert moment(viewer)[1] == earlier
    viewer.keyboard.press("?")
    expect(viewer.locator("dialog[open]")).to_contain_text("Next, previous step")
    viewer.keyboard.press("Escape")
    viewer.keyboard.press("/")
    expect(viewer.locator("#find")).to_be_focused()
    viewer.keyboard.type("jk")
    assert moment(viewer)[1] == earlier, "typing in a field moves nothing"


def test_space_plays_and_the_panels_follow(viewer: Page) -> None:
    viewer.click("a[data-mode=video]")
    viewer.click("a[data-step='2']")
    before = viewer.locator("#frame").get_attribute("src")
    viewer.locator(".trace").press("Space")
    expect(viewer.locator("#play")).to_have_attribute("aria-pressed", "true")
    expect(viewer.locator("#frame")).not_to_have_attribute("src", before or "")
    viewer.click("#play")
    expect(viewer.locator("#play")).to_have_attribute("aria-pressed", "false")


def test_the_ribbons_select_scrub_and_explain(viewer: Page) -> None:
    canvas = viewer.locator("#lanes canvas")
    canvas.click(position=lane(viewer, 0, 0.3))
    early = moment(viewer)[1]
    assert early is not None
    viewer.mouse.down()
    box = canvas.bounding_box()
    assert box is not None
    viewer.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 30, steps=4)
    viewer.mouse.up()
    assert (moment(viewer)[1] or 0) > early
    canvas.hover(position=lane(viewer, 3, 0.629))
    expect(viewer.locator(".hover-card")).to_contain_text("seq")
    canvas.press("Home")
    expect(viewer.locator("#clock")).to_have_text("0 ms")
    value = canvas.get_attribute("aria-valuetext") or ""
    assert value.startswith("0.00 seconds")


def test_errors_stay_red_on_the_canvas(viewer: Page) -> None:
    red = viewer.evaluate(
        """() => {
          const canvas = document.querySelector("#lanes canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let red = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (data[i] > 160 && data[i + 1] < 60 && data[i + 2] < 70 && data[i + 3] > 200) red++;
          }
          return red;
        }"""
    )
    assert red > 300


def test_rows_mark_the_playhead(viewer: Page) -> None:
    viewer.click("a[data-tab=network]")
    failed = viewer.locator(".net-item.error").first
    expect(failed).to_contain_text("404")
    expect(failed).to_have_attribute("aria-current", "true")
    viewer.click("a[data-step='1']")
    expect(failed).to_have_class(re.compile("later"))
    viewer.click("a[data-tab=events]")
    row = viewer.locator("[role=row][aria-current]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("step 1")


def test_it_reads_without_script(chromium: Browser, shop: World, live_stack: LiveStack) -> None:
    context = chromium.new_context(base_url=live_stack.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, shop.viewer, live_stack.url)
    page.goto(f"/traces/{shop.failed.short_id}")
    expect(page.locator(".step.failed small")).to_contain_text("answered 404")
    page.click("a[data-tab=events]")
    expect(page.locator("table.events tr.error").first).to_be_visible()
    page.click("a[data-step='6']")
    expect(page.locator("#panel")).to_contain_text("Step 6")
    page.click("a[data-mode=source]")
    page.click("text=Open the source of this step")
    expect(page.locator("body")).to_contain_text("Enter address and card")
    context.close()


def test_a_viewer_has_no_button_that_acts(page: Page, shop: World, live_stack: LiveStack) -> None:
    sign_in(page, shop.viewer, live_stack.url)
    page.goto(f"/traces/{shop.failed.short_id}")
    expect(page.locator("[data-command=replay]")).to_have_count(0)
    expect(page.locator("#pin button")).to_have_count(0)


def test_pinning_with_the_key(viewer: Page) -> None:
    button = viewer.locator("#pin button")
    before = button.get_attribute("aria-pressed")
    viewer.keyboard.press("f")
    expect(button).not_to_have_attribute("aria-pressed", before or "")
    viewer.keyboard.press("f")
    expect(button).to_have_attribute("aria-pressed", before or "")


@pytest.mark.parametrize("name", ["imported", "foreign", "passed"])
def test_every_tab_of_other_recordings_opens(
    page: Page, shop: World, live_stack: LiveStack, name: str
) -> None:
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{getattr(shop, name).short_id}")
    page.wait_for_selector(".trace[data-ready]")
    for tab in TABS[::-1]:
        open_tab(page, tab)
    page.click("a[data-mode=video]")
    expect(page.locator("#frame")).to_be_visible()
    assert wrong == []


def test_pictures(viewer: Page) -> None:
    for tab in TABS:
        open_tab(viewer, tab)
        shoot(viewer, f"trace-{tab}")
    viewer.click("a[data-mode=video]")
    open_tab(viewer, "overview")
    shoot(viewer, "trace-video")


def test_pictures_on_a_small_screen(viewer: Page) -> None:
    viewer.set_viewport_size({"width": 390, "height": 844})
    for tab in (*TABS, "debugger", "patch"):
        open_tab(viewer, tab)
        viewer.locator(".insp").evaluate("inspector => inspector.scrollIntoView()")
        shoot(viewer, f"trace-{tab}-390")
    viewer.reload()
    open_tab(viewer, "overview")
    viewer.evaluate("scrollTo(0, 0)")
    shoot(viewer, "trace-390")
