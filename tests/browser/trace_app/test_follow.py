"""A run that goes on, in Chromium: the page grows with it and follows until somebody scrubs."""

from playwright.sync_api import Browser, Page, expect

from tests.harness.live import LiveStack
from tests.harness.long_log import BY, running, step_events
from tests.harness.viewer import sign_in, watch, world
from trace_app.actions.append import append, finish
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.states import TraceStatus
from trace_app.models import Project, Step, Trace


def send(trace: Trace, step: int, *, fails: bool = False) -> None:
    """One step of eight events."""
    body = encode_ndjson(step_events(step, 2 + (step - 1) * 8, 6, fails=fails))
    append(by=BY, trace=trace, body=body)


def begun(project: Project) -> Trace:
    """A run of which only the start is known."""
    trace = running(project)
    data = {"started_at": "2026-11-22T10:00:00Z"}
    start = Event(seq=1, ts=0, kind="run.start", data=data)
    append(by=BY, trace=trace, body=encode_ndjson([start]))
    return trace


def test_a_running_trace_grows_and_is_followed_until_scrubbed(
    page: Page, live_stack: LiveStack
) -> None:
    shop = world()
    trace = begun(shop.project)
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
    page.wait_for_url(lambda url: "step=" not in url and "seq=" not in url)
    expect(page.locator("#lanes canvas")).to_have_attribute("aria-valuemax", "300")
    finish(by=BY, trace=trace, status=TraceStatus.FAILED)
    expect(page.locator(".head")).to_contain_text("failed at step 3", timeout=20_000)
    expect(follow).to_have_count(0)
    # Followed to the end, the page opens as a failed run's page opens: at the failure.
    page.wait_for_selector(".trace[data-ready]")
    failing = Step.objects.get(trace=trace, number=3).failing_seq
    expect(evidence).to_have_text(f"step 3 · seq {failing}")
    assert [line for line in wrong if "ERR_" not in line] == []


def test_whoever_scrubbed_stays_where_they_were_when_the_run_ends(
    page: Page, live_stack: LiveStack
) -> None:
    shop = world()
    trace = begun(shop.project)
    send(trace, 1)
    send(trace, 2)
    sign_in(page, shop.owner, live_stack.url)
    page.goto(f"/traces/{trace.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    page.click("a[data-step='1']")
    page.wait_for_url("**step=1**")
    send(trace, 3, fails=True)
    finish(by=BY, trace=trace, status=TraceStatus.FAILED)
    expect(page.locator(".head")).to_contain_text("failed at step 3", timeout=20_000)
    page.wait_for_selector(".trace[data-ready]")
    expect(page.locator("#evidence")).to_contain_text("step 1 · seq")


def test_the_steps_of_a_running_trace_stand_in_the_page_without_script(
    chromium: Browser, live_stack: LiveStack
) -> None:
    shop = world()
    trace = begun(shop.project)
    send(trace, 1)
    send(trace, 2, fails=True)
    context = chromium.new_context(java_script_enabled=False, base_url=live_stack.url)
    page = context.new_page()
    sign_in(page, shop.owner, live_stack.url)
    page.goto(f"/traces/{trace.short_id}?step=2")
    expect(page.locator("a.step")).to_have_count(2)
    expect(page.locator("a.step[aria-current]")).to_contain_text("2")
    expect(page.locator(".steps .tally")).to_have_text("1 passed · 1 failed")
    context.close()
