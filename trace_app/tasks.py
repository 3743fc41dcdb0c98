"""Celery tasks of Trace: wake-ups for rows; the rows say what is to be done."""

from celery import shared_task

from trace_app.actions import append, deletion, processing
from trace_app.storage import spool


@shared_task(name="trace_app.process_trace")
def process_trace(trace_id: str) -> None:
    """Signature, summary and index of one finished trace."""
    processing.process(trace_id)


@shared_task(name="trace_app.sweep")
def sweep() -> None:
    """Finds what was forgotten: silent runs, traces of dead workers, files of dead uploads."""
    append.abort_silent()
    processing.sweep()
    spool.sweep()


@shared_task(name="trace_app.sweep_blobs")
def sweep_blobs() -> None:
    """Removes the files that a killed deletion left behind."""
    deletion.sweep_blobs()
