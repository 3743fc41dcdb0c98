"""A run of many steps in Chromium: the sidebar follows the playhead beyond what the page carries."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.long_run import write_long_run
from tests.harness.processed import processed
from tests.harness.viewer import SEED, sign_in, watch, world
from trace_app.actions.ingest import ingest_bundle


def test_the_sidebar_follows_the_playhead(page: Page, live_stack: LiveStack) -> None:
    shop = world()
    with tempfile.TemporaryDirectory() as folder:
        path = write_long_run(Path(folder) / "long.zip", steps=700, fails_at=350)
        trace = ingest_bundle(by=SEED, project=shop.project, path=path)
    processed(trace)
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{trace.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    steps = page.locator("a[data-step]")
    expect(steps).to_have_count(40)
    expect(page.locator("a[data-step='350']")).to_have_attribute("aria-current", "step")
    assert page.evaluate("document.querySelectorAll('*').length") < 1500
    page.click("text=Later steps")
    expect(page.locator("a[data-step='415']")).to_be_attached()
    expect(steps).to_have_count(80)
    page.locator("#lanes canvas").press("Home")
    page.keyboard.press("j")
    expect(page.locator("a[data-step='1']")).to_have_attribute("aria-current", "step")
    page.keyboard.press("j")
    expect(page.locator("a[data-step='2']")).to_have_attribute("aria-current", "step")
    page.locator("#lanes canvas").press("End")
    expect(page.locator("a[data-step='700']")).to_have_attribute("aria-current", "step")
    assert wrong == []
