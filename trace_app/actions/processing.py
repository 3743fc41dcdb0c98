"""After a run has ended: signature, summary, manifest, density bins, index and search words.

Everything is computed from the stored events, so running it twice changes nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, QuerySet

from trace_app.actions import digest, live_redaction, scenario_names
from trace_app.actions.rows import (
    MAX_NOTABLE,
    write_clone_states,
    write_notable,
    write_steps,
)
from trace_app.domain import summary
from trace_app.domain.events import Event
from trace_app.domain.index import build_index, join_indexes
from trace_app.domain.lines import Columns, lines_of
from trace_app.domain.ribbons import Density
from trace_app.domain.states import FINISHED, Tier, TraceOrigin
from trace_app.domain.steps import Attachment, StepRow, step_rows
from trace_app.models import EventIndex, Step, Trace
from trace_app.queries.events import at, events
from trace_app.queries.trace_index import batch_indexes
from trace_app.queue import enqueue

MAX_ATTEMPTS: Final = 5
# A signature looks at every event of a trace up to this size.
EVERY_EVENT: Final = 50_000
PROCESS_TASK: Final = "trace_app.process_trace"
# Listeners of live pages get the trace's id and ask for the rest themselves.
CHANNEL: Final = "trace_events"


def process(trace_id: str) -> bool:
    """Processes a finished trace that nobody else is processing; says whether it did."""
    with _repeatable():
        # Counted before the work and kept: what kills its worker is not tried for ever.
        if not _lease(Trace.objects.filter(pk=trace_id)).values_list("pk"):
            return False
        Trace.objects.filter(pk=trace_id).update(process_attempts=F("process_attempts") + 1)
    with _repeatable():
        trace = _lease(Trace.objects.filter(pk=trace_id)).first()
        if trace is not None:
            _process(trace)
    return trace is not None


@contextmanager
def _repeatable() -> Iterator[None]:
    """A transaction that does not wait for the disk: what a crash loses of it is done again."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")
        yield


def sweep() -> int:
    """Wakes a worker for every finished trace that none is processing; returns how many."""
    with transaction.atomic():
        waiting = _lease(Trace.objects.filter(process_attempts__lt=MAX_ATTEMPTS))
        found = list(waiting.values_list("pk", flat=True)[:500])
        for pk in found:
            enqueue(PROCESS_TASK, str(pk))
    return len(found)


def notify(trace: Trace) -> None:
    """Tells live pages, when the surrounding transaction commits, that the trace has changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(trace.pk)])


def _lease(traces: QuerySet[Trace]) -> QuerySet[Trace]:
    """Those of the traces that wait for processing and are in no other worker's hands.

    The lease is the row's lock: PostgreSQL ends it together with the connection of a worker that
    is killed, so there is nothing to run out and nothing to renew.
    """
    free = traces.select_for_update(of=("self",), skip_locked=True, no_key=True)
    finished = free.filter(status__in=sorted(status.value for status in FINISHED))
    return finished.filter(processed=None).exclude(tier=Tier.COLD)


def _process(trace: Trace) -> None:
    is_live = trace.origin == TraceOrigin.APPEND.value
    if is_live:
        live_redaction.settle(trace)
    # Read once for the index and the signature, where it is not too much to hold.
    held = None if is_live or trace.event_count > EVERY_EVENT else list(events(trace))
    measured = write_index(trace, held)
    failed = at(trace, measured.errors, with_asked=True) if is_live or held is None else []
    if is_live:
        trace.steps.all().delete()
        trace.clone_states.all().delete()
        write_steps(trace, step_rows(events(trace, ribbon="agent")))
        write_clone_states(trace, events(trace, kinds=("clone.state",)))
        write_notable(trace, failed)
    rows = [_as_row(step) for step in Step.objects.filter(trace=trace)]
    found = digest.digest(
        trace,
        counter=measured.counter,
        rows=rows,
        evidence=lambda: held or _evidence(trace, failed),
        find=lambda seq: next(iter(at(trace, [seq])), None),
    )
    digest.sign(trace, found)
    trace.manifest = _manifest(trace)
    trace.save(update_fields=["runner", "manifest", *digest.MADE])
    scenario_names.keep(trace)
    digest.seen(trace)
    notify(trace)


@dataclass(slots=True)
class Measured:
    """What one pass over the columns tells."""

    counter: summary.Counter = field(default_factory=summary.Counter)
    bins: Density = field(default_factory=Density)
    errors: list[int] = field(default_factory=list)

    def add(self, piece: Columns) -> None:
        """Counts events in."""
        self.counter.add(piece)
        self.bins.add(piece)
        if len(self.errors) < MAX_NOTABLE:
            self.errors += [piece.seq[no] for no in piece.errors]

    def passing(self, pieces: Iterable[Columns]) -> Iterator[Columns]:
        """The same pieces, each counted as it goes by."""
        for piece in pieces:
            self.add(piece)
            yield piece


def write_index(trace: Trace, held: Iterable[Event] | None = None) -> Measured:
    """Counts the events and writes the index: from the columns kept with each batch, if any.

    `held` are the trace's events where the caller has read them.
    """
    measured = Measured()
    is_live = trace.origin == TraceOrigin.APPEND.value
    if is_live:
        index = join_indexes(batch_indexes(trace), measured.add)
    else:
        stored = events(trace) if held is None else held
        index = build_index(measured.passing(lines_of(stored)))
    if measured.counter.total != trace.event_count:
        measured = Measured()
        index = build_index(measured.passing(lines_of(events(trace))))
    EventIndex.objects.bulk_create(
        [EventIndex(trace=trace, columns=index, density=measured.bins.to_json())],
        update_conflicts=True,
        unique_fields=["trace"],
        update_fields=["columns", "density"],
    )
    return measured


def _evidence(trace: Trace, failed: Iterable[Event]) -> list[Event]:
    """What the signature is made of: every event, but of a very long trace only what can matter.

    There it is the agent's ribbon, the application's log and everything recorded as an error.
    `failed` holds the latter, and may hold what they answer.
    """
    if trace.event_count <= EVERY_EVENT:
        return list(events(trace))
    chosen = {event.seq: event for event in failed}
    asked = {event.ref for event in chosen.values() if event.kind.startswith("network.")}
    for some in (events(trace, ribbon="agent"), events(trace, kinds=("app.log",))):
        chosen |= {event.seq: event for event in islice(some, EVERY_EVENT)}
    chosen |= {event.seq: event for event in at(trace, {*filter(None, asked)} - chosen.keys())}
    return [chosen[seq] for seq in sorted(chosen)]


def _manifest(trace: Trace) -> dict[str, Any]:
    columns = ("name", "blob_id", "blob__size", "blob__content_type")
    uses = trace.trace_blobs.order_by("name").values_list(*columns)
    return manifest_of(uses)


def manifest_of(uses: Iterable[tuple[str, str, int, str]]) -> dict[str, Any]:
    """manifest.json of blobs given as (name, sha256, size, type)."""
    return {
        "schema": 1,
        "blobs": [
            {"name": name, "sha256": sha256, "size": size, "type": content_type}
            for name, sha256, size, content_type in uses
        ],
    }


def _as_row(step: Step) -> StepRow:
    return StepRow(
        number=step.number,
        title=step.title,
        status=step.status,
        text=step.text,
        started_ms=step.started_ms,
        ended_ms=step.ended_ms,
        seq_first=step.seq_first,
        seq_last=step.seq_last,
        failing_seq=step.failing_seq,
        error=step.error,
        line=step.line,
        depth=step.depth,
        attachments=tuple(Attachment(**one) for one in step.attachments),
    )
