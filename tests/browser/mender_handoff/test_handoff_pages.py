"""The hand-off's and Guard's pages in Chromium: what they say, what axe finds, and their pictures."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from debugger.models import Replay, ReplayRun
from mender_handoff.domain.messages import ScenarioInfo
from mender_handoff.guard.actions import repositories
from mender_handoff.guard.actions.checks import RunEnded, end_run, plan_runs
from mender_handoff.guard.actions.local_forge import LocalForge
from mender_handoff.guard.domain.forge import NewPullRequest
from mender_handoff.guard.models import GuardCheck, GuardRepository
from mender_handoff.guard.pipeline.pushes import take_in_pull_requests
from mender_handoff.models import MenderAttempt
from tests.flows.mender_handoff.shop import BY, EDIT, House, check, view
from tests.harness.live import LiveStack
from tests.harness.viewer import axe_violations, shoot, sign_in, watch
from trace_app.actions.traces import set_mender_state
from trace_app.clients.git import GitRepository, Person
from trace_app.domain.roles import Role
from trace_app.models import Trace

BRANCH = "mender/webhook-404-5d17559d"
LINE = "shop/webhooks.py (fba9659) no longer has “api/stripe/webhook”, which answered 404 (seq:5)"
SAID: dict[str, Any] = {
    "classification": "product_bug",
    "confidence": 0.81,
    "analysis_line": LINE + ".",
    "analysis_markdown": f"**product bug**, confidence 0.81. {LINE}.\n\n"
    "| reason | speaks for | weight | evidence |\n|---|---|---|---|\n"
    f"| failing path removed | product bug | 0.75 | {LINE} |\n\n"
    "Re-runs at the same commit: failed.",
}


@dataclass
class Told:
    """A project whose failure went all the way to a validated pull request."""

    house: House
    trace: Trace
    attempt: MenderAttempt
    guard_check: GuardCheck
    number: int


@pytest.fixture
def told(live_stack: LiveStack, tmp_path: Path, shelf: Path) -> Told:
    house = House.build()
    trace = house.trace(tmp_path, check="c1")
    red, green, again = (
        house.trace(tmp_path, source="proof"),
        house.trace(tmp_path, source="proof", fails=False),
        house.trace(tmp_path, source="revalidation", fails=False),
    )
    house.deliver("check.completed", check(trace), "m1")
    attempt = MenderAttempt.objects.get(project=house.project)
    house.deliver("mender.attempt.updated", view(attempt, 2, "suggested", **SAID), "m2")
    guard_check, number = guard_side(house, trace, live_stack, shelf)
    traces = (str(red.pk), str(green.pk), str(again.pk))
    attempt.refresh_from_db()
    attempt.patch = EDIT
    attempt.promoted_by = house.person(Role.OWNER)
    attempt.promoted_at = attempt.created
    attempt.state = "queued"
    attempt.save()
    update = view(attempt, 9, "validated", **SAID, **stages(traces, guard_check, number))
    house.deliver("mender.attempt.updated", update, "m3")
    attempt.refresh_from_db()
    trace.refresh_from_db()
    return Told(house, trace, attempt, guard_check, number)


def stages(traces: tuple[str, str, str], row: GuardCheck, number: int) -> dict[str, Any]:
    red, green, again = traces
    run = {"status": "failed", "short_id": ""}
    results: list[tuple[str, dict[str, Any]]] = [
        ("analyze", {"analysis_line": LINE, "classification": "product_bug", "reruns": [run]}),
        ("patch", {"base_sha": "8d1f0c2b7a", "blobs": {"a": "1"}, "differs_from_replay": []}),
        ("test", {"red": run, "green": {"status": "passed"}, "additions": [{}, {}]}),
        ("pull_request", {"number": number, "url": "/", "branch": "mender/webhook-404-5d17559d"}),
        ("revalidate", {"check": str(row.pk), "status": "passed"}),
    ]
    return {
        "stages": [{"name": name, "state": "done", "result": found} for name, found in results],
        "pull_request": {
            "number": number,
            "url": f"/forge/{row.repository.slug}/pulls/{number}",
            "title": "Fix",
            "branch": "mender/webhook-404-5d17559d",
            "base": "pr/4521",
            "draft": True,
            "state": "open",
        },
        "red_trace": red,
        "green_trace": green,
        "revalidation_trace": again,
        "head_sha": "b7e23ec29af22b0b4e41da31e868d57226121c84",
    }


def guard_side(house: House, trace: Trace, live: LiveStack, folder: Path) -> tuple[GuardCheck, int]:
    """A repository with one pull request and Mender's on top of it, and a finished check."""
    bare = GitRepository.create_bare(folder / "shop.git")
    head, fix = history(bare, folder / "shop.git", trace)
    done = repositories.register(
        slug=house.project.slug,
        path=str(folder / "shop.git"),
        default_branch="main",
        trace_url=live.url,
        trace_api_key="k",
        webhook_secret="whsec_AAAA",
    )
    take_in_pull_requests(done.repository)
    forge = LocalForge(done.repository, bare, live.url)
    forge.ensure_branch(BRANCH, fix)
    body = SAID["analysis_markdown"] + "\n\n- [ ] The change is what you would have written\n"
    title = "Fix webhook-404 in checkout-stripe"
    wanted = NewPullRequest(BRANCH, "pr/4521", fix, title, body, "Mender", "m")
    number = forge.open_or_get_draft_pr(wanted).number
    forge.upsert_check(number, "Guard", "passed", "2 of 2 scenarios passed", "/guard/checks")
    return finished_check(done.repository, head, trace, live), number


def history(bare: GitRepository, path: Path, trace: Trace) -> tuple[str, str]:
    """main, the pull request's branch and a fix on top of it; the heads of the last two."""
    empty = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "/dev/null"],
        cwd=path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    nora, date = Person("Nora Lind", "nora@kilnandcup.example"), trace.created
    root = bare.commit_tree(empty, [], "A shop", nora, date)
    bare.create_branch("main", root)
    toml = '[clones.stripe]\nwebhook_url = "/api/stripe/webhook"\n'
    tree = bare.write_tree_with(root, {".molar/molar.toml": toml.encode()})
    head = bare.commit_tree(tree, [root], "Move the payment webhook", nora, date)
    bare.create_branch("pr/4521", head)
    fixed = toml.replace("/api/stripe/webhook", "/api/webhooks/stripe")
    tree = bare.write_tree_with(head, {".molar/molar.toml": fixed.encode()})
    fix = bare.commit_tree(tree, [head], "Fix webhook-404 in checkout-stripe", nora, date)
    return head, fix


def finished_check(
    repository: GuardRepository, head: str, trace: Trace, live: LiveStack
) -> GuardCheck:
    """Rows as a finished check leaves them: nothing here is to be run by the worker."""
    row = GuardCheck.objects.create(
        repository=repository,
        branch="pr/4521",
        sha=head,
        source="pr",
        pr_number=4521,
        reason="Pushed to pr/4521",
        status="failed",
        started=trace.created,
        ended=trace.created,
        announced=trace.created,
    )
    names = ScenarioInfo(slug="checkout-stripe", title="Checkout with Stripe")
    for run in plan_runs(check=row, scenarios=[names, ScenarioInfo(slug="search")]):
        failed = run.scenario == "checkout-stripe"
        ended = RunEnded(
            "failed" if failed else "passed",
            7 if failed else None,
            8123.0,
            trace_id=str(trace.pk),
            trace_short_id=trace.short_id,
            trace_url=f"{live.url}/traces/{trace.short_id}?step=7",
        )
        end_run(run=run, ended=ended)
    return row


def test_the_engineers_pages(told: Told, page: Page, live_stack: LiveStack) -> None:
    sign_in(page, told.house.person(Role.OWNER), live_stack.url)
    wrong = watch(page)
    page.goto(f"/guard/checks/{told.guard_check.pk}")
    expect(page.get_by_role("link", name="Open trace").first).to_be_visible()
    assert axe_violations(page) == []
    shoot(page, "guard-check")
    page.goto("/guard/checks")
    assert axe_violations(page) == []
    shoot(page, "guard-checks")
    page.goto("/mender/attempts")
    assert axe_violations(page) == []
    shoot(page, "attempts")
    page.get_by_role("link", name="webhook-404").first.click()
    expect(page.locator(".stage.done")).to_have_count(5)
    expect(page.locator("text=Regression test, with the fix")).to_be_visible()
    assert axe_violations(page) == []
    shoot(page, "attempt")
    page.goto(f"/forge/{told.house.project.slug}/pulls/{told.number}")
    expect(page.locator("pre.diff ins")).to_have_count(1)
    expect(page.locator("text=git merge --no-ff")).to_be_visible()
    assert axe_violations(page) == []
    shoot(page, "pull-request")
    assert wrong == []


def back_to_a_suggestion(told: Told) -> None:
    """As it was before anybody promoted: no pull request, and the trace says so too."""
    attempt = told.attempt
    attempt.state, attempt.outcome = "suggested", "suggested"
    attempt.promoted_at, attempt.pr_number, attempt.pr_url = None, None, ""
    attempt.save()
    set_mender_state(
        by=BY,
        trace=told.trace,
        state="suggested",
        classification=attempt.classification,
        confidence=attempt.confidence,
    )


def test_promoting_in_the_window(told: Told, page: Page, live_stack: LiveStack) -> None:
    back_to_a_suggestion(told)
    replay = Replay.objects.create(
        trace=told.trace, from_step=7, edits=EDIT, status="succeeded", ended=told.trace.created
    )
    ReplayRun.objects.create(replay=replay, number=1, status="passed")
    sign_in(page, told.house.person(Role.OWNER), live_stack.url)
    wrong = watch(page)
    page.goto(f"/traces/{told.trace.short_id}?step=7")
    page.wait_for_selector(".trace[data-ready]")
    card = page.locator(".mender-card")
    expect(card).to_contain_text("81 % confident")
    expect(page.locator(".head .pill").last).to_have_text("Mender suggested · product bug")
    expect(card.locator(".pill")).to_have_text(["suggested"])
    shoot(page, "mender-card")
    card.get_by_role("link", name="Promote to fix PR").click()
    window = page.locator("dialog[open] .promote")
    expect(window).to_contain_text(str(told.trace.pk))
    expect(window.locator(".gate .dot.fail")).to_have_count(0)
    assert axe_violations(page) == []
    shoot(page, "promote")
    window.get_by_role("button", name="Promote", exact=True).click()
    expect(page.locator("h1")).to_contain_text("webhook-404")
    told.attempt.refresh_from_db()
    assert told.attempt.promoted_by == told.house.person(Role.OWNER)
    assert wrong == []


def test_a_viewer_sees_no_way_to_promote(told: Told, page: Page, live_stack: LiveStack) -> None:
    back_to_a_suggestion(told)
    sign_in(page, told.house.person(Role.VIEWER), live_stack.url)
    page.goto(f"/traces/{told.trace.short_id}?step=7")
    expect(page.locator(".mender-card")).to_contain_text("81 % confident")
    expect(page.get_by_role("link", name="Promote to fix PR")).to_have_count(0)
    assert page.goto(f"/traces/{told.trace.short_id}/promote").status == 403  # type: ignore[union-attr]
