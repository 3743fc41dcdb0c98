"""Celery's entry points to Guard and Mender. Each wakes a row; the row knows what is left to do."""

from celery import shared_task

from mender_handoff.guard.pipeline import checks, pushes, sweeping, telling
from mender_handoff.guard.pipeline.mender import advance


@shared_task(name="guard.run_check")
def run_check(check_id: str) -> None:
    """Run what is left of a check."""
    checks.run_check(check_id)


@shared_task(name="guard.tell_check")
def tell_check(check_id: str) -> None:
    """Show a finished check at its pull request, and tell Trace."""
    pushes.show_check(check_id)
    telling.tell_check(check_id)


@shared_task(name="guard.advance_job")
def advance_job(job_id: str) -> None:
    """Take a Mender job as far as it goes."""
    advance.advance_job(job_id)


@shared_task(name="guard.tell_job")
def tell_job(job_id: str) -> None:
    """Tell Trace where a job stands."""
    telling.tell_job(job_id)


@shared_task(name="guard.take_notice")
def take_notice(slug: str, *branches: str) -> None:
    """Compare the branches of a repository with its pull requests."""
    sweeping.take_notice_of(slug, branches)


@shared_task(name="guard.sweep")
def sweep() -> None:
    """Wake every row whose wake-up was lost or whose worker died."""
    sweeping.sweep()
