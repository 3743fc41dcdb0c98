"""The closed loop through the running product, with a real browser, real git and real HTTP."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import Client

from debugger.domain.edits import Edits
from examples.shop_history import (
    Regression,
    build,
    label_regression,
    regressions,
    route_regression,
)
from mender_handoff.actions.promotion import GatesClosedError, promote_fix
from mender_handoff.domain.attempt_states import State
from mender_handoff.guard.models import PullRequest
from mender_handoff.models import MenderAttempt
from tests.flows.mender_handoff.live_shop import LiveShop, git, merge
from tests.harness.live import LiveStack
from trace_app.clients.git import GitRepository
from trace_app.domain.ids import new_short_id
from trace_app.models import Trace

MERGED = frozenset({State.MERGED})


def seeded(name: str) -> Regression:
    return next(one for one in regressions() if one.name == name)


def renamed(regression: Regression) -> Regression:
    """On a branch that the ready-made repository does not have."""
    return replace(regression, number=7000, branch="pr/7000")


def api(live: LiveStack, shop: LiveShop, path: str) -> dict[str, object]:
    """An answer of the running product's API to the owner."""
    client = Client()
    client.force_login(shop.owner)
    cookies = {"sessionid": client.cookies["sessionid"].value}
    answer = httpx.get(f"{live.url}{path}", cookies=cookies, timeout=30)
    answer.raise_for_status()
    found: dict[str, object] = answer.json()
    return found


def the_whole_loop(
    live: LiveStack, shop: LiveShop, regression: Regression, folder: Path
) -> MenderAttempt:
    """From the failing check to the green default branch; each fact is looked up where it lives."""
    shop.break_it(regression)
    trace = shop.failing_trace(regression)
    assert trace.failing_step == regression.failing_step
    suggestion = shop.suggestion(trace)
    assert suggestion.classification == regression.classification, suggestion.analysis_markdown
    assert any(one["seqs"] for one in suggestion.evidence)

    edits = Edits.from_json(regression.fix)
    replay = shop.replay(trace, regression.from_step, edits)
    assert replay.status == "succeeded", replay.message
    attempt = shop.promote(trace, replay, edits)
    assert (attempt.pk, attempt.state) == (suggestion.pk, State.VALIDATED), attempt.state_note

    proof(shop, trace, attempt)
    merged_by_a_person(shop, regression, attempt, folder)
    summary = api(live, shop, f"/v1/traces/{trace.pk}/summary.json")["mender_summary"]
    assert isinstance(summary, dict)
    assert (summary["state"], summary["outcome"]) == ("merged", "applied")
    return MenderAttempt.objects.get(pk=attempt.pk)


def proof(shop: LiveShop, trace: Trace, attempt: MenderAttempt) -> None:
    red, green, again = attempt.red_trace, attempt.green_trace, attempt.revalidation_trace
    assert red is not None
    assert green is not None
    assert again is not None
    assert (red.status, red.source, red.failing_step) == ("failed", "proof", trace.failing_step)
    assert (green.status, green.source) == ("passed", "proof")
    assert (again.status, again.source) == ("passed", "revalidation")
    assert (red.pinned, green.pinned) == (None, None)
    assert attempt.pr_number is not None
    row = PullRequest.objects.get(repository__slug=shop.project.slug, number=attempt.pr_number)
    assert (row.draft, row.base, row.head) == (True, trace.branch, attempt.branch)
    git_ = GitRepository(shop.repository)
    assert git_.resolve(attempt.branch) == attempt.head_sha == green.code_sha == again.code_sha
    commit = git_.log(attempt.head_sha, limit=1)[0]
    assert commit.parents == (attempt.base_sha,)
    assert f"Promoted-by: {shop.owner.get_username()}" in commit.body


def merged_by_a_person(
    shop: LiveShop, regression: Regression, attempt: MenderAttempt, folder: Path
) -> None:
    clone = folder / "clone"
    git(folder, "clone", "-q", str(shop.repository), str(clone))
    sha = merge(clone, attempt.branch, into=regression.branch)
    merged = shop.attempt_at(attempt, MERGED)
    assert merged.merge_sha == sha
    assert shop.checked(regression.branch, sha).status == "passed"
    sha = merge(clone, regression.branch, into="trunk")
    assert shop.checked("trunk", sha).status == "passed"
    signature = merged.signature
    assert signature is not None
    assert signature.fixed_by == f"#{merged.pr_number}"
    later = signature.traces.filter(created__gt=signature.fixed_at)
    assert not later.exclude(source__in=["replay", "proof", "flake_check"]).exists()


def test_the_renamed_webhook(live_stack: LiveStack, tmp_path: Path) -> None:
    shop = LiveShop.build(live_stack, tmp_path, "checkout-stripe")
    attempt = the_whole_loop(live_stack, shop, renamed(seeded("webhook-route")), tmp_path)
    signature = attempt.signature
    assert signature is not None
    assert signature.slug == "webhook-404"
    tested = next(one["result"] for one in attempt.stages if one["name"] == "test")
    added = [one["line"] for one in tested["additions"]]
    assert "expect network POST `/api/webhooks/stripe` status 200" in added
    assert any(line.endswith("equals 900") for line in added)
    text = GitRepository(shop.repository).read_file("trunk", attempt.trace.scenario_path).decode()
    assert added[0] in text


def test_a_route_nobody_has_seen(live_stack: LiveStack, tmp_path: Path) -> None:
    shop = LiveShop.build(live_stack, tmp_path, "checkout-stripe")
    regression = route_regression(shop.repository, number=7001, seed=new_short_id(), base="trunk")
    the_whole_loop(live_stack, shop, regression, tmp_path)


def test_a_label_nobody_has_seen(live_stack: LiveStack, tmp_path: Path) -> None:
    seed = new_short_id()
    whole = tmp_path / "whole.git"
    build(whole)
    wanted = label_regression(whole, number=7002, seed=seed)
    shop = LiveShop.build(live_stack, tmp_path, wanted.scenario)
    regression = label_regression(shop.repository, number=7002, seed=seed)
    attempt = the_whole_loop(live_stack, shop, regression, tmp_path)
    tested = next(one["result"] for one in attempt.stages if one["name"] == "test")
    assert tested["inverted"]["status"] == "failed"


def test_a_wrong_edit_ends_failed_and_cannot_be_promoted(
    live_stack: LiveStack, tmp_path: Path
) -> None:
    shop = LiveShop.build(live_stack, tmp_path, "checkout-stripe")
    regression = route_regression(shop.repository, number=7003, seed=new_short_id(), base="trunk")
    shop.break_it(regression)
    trace = shop.failing_trace(regression)
    edits = Edits.from_json(regression.wrong)
    replay = shop.replay(trace, regression.from_step, edits)
    assert replay.status == "failed"
    with pytest.raises(GatesClosedError) as caught:
        promote_fix(
            by=shop.owner,
            trace=trace,
            replay=replay,
            edits=edits,
            classification="product_bug",
            target_branch=trace.branch,
        )
    # The wrong edit may break more than it mends; that gate is its own.
    assert "replay" in {gate.name for gate in caught.value.gates}
    shop.suggestion(trace)
    # Without the replay, Mender's own green run is what stops it.
    attempt = shop.promote(trace, None, edits)
    assert (attempt.state, attempt.outcome, attempt.pr_number) == ("failed", "suggested", None)
    assert "still failed at step 7" in attempt.state_note
    branches = GitRepository(shop.repository).branches()
    assert not [name for name in branches if name.startswith("mender/")]
    assert live_stack.url == settings.TRACE_PUBLIC_URL
    assert json.dumps(attempt.stages)
