"""A live run: opened, fed with batches exactly once, finished; aborted after ten silent minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from trace_app.actions import audit, live_redaction, words
from trace_app.actions.batch_rows import BatchRows, store_batch
from trace_app.actions.ingest import parse_started, source_of
from trace_app.actions.intake import IngestError
from trace_app.actions.processing import PROCESS_TASK, notify
from trace_app.actions.rows import copy_chunks
from trace_app.domain.ahead import beside
from trace_app.domain.bundle import sha256_hex
from trace_app.domain.chunks import pack
from trace_app.domain.events import MAX_EVENTS_PER_TRACE, EventError
from trace_app.domain.index import build_index
from trace_app.domain.lines import Lines
from trace_app.domain.open_run import OpenRun
from trace_app.domain.ribbons import Density
from trace_app.domain.states import TraceOrigin, TraceStatus
from trace_app.domain.system import System
from trace_app.models import AppendBatch, Project, Trace
from trace_app.queries.appending import held
from trace_app.queue import enqueue
from trace_app.storage import secrets as vault

SILENCE: Final = timedelta(minutes=10)
# Of a running trace, what a batch or its end looks at or changes: its whole row takes longer.
_WRITTEN: Final = (
    *("short_id", "origin", "status", "finished", "last_seq", "event_count", "error_count"),
    *("duration_ms", "last_batch", "runner", "project__team__slug"),
    *words.WIDTHS,
)
_WATCHER: Final = System("silence watch")


@dataclass(frozen=True, slots=True)
class Appended:
    """What a batch came to: `accepted` is 0 when it had been stored before."""

    last_seq: int
    accepted: int


@transaction.atomic
def open_trace(*, by: User | System, project: Project, run: OpenRun) -> Trace:
    """A running trace that takes batches. Raises IngestError where capture is off."""
    source = source_of(run.source)
    if not project.trace_capture:
        raise IngestError("trace_capture_off", "Trace capture is off for this project.", status=409)
    run, redactor = live_redaction.mask_run(project, run)
    scenario, test = run.scenario, run.test
    named = run.title or (scenario.title or scenario.slug if scenario else "")
    trace = Trace.objects.create(
        project=project,
        pr_number=run.pr,
        **words.columns(run, named or (test.id if test else "") or "Untitled run"),
        status=TraceStatus.RUNNING.value,
        source=source.value,
        origin=TraceOrigin.APPEND.value,
        started=parse_started(run.started_at) or timezone.now(),
        last_batch=timezone.now(),
    )
    live_redaction.keep(trace, redactor)
    audit.record(by=by, team=project.team, action="trace.opened", target=trace.short_id)
    return trace


def append(*, by: User | System, trace: Trace, body: bytes) -> Appended:
    """Stores a batch of NDJSON exactly once.

    Raises EventError naming the line; IngestError `seq_conflict` for numbers at or below the
    last one, `trace_finished` for a trace that has ended.
    """
    read = partial(live_redaction.read_batch, trace)
    sha256, batch = beside(sha256_hex, read, body)
    first, last = batch[0].seq[0], batch[-1].seq[-1]
    digest = vault.keyed_hash(sha256, purpose="append batch")
    with transaction.atomic():
        locked = _lock(trace)
        _check_open(locked)
        if first <= locked.last_seq:
            known = AppendBatch.objects.filter(trace=locked, seq_first=first, seq_last=last)
            if known.filter(digest=digest).exists():
                return Appended(locked.last_seq, 0)
            raise SeqConflict(locked.last_seq)
        count = sum(map(len, batch))
        if locked.event_count + count > MAX_EVENTS_PER_TRACE:
            raise EventError(1, "too_many_events", f"at most {MAX_EVENTS_PER_TRACE} in a trace")
        _store(locked, batch, digest)
    return Appended(last, count)


@transaction.atomic
def finish(*, by: User | System, trace: Trace, status: TraceStatus) -> None:
    """Ends the run; the same end twice is one end. Raises IngestError for a different one."""
    locked = _lock(trace)
    if locked.origin != TraceOrigin.APPEND.value:
        raise IngestError(
            "not_appendable", "Only a trace opened for append is finished.", status=409
        )
    if locked.is_finished:
        if locked.status != status.value:
            raise IngestError(
                "trace_finished", f"The trace has ended as {locked.status}.", status=409
            )
        return
    trace.status = status.value
    _end(by, locked, status)


def _end(by: User | System, locked: Trace, status: TraceStatus) -> None:
    locked.status = status.value
    locked.finished = timezone.now()
    locked.save(update_fields=["status", "finished"])
    audit.record(
        by=by,
        team=locked.project.team,
        action="trace.finished",
        target=locked.short_id,
        status=status.value,
    )
    notify(locked)
    enqueue(PROCESS_TASK, str(locked.pk))


def abort_silent() -> int:
    """Ends runs that sent nothing for ten minutes; returns how many."""
    limit = timezone.now() - SILENCE
    return sum(_abort(key, limit) for key in _silent(limit).values_list("pk", flat=True)[:200])


def _silent(limit: datetime) -> QuerySet[Trace]:
    return Trace.objects.filter(
        Q(last_batch__lt=limit) | Q(last_batch=None, created__lt=limit),
        status=TraceStatus.RUNNING.value,
        origin=TraceOrigin.APPEND.value,
    )


@transaction.atomic
def _abort(key: UUID, limit: datetime) -> bool:
    """Ends the run if it is silent still: a row in others' hands is not."""
    free = _silent(limit).select_for_update(of=("self",), skip_locked=True)
    locked = free.select_related("project__team").only(*_WRITTEN).filter(pk=key).first()
    if locked is not None:
        _end(_WATCHER, locked, TraceStatus.ABORTED)
    return locked is not None


class SeqConflict(IngestError):
    """A batch that overlaps what is stored; `last_seq` is where to go on from."""

    def __init__(self, last_seq: int) -> None:
        super().__init__("seq_conflict", f"Go on above seq {last_seq}.", status=409)
        self.last_seq = last_seq


def _lock(trace: Trace) -> Trace:
    found = Trace.objects.select_for_update(of=("self",)).select_related("project__team")
    return found.only(*_WRITTEN).get(pk=trace.pk)


def _check_open(trace: Trace) -> None:
    if trace.origin != TraceOrigin.APPEND.value:
        raise IngestError("not_appendable", "This trace was not opened for append.", status=409)
    if trace.is_finished:
        raise IngestError(
            "trace_finished", "The trace has ended; open a new one to record more.", status=409
        )


def _store(trace: Trace, batch: list[Lines], digest: str) -> None:
    before = held(trace)
    masked = live_redaction.mask_batch(trace, batch, before)
    copy_chunks(trace, pack(masked.batch, before.first_no))
    _advance(trace, masked.batch)
    bins = Density.from_json(before.density) if before.density else Density()
    bins.add(*masked.batch)
    store_batch(
        trace,
        BatchRows(
            seq_first=batch[0].seq[0],
            digest=digest,
            columns=build_index(masked.batch),
            density=bins.to_json(),
            sealed=masked.sealed,
            behind=masked.behind,
        ),
    )


def _advance(trace: Trace, batch: list[Lines]) -> None:
    trace.last_seq = batch[-1].seq[-1]
    trace.event_count += sum(map(len, batch))
    trace.error_count += sum(len(piece.errors) for piece in batch)
    trace.duration_ms = max(trace.duration_ms, *(max(piece.ts) for piece in batch))
    trace.last_batch = timezone.now()
