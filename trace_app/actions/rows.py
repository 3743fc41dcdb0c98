"""Writes what is derived from events: chunks by COPY, steps, clone states, notable events."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Final

from django.db import connection

from trace_app.domain.chunks import Chunk
from trace_app.domain.events import Event
from trace_app.domain.labels import label
from trace_app.domain.steps import StepRow
from trace_app.models import CloneState, EventChunk, NotableEvent, Step, Trace
from trace_app.queries.event_lines import requests_of

MAX_NOTABLE: Final = 5000
_BATCH: Final = 500
_COLUMNS: Final = (
    ("trace_id", "uuid"),
    ("ribbon", "varchar"),
    ("number", "int4"),
    ("seq_first", "int8"),
    ("seq_last", "int8"),
    ("ts_min", "float8"),
    ("ts_max", "float8"),
    ("count", "int2"),
    ("body", "bytea"),
)


def copy_chunks(trace: Trace, chunks: Iterable[Chunk]) -> None:
    """Adds chunks as they are, by COPY; inside the caller's transaction."""
    names = ", ".join(name for name, _ in _COLUMNS)
    statement = f"COPY {EventChunk._meta.db_table} ({names}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([type_ for _, type_ in _COLUMNS])
        for chunk in chunks:
            copy.write_row(_row(trace, chunk))


def chunk_rows(trace: Trace, chunks: Iterable[Chunk]) -> list[EventChunk]:
    """The same chunks as rows that are not saved."""
    return [
        EventChunk(
            trace=trace,
            ribbon=chunk.ribbon,
            number=chunk.no,
            seq_first=chunk.seq_first,
            seq_last=chunk.seq_last,
            ts_min=chunk.ts_min,
            ts_max=chunk.ts_max,
            count=chunk.count,
            body=chunk.body,
        )
        for chunk in chunks
    ]


def write_steps(trace: Trace, rows: Sequence[StepRow]) -> None:
    """The step table of a trace that has none."""
    Step.objects.bulk_create((step_row(trace, row) for row in rows), batch_size=_BATCH)


def write_clone_states(trace: Trace, events: Iterable[Event]) -> None:
    """One row per clone and step of a trace that has none; a step's last state counts."""
    CloneState.objects.bulk_create(clone_rows(trace, events), batch_size=_BATCH)


def clone_rows(trace: Trace, events: Iterable[Event]) -> list[CloneState]:
    """The same rows, not saved."""
    latest: dict[tuple[str, int], CloneState] = {}
    for event in events:
        if event.kind != "clone.state":
            continue
        state = event.data.get("state")
        if not isinstance(state, dict):
            continue
        clone = str(event.data.get("clone") or "")[:60]
        latest[(clone, event.step or 0)] = CloneState(
            trace=trace, clone=clone, step=event.step or 0, seq=event.seq, state=state
        )
    return list(latest.values())


def write_notable(trace: Trace, events: Sequence[Event]) -> None:
    """Rows for failed events; rows that are there already stay."""
    rows = notable_rows(trace, events)
    NotableEvent.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)


def notable_rows(trace: Trace, events: Sequence[Event]) -> list[NotableEvent]:
    """The same rows, not saved."""
    failed = [event for event in events if event.level == "error"][:MAX_NOTABLE]
    asked = requests_of(trace, failed, among=events)
    return [
        NotableEvent(
            trace=trace,
            seq=event.seq,
            ts=event.ts,
            kind=event.kind,
            ribbon=event.ribbon,
            step=event.step,
            level="error",
            title=clean(label(event, asked.get(event.ref)), 500),
        )
        for event in failed
    ]


def clean(text: str, limit: int) -> str:
    """Text a column takes: without NUL, cut to its length."""
    return text.replace("\x00", "�")[:limit]


def _row(trace: Trace, chunk: Chunk) -> tuple[object, ...]:
    return (
        trace.pk,
        chunk.ribbon,
        chunk.no,
        chunk.seq_first,
        chunk.seq_last,
        chunk.ts_min,
        chunk.ts_max,
        chunk.count,
        chunk.body,
    )


def cleaned(row: StepRow) -> StepRow:
    """The step as its row holds it."""
    return replace(
        row,
        title=clean(row.title, 500),
        text=clean(row.text, 10_000),
        status=clean(row.status, 10),
        error=clean(row.error, 10_000),
    )


def step_row(trace: Trace, row: StepRow) -> Step:
    """A step's row, not saved."""
    row = cleaned(row)
    return Step(
        trace=trace,
        number=row.number,
        title=row.title,
        text=row.text,
        status=row.status,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        seq_first=row.seq_first,
        seq_last=row.seq_last,
        failing_seq=row.failing_seq,
        error=row.error,
        line=row.line,
        depth=row.depth,
        attachments=[asdict(one) for one in row.attachments],
    )
