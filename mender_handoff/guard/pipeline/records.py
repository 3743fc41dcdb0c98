"""Gives the records of runs to Trace: now, or later by the sweep when Trace is away.

A record sent twice is one trace, because Trace knows it by its bytes.
"""

import hashlib
import logging
from pathlib import Path

from mender_handoff.guard.actions import checks, jobs
from mender_handoff.guard.clients.trace import (
    TraceRefusedError,
    TraceUnreachableError,
    Uploaded,
)
from mender_handoff.guard.models import GuardCheck, GuardRepository, MenderJob
from mender_handoff.guard.pipeline.connections import trace_of
from mender_handoff.guard.storage import outbox

logger = logging.getLogger(__name__)
CAPTURE_OFF = "trace_capture_off"


def upload_or_keep(
    repository: GuardRepository, owner: str, name: str, bundle: Path
) -> Uploaded | None:
    """The stored trace; None when the record waits in the outbox. TraceRefusedError."""
    try:
        return trace_of(repository).upload(bundle)
    except TraceUnreachableError as error:
        logger.warning("the record %s of %s waits: %s", name, owner, error)
        outbox.keep(owner, name, bundle)
        return None


def name_of(bundle: Path) -> str:
    """A name for a job's record, by its bytes."""
    with bundle.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def deliver_check(check: GuardCheck) -> None:
    """Send what is kept of a check's runs. TraceUnreachableError leaves the rest for later."""
    for name, path in outbox.kept(str(check.pk)):
        run = check.runs.filter(pk=name).first()
        if run is not None:
            try:
                found = trace_of(check.repository).upload(path)
                checks.note_trace(run=run, trace_id=found.id, short_id=found.short_id)
            except TraceRefusedError as error:
                checks.note_refusal(run=run, message=refusal(error))
        outbox.forget(path)


def deliver_job(job: MenderJob) -> None:
    """Send what is kept of a job's runs, once their stages name them. As deliver_check()."""
    for name, path in outbox.kept(str(job.pk)):
        if not jobs.names_record(job=job, name=name):
            continue
        try:
            found = trace_of(job.repository).upload(path)
            jobs.note_trace(job=job, name=name, trace_id=found.id, short_id=found.short_id)
        except TraceRefusedError as error:
            logger.warning("the record %s of %s: %s", name, job.pk, error)
        outbox.forget(path)


def refusal(error: TraceRefusedError) -> str:
    """What a run's message says about it; nothing where records are switched off."""
    return "" if error.code == CAPTURE_OFF else f"Trace did not take the record: {error}"
