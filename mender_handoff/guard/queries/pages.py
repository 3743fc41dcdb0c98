"""Rows for Guard's pages, fetched with what their templates show."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from mender_handoff.guard.models import GuardCheck, MenderJob, PullRequest

PAGE = 50


def latest_checks(slugs: Collection[str], before: UUID | None = None) -> list[GuardCheck]:
    """Newest first, one page and one more; `before` is the id of the last one shown."""
    rows = (
        GuardCheck.objects.filter(repository__slug__in=slugs)
        .select_related("repository")
        .prefetch_related("runs")
        .order_by("-pk")
    )
    if before:
        rows = rows.filter(pk__lt=before)
    return list(rows[: PAGE + 1])


def check(pk: UUID) -> GuardCheck | None:
    """One check with its runs."""
    return (
        GuardCheck.objects.filter(pk=pk)
        .select_related("repository")
        .prefetch_related("runs")
        .first()
    )


def jobs_of_check(row: GuardCheck) -> list[MenderJob]:
    """Mender's jobs about a failure this check found, and those it re-validates."""
    traces = [run.trace_id for run in row.runs.all() if run.trace_id]
    about = MenderJob.objects.filter(
        repository=row.repository, request__trace__id__in=traces
    ) | MenderJob.objects.filter(revalidation=row)
    stages = Prefetch("stages")
    return list(
        about.distinct().select_related("pull_request__repository").prefetch_related(stages)
    )


def pull_request(slug: str, number: int) -> PullRequest | None:
    """One pull request of the local forge."""
    return (
        PullRequest.objects.filter(repository__slug=slug, number=number)
        .select_related("repository")
        .first()
    )


def pull_requests(slug: str) -> QuerySet[PullRequest]:
    """All pull requests of a repository, newest number first."""
    return PullRequest.objects.filter(repository__slug=slug).select_related("repository")
