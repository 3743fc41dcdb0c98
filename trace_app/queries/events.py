"""Reading a trace's events out of its chunks: windows, single events, whole views. Reads only."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import batched, chain, islice
from operator import attrgetter
from typing import Final, Unpack

from django.db import DEFAULT_DB_ALIAS

from trace_app.domain.chunks import seq_of, unpack, unpack_some
from trace_app.domain.diff.view import PageText, StepView, TraceView
from trace_app.domain.events import Event, Head, decode_stored
from trace_app.domain.ids import is_short_id
from trace_app.models import EventChunk, Trace
from trace_app.models.prepared import fetch
from trace_app.permissions import VIEW, Person, within
from trace_app.queries.event_chunks import (
    Chunk,
    Window,
    chunks_of,
    first_chunks,
    holds,
    lines_of,
)

_BY_SEQ: Final = attrgetter("seq")
# How many chunks are held at once where only some of their lines are wanted.
_CHUNKS: Final = 100
# What reading events and what was recorded with them asks of a trace's row, in the model's order.
_COLUMNS: Final = ("id", "short_id", "tier", "last_seq", "playwright_zip")
# Not through the ORM, which takes longer to build these than the database to answer them.
_READABLE: Final = """
    SELECT trace.id, short_id, tier, last_seq, playwright_zip FROM trace_app_trace AS trace
    JOIN trace_app_project AS project ON project.id = project_id
    WHERE {named} = %s AND {within}
"""
# Where a page's chunks held too few lines of the window, so many times as many are read.
_FURTHER: Final = 4


def readable(user: Person, ref: str) -> Trace | None:
    """The trace of this short id or UUID with what reading its events asks of its row.

    None where there is none, or none that this person may see. A UUID is taken for granted.
    """
    named = "short_id" if is_short_id(ref) else "trace.id"
    condition, asked = within(user, VIEW)
    rows = fetch(_READABLE.format(named=named, within=condition), [ref, *asked])
    return Trace.from_db(DEFAULT_DB_ALIAS, _COLUMNS, rows[0]) if rows else None


def events(trace: Trace, **window: Unpack[Window]) -> Iterator[Event]:
    """Events in order of seq.

    Only chunks that overlap the window are read. Raises TraceColdError at once for a cold trace:
    what lies in an archive must never look as if nothing had happened.
    """
    lanes = chunks_of(trace, window)
    return filter(holds(window), heapq.merge(*map(_lane, lanes), key=_BY_SEQ))


def lines(trace: Trace, **window: Unpack[Window]) -> Iterator[bytes]:
    """What `events` reads as JSON, as it is stored, without newlines; undecoded.

    For readers that pass events on. Raises TraceColdError at once.
    """
    return _merged(chunks_of(trace, window), window)


def first_lines(trace: Trace, wanted: int, **window: Unpack[Window]) -> list[bytes]:
    """At most `wanted` lines of what `lines` reads, out of few more chunks than hold them.

    For readers that take a trace page by page. Raises TraceColdError.
    """
    reach = wanted
    while True:
        reached = first_chunks(trace, window, reach)
        found = list(islice(_merged(reached.lanes, reached.window), wanted))
        if len(found) == wanted or reached.whole:
            return found
        reach *= _FURTHER


def first_events(trace: Trace, wanted: int, **window: Unpack[Window]) -> list[Event]:
    """The events of `first_lines`. Raises TraceColdError."""
    return decode_stored(b"\n".join(first_lines(trace, wanted, **window)))


def at(trace: Trace, seqs: Iterable[int], *, with_asked: bool = False) -> list[Event]:
    """The events of these numbers, in order; only the chunks that hold one are read.

    `with_asked` adds the events that these complete, as far as no other chunk holds them.
    """
    rising = sorted(set(seqs))
    if not rising:
        return []
    near = EventChunk.objects.filter(
        trace=trace, seq_last__gte=rising[0], seq_first__lte=rising[-1]
    )
    where = near.values_list("pk", "seq_first", "seq_last")
    holding = [
        key
        for key, first, last in where
        if (no := bisect_left(rising, first)) < len(rising) and rising[no] <= last
    ]
    found: list[Event] = []
    for some in batched(holding, _CHUNKS):
        bodies = EventChunk.objects.filter(pk__in=some).values_list("body", flat=True)
        for body in bodies:
            found += unpack_some(bytes(body), rising, with_asked=with_asked)
    return sorted(found, key=_BY_SEQ)


def get_event(trace: Trace, seq: int, kind: str = "") -> Event | None:
    """The event of this number; None when the trace has none, so a citation can be refused.

    Of one kind only chunks of its ribbon are read.
    """
    kinds = (kind,) if kind else None
    return next(events(trace, seq_from=seq, seq_to=seq, kinds=kinds), None)


def trace_view(trace: Trace) -> TraceView:
    """The whole trace, as the diff engine wants it."""
    held = tuple(events(trace))
    steps = [
        StepView(
            step.number,
            step.title,
            step.status,
            step.error or None,
            # A citation of a failed step leads to what failed, wherever it stands.
            (step.failing_seq if step.status == "failed" else None) or step.seq_first,
        )
        for step in trace.steps.all()
    ]
    return TraceView.from_events(trace.short_id, held, steps=steps, page_text=_page_text(held))


def _page_text(held: Iterable[Event]) -> dict[int, PageText]:
    """The page's accessible text at the end of each step, where the recorder kept it."""
    found: dict[int, PageText] = {}
    for event in held:
        aria = event.data.get("aria") if event.kind == "storage.state" else None
        if isinstance(aria, str) and event.step is not None:
            found[event.step] = PageText(event.seq, aria)
    return found


def _lane(chunks: Iterable[Chunk]) -> Iterator[Event]:
    for chunk in chunks:
        yield from unpack(chunk.body)


def _merged(lanes: Collection[list[Chunk]], window: Window) -> Iterator[bytes]:
    """The lines of the window in order of seq."""
    held = holds(window)
    found = [_lane_of_lines(chunks, held) for chunks in lanes]
    return found[0] if len(found) == 1 else heapq.merge(*found, key=seq_of)


def _lane_of_lines(chunks: Iterable[Chunk], held: Callable[[Head], bool]) -> Iterator[bytes]:
    return chain.from_iterable(lines_of(chunk, held) for chunk in chunks)
