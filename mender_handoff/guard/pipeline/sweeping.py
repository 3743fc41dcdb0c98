"""Finds rows without a live lease that still have work, and wakes them.

Does none of the work itself.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from mender_handoff.domain.attempt_states import ENDED
from mender_handoff.guard.actions import jobs
from mender_handoff.guard.models import GuardCheck, GuardRepository, MenderJob, PullRequest
from mender_handoff.guard.pipeline import telling
from mender_handoff.guard.pipeline.pushes import take_notice
from mender_handoff.guard.queries import repositories
from trace_app.queue import enqueue

#: A row this young has its first wake-up still on the way.
GRACE = timedelta(seconds=10)


def sweep() -> None:
    """One round; beat starts it every few seconds."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    late = GuardCheck.objects.filter(free, ended=None, created__lt=now - GRACE)
    for pk in late.values_list("pk", flat=True)[:200]:
        enqueue("guard.run_check", str(pk))
    standing = MenderJob.objects.filter(free, ended=None, updated__lt=now - GRACE)
    for job in standing.exclude(state__in=[state.value for state in ENDED])[:200]:
        if not jobs.is_resting(job):
            enqueue("guard.advance_job", str(job.pk))
    late_checks, late_jobs = telling.overdue()
    for check_id in late_checks:
        enqueue("guard.tell_check", check_id)
    for job_id in late_jobs:
        enqueue("guard.tell_job", job_id)
    watched = PullRequest.objects.filter(state="open").values("repository")
    for slug in GuardRepository.objects.filter(pk__in=watched).values_list("slug", flat=True):
        enqueue("guard.take_notice", slug)


def take_notice_of(slug: str, branches: Collection[str]) -> None:
    """Look at one repository, if it is still watched."""
    repository = repositories.named(slug)
    if repository is not None:
        take_notice(repository, branches)
