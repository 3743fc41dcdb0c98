"""Two runs on aligned ribbons in Chromium: one playhead, marked divergences, an address that brings it back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.live import LiveStack
from tests.harness.talkative import talkative
from tests.harness.viewer import World, axe_violations, shoot, sign_in, watch, world


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


@pytest.fixture
def compared(page: Page, shop: World, live_stack: LiveStack) -> Iterator[Page]:
    """The green run on the left, the failed one on the right, read by a viewer."""
    sign_in(page, shop.viewer, live_stack.url)
    wrong = watch(page)
    page.goto(address(shop))
    page.wait_for_selector("#aligned[data-ready]")
    yield page
    assert wrong == []


def address(shop: World) -> str:
    return f"/traces/{shop.passed.short_id}/diff/{shop.failed.short_id}"


def state(page: Page) -> dict[str, object]:
    """Everything the view shows of its moment."""
    page.wait_for_timeout(400)
    shown = page.locator("#aligned")
    return {
        "clock": shown.locator("#compare-clock").inner_text(),
        "said": shown.locator("#compare-said").inner_text(),
        "captions": shown.locator("[data-caption]").all_inner_texts(),
        "pages": [
            frame.get_attribute("src")
            for frame in shown.locator("iframe.snapshot:not([data-back])").all()
        ],
        "open": [link.get_attribute("href") for link in shown.locator("a[data-open]").all()],
        "value": shown.locator("canvas").get_attribute("aria-valuetext"),
        "lane": shown.locator("button[aria-pressed=true]").all_inner_texts(),
        "picture": page.evaluate("document.querySelector('#aligned canvas').toDataURL().length"),
    }


def test_it_opens_at_the_first_divergence(compared: Page, shop: World) -> None:
    expect(compared.get_by_role("heading", level=1)).to_contain_text("Step 7 now fails")
    expect(compared.get_by_role("heading", name="New regressions on the right")).to_be_visible()
    expect(compared.locator("#compare-said")).to_contain_text(":")
    expect(compared.locator(".compare-row.at .pill")).to_have_text("first divergence")
    for title in ("Steps", "Network", "Console", "Clones", "Storage", "Page text"):
        expect(compared.locator(".compare-nav")).to_contain_text(title)
    assert axe_violations(compared) == []
    shoot(compared, "compare")


def test_one_playhead_moves_both_runs(compared: Page) -> None:
    captions = compared.locator("[data-caption]")
    compared.keyboard.press("k")
    expect(captions.nth(0)).to_contain_text("step 6")
    expect(captions.nth(1)).to_contain_text("step 6")
    left = compared.frame_locator("figure[data-side=a] iframe.snapshot:not([data-back])")
    right = compared.frame_locator("figure[data-side=b] iframe.snapshot:not([data-back])")
    expect(left.locator("h1")).to_contain_text("Checkout")
    expect(right.locator("h1")).to_contain_text("Checkout")
    compared.keyboard.press("j")
    expect(right.locator("body")).to_contain_text("Payment pending")
    expect(left.locator("body")).not_to_contain_text("Payment pending")
    canvas = compared.locator("#aligned-lanes canvas")
    canvas.press("Home")
    expect(canvas).to_have_attribute("aria-valuenow", "0")
    for _ in range(5):
        canvas.press("PageUp" if _ == 4 else "PageDown")
    assert int(canvas.get_attribute("aria-valuenow") or 0) > 0
    box = canvas.bounding_box()
    assert box is not None
    compared.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 30)
    expect(compared.locator("#compare-clock")).to_contain_text("step")


def test_differences_by_key_lane_and_citation(compared: Page) -> None:
    compared.keyboard.press("0")
    canvas = compared.locator("#aligned-lanes canvas")
    canvas.press("Home")
    compared.get_by_role("button", name="Network").click()
    compared.keyboard.press("n")
    expect(compared.locator("#compare-said")).to_contain_text("network: POST /api/stripe/webhook")
    expect(compared.locator("#network .compare-row.at")).to_have_count(1)
    cite = compared.locator("#clones a[data-side=b]").first
    seq = cite.get_attribute("data-at-seq")
    cite.click()
    compared.wait_for_timeout(300)
    assert compared.url.endswith(f"#seq={seq}")
    compared.get_by_role("link", name="Open the trace here").nth(1).click()
    compared.wait_for_selector(".trace[data-ready]")
    expect(compared.locator("#evidence")).to_contain_text("step 7")


def test_a_copied_address_shows_the_same(
    compared: Page, chromium: Browser, shop: World, live_stack: LiveStack
) -> None:
    compared.get_by_role("button", name="Console").click()
    compared.keyboard.press("n")
    for _ in range(3):
        compared.keyboard.press("+")
    canvas = compared.locator("#aligned-lanes canvas")
    canvas.press("ArrowLeft")
    before = state(compared)
    assert re.search(r"step=\d+&at=[\d.]+&lane=console&zoom=[\d.]+-[\d.]+#seq=\d+$", compared.url)
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    fresh = context.new_page()
    sign_in(fresh, shop.owner, live_stack.url)
    fresh.goto(compared.url)
    fresh.wait_for_selector("#aligned[data-ready]")
    after = state(fresh)
    assert fresh.url == compared.url
    context.close()
    assert after == before


def test_the_pointer_names_events_of_both_runs_and_differences(compared: Page) -> None:
    canvas = compared.locator("#aligned-lanes canvas")
    card = compared.locator(".hover-card")
    box = canvas.bounding_box()
    assert box is not None

    def over(strip: int, lane: int, say: str) -> None:
        for share in range(2, 99):
            x = box["x"] + box["width"] * share / 100
            compared.mouse.move(x, box["y"] + 18 + 40 * lane + strip)
            if card.is_visible() and say in card.inner_text():
                return
        raise AssertionError(f"no card says {say!r}")

    over(10, 2, "Left: ")
    expect(card).to_contain_text("seq ")
    over(28, 2, "Right: ")
    over(28, 2, "Right: network: POST /api/stripe/webhook")
    expect(card.locator(".card-error")).to_be_visible()
    compared.mouse.move(box["x"] + 5, box["y"] - 40)
    expect(card).to_be_hidden()


def test_the_keys_are_explained(compared: Page) -> None:
    compared.keyboard.press("?")
    window = compared.get_by_role("dialog")
    expect(window).to_contain_text("Next, previous difference")
    assert axe_violations(compared) == []
    before = compared.locator("#compare-clock").inner_text()
    compared.keyboard.press("k")
    expect(compared.locator("#compare-clock")).to_have_text(before)
    compared.keyboard.press("Escape")
    expect(window).to_be_hidden()
    compared.get_by_role("button", name="Keys").click()
    expect(window).to_be_visible()


def test_very_many_differences_come_page_by_page(
    page: Page, shop: World, live_stack: LiveStack
) -> None:
    silent = talkative(shop.project, steps=5)
    loud = talkative(shop.project, steps=5, per_step=90)
    sign_in(page, shop.viewer, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{silent.short_id}/diff/{loud.short_id}")
    page.wait_for_selector("#aligned[data-ready]")
    expect(page.locator("#compare-count")).to_have_text("450 differences")
    pages = page.get_by_role("navigation", name="Pages of differences", exact=True)
    expect(pages).to_contain_text("1 to 400 of 450")
    expect(page.locator("#console .compare-row")).to_have_count(400)
    assert axe_violations(page) == []
    page.locator("#console .compare-row .cite").last.click()
    with page.expect_navigation(url="**page=2**"):
        page.keyboard.press("n")
    page.wait_for_selector("#aligned[data-ready]")
    expect(pages).to_contain_text("401 to 450 of 450")
    expect(page.locator("#compare-said")).to_have_text(
        f"console: {page.locator('#console .compare-key').first.inner_text()}: only right: "
        + page.locator("#console ins").first.inner_text()
    )
    with page.expect_navigation(url="**page=1**"):
        page.keyboard.press("p")
    page.wait_for_selector("#aligned[data-ready]")
    page.keyboard.press("p")
    expect(page.locator("#console .compare-row.at")).to_have_count(1)
    assert wrong == []


def test_every_place_of_one_difference_is_marked_and_reached(
    page: Page, shop: World, live_stack: LiveStack
) -> None:
    silent = talkative(shop.project, steps=2)
    loud = talkative(shop.project, steps=2, per_step=60, repeats=True)
    sign_in(page, shop.viewer, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{silent.short_id}/diff/{loud.short_id}")
    page.wait_for_selector("#aligned[data-ready]")
    row = page.locator("#console .compare-row").first
    expect(row).to_contain_text("×60")
    row.locator(".cite").click()
    evidence = re.compile(r"#seq=(\d+)$")
    page.wait_for_url(evidence)
    first = int(page.url.rpartition("=")[2])
    for _ in range(59):
        page.keyboard.press("n")
    page.wait_for_url(re.compile(rf"#seq={first + 59}$"))
    expect(row).to_have_class(re.compile(r"\bat\b"))
    # The last place has a line of its own on the ribbon, and the card names it there.
    canvas = page.locator("#aligned-lanes canvas")
    box = canvas.bounding_box()
    assert box is not None
    page.keyboard.press("0")
    u = float(canvas.get_attribute("aria-valuenow") or 0)
    length = float(canvas.get_attribute("aria-valuemax") or 1)
    page.mouse.move(box["x"] + 7 + (box["width"] - 14) * u / length, box["y"] + 18 + 40 * 3 + 28)
    expect(page.locator(".hover-card")).to_contain_text("Right: console: ")
    assert wrong == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_headline_keeps_to_a_few_lines(
    page: Page, shop: World, live_stack: LiveStack, width: int
) -> None:
    sign_in(page, shop.viewer, live_stack.url)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address(shop))
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("Step 7 now fails")
    expect(page.locator(".compare-head p")).to_contain_text("answers 404 instead of 200")
    usual = title.bounding_box()
    # A step's words may be of any length, without a place to break.
    short = talkative(shop.project, steps=1)
    spun_out = talkative(shop.project, steps=2, last="Open/" + "checkout-" * 40 + " and wait")
    page.goto(f"/traces/{short.short_id}/diff/{spun_out.short_id}")
    page.wait_for_selector("#aligned[data-ready]")
    expect(title).to_contain_text("Step 2 is new")
    longest = title.bounding_box()
    assert usual is not None
    assert longest is not None
    assert usual["height"] * 3 + 1 >= longest["height"] > usual["height"]
    assert "and wait" in (title.get_attribute("title") or "")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_violations(page) == []


def test_it_fits_a_small_screen_and_reads_without_script(
    chromium: Browser, shop: World, live_stack: LiveStack
) -> None:
    context = chromium.new_context(base_url=live_stack.url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, shop.viewer, live_stack.url)
    page.goto(address(shop))
    page.wait_for_selector("#aligned[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_violations(page) == []
    shoot(page, "compare-small")
    context.close()
    context = chromium.new_context(base_url=live_stack.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, shop.viewer, live_stack.url)
    page.goto(f"{address(shop)}?step=4")
    expect(page.locator("[data-caption]").nth(1)).to_have_text("step 4")
    expect(
        page.frame_locator("figure[data-side=b] iframe.snapshot:not([data-back])").locator("h1")
    ).to_contain_text("cart")
    expect(page.locator("#network .compare-row.first")).to_contain_text("404")
    context.close()
