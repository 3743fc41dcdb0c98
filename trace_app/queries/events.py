"""Reading a trace's events out of its chunks: windows, single events, whole views. Reads only."""

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from itertools import batched
from operator import attrgetter
from typing import Final

from django.db.models import QuerySet

from trace_app.domain.chunks import unpack, unpack_some
from trace_app.domain.diff.view import PageText, StepView, TraceView
from trace_app.domain.events import KIND_RIBBON, RIBBONS, Event
from trace_app.domain.states import TraceColdError
from trace_app.models import EventChunk, Trace

_BY_SEQ: Final = attrgetter("seq")
# How many chunks are held at once where only some of their lines are wanted.
_CHUNKS: Final = 100


def events(
    trace: Trace,
    *,
    ribbon: str | None = None,
    step: int | None = None,
    seq_from: int | None = None,
    seq_to: int | None = None,
    ts_from: float | None = None,
    ts_to: float | None = None,
    kinds: Collection[str] | None = None,
) -> Iterator[Event]:
    """Events in order of seq; every bound is inclusive, times are milliseconds.

    Only chunks that overlap the bounds are read. Raises TraceColdError at once for a cold trace:
    what lies in an archive must never look as if nothing had happened.
    """
    require_thawed(trace)
    chunks = EventChunk.objects.filter(trace=trace)
    chunks = _of_ribbons(chunks, ribbon, kinds)
    if seq_from is not None:
        chunks = chunks.filter(seq_last__gte=seq_from)
    if seq_to is not None:
        chunks = chunks.filter(seq_first__lte=seq_to)
    if ts_from is not None:
        chunks = chunks.filter(ts_max__gte=ts_from)
    if ts_to is not None:
        chunks = chunks.filter(ts_min__lte=ts_to)
    return (
        event
        for event in _merged(chunks)
        if _within(event.seq, seq_from, seq_to)
        and _within(event.ts, ts_from, ts_to)
        and (step is None or event.step == step)
        and (kinds is None or event.kind in kinds)
    )


def require_thawed(trace: Trace) -> None:
    """Raise TraceColdError when the trace's events lie in an archive."""
    if trace.is_cold:
        raise TraceColdError(trace.short_id)


def at(trace: Trace, seqs: Iterable[int]) -> list[Event]:
    """The events of these numbers, in order; only the chunks that hold one are read."""
    wanted = frozenset(seqs)
    rising = sorted(wanted)
    where = EventChunk.objects.filter(trace=trace).values_list("pk", "seq_first", "seq_last")
    holding = [
        key
        for key, first, last in where
        if (no := bisect_left(rising, first)) < len(rising) and rising[no] <= last
    ]
    found: list[Event] = []
    for some in batched(holding, _CHUNKS):
        bodies = EventChunk.objects.filter(pk__in=some).values_list("body", flat=True)
        for body in bodies:
            found += unpack_some(bytes(body), wanted)
    return sorted(found, key=_BY_SEQ)


def get_event(trace: Trace, seq: int) -> Event | None:
    """The event of this number; None when the trace has none, so a citation can be refused."""
    return next(events(trace, seq_from=seq, seq_to=seq), None)


def trace_view(trace: Trace) -> TraceView:
    """The whole trace, as the diff engine wants it."""
    held = tuple(events(trace))
    steps = [
        StepView(step.number, step.title, step.status, step.error or None, step.seq_first)
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


def _of_ribbons(
    chunks: QuerySet[EventChunk], ribbon: str | None, kinds: Collection[str] | None
) -> QuerySet[EventChunk]:
    wanted = set(RIBBONS) if ribbon is None else {ribbon}
    if kinds is not None:
        wanted = wanted & {KIND_RIBBON[kind] for kind in kinds if kind in KIND_RIBBON}
    return chunks if wanted == set(RIBBONS) else chunks.filter(ribbon__in=sorted(wanted))


def _merged(chunks: QuerySet[EventChunk]) -> Iterator[Event]:
    """Chunks of one ribbon follow each other; the ribbons are woven together by seq."""
    lanes: dict[str, list[bytes]] = {}
    for ribbon, body in chunks.order_by("ribbon", "number").values_list("ribbon", "body"):
        lanes.setdefault(ribbon, []).append(bytes(body))
    return heapq.merge(*map(_lane, lanes.values()), key=_BY_SEQ)


def _lane(bodies: list[bytes]) -> Iterator[Event]:
    for body in bodies:
        yield from unpack(body)


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
