"""A cold trace in Chromium: the page says so, the button thaws it, and the record is back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.trace_app.test_deletion import zipped
from tests.harness.live import LiveStack, wait_for
from tests.harness.viewer import axe_violations, shoot, sign_in, watch, world
from trace_app.actions import tiers
from trace_app.models import Trace


@pytest.fixture
def signed_in(page: Page, live_stack: LiveStack) -> Page:
    sign_in(page, world().owner, live_stack.url)
    return page


def test_a_cold_trace_is_thawed_by_a_click(signed_in: Page, tmp_path: Path) -> None:
    trace = zipped(world().project, tmp_path, b"to be frozen")
    wait_for("the processing", lambda: Trace.objects.get(pk=trace.pk).processed)
    tiers.cool(trace.pk)
    assert tiers.freeze(trace.pk)
    wrong = watch(signed_in)
    signed_in.goto(f"/traces/{trace.short_id}")
    expect(signed_in.get_by_role("heading", name="Cold: kept in an archive")).to_be_visible()
    expect(signed_in.locator(".head")).to_contain_text("cold")
    # What needs the events is not offered before they are back.
    expect(signed_in.get_by_role("link", name="Export")).to_have_count(0)
    assert axe_violations(signed_in) == []
    shoot(signed_in, "trace-cold")
    signed_in.get_by_role("button", name="Thaw this trace").click()
    # The page opens by itself when a worker is done.
    expect(signed_in.locator("iframe.snapshot").first).to_be_visible(timeout=60_000)
    expect(signed_in.locator(".head")).to_contain_text("warm")
    assert [text for text in wrong if "409" not in text] == []


def test_the_owner_sets_how_long_traces_are_kept(signed_in: Page) -> None:
    team = world().project.team
    signed_in.goto(f"/teams/{team.slug}/settings")
    card = signed_in.locator("section", has=signed_in.locator("#retention"))
    card.get_by_label("Deleted after, days").fill("365")
    card.get_by_text("Gone with its files").scroll_into_view_if_needed()
    assert axe_violations(signed_in) == []
    shoot(signed_in, "team-retention")
    card.get_by_role("button", name="Save").click()
    expect(signed_in.locator(".messages")).to_contain_text("The retention policy is kept")
    expect(signed_in.get_by_label("Deleted after, days")).to_have_value("365")
