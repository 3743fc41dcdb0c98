"""The Debugger in a browser: with script inside the trace page, without script on its own page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.debugger.broken_shop import BrokenShop
from tests.harness.live import LiveStack
from tests.harness.viewer import axe_violations, sign_in, watch
from trace_app.domain.roles import Role


@pytest.fixture
def shop(live_stack: LiveStack, tmp_path: Path) -> BrokenShop:
    return BrokenShop(tmp_path)


def test_a_citation_of_an_answer_moves_the_playhead(
    page: Page, live_stack: LiveStack, shop: BrokenShop
) -> None:
    sign_in(page, shop.person(Role.MEMBER), live_stack.url)
    page.goto(f"/traces/{shop.failed.short_id}?step=2&tab=debugger")
    page.wait_for_selector(".trace[data-ready]")
    chat = page.locator("#debugger")
    expect(chat).to_contain_text("Likely cause")
    chat.get_by_label("Question to the Debugger").fill("show network errors")
    chat.get_by_role("button", name="Ask", exact=True).click()
    answer = page.locator(".chat-message.debugger").last
    expect(answer).to_contain_text("3 network errors")
    cite = answer.locator("a.cite").first
    seq = cite.get_attribute("data-seq")
    cite.click()
    expect(page).to_have_url(
        f"{live_stack.url}/traces/{shop.failed.short_id}?step=2&tab=debugger#seq={seq}"
    )
    expect(page.locator("#evidence")).to_contain_text(f"seq {seq}")


def test_a_question_stays_in_its_form_until_it_is_answered(
    page: Page, live_stack: LiveStack, shop: BrokenShop
) -> None:
    sign_in(page, shop.person(Role.MEMBER), live_stack.url)
    page.goto(f"/traces/{shop.failed.short_id}?step=2&tab=debugger")
    page.wait_for_selector(".trace[data-ready]")
    question = page.get_by_label("Question to the Debugger")
    question.fill("show network errors")
    ask = page.get_by_role("button", name="Ask", exact=True)
    page.route("**/debugger/messages", lambda route: route.fulfill(status=502, body="away"))
    ask.click()
    expect(page.locator(".toast")).to_contain_text("502")
    expect(question).to_have_value("show network errors")
    page.unroute("**/debugger/messages")
    page.route("**/debugger/messages", lambda route: route.abort())
    ask.click()
    expect(page.locator(".toast")).to_contain_text("cannot be reached")
    expect(question).to_have_value("show network errors")
    page.unroute("**/debugger/messages")
    ask.click()
    expect(page.locator(".chat-message.debugger").last).to_contain_text("3 network errors")
    expect(question).to_have_value("")


def test_a_proposal_is_declined_in_place(
    page: Page, live_stack: LiveStack, shop: BrokenShop
) -> None:
    sign_in(page, shop.person(Role.MEMBER), live_stack.url)
    page.goto(f"/traces/{shop.failed.short_id}/debugger")
    page.get_by_role("button", name="suggest a fix").click()
    proposal = page.locator(".chat-proposal")
    expect(proposal).to_contain_text(".molar/molar.toml")
    assert axe_violations(page) == []
    proposal.get_by_role("button", name="Decline").click()
    expect(proposal).to_contain_text("declined")
    expect(proposal.get_by_role("button", name="Start the replay")).to_have_count(0)


def test_everything_works_without_script(
    chromium: Browser, live_stack: LiveStack, shop: BrokenShop
) -> None:
    context = chromium.new_context(base_url=live_stack.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, shop.person(Role.MEMBER), live_stack.url)
    page.goto(f"/traces/{shop.failed.short_id}/debugger")
    page.get_by_label("Question to the Debugger").fill("replay from step 2")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".chat-message")).to_have_count(2)
    page.get_by_role("button", name="Decline").click()
    expect(page.locator(".chat-proposal")).to_contain_text("declined")
    context.close()


def test_the_comparison_is_readable_by_everybody(
    page: Page, live_stack: LiveStack, shop: BrokenShop
) -> None:
    sign_in(page, shop.person(Role.VIEWER), live_stack.url)
    trouble = watch(page)
    page.goto(f"/traces/{shop.green.short_id}/diff/{shop.failed.short_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Step 2 now fails")
    assert axe_violations(page) == []
    page.wait_for_selector("#aligned[data-ready]")
    page.get_by_role("link", name="right seq:").first.click()
    page.wait_for_url(re.compile(r"#seq=\d+$"))
    page.get_by_role("link", name="Open the trace here").nth(1).click()
    expect(page.locator("#evidence")).to_contain_text("seq")
    assert trouble == []
