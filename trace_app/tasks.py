"""Celery tasks of Trace: wake-ups for rows; the rows say what is to be done."""

from celery import shared_task
from django.utils import timezone

from trace_app.actions import (
    append,
    deletion,
    idempotency,
    processing,
    retention,
    sealed_files,
    tiers,
)
from trace_app.storage import spool


@shared_task(name="trace_app.process_trace")
def process_trace(trace_id: str) -> None:
    """Signature, summary and index of one finished trace."""
    processing.process(trace_id)


@shared_task(name="trace_app.sweep")
def sweep() -> None:
    """Finds what was forgotten: silent runs, work of dead workers, files of dead uploads."""
    append.abort_silent()
    processing.sweep()
    tiers.sweep_thaws()
    spool.sweep()


@shared_task(name="trace_app.sweep_blobs")
def sweep_blobs() -> None:
    """Removes files that a killed deletion or upload left behind, and answers grown old."""
    now = timezone.now()
    deletion.sweep_blobs()
    deletion.sweep_files(now)
    sealed_files.sweep(now)
    idempotency.sweep(now)


@shared_task(name="trace_app.thaw")
def thaw(trace_id: str) -> None:
    """Brings a cold trace's events and files back out of its archive."""
    tiers.thaw(trace_id)


@shared_task(name="trace_app.retain")
def retain() -> None:
    """Moves traces to warm and cold, and deletes them, as their teams' policies say."""
    retention.sweep()
