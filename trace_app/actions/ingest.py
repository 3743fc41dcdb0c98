"""Storing a finished run: a runner's bundle or a Playwright zip, whole or not at all."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from trace_app.actions import audit, blob_use, words
from trace_app.actions.at_once import digest_small, store_small
from trace_app.actions.intake import IngestError, Prepared, prepared
from trace_app.actions.rows import (
    clean,
    cleaned,
    copy_chunks,
    write_clone_states,
    write_notable,
    write_steps,
)
from trace_app.domain.chunks import pack
from trace_app.domain.playwright import IMPORTER_VERSION, NEWEST_FORMAT
from trace_app.domain.states import TraceSource
from trace_app.domain.steps import StepRow, failing_step, step_rows
from trace_app.domain.system import System
from trace_app.domain.wall_clock import read_moment
from trace_app.domain.wording import unread_notice
from trace_app.models import Blob, Project, Trace, TraceBlob
from trace_app.queries.sending import before
from trace_app.queue import enqueue
from trace_app.storage import blobs, capsules, unread

PROCESS_TASK: Final = "trace_app.process_trace"
MAX_UPLOAD_BYTES: Final = 1024**3
# Runs the product makes itself are recorded also where a project's capture is switched off.
_OWN: Final = frozenset(
    {TraceSource.REPLAY, TraceSource.FLAKE_CHECK, TraceSource.PROOF, TraceSource.REVALIDATION}
)

__all__ = ["MAX_UPLOAD_BYTES", "IngestError", "ingest_bundle", "ingest_upload", "ingest_zip"]


def ingest_upload(
    *,
    by: User | System,
    project: Project,
    path: Path,
    source: str | None = None,
    parent: Trace | None = None,
) -> tuple[Trace, bool]:
    """Stores the file; returns the trace and whether it is new. The same bytes are stored once.

    Raises IngestError, and then nothing of the file is kept.
    """
    received = timezone.now()
    digest = blobs.hash_file(path)
    key, rules = before(project, digest)
    known = None if key is None else Trace.objects.get(pk=key)
    if known is not None and not _readable_now(known):
        return known, False
    with prepared(path, rules) as ready:
        wanted = source_of(source or ready.run.source)
        if not project.trace_capture and wanted not in _OWN:
            raise IngestError(
                "trace_capture_off", "Trace capture is off for this project.", status=409
            )
        rows = [cleaned(row) for row in step_rows(ready.events, ready.run.steps)]
        trace = _trace(project, ready, rows, wanted, digest, parent)
        trace.finished = received
        small = digest_small(trace, ready, rows) if known is None else None
        try:
            if small is not None:
                store_small(by, trace, ready, rows, small)
            else:
                _store(by, trace, ready, rows, path, known)
        except IntegrityError:
            # Another upload of the same bytes was quicker.
            if known is None:
                _unseal(trace)
            known = project.traces.filter(upload_sha256=digest).first()
            if known is None:
                raise
            return known, False
        return trace, known is None


def ingest_bundle(
    *,
    by: User | System,
    project: Project,
    path: Path,
    source: str | None = None,
    parent: Trace | None = None,
) -> Trace:
    """A runner's bundle; its events, steps and clone states can be read when this returns."""
    return ingest_upload(by=by, project=project, path=path, source=source, parent=parent)[0]


def ingest_zip(
    *, by: User | System, project: Project, path: Path, source: str | None = None
) -> Trace:
    """A Playwright zip of any format from 3 to 10."""
    return ingest_upload(by=by, project=project, path=path, source=source)[0]


def _readable_now(trace: Trace) -> bool:
    """Whether the upload was too new when it came, and is no longer."""
    kept = trace.runner.get("unread")
    return isinstance(kept, int) and kept <= NEWEST_FORMAT


@transaction.atomic
def _store(
    by: User | System,
    trace: Trace,
    ready: Prepared,
    rows: Sequence[StepRow],
    path: Path,
    known: Trace | None,
) -> None:
    """What a worker is to digest; the trace takes the place of `known`, which is kept unread."""
    if ready.zip_path is not None or ready.blobs:
        blob_use.hold()
    if ready.zip_path is not None:
        trace.playwright_zip = _keep(ready.zip_path)
    if known is not None:
        _take_place(trace, known.pk)
    trace.sealed_bytes = _seal(trace, ready, path)
    trace.save(force_insert=known is None, force_update=known is not None)
    if trace.playwright_zip:
        _use(trace, trace.playwright_zip, "playwright.zip", "application/zip")
    _keep_blobs(trace, ready)
    _write_rows(trace, ready, rows)
    audit.ingested(by, trace).save(force_insert=True)
    enqueue(PROCESS_TASK, str(trace.pk))


def _seal(trace: Trace, ready: Prepared, path: Path) -> int:
    """Keeps what is no part of the record, encrypted; how many bytes lie there."""
    if ready.unread is not None:
        return unread.save(trace, path)
    return 0 if ready.capsule is None else capsules.save(trace, ready.capsule)


def _unseal(trace: Trace) -> None:
    """Removes what was kept for a trace that has not become one."""
    capsules.delete(trace)
    unread.delete(trace)


def _keep_blobs(trace: Trace, ready: Prepared) -> None:
    # In one order for all: two uploads that share new blobs must not wait for each other.
    for sha256, content in sorted(ready.blobs.items()):
        blobs.put(sha256, content)
        Blob.objects.get_or_create(
            sha256=sha256,
            defaults={"size": content.size, "content_type": "application/octet-stream"},
        )
        _use(trace, sha256, f"blobs/{sha256}", "application/octet-stream")


def _take_place(trace: Trace, key: UUID) -> None:
    """What people already did with the row stays: its address, its age, its pin."""
    row = Trace.objects.select_for_update().get(pk=key)
    for name in ("id", "short_id", "created", "pinned", "pinned_by_id", "check_url", "parent_id"):
        setattr(trace, name, getattr(row, name))
    trace.steps.all().delete()
    transaction.on_commit(partial(unread.delete, trace), robust=True)


def _write_rows(trace: Trace, ready: Prepared, rows: Sequence[StepRow]) -> None:
    """The rows of a trace that has none yet."""
    copy_chunks(trace, pack(ready.lines))
    write_steps(trace, rows)
    write_clone_states(trace, ready.events)
    write_notable(trace, ready.events)


def _trace(
    project: Project,
    ready: Prepared,
    rows: Sequence[StepRow],
    source: TraceSource,
    digest: str,
    parent: Trace | None,
) -> Trace:
    run, events = ready.run, ready.events
    failed = failing_step(rows)
    now = timezone.now()
    return Trace(
        project=project,
        pr_number=run.pr,
        **words.columns(run, ready.title),
        status=run.status,
        source=source.value,
        origin=ready.origin.value,
        runner={
            "name": clean(run.runner.name, 80),
            "version": clean(run.runner.version, 80),
            "level": clean(run.runner.level, 20),
            "redaction": ready.report,
            **({"unread": ready.unread} if ready.unread is not None else {}),
        },
        started=parse_started(run.started_at),
        finished=now,
        duration_ms=run.duration_ms or (events[-1].ts if events else 0),
        last_seq=events[-1].seq if events else 0,
        event_count=len(events),
        error_count=sum(event.level == "error" for event in events),
        failing_step=run.failing_step or (failed.number if failed else None),
        failing_seq=failed.failing_seq if failed else None,
        error_line=clean(_error_line(ready, failed), 1000),
        upload_sha256=digest,
        importer_version=IMPORTER_VERSION,
        parent=parent,
    )


def _error_line(ready: Prepared, failed: StepRow | None) -> str:
    said = failed.error if failed else ""
    if not said and ready.unread is not None:
        said = (ready.run.error.message if ready.run.error else "") or unread_notice(ready.unread)
    return said.partition("\n")[0]


def source_of(word: str) -> TraceSource:
    """The source a word names. Raises IngestError for an unknown one."""
    try:
        return TraceSource(word)
    except ValueError:
        known = ", ".join(source.value for source in TraceSource)
        raise IngestError("unknown_source", f"source must be one of {known}") from None


def parse_started(text: str) -> datetime | None:
    """A time with its zone, None for anything else."""
    return read_moment(text)


def _keep(path: Path) -> str:
    sha256 = blobs.put_file(path)
    Blob.objects.get_or_create(
        sha256=sha256,
        defaults={"size": path.stat().st_size, "content_type": "application/zip"},
    )
    return sha256


def _use(trace: Trace, sha256: str, name: str, content_type: str) -> None:
    TraceBlob.objects.create(trace=trace, blob_id=sha256, name=name)
