"""The engineer's path in Chromium, with real runs behind every page: from the list to the pull request."""

from dataclasses import replace
from pathlib import Path

import httpx
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from examples.shop_history import regressions
from mender_handoff.models import MenderAttempt
from tests.flows.mender_handoff.live_shop import BY, LiveShop
from tests.harness.live import LiveStack
from tests.harness.viewer import axe_violations, shoot, sign_in, watch
from trace_app.actions.teams import set_role
from trace_app.domain.roles import Role
from trace_app.models import Trace

#: A run takes seconds on an idle machine and much longer on a busy one.
RUN_MS = 240_000


def test_from_the_failing_trace_to_the_pull_request(
    live_stack: LiveStack, page: Page, shelf: Path
) -> None:
    shop, trace = broken(live_stack, shelf)
    sign_in(page, shop.owner, live_stack.url)
    wrong = watch(page)
    page.goto("/traces?status=failed")
    row = page.locator("tbody tr", has=page.locator(f"input[value='{trace.short_id}']"))
    row.locator("a.plain").click()
    expect(page.locator("a[data-step='7']")).to_have_attribute("aria-current", "step")
    shoot(page, "path-1-trace")

    page.goto(f"/traces/{trace.short_id}/debugger")
    ask(page, "why did step 7 fail?")
    answer = page.locator(".chat-message.debugger").last
    expect(answer.locator("a.cite").first).to_be_visible()
    expect(answer).to_contain_text("404")
    ask(page, "suggest a fix")
    proposal = page.locator(".chat-proposal").last
    expect(proposal).to_contain_text(".molar/molar.toml")
    proposal.get_by_role("button", name="Start the replay").click()
    changed = page.get_by_role("link", name="See what changed")
    expect(changed).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_role("link", name="Promote to fix PR")).to_be_visible()
    shoot(page, "path-2-debugger")

    changed.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Step 7 now passes")
    expect(page.locator(".notice.pass").first).to_contain_text("No new regression")
    shoot(page, "path-3-diff")
    page.get_by_role("link", name="Promote to fix PR").click()
    window = page.locator("dialog[open] .promote")
    expect(window).to_contain_text(str(trace.pk))
    window.get_by_role("button", name="Promote", exact=True).click()

    expect(page.locator("h1")).to_contain_text("webhook-404")
    expect(page.locator(".stage.done")).to_have_count(5, timeout=RUN_MS)
    assert axe_violations(page) == []
    shoot(page, "path-4-attempt")
    attempt = MenderAttempt.objects.get(trace=trace)
    page.get_by_role("link", name=f"#{attempt.pr_number}").first.click()
    expect(page.locator(".pill.warn")).to_have_text("draft")
    expect(page.locator("pre.diff ins", has_text="/api/webhooks/stripe").first).to_be_visible()
    assert axe_violations(page) == []
    shoot(page, "path-5-pull-request")
    assert wrong == []
    a_viewer_may_only_look(live_stack, shop, trace, page)


def broken(live: LiveStack, folder: Path) -> tuple[LiveShop, Trace]:
    shop = LiveShop.build(live, folder, "checkout-stripe")
    shop.green_trace()
    seeded = next(one for one in regressions() if one.name == "webhook-route")
    regression = replace(seeded, number=7000, branch="pr/7000")
    shop.break_it(regression)
    trace = shop.failing_trace(regression)
    shop.suggestion(trace)
    return shop, trace


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question to the Debugger").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".chat-message", has_text=question).first).to_be_visible()


def a_viewer_may_only_look(live: LiveStack, shop: LiveShop, trace: Trace, page: Page) -> None:
    viewer = User.objects.create_user(f"vera-{shop.project.slug}")
    set_role(by=BY, team=shop.project.team, user=viewer, role=Role.VIEWER)
    page.context.clear_cookies()
    sign_in(page, viewer, live.url)
    page.goto(f"/traces/{trace.short_id}?step=7")
    expect(page.locator(".mender-card")).to_contain_text("Product bug")
    expect(page.get_by_role("link", name="Promote to fix PR")).to_have_count(0)
    client = Client()
    client.force_login(viewer)
    http = httpx.Client(base_url=live.url, cookies={"sessionid": client.cookies["sessionid"].value})
    http.get("/traces")
    token = {"X-CSRFToken": http.cookies["csrftoken"], "Referer": live.url}
    answer = http.post(f"/v1/traces/{trace.pk}/promote-fix", json={}, headers=token)
    assert answer.status_code == 403
