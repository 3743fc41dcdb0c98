"""Sharing in Chromium: the window, the public page, and a frame in another site's page."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.harness.live import LiveStack
from tests.harness.long_log import running, step_events
from tests.harness.viewer import World, axe_violations, shoot, sign_in, watch, world
from trace_app.actions.append import append, finish
from trace_app.actions.projects import set_embed_origins
from trace_app.actions.shares import create_share, revoke_share
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.states import TraceStatus
from trace_app.domain.system import System
from trace_app.models import Trace

SEED = System("ci")


@pytest.fixture
def shop(live_stack: LiveStack) -> World:
    return world()


@pytest.fixture
def address(shop: World, live_stack: LiveStack) -> str:
    """A fresh share's address."""
    ref = create_share(by=SEED, trace=shop.failed, days=7, label="Ada").ref
    return f"{live_stack.url}/r/{ref.short_id}/{ref.secret}"


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser without a session."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


def test_an_owner_shares_and_takes_it_back(
    page: Page, shop: World, live_stack: LiveStack, stranger: BrowserContext
) -> None:
    sign_in(page, shop.owner, live_stack.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wrong = watch(page)
    page.goto(f"/traces/{shop.failed.short_id}?step=6&tab=network")
    page.wait_for_selector(".trace[data-ready]")
    page.get_by_role("link", name="Share").click()
    window = page.get_by_role("dialog")
    window.get_by_role("button", name="Copy with this moment").click()
    expect(page.locator(".toast")).to_have_text("Copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.search(rf"/r/{shop.failed.short_id}\?step=6&tab=network#seq=\d+$", link)
    window.get_by_label("For whom").fill("Ada at the bank")
    window.get_by_role("button", name="Make a public address").press("Enter")
    expect(window.get_by_text("Copy the address now")).to_be_visible()
    page.wait_for_selector(".toast", state="detached")
    assert axe_violations(page) == []
    shoot(page, "share")
    url = window.get_by_label("Address of the share").input_value()
    visitor = stranger.new_page()
    visitor.goto(url)
    expect(visitor.locator(".head h1")).to_have_text("Checkout with Stripe")
    page.reload()
    page.get_by_role("link", name="Share").click()
    one = page.locator(".share-list li").filter(has_text="Ada at the bank")
    expect(one).to_contain_text("opened 1 time")
    one.get_by_role("button", name="Revoke").click()
    expect(one.locator(".pill")).to_have_text("revoked")
    answer = visitor.reload()
    assert answer is not None
    assert answer.status == 404
    assert wrong == []


def test_a_stranger_reads_the_shared_trace(stranger: BrowserContext, address: str) -> None:
    page = stranger.new_page()
    wrong = watch(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.headers.get("referer", "")))
    page.goto(f"{address}?step=6")
    page.wait_for_selector(".trace[data-ready]")
    frame = page.frame_locator("iframe.snapshot:not([data-back])")
    expect(frame.locator("h1")).to_contain_text("Checkout")
    page.keyboard.press("j")
    expect(page.locator("#evidence")).to_contain_text("step 7")
    expect(frame.locator("body")).to_contain_text("Payment pending")
    for tab in ("network", "clones", "events", "storage", "artifacts", "overview"):
        with page.expect_response(re.compile(f"/r/.*/panels/{tab}")):
            page.click(f"a[data-tab={tab}]")
    page.keyboard.press("d")
    expect(page.locator("#panel .slug")).to_have_text("webhook-404")
    page.click("a[data-mode=video]")
    expect(page.locator("#frame")).to_have_attribute("src", re.compile("/r/[^/]+/[^/]+/frames/"))
    page.wait_for_function("() => document.querySelector('#frame').naturalWidth > 0")
    page.click("a[data-mode=dom]")
    assert axe_violations(page) == []
    shoot(page, "shared-trace")
    assert [one for one in sent if "/r/" in one] == [], "the address is told to nobody"
    assert stranger.cookies() == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_violations(page) == []
    assert wrong == []


def test_a_shared_trace_reads_without_script(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.click("a[data-tab=network]")
    failed = page.locator(".net-item.error").first
    expect(failed).to_contain_text("404")
    failed.locator("summary").click()
    failed.get_by_role("link", name="Headers and bodies").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("/api/stripe/webhook")
    expect(page.locator("main")).to_contain_text('"amt": 900')
    page.get_by_role("link", name="Checkout with Stripe").click()
    page.click("a[data-step='6']")
    assert page.url.startswith(address)
    context.close()


def begun(shop: World) -> Trace:
    """A run that goes on, with one step of eight events."""
    trace = running(shop.project)
    started = {"started_at": "2026-11-22T10:00:00Z"}
    first = Event(seq=1, ts=0, kind="run.start", data=started)
    append(by=SEED, trace=trace, body=encode_ndjson([first, *step_events(1, 2, 6)]))
    return trace


def test_a_shared_run_that_goes_on_grows_in_the_strangers_browser(
    stranger: BrowserContext, shop: World, live_stack: LiveStack
) -> None:
    trace = begun(shop)
    ref = create_share(by=SEED, trace=trace, days=7).ref
    page = stranger.new_page()
    wrong = watch(page)
    page.goto(f"{live_stack.url}/r/{ref.short_id}/{ref.secret}?tab=events")
    page.wait_for_selector(".trace[data-ready]")
    follow, evidence = page.locator("#follow"), page.locator("#evidence")
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(page.locator("a[data-step='1']")).to_contain_text("Import order 1")
    page.evaluate("window.notReloaded = true")
    append(by=SEED, trace=trace, body=encode_ndjson(step_events(2, 10, 6)))
    expect(evidence).to_contain_text("step 2 · seq 17")
    expect(page.locator("a[data-step='2']")).to_contain_text("Import order 2")
    expect(page.locator("#panel")).to_contain_text("line 5 of step 2")
    expect(page.locator("#lanes canvas")).to_have_attribute("aria-valuemax", "200")
    page.click("a[data-step='1']")
    expect(follow).to_have_attribute("aria-pressed", "false")
    append(by=SEED, trace=trace, body=encode_ndjson(step_events(3, 18, 6)))
    expect(page.locator("a[data-step='3']")).to_be_visible()
    expect(evidence).to_contain_text("step 1")
    page.keyboard.press("g")
    expect(evidence).to_contain_text("step 3 · seq 25")
    assert page.evaluate("window.notReloaded"), "the same page all the time"
    assert axe_violations(page) == []
    finish(by=SEED, trace=trace, status=TraceStatus.PASSED)
    # Once the record is complete the page shows it by itself.
    expect(page.locator(".head .pill").first).to_have_text("passed", timeout=20_000)
    page.wait_for_selector(".trace[data-ready]")
    page.click("a[data-tab=overview]")
    expect(page.locator("#panel")).to_contain_text("Every step passed")
    assert [line for line in wrong if "ERR_" not in line] == []


def test_a_revoked_share_stops_growing_and_shows_the_run_no_longer(
    stranger: BrowserContext, shop: World, live_stack: LiveStack
) -> None:
    trace = begun(shop)
    made = create_share(by=SEED, trace=trace, days=7)
    page = stranger.new_page()
    page.goto(f"{live_stack.url}/r/{made.ref.short_id}/{made.ref.secret}")
    page.wait_for_selector(".trace[data-ready]")
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
    revoke_share(by=SEED, share=made.row)
    append(by=SEED, trace=trace, body=encode_ndjson(step_events(2, 10, 6)))
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    expect(page.locator("body")).to_contain_text("the share that led here has ended")
    expect(page.locator(".trace")).to_have_count(0)


def test_a_share_that_ended_while_nobody_looked_is_closed_when_they_look(
    stranger: BrowserContext, shop: World, live_stack: LiveStack
) -> None:
    trace = begun(shop)
    made = create_share(by=SEED, trace=trace, days=7)
    page = stranger.new_page()
    page.goto(f"{live_stack.url}/r/{made.ref.short_id}/{made.ref.secret}")
    page.wait_for_selector(".trace[data-ready]")
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
    look = "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(look, True)
    revoke_share(by=SEED, share=made.row)
    expect(page.locator(".trace")).to_have_count(1)
    page.evaluate(look, False)
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    """Another site on this machine, whose page holds a frame; `frame` is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<title>Build 12</title><h1>Build 12</h1><iframe id=t src='{server.frame}' width={server.width} height=640></iframe>"  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.width = 1200  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_frame_in_a_page_of_a_named_site(
    stranger: BrowserContext, address: str, shop: World, site: ThreadingHTTPServer
) -> None:
    # localhost and 127.0.0.1 are two sites: no cookie of ours would be sent in the frame.
    origin = f"http://localhost:{site.server_port}"
    set_embed_origins(by=SEED, project=shop.project, origins=[origin])
    site.frame = f"{address}/embed?step=7"  # type: ignore[attr-defined]
    page = stranger.new_page()
    wrong = watch(page)
    page.goto(f"{origin}/")
    inside = page.frame_locator("#t")
    expect(inside.locator(".trace[data-ready]")).to_be_visible()
    expect(inside.locator(".head h1")).to_have_text("Checkout with Stripe")
    snapshot = inside.frame_locator("iframe.snapshot:not([data-back])")
    expect(snapshot.locator("body")).to_contain_text("Payment pending")
    inside.locator("a[data-step='4']").click()
    expect(snapshot.locator("h1")).to_contain_text("Your cart")
    inside.locator("#lanes canvas").press("End")
    expect(inside.locator("#evidence")).to_contain_text("step 7")
    with page.expect_popup() as opened:
        inside.get_by_role("link", name="Open on its own").click()
    expect(opened.value.locator(".head h1")).to_have_text("Checkout with Stripe")
    assert opened.value.url.startswith(address)
    assert "/embed" not in opened.value.url
    opened.value.close()
    shoot(page, "embedded-trace")
    assert wrong == []


def test_a_narrow_frame_shows_steps_picture_tabs_and_ribbons(
    stranger: BrowserContext, address: str, shop: World, site: ThreadingHTTPServer
) -> None:
    origin = f"http://localhost:{site.server_port}"
    set_embed_origins(by=SEED, project=shop.project, origins=[origin])
    site.frame, site.width = f"{address}/embed?step=7", 390  # type: ignore[attr-defined]
    page = stranger.new_page()
    wrong = watch(page)
    page.set_viewport_size({"width": 420, "height": 720})
    page.goto(f"{origin}/")
    inside = page.frame_locator("#t")
    expect(inside.locator(".trace[data-ready]")).to_be_visible()
    frame = page.frames[1]
    assert frame.evaluate("document.documentElement.scrollWidth") <= 390
    expect(inside.locator("#intro")).to_be_hidden()
    expect(inside.locator("#lanes canvas")).to_be_in_viewport(ratio=1)
    expect(inside.locator(".stage")).to_be_in_viewport()
    shoot(page, "embedded-trace-390")
    picture = inside.locator(".stage").bounding_box()
    assert picture is not None
    assert picture["height"] > 180, "the picture is large enough to be read"
    # The ribbons stay at the frame's foot and leave most of it to what they explain.
    ribbons = inside.locator(".ribbons").bounding_box()
    assert ribbons is not None
    assert ribbons["height"] < 260
    inside.locator("a[data-step='4']").click()
    snapshot = inside.frame_locator("iframe.snapshot:not([data-back])")
    expect(snapshot.locator("h1")).to_contain_text("Your cart")
    inside.locator("a[data-tab=network]").click()
    expect(inside.locator(".net-item").first).to_be_visible()
    inside.locator("#lanes canvas").press("End")
    expect(inside.locator("#evidence")).to_contain_text("step 7")
    assert wrong == []


def test_a_run_that_goes_on_grows_in_a_narrow_frame(
    stranger: BrowserContext, shop: World, live_stack: LiveStack, site: ThreadingHTTPServer
) -> None:
    trace = begun(shop)
    ref = create_share(by=SEED, trace=trace, days=7).ref
    origin = f"http://localhost:{site.server_port}"
    set_embed_origins(by=SEED, project=shop.project, origins=[origin])
    site.frame = f"{live_stack.url}/r/{ref.short_id}/{ref.secret}/embed"  # type: ignore[attr-defined]
    site.width = 390  # type: ignore[attr-defined]
    page = stranger.new_page()
    wrong = watch(page)
    page.goto(f"{origin}/")
    inside = page.frame_locator("#t")
    expect(inside.locator("#follow")).to_have_attribute("aria-pressed", "true")
    append(by=SEED, trace=trace, body=encode_ndjson(step_events(2, 10, 6)))
    expect(inside.locator("#evidence")).to_contain_text("step 2 · seq 17")
    expect(inside.locator("#lanes canvas")).to_be_in_viewport(ratio=1)
    assert wrong == []


def test_no_other_page_lets_itself_be_framed(
    stranger: BrowserContext, address: str, shop: World, site: ThreadingHTTPServer
) -> None:
    set_embed_origins(by=SEED, project=shop.project, origins=["https://ci.example.com"])
    origin = f"http://localhost:{site.server_port}"
    for refused in (address, f"{address}/embed"):
        site.frame = refused  # type: ignore[attr-defined]
        page = stranger.new_page()
        with page.expect_event("console", lambda message: "frame" in message.text.lower()):
            page.goto(f"{origin}/")
        expect(page.frame_locator("#t").locator(".trace")).to_have_count(0)
        page.close()
