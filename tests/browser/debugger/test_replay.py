"""A replay in the browser: edit a file in the window over the trace, follow it, see what came."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.debugger.recorded import SEED, House, record
from tests.flows.debugger.toy import Toy
from tests.harness.live import LiveStack, wait_for
from tests.harness.processed import processed
from tests.harness.viewer import axe_violations, shoot, sign_in, watch
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.roles import Role
from trace_app.models import Trace

SLOW = 90_000  # milliseconds: a run on a machine that does other things too


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Toy, Path]:
    return record(tmp_path_factory.mktemp("recording"))


@pytest.fixture
def house(live_stack: LiveStack, recording: tuple[Toy, Path], tmp_path: Path) -> House:
    return House.build(tmp_path, recording[0])


@pytest.fixture
def trace(house: House, recording: tuple[Toy, Path]) -> Trace:
    return processed(ingest_bundle(by=SEED, project=house.project, path=recording[1]))


def change(page: Page, name: str, old: str, new: str) -> str:
    """Replace words in the editor of that name, as a person does who pastes; the text it then has."""
    editor = page.get_by_role("textbox", name=name)
    area = page.locator("div.code-editor", has=editor).locator(
        "xpath=preceding-sibling::textarea[1]"
    )
    text = area.input_value()
    assert old in text
    editor.press("Control+a")
    page.keyboard.insert_text(text.replace(old, new))
    expect(area).to_have_value(text.replace(old, new))
    # The page's own keys hear nothing of it: "/" would go to the search.
    expect(editor).to_be_focused()
    return text.replace(old, new)


def test_an_edit_is_tried_and_compared(
    page: Page, live_stack: LiveStack, house: House, trace: Trace
) -> None:
    sign_in(page, house.person(Role.MEMBER), live_stack.url)
    page.goto(f"/traces/{trace.short_id}?step=5")
    page.wait_for_selector(".trace[data-ready]")
    page.locator(".head").get_by_role("link", name="Replay").click()
    window = page.get_by_role("dialog")
    window.get_by_label("Edit a source file too").fill("app.py")
    window.get_by_role("button", name="Open").click()
    change(page, "Source app.py", '"Welcome"', '"Hello"')
    assert axe_violations(page) == []
    shoot(page, "replay-form")
    window.get_by_role("button", name="Start the replay").click()
    page.wait_for_url("**/replays/*")
    expect(page.get_by_text("failed", exact=True).first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("heading", name="New regressions")).to_be_visible()
    assert axe_violations(page) == []
    shoot(page, "replay")
    trouble = watch(page)
    page.get_by_role("link", name="Compare with the trace").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Step 5 now fails")
    page.goto(f"/traces/{trace.short_id}/patch")
    expect(page.locator(".diff ins")).to_have_text('+GREETING = "Hello"')
    assert axe_violations(page) == []
    assert trouble == []


def test_a_refused_edit_says_why_and_loses_nothing(
    page: Page, live_stack: LiveStack, house: House, trace: Trace
) -> None:
    sign_in(page, house.person(Role.MEMBER), live_stack.url)
    page.goto(f"/traces/{trace.short_id}")
    page.wait_for_selector(".trace[data-ready]")
    page.locator(".head").get_by_role("link", name="Replay").click()
    window = page.get_by_role("dialog")
    wrong = change(page, "Scenario", "click button", "clik button")
    window.get_by_role("button", name="Start the replay").click()
    expect(window.get_by_role("alert")).to_contain_text("Did you mean “click”?")
    expect(window.locator("#scenario")).to_have_value(wrong)
    expect(window.get_by_role("textbox", name="Scenario")).to_contain_text("clik button")


def test_a_replay_needs_no_script(
    chromium: Browser, live_stack: LiveStack, house: House, trace: Trace
) -> None:
    context = chromium.new_context(base_url=live_stack.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, house.person(Role.MEMBER), live_stack.url)
    page.goto(f"/traces/{trace.short_id}/replay?step=4")
    page.get_by_role("button", name="Start the replay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Replay from step 4")
    reload = page.get_by_role("link", name="Reload")
    expect(reload).to_be_visible()
    # The answer is waited for: a click meanwhile would call the sending off.
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Cancel").click()
    # At once where no worker has taken it, at the next step where one has.
    ended = page.get_by_role("heading", name="canceled")

    def looked_again() -> bool | None:
        if not ended.is_visible():
            reload.click()
        return ended.is_visible() or None

    assert wait_for("the end of the canceled replay", looked_again)
    context.close()
