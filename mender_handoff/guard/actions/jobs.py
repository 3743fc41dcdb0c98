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


def names_record(*, job: MenderJob, name: str) -> bool:
    """Whether a stage's result speaks of this kept record."""
    return any(_runs_of(stage.result, name) for stage in job.stages.all())


@transaction.atomic
def note_trace(*, job: MenderJob, name: str, trace_id: str, short_id: str) -> None:
    """Trace has a record it was given late: say so wherever the run stands."""
    for stage in MenderStage.objects.select_for_update().filter(job=job):
        for run in _runs_of(stage.result, name):
            run |= {"trace": trace_id, "short_id": short_id, "kept": ""}
        stage.save(update_fields=["result"])
    tested = job.stages.filter(name="test", state="done").order_by("-ended").first()
    if tested is None:
        return
    locked = MenderJob.objects.select_for_update().get(pk=job.pk)
    for word in ("red", "green"):
        trace = tested.result.get(word, {}).get("trace")
        locked.result = {**locked.result, f"{word}_trace": trace or None}
    locked.save(update_fields=["result"])
    job.refresh_from_db(fields=["result"])


def _runs_of(found: object, name: str) -> list[dict[str, Any]]:
    """The runs inside a stage's result whose record is kept under this name."""
    if isinstance(found, list):
        return [run for one in found for run in _runs_of(one, name)]
    if not isinstance(found, dict):
        return []
    inside = [run for one in found.values() for run in _runs_of(one, name)]
    return [found, *inside] if found.get("kept") == name else inside


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
