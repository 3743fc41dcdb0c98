"""A record is never lost: while Trace is away it waits on disk, and the sweep brings it later."""

from pathlib import Path

import pytest
from django.utils import timezone

from examples.shop_history import build
from mender_handoff.guard.actions import checks as check_rows
from mender_handoff.guard.clients.trace import TraceUnreachableError
from mender_handoff.guard.models import (
    GuardCheck,
    GuardRepository,
    GuardRun,
    MenderJob,
    MenderStage,
)
from mender_handoff.guard.pipeline import checks, records
from mender_handoff.guard.storage import outbox
from mender_handoff.management.connecting import connect_repository
from tests.flows.mender_handoff.shop import BY, House
from tests.harness.live import LiveStack, wait_for
from tests.harness.shop_run import write_shop_run
from tests.unit.mender_handoff.test_messages import request as example
from trace_app.models import Trace

#: Trace's web process as Guard finds it during a restart: nobody listens there.
AWAY = "http://127.0.0.1:9"
#: Longer than the pause after the first vain try and beat's round together.
SECONDS = 60.0


@pytest.fixture
def repository(live_stack: LiveStack, tmp_path: Path) -> GuardRepository:
    """A connected repository whose Trace is away."""
    house = House.build()
    build(tmp_path / "shop.git")
    connect_repository(
        by=BY,
        team=house.team,
        slug=f"{house.project.slug}-2",
        name="Shop",
        repo=tmp_path / "shop.git",
        default_branch="main",
        public_url=live_stack.url,
    )
    watched = GuardRepository.objects.get(slug=f"{house.project.slug}-2")
    comes_and_goes(watched, AWAY)
    return watched


def comes_and_goes(repository: GuardRepository, url: str) -> None:
    repository.trace_url = url
    repository.save(update_fields=["trace_url"])


def test_the_sweep_brings_a_checks_record_and_then_tells_of_it(
    repository: GuardRepository, live_stack: LiveStack, tmp_path: Path
) -> None:
    row = GuardCheck.objects.create(
        repository=repository, sha="a" * 40, branch="main", source="manual", tries=1
    )
    run = GuardRun.objects.create(check_row=row, scenario="checkout-stripe")
    bundle = write_shop_run(tmp_path / "run.zip")
    ended = checks._ended(run, "failed", "", bundle)
    bundle.unlink()
    assert (ended.status, ended.failing_step, ended.trace_id) == ("failed", 7, "")
    (waiting,) = outbox.kept(str(row.pk))
    assert waiting[1].stat().st_mode & 0o777 == 0o600
    check_rows.end_run(run=run, ended=ended)
    check_rows.finish(check=row)

    def tried() -> bool:
        return GuardCheck.objects.get(pk=row.pk).tell_tries > 0

    assert wait_for("a vain try", tried, SECONDS)
    comes_and_goes(repository, live_stack.url)

    def told() -> GuardCheck | None:
        return GuardCheck.objects.filter(pk=row.pk, announced__isnull=False).first()

    wait_for("Trace to be told", told, SECONDS)
    run.refresh_from_db()
    trace = Trace.objects.get(project__slug=repository.slug)
    assert (run.trace_id, run.trace_short_id) == (str(trace.pk), trace.short_id)
    assert run.trace_url == f"{live_stack.url}/traces/{trace.short_id}?step=7"
    assert outbox.kept(str(row.pk)) == []


def test_the_proofs_of_a_fix_get_their_traces_later(
    repository: GuardRepository, live_stack: LiveStack, tmp_path: Path
) -> None:
    job = MenderJob.objects.create(
        repository=repository,
        attempt_id="a1",
        kind="fix",
        idempotency_key="k1",
        request=example(),
        state="testing",
        ended=timezone.now(),
    )
    bundle = write_shop_run(tmp_path / "run.zip")
    name = records.name_of(bundle)
    assert records.upload_or_keep(repository, str(job.pk), name, bundle) is None
    stage = MenderStage.objects.create(
        job=job,
        name="test",
        state="done",
        result={"red": {"status": "failed", "trace": "", "short_id": "", "kept": name}},
    )
    with pytest.raises(TraceUnreachableError):
        records.deliver_job(job)
    comes_and_goes(repository, live_stack.url)
    records.deliver_job(MenderJob.objects.get(pk=job.pk))
    trace = Trace.objects.get(project__slug=repository.slug)
    stage.refresh_from_db()
    assert stage.result["red"]["short_id"] == trace.short_id
    assert MenderJob.objects.get(pk=job.pk).result["red_trace"] == str(trace.pk)
    assert outbox.kept(str(job.pk)) == []


def test_a_stage_that_is_not_written_yet_keeps_its_record(
    repository: GuardRepository, live_stack: LiveStack, tmp_path: Path
) -> None:
    job = MenderJob.objects.create(
        repository=repository, attempt_id="a2", kind="fix", idempotency_key="k2", request=example()
    )
    bundle = write_shop_run(tmp_path / "run.zip")
    records.upload_or_keep(repository, str(job.pk), "r1", bundle)
    comes_and_goes(repository, live_stack.url)
    records.deliver_job(MenderJob.objects.get(pk=job.pk))
    assert [found for found, _ in outbox.kept(str(job.pk))] == ["r1"]
    MenderJob.objects.filter(pk=job.pk).update(ended=timezone.now())
