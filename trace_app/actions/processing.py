"""After a run has ended: signature, summary, manifest, density bins, index and search words.

Everything is computed from the stored events, so running it twice changes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import Expression, F, QuerySet, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from trace_app.actions import live_redaction
from trace_app.actions.rows import (
    MAX_NOTABLE,
    clean,
    write_clone_states,
    write_notable,
    write_steps,
)
from trace_app.domain import signature as signatures
from trace_app.domain import summary
from trace_app.domain.events import Event
from trace_app.domain.index import build_index
from trace_app.domain.lines import Columns, lines_of
from trace_app.domain.ribbons import Density
from trace_app.domain.states import FINISHED, Tier, TraceOrigin
from trace_app.domain.steps import StepRow, failing_step, step_rows
from trace_app.models import EventIndex, Signature, Step, Trace
from trace_app.queries.events import at, events
from trace_app.queries.trace_index import batch_columns
from trace_app.queue import enqueue

MAX_ATTEMPTS: Final = 5
# A signature looks at every event of a trace up to this size.
EVERY_EVENT: Final = 50_000
PROCESS_TASK: Final = "trace_app.process_trace"
# Listeners of live pages get the trace's id and ask for the rest themselves.
CHANNEL: Final = "trace_events"
# What processing writes into the trace's row.
_MADE: Final = (
    *("runner", "signature", "summary", "manifest", "error_count", "failing_step", "failing_seq"),
    *("error_line", "processed", "viewable_ms", "search"),
)
_PUNCTUATION: Final = re.compile(r"[\W_]+")


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
    if is_live:
        trace.steps.all().delete()
        trace.clone_states.all().delete()
        write_steps(trace, step_rows(events(trace, ribbon="agent")))
        write_clone_states(trace, events(trace, kinds=("clone.state",)))
        write_notable(trace, at(trace, measured.errors))
    rows = [_as_row(step) for step in Step.objects.filter(trace=trace)]
    failing = failing_step(rows)
    found = None
    if trace.status != "passed":
        found = signatures.compute(held or _evidence(trace, measured), rows)
    trace.signature = _signature_row(trace, found) if found else None
    _write_summary(trace, measured.counter, rows, failing, found)
    trace.processed = timezone.now()
    if trace.viewable_ms is None and trace.finished is not None:
        trace.viewable_ms = (trace.processed - trace.finished).total_seconds() * 1000
    trace.search = _search_words(trace)
    trace.save(update_fields=_MADE)
    notify(trace)


@dataclass(slots=True)
class _Measured:
    """What one pass over the columns tells."""

    counter: summary.Counter = field(default_factory=summary.Counter)
    bins: Density = field(default_factory=Density)
    errors: list[int] = field(default_factory=list)

    def passing(self, pieces: Iterable[Columns]) -> Iterator[Columns]:
        """The same pieces, each counted as it goes by."""
        for piece in pieces:
            self.counter.add(piece)
            self.bins.add(piece)
            if len(self.errors) < MAX_NOTABLE:
                self.errors += [piece.seq[no] for no in piece.errors]
            yield piece


def write_index(trace: Trace, held: Iterable[Event] | None = None) -> _Measured:
    """Counts the events and writes the index: from the columns kept with each batch, if any.

    `held` are the trace's events where the caller has read them.
    """
    measured = _Measured()
    is_live = trace.origin == TraceOrigin.APPEND.value
    stored = events(trace) if held is None else held
    pieces = batch_columns(trace) if is_live else lines_of(stored)
    index = build_index(measured.passing(pieces))
    if measured.counter.total != trace.event_count:
        measured = _Measured()
        index = build_index(measured.passing(lines_of(events(trace))))
    EventIndex.objects.bulk_create(
        [EventIndex(trace=trace, columns=index, density=measured.bins.to_json())],
        update_conflicts=True,
        unique_fields=["trace"],
        update_fields=["columns", "density"],
    )
    return measured


def _evidence(trace: Trace, measured: _Measured) -> list[Event]:
    """What the signature is made of: every event, but of a very long trace only what can matter.

    There it is the agent's ribbon, the application's log and everything recorded as an error.
    """
    if measured.counter.total <= EVERY_EVENT:
        return list(events(trace))
    chosen = {event.seq: event for event in at(trace, measured.errors)}
    asked = {event.ref for event in chosen.values() if event.kind.startswith("network.")}
    for some in (events(trace, ribbon="agent"), events(trace, kinds=("app.log",))):
        chosen |= {event.seq: event for event in islice(some, EVERY_EVENT)}
    chosen |= {event.seq: event for event in at(trace, filter(None, asked))}
    return [chosen[seq] for seq in sorted(chosen)]


def _signature_row(trace: Trace, found: signatures.Signature) -> Signature:
    seen = trace.created
    row, _ = Signature.objects.get_or_create(
        project_id=trace.project_id,
        hash=found.hash,
        defaults={
            "slug": clean(found.slug, 120),
            "version": found.version,
            "parts": found.to_json()["parts"],
            "first_seen": seen,
            "last_seen": seen,
        },
    )
    if not row.first_seen <= seen <= row.last_seen:
        Signature.objects.filter(pk=row.pk).update(
            first_seen=Least("first_seen", Value(seen)),
            last_seen=Greatest("last_seen", Value(seen)),
        )
    return row


def _write_summary(
    trace: Trace,
    counter: summary.Counter,
    rows: Sequence[StepRow],
    failing: StepRow | None,
    found: signatures.Signature | None,
) -> None:
    built = summary.build(
        status=trace.status,
        steps=rows,
        signature=found,
        counter=counter,
        failing=failing,
        has_zip=bool(trace.playwright_zip),
        unread="unread" in trace.runner,
        redaction=trace.runner.get("redaction") or {},
    )
    if "mender_summary" in trace.summary:
        built["mender_summary"] = trace.summary["mender_summary"]
    trace.summary = built
    trace.manifest = _manifest(trace)
    trace.error_count = counter.errors
    if failing is not None:
        trace.failing_step = trace.failing_step or failing.number
        trace.failing_seq = trace.failing_seq or failing.failing_seq
        trace.error_line = trace.error_line or clean(failing.error.split("\n")[0], 1000)
    if found is not None:
        trace.failing_seq = trace.failing_seq or found.parts.failure.seq
        trace.error_line = trace.error_line or _error_line(trace, found.parts.failure)


def _error_line(trace: Trace, failure: signatures.Failure) -> str:
    """What the failing event says word for word: the signature's own message is templated."""
    event = next(iter(at(trace, [failure.seq])), None)
    said = signatures.said(event.data) if event else ""
    return clean((said or failure.message).split("\n")[0], 1000)


def _manifest(trace: Trace) -> dict[str, Any]:
    columns = ("name", "blob_id", "blob__size", "blob__content_type")
    uses = trace.trace_blobs.order_by("name").values_list(*columns)
    return {
        "schema": 1,
        "blobs": [
            {"name": name, "sha256": sha256, "size": size, "type": content_type}
            for name, sha256, size, content_type in uses
        ],
    }


def _search_words(trace: Trace) -> Expression:
    slug = trace.signature.slug if trace.signature else ""
    strong = f"{trace.title} {trace.scenario_slug} {slug} {trace.short_id}"
    weak = f"{trace.test_id} {trace.branch} {trace.code_sha} {trace.author} {trace.error_line}"
    # PostgreSQL takes a branch or a path for one word: its parts are to be found as well.
    weak += f" {_PUNCTUATION.sub(' ', f'{trace.test_id} {trace.branch}')} {trace.pr_number or ''}"
    return SearchVector(Value(strong), weight="A", config="simple") + SearchVector(
        Value(weak), weight="B", config="simple"
    )


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
    )
