"""A test whose own assertion failed, in Chromium: the page stands at the assertion."""

import json
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.harness.live import LiveStack
from tests.harness.opener import trace_pages
from tests.harness.processed import processed
from tests.harness.record import PLAYWRIGHT
from tests.harness.viewer import SEED, world
from trace_app.actions.ingest import ingest_bundle


def test_the_page_opens_at_the_assertion(page: Page, live_stack: LiveStack, tmp_path: Path) -> None:
    run = {"status": "failed", "error": {"message": "AssertionError: 9000 != 900"}}
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as out:
        out.writestr("run.json", json.dumps({**run, "duration_ms": 9000}))
        out.write(PLAYWRIGHT / "py-pass.trace.zip", "playwright.zip")
    path = tmp_path / "run.zip"
    trace = ingest_bundle(by=SEED, project=world().project, path=path)
    processed(trace)
    trace.refresh_from_db()
    last = trace.steps.last()
    assert last is not None
    with trace_pages(page, live_stack) as opened:
        shown = opened(ref=trace.short_id)
        place = f"step {last.number} · seq {trace.failing_seq}"
        expect(shown.locator("#evidence")).to_have_text(place)
        shown.keyboard.press("k")
        expect(shown.locator("#evidence")).to_contain_text(f"step {last.number - 1} ")
        shown.locator(f"#panel a[data-seq='{trace.failing_seq}']").first.click()
        expect(shown.locator("#evidence")).to_have_text(place)
