"""Tells Trace over signed webhooks what changed.

What was not taken is told again later, by the rows themselves.
"""

import logging

from django.utils import timezone

from mender_handoff.domain.messages import (
    CheckCompleted,
    RevalidationCompleted,
    Webhook,
    encode,
    to_json,
)
from mender_handoff.guard.actions import checks, jobs
from mender_handoff.guard.clients.trace import TraceError, TraceRefusedError
from mender_handoff.guard.models import GuardCheck, GuardRepository, MenderJob
from mender_handoff.guard.pipeline import records
from mender_handoff.guard.pipeline.connections import trace_of
from mender_handoff.guard.queries.views import attempt_view, check_view

logger = logging.getLogger(__name__)


def tell_check(check_id: str) -> None:
    """Send check.completed unless Trace has it."""
    check = GuardCheck.objects.select_related("repository").get(pk=check_id)
    if check.announced or check.ended is None:
        return
    try:
        # Its records first: Trace takes a run without a trace for one that has none.
        records.deliver_check(check)
        data = to_json(CheckCompleted(check=check_view(check)))
        _send(check.repository, f"check_{check.pk}", "check.completed", data)
    except TraceError as error:
        logger.warning("check %s: %s", check.pk, error)
        checks.tell_later(check=check, give_up=isinstance(error, TraceRefusedError))
        return
    checks.told(check=check)


def tell_job(job_id: str) -> None:
    """Send mender.attempt.updated, and revalidation.completed once, unless Trace has them."""
    job = MenderJob.objects.select_related(
        "repository", "revalidation", "pull_request__repository"
    ).get(pk=job_id)
    sequence, check = job.sequence, job.revalidation
    finished = str(check.pk) if check is not None and check.ended else ""
    try:
        records.deliver_job(job)
        if check is not None and finished:
            records.deliver_check(check)
        if check is not None and finished and job.told_check != finished:
            view = RevalidationCompleted(
                attempt_id=job.attempt_id, sequence=sequence, check=check_view(check)
            )
            name = f"revalidation_{job.pk}_{check.pk}"
            _send(job.repository, name, "revalidation.completed", to_json(view))
        if job.told < sequence:
            name = f"attempt_{job.pk}_{sequence}"
            _send(job.repository, name, "mender.attempt.updated", to_json(attempt_view(job)))
    except TraceError as error:
        logger.warning("job %s: %s", job.pk, error)
        jobs.tell_later(job=job, give_up=isinstance(error, TraceRefusedError))
        return
    jobs.told(job=job, sequence=sequence, check_id=finished)


def overdue() -> tuple[list[str], list[str]]:
    """Ids of checks and of jobs that Trace should have been told of by now."""
    now = timezone.now()
    late_checks = GuardCheck.objects.filter(announced=None, tell_after__lt=now)
    late_jobs = MenderJob.objects.filter(tell_after__lt=now)
    return (
        [str(pk) for pk in late_checks.values_list("pk", flat=True)[:200]],
        [str(pk) for pk in late_jobs.values_list("pk", flat=True)[:200]],
    )


def _send(repository: GuardRepository, name: str, kind: str, data: dict[str, object]) -> None:
    stamp = timezone.now().isoformat().replace("+00:00", "Z")
    body = encode(Webhook(type=kind, timestamp=stamp, data=data))
    trace_of(repository).send_webhook(name, body)
