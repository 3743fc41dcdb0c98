"""Rows whose wake-up was lost, or whose worker died, are found by beat's sweeps in the running product."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from examples.shop_history import build
from mender_handoff.guard.models import GuardCheck, GuardRepository, GuardRun
from mender_handoff.guard.pipeline import checks
from mender_handoff.management.connecting import connect_repository
from mender_handoff.models import MenderAttempt, WebhookDelivery
from tests.flows.mender_handoff.shop import BY, House, check
from tests.harness.live import LiveStack, wait_for
from tests.harness.shop_run import write_shop_run
from trace_app.actions.projects import set_switches
from trace_app.clients.git import GitRepository
from trace_app.models import Trace

#: Longer than beat's 15 seconds and a dead worker's lease together.
SECONDS = 45.0


def test_a_check_whose_worker_died_is_taken_up_again(live_stack: LiveStack, tmp_path: Path) -> None:
    house = House.build()
    GitRepository.create_bare(tmp_path / "empty.git")
    repository = GuardRepository.objects.create(
        slug=house.project.slug, path=str(tmp_path / "empty.git"), trace_url=live_stack.url
    )
    row = GuardCheck.objects.create(
        repository=repository,
        sha="a" * 40,
        branch="main",
        source="manual",
        status="running",
        tries=1,
        lease_until=timezone.now() + timedelta(seconds=5),
    )
    GuardCheck.objects.filter(pk=row.pk).update(created=timezone.now() - timedelta(minutes=1))

    def look() -> GuardCheck | None:
        return GuardCheck.objects.filter(pk=row.pk, ended__isnull=False).first()

    ended = wait_for("the check to be taken up", look, SECONDS)
    assert (ended.status, ended.tries) == ("error", 2)
    assert "could not be read" in ended.message


def test_a_delivery_whose_wake_up_was_lost_is_processed(
    live_stack: LiveStack, tmp_path: Path
) -> None:
    house = House.build()
    trace = house.trace(tmp_path, check="c1")
    body = {"type": "check.completed", "timestamp": "", "data": check(trace)}
    WebhookDelivery.objects.create(
        project=house.project, sender="guard", delivery_id="m1", event="check.completed", body=body
    )

    def look() -> Trace | None:
        return Trace.objects.filter(pk=trace.pk, pinned__isnull=False).first()

    wait_for("the delivery to be processed", look, SECONDS)

    def attempt() -> MenderAttempt | None:
        return MenderAttempt.objects.filter(trace=trace).first()

    assert wait_for("the suggestion", attempt, SECONDS).state == "suggested"


@pytest.mark.parametrize("capture", [True, False])
def test_with_trace_capture_off_a_run_is_a_result_without_a_trace(
    live_stack: LiveStack, tmp_path: Path, capture: bool
) -> None:
    house = House.build()
    build(tmp_path / "shop.git")
    project = connect_repository(
        by=BY,
        team=house.team,
        slug=f"{house.project.slug}-2",
        name="Shop",
        repo=tmp_path / "shop.git",
        default_branch="main",
        public_url=live_stack.url,
    )
    set_switches(by=BY, project=project, trace_capture=capture, mender_enabled=True)
    repository = GuardRepository.objects.get(slug=project.slug)
    row = GuardCheck.objects.create(
        repository=repository, sha="a" * 40, branch="main", source="manual", tries=9
    )
    bundle = write_shop_run(tmp_path / "run.zip")
    run = GuardRun.objects.create(check_row=row, scenario="checkout-stripe")
    ended = checks._ended(run, "failed", "step 7 failed", bundle)
    assert (ended.status, ended.failing_step, ended.message) == ("failed", 7, "step 7 failed")
    assert bool(ended.trace_id) == capture
    assert Trace.objects.filter(project=project).exists() == capture
