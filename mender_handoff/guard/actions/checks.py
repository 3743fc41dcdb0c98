"""Checks and their runs: opened, run by one worker at a time, finished, and told to Trace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from mender_handoff.domain.messages import ScenarioInfo
from mender_handoff.guard.models import GuardCheck, GuardRepository, GuardRun, MenderJob
from trace_app.queue import enqueue

SOURCES = ("pr", "schedule", "manual", "shadow_diff", "revalidation")
MAX_TRIES = 5
#: First pause between two tries to tell Trace; doubled up to an hour, given up after a day.
FIRST_PAUSE = timedelta(seconds=5)
LAST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = 40


@dataclass(frozen=True, slots=True)
class CheckAsked:
    """What to check. `scenarios` empty means all of the repository's."""

    branch: str
    sha: str
    source: str = "manual"
    pr_number: int | None = None
    scenarios: Sequence[str] = field(default_factory=tuple)
    reason: str = ""
    idempotency_key: str = ""


@transaction.atomic
def open_check(*, repository: GuardRepository, asked: CheckAsked) -> tuple[GuardCheck, bool]:
    """Queue a check; the same idempotency key gives the same check. Says whether it is new."""
    values = {
        "branch": asked.branch,
        "sha": asked.sha,
        "source": asked.source,
        "pr_number": asked.pr_number,
        "scenarios": list(asked.scenarios),
        "reason": asked.reason[:200],
    }
    if asked.idempotency_key:
        check, created = GuardCheck.objects.get_or_create(
            repository=repository, idempotency_key=asked.idempotency_key, defaults=values
        )
    else:
        check, created = GuardCheck.objects.create(repository=repository, **values), True
    if created:
        enqueue("guard.run_check", str(check.pk))
    return check, created


@transaction.atomic
def begin(*, check: GuardCheck) -> bool:
    """Mark the check running and count the try. False when it has been tried too often."""
    check.tries += 1
    check.status = "running"
    check.started = check.started or timezone.now()
    check.save(update_fields=["tries", "status", "started"])
    return check.tries <= MAX_TRIES


@transaction.atomic
def plan_runs(*, check: GuardCheck, scenarios: Sequence[ScenarioInfo]) -> list[GuardRun]:
    """One row per scenario; asking again adds nothing."""
    for one in scenarios:
        GuardRun.objects.get_or_create(
            check_row=check,
            scenario=one.slug,
            defaults={
                "scenario_id": one.id,
                "path": one.path[:400],
                "title": (one.title or one.slug)[:300],
            },
        )
    return list(check.runs.filter(status__in=("queued", "running")))


def note_progress(*, run: GuardRun, phase: str, step: int | None) -> None:
    """What the page shows while the run goes on; the first call marks it running."""
    progress = {"phase": phase, "step": step}
    GuardRun.objects.filter(pk=run.pk).update(status="running", progress=progress)


@dataclass(frozen=True, slots=True)
class RunEnded:
    """How one scenario ended and the trace it became, if one was taken."""

    status: str
    failing_step: int | None = None
    duration_ms: float | None = None
    message: str = ""
    trace_id: str = ""
    trace_short_id: str = ""
    trace_url: str = ""


def end_run(*, run: GuardRun, ended: RunEnded) -> None:
    """Store a run's result."""
    for name in RunEnded.__dataclass_fields__:
        setattr(run, name, getattr(ended, name))
    run.save()


def note_trace(*, run: GuardRun, trace_id: str, short_id: str) -> None:
    """Trace has the run's record."""
    run.trace_id, run.trace_short_id = trace_id, short_id
    run.trace_url = trace_url(run.check_row.repository, short_id, run.failing_step)
    run.save(update_fields=["trace_id", "trace_short_id", "trace_url"])


def note_refusal(*, run: GuardRun, message: str) -> None:
    """Trace will never have the run's record."""
    run.message = f"{run.message} {message}".strip()
    run.save(update_fields=["message"])


def trace_url(repository: GuardRepository, short_id: str, failing_step: int | None) -> str:
    """The trace's page, at the step that failed."""
    step = "" if failing_step is None else f"?step={failing_step}"
    return f"{repository.trace_url}/traces/{short_id}{step}"


@transaction.atomic
def finish(*, check: GuardCheck, message: str = "") -> None:
    """Sum up the runs, then wake who tells Trace and the jobs that wait for this check."""
    statuses = set(check.runs.values_list("status", flat=True))
    check.status = _sum_up(statuses)
    check.message, check.ended = message, timezone.now()
    check.tell_after, check.tell_tries, check.announced = check.ended, 0, None
    check.save()
    enqueue("guard.tell_check", str(check.pk))
    for job in MenderJob.objects.filter(revalidation=check, ended=None):
        enqueue("guard.advance_job", str(job.pk))


def _sum_up(statuses: set[str]) -> str:
    for word in ("failed", "error", "queued", "running"):
        if word in statuses:
            return word if word in ("failed", "error") else "error"
    return "passed" if statuses else "error"


def told(*, check: GuardCheck) -> None:
    """Trace has taken the webhook."""
    GuardCheck.objects.filter(pk=check.pk).update(announced=timezone.now(), tell_after=None)


def tell_later(*, check: GuardCheck, give_up: bool = False) -> None:
    """Trace did not take it: when to try again, or never."""
    check.tell_tries += 1
    check.tell_after = None if give_up else next_try(check.tell_tries)
    check.save(update_fields=["tell_tries", "tell_after"])


def next_try(tries: int) -> datetime | None:
    """Growing pauses; None when a day of tries is over."""
    if tries >= GIVE_UP_AFTER:
        return None
    pause: timedelta = FIRST_PAUSE * 2.0 ** min(tries - 1, 12)
    return timezone.now() + min(pause, LAST_PAUSE)
