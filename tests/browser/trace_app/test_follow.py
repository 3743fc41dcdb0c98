"""A run that goes on, in Chromium: the page grows with it and follows until somebody scrubs."""

from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.long_log import BY, running, step_events
from tests.harness.viewer import sign_in, watch, world
from trace_app.actions.append import append, finish
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.states import TraceStatus
from trace_app.models import Trace


def send(trace: Trace, step: int, *, fails: bool = False) -> None:
    """One step of eight events."""
    body = encode_ndjson(step_events(step, 2 + (step - 1) * 8, 6, fails=fails))
    append(by=BY, trace=trace, body=body)


def test_a_running_trace_grows_and_is_followed_until_scrubbed(
    page: Page, live_stack: LiveStack
) -> None:
    shop = world()
    trace = running(shop.project)
    begun = {"started_at": "2026-11-22T10:00:00Z"}
    append(
        by=BY,
        trace=trace,
        body=encode_ndjson([Event(seq=1, ts=0, kind="run.start", data=begun)]),
    )
    send(trace, 1)
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{trace.short_id}?tab=events")
    page.wait_for_selector(".trace[data-ready]")
    follow = page.locator("#follow")
    evidence = page.locator("#evidence")
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(evidence).to_contain_text("seq 9")
    send(trace, 2)
    expect(evidence).to_contain_text("step 2 · seq 17")
    expect(page.locator("a[data-step='2']")).to_be_visible()
    page.click("a[data-step='1']")
    expect(follow).to_have_attribute("aria-pressed", "false")
    send(trace, 3, fails=True)
    expect(page.locator("a[data-step='3']")).to_be_visible()
    expect(evidence).to_contain_text("step 1")
    page.keyboard.press("g")
    expect(evidence).to_contain_text("step 3 · seq 25")
    expect(page.locator("#lanes canvas")).to_have_attribute("aria-valuemax", "300")
    finish(by=BY, trace=trace, status=TraceStatus.FAILED)
    expect(page.locator(".head")).to_contain_text("failed at step 3", timeout=20_000)
    expect(follow).to_have_count(0)
    assert [line for line in wrong if "ERR_" not in line] == []
