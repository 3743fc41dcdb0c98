"""Moving one trace between tiers: hot to warm, warm to cold, and thawing. Each may be repeated.

When a trace may be moved by itself is retention's business.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.db.models.expressions import RawSQL
from django.utils import timezone

from trace_app.actions import audit, blob_use
from trace_app.actions.processing import notify, write_index
from trace_app.actions.rows import copy_chunks
from trace_app.domain.states import Tier
from trace_app.domain.system import System
from trace_app.models import (
    AppendBatch,
    Blob,
    CloneState,
    EventChunk,
    EventIndex,
    Trace,
    TraceBlob,
)
from trace_app.queries.disk import BODY_BYTES
from trace_app.queue import enqueue
from trace_app.storage import blobs, capsules
from trace_app.storage.archives import (
    ARCHIVE_NAME,
    ArchiveReader,
    Contents,
    DamagedError,
    open_archive,
    write_archive,
)
from trace_app.storage.spool import spool_file

THAW_TASK: Final = "trace_app.thaw"
_THAWER: Final = System("thaw")
_MOST_THAWS: Final = 20


@dataclass(frozen=True, slots=True)
class Frozen:
    """What freezing one trace took out of the tables, and the archive that holds it now."""

    chunks: int
    bytes_before: int
    bytes_after: int


@dataclass(frozen=True, slots=True)
class _Archive:
    """A written archive, and the `_marks` of the rows that went into it."""

    contents: Contents
    marks: list[tuple[Any, ...]]
    sha256: str
    size: int


@transaction.atomic
def cool(trace_id: UUID | str) -> int | None:
    """Make a hot trace warm: its restore capsule goes.

    How many capsules went, 0 or 1; None for no change.
    """
    trace = _locked(trace_id, tier=Tier.HOT, pinned=None)
    if trace is None:
        return None
    held = int(capsules.has(trace))
    trace.tier = Tier.WARM
    # An upload that could not be read yet is kept until it can be.
    if "unread" not in trace.runner:
        trace.sealed_bytes = 0
    trace.save(update_fields=["tier", "sealed_bytes"])
    transaction.on_commit(partial(capsules.delete, trace), robust=True)
    return held


def freeze(trace_id: UUID | str) -> Frozen | None:
    """Put a warm trace's events and files into one archived file; None for no change.

    Its row, steps, failures, signature and summary stay: it is still found and counted.
    """
    archive = _archive(trace_id)
    if archive is None:
        return None
    frozen = _freeze(trace_id, archive)
    if frozen is None:
        blob_use.remove_unknown([archive.sha256])
    return frozen


def _archive(trace_id: UUID | str) -> _Archive | None:
    """The archive as a kept file that no row knows yet, written while everybody may go on.

    A process that ends here leaves the file to the sweep.
    """
    warm = Trace.objects.filter(pk=trace_id, tier=Tier.WARM, pinned=None)
    trace = warm.select_related("project__team").first()
    if trace is None:
        return None
    with spool_file(".zip") as path:
        with transaction.atomic():
            marks = _marks(trace)
            contents = write_archive(path, trace)
        return _Archive(contents, marks, blobs.put_file(path), path.stat().st_size)


def _marks(trace: Trace) -> list[tuple[Any, ...]]:
    """What the record's rows are by now: one that is written anew has another xmin."""
    version = RawSQL("xmin::text", ())
    return [
        mark
        for model in (EventChunk, CloneState, TraceBlob)
        for mark in model.objects.filter(trace=trace).order_by("pk").values_list("pk", version)
    ]


@transaction.atomic
def _freeze(trace_id: UUID | str, archive: _Archive) -> Frozen | None:
    """The archive takes the record's place, if that is still what went into it."""
    blob_use.hold()
    trace = _locked(trace_id, tier=Tier.WARM, pinned=None)
    if trace is None or _marks(trace) != archive.marks or not blobs.exists(archive.sha256):
        return None
    files = {blob.sha256: blob.size for blob in archive.contents.blobs}
    chunks = EventChunk.objects.filter(trace=trace)
    body_bytes = chunks.aggregate(sum=Sum(BODY_BYTES))["sum"] or 0
    for model in (EventChunk, CloneState, AppendBatch, TraceBlob):
        model.objects.filter(trace=trace).delete()
    # The density bins stay: a cold page still shows when something happened.
    EventIndex.objects.filter(trace=trace).update(columns=b"")
    Blob.objects.get_or_create(
        sha256=archive.sha256,
        defaults={"size": archive.size, "content_type": "application/zip"},
    )
    TraceBlob.objects.create(trace=trace, blob_id=archive.sha256, name=ARCHIVE_NAME)
    trace.tier = Tier.COLD
    trace.save(update_fields=["tier"])
    transaction.on_commit(partial(blob_use.remove_unused, list(files)), robust=True)
    return Frozen(len(archive.contents.chunks), body_bytes + sum(files.values()), archive.size)


@transaction.atomic
def request_thaw(*, by: User | System, trace: Trace) -> bool:
    """Ask a worker to thaw a cold trace; asking twice is asking once. Whether it is under way."""
    if trace.tier != Tier.COLD:
        return False
    asked = Trace.objects.filter(pk=trace.pk, tier=Tier.COLD, thaw_requested=None)
    now = timezone.now()
    if asked.update(thaw_requested=now, thaw_error=""):
        trace.thaw_requested, trace.thaw_error = now, ""
        team = trace.project.team
        audit.record(by=by, team=team, action="trace.thaw_asked", target=trace.short_id)
        enqueue(THAW_TASK, str(trace.pk))
    return True


def thaw(trace_id: str) -> bool:
    """Bring a cold trace back as a warm one; whether this call did.

    A damaged or lost archive is noted on the trace and not tried again until somebody asks.
    """
    try:
        _bring_files(trace_id)
        return _thaw(trace_id)
    except (DamagedError, FileNotFoundError) as error:
        Trace.objects.filter(pk=trace_id).update(thaw_requested=None, thaw_error=str(error)[:300])
        return False


def sweep_thaws() -> int:
    """Wake a worker for every thaw that was asked for and not done; return how many."""
    waiting = Trace.objects.filter(thaw_requested__isnull=False).order_by("thaw_requested")
    found = list(waiting.values_list("pk", flat=True)[:_MOST_THAWS])
    for pk in found:
        enqueue(THAW_TASK, str(pk))
    return len(found)


def _bring_files(trace_id: str) -> None:
    """Keep the archive's files, while everybody may go on; their rows come with the thaw."""
    cold = TraceBlob.objects.filter(trace__pk=trace_id, trace__tier=Tier.COLD, name=ARCHIVE_NAME)
    archive = cold.select_related("trace").first()
    if archive is None:
        return
    with open_archive(archive.blob_id, archive.trace) as reader:
        for sha256 in {entry.sha256 for entry in reader.contents.blobs}:
            _bring(reader, sha256)


def _bring(reader: ArchiveReader, sha256: str) -> None:
    with spool_file() as path:
        reader.write_blob(sha256, path)
        blobs.put_file(path)


@transaction.atomic
def _thaw(trace_id: str) -> bool:
    blob_use.hold()
    trace = _locked(trace_id, tier=Tier.COLD)
    if trace is None:
        return False
    archive = TraceBlob.objects.filter(trace=trace, name=ARCHIVE_NAME).first()
    if archive is None:
        raise DamagedError("the trace has no archive")
    with open_archive(archive.blob_id, trace) as reader:
        _restore(trace, reader)
    archive.delete()
    trace.thawed = timezone.now()
    trace.thaw_requested, trace.thaw_error = None, ""
    trace.save(update_fields=["tier", "thawed", "thaw_requested", "thaw_error"])
    team = trace.project.team
    audit.record(by=_THAWER, team=team, action="trace.thawed", target=trace.short_id)
    transaction.on_commit(partial(blob_use.remove_unused, [archive.blob_id]), robust=True)
    notify(trace)
    return True


def _restore(trace: Trace, reader: ArchiveReader) -> None:
    """Writes everything back; the trace is warm from here on, so that its events can be read."""
    contents = reader.contents
    copy_chunks(trace, reader.chunks())
    trace.tier = Tier.WARM
    write_index(trace)
    CloneState.objects.bulk_create(
        (
            CloneState(trace=trace, clone=row.clone, step=row.step, seq=row.seq, state=row.state)
            for row in contents.clones
        ),
        batch_size=500,
    )
    for entry in contents.blobs:
        # Brought before the lock, but a removal may have come between.
        if not blobs.exists(entry.sha256):
            _bring(reader, entry.sha256)
        Blob.objects.get_or_create(
            sha256=entry.sha256, defaults={"size": entry.size, "content_type": entry.type}
        )
        TraceBlob.objects.create(trace=trace, blob_id=entry.sha256, name=entry.name)


def _locked(trace_id: UUID | str, **still: Any) -> Trace | None:
    """The trace, locked, if all this is still so and nobody else is moving it."""
    free = Trace.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    return free.select_related("project__team").filter(pk=trace_id, **still).first()
