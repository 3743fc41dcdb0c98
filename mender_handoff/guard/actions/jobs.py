"""Mender's jobs and their stages.

Accepted once per idempotency key, moved, and told to Trace by sequence number.
"""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mender_handoff.domain.attempt_states import ENDED, State
from mender_handoff.domain.messages import AttemptRequest, encode, to_json
from mender_handoff.guard.actions.checks import next_try
from mender_handoff.guard.models import (
    GuardCheck,
    GuardRepository,
    MenderJob,
    MenderStage,
    PullRequest,
)
from trace_app.queue import enqueue

MAX_TRIES = 5
#: A job stands still in these: ended, or waiting for a person.
RESTING = frozenset({*ENDED, State.SUGGESTED, State.NEEDS_EDIT, State.UNPROVEN, State.VALIDATED})


def is_resting(job: MenderJob) -> bool:
    """Nothing is left to do until someone else acts. With an open PR: once its check has ended."""
    return job.state in RESTING or (
        job.state == State.PR_OPEN and bool(job.result.get("revalidated"))
    )


class IdempotencyConflictError(Exception):
    """The same idempotency key came before with another body."""


@transaction.atomic
def accept(*, repository: GuardRepository, request: AttemptRequest) -> tuple[MenderJob, bool]:
    """The job of this request, and whether it is new. Raises IdempotencyConflictError."""
    digest = hashlib.sha256(encode(request)).hexdigest()
    job, created = MenderJob.objects.get_or_create(
        repository=repository,
        idempotency_key=request.idempotency_key,
        defaults={
            "attempt_id": request.attempt_id,
            "kind": request.intent,
            "request": to_json(request),
            "request_sha256": digest,
            "state": State.QUEUED,
        },
    )
    if job.request_sha256 != digest:
        raise IdempotencyConflictError(request.idempotency_key)
    if created:
        enqueue("guard.advance_job", str(job.pk))
    return job, created


def begin(*, job: MenderJob) -> bool:
    """Count a try of the pipeline. False when it has died too often."""
    MenderJob.objects.filter(pk=job.pk).update(tries=F("tries") + 1)
    job.refresh_from_db(fields=["tries"])
    return job.tries <= MAX_TRIES


def wait(*, job: MenderJob) -> None:
    """The job waits for a check; that is no death of a worker."""
    MenderJob.objects.filter(pk=job.pk).update(tries=0)


@transaction.atomic
def move(*, job: MenderJob, state: State, note: str = "", **found: Any) -> None:
    """Put the job into a state, add what was found, and wake who tells Trace."""
    locked = MenderJob.objects.select_for_update().get(pk=job.pk)
    locked.state, locked.note = state, note
    locked.result = {**locked.result, **found}
    locked.sequence += 1
    if state in RESTING:
        # The tries counted crashes on the way here; a later wake-up starts anew.
        locked.tries = 0
    if state in ENDED:
        locked.ended = timezone.now()
    locked.tell_after, locked.tell_tries = timezone.now(), 0
    locked.save()
    job.refresh_from_db()
    enqueue("guard.tell_job", str(job.pk))


def begin_stage(*, job: MenderJob, name: str, input_sha256: str) -> MenderStage:
    """The row of this stage with this input; a repeated one starts over in the same row."""
    stage, created = MenderStage.objects.get_or_create(
        job=job, name=name, input_sha256=input_sha256
    )
    if not created:
        stage.state, stage.error, stage.result = "running", "", {}
        stage.started, stage.ended = timezone.now(), None
        stage.save()
    return stage


def end_stage(*, stage: MenderStage, state: str, result: dict[str, Any], error: str = "") -> None:
    """Store what a stage found: state done, failed or waiting."""
    stage.state, stage.result, stage.error = state, result, error
    stage.ended = None if state == "waiting" else timezone.now()
    stage.save()


@transaction.atomic
def attach_pull_request(*, job: MenderJob, pull_request: PullRequest) -> None:
    """Remember which pull request this job opened."""
    MenderJob.objects.filter(pk=job.pk).update(pull_request=pull_request)
    job.refresh_from_db(fields=["pull_request"])


@transaction.atomic
def attach_check(*, job: MenderJob, check: GuardCheck) -> None:
    """Remember which check re-validates this job's pull request."""
    MenderJob.objects.filter(pk=job.pk).update(revalidation=check)
    job.refresh_from_db(fields=["revalidation"])


def told(*, job: MenderJob, sequence: int, check_id: str) -> None:
    """Trace has taken this sequence (and this finished re-validation)."""
    MenderJob.objects.filter(pk=job.pk).update(told=sequence, told_check=check_id)
    MenderJob.objects.filter(pk=job.pk, sequence=sequence).update(tell_after=None)


def tell_later(*, job: MenderJob, give_up: bool = False) -> None:
    """Trace did not take it: when to try again, or never."""
    job.tell_tries += 1
    job.tell_after = None if give_up else next_try(job.tell_tries)
    job.save(update_fields=["tell_tries", "tell_after"])
