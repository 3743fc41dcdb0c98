"""Reading a trace's events out of its chunks: windows, single events, whole views. Reads only."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import batched
from operator import attrgetter, itemgetter
from typing import Final, TypedDict, Unpack

from django.db.models import QuerySet

from trace_app.domain.chunks import unpack, unpack_lines, unpack_some
from trace_app.domain.diff.view import PageText, StepView, TraceView
from trace_app.domain.events import KIND_RIBBON, MAX_SEQ, RIBBONS, Event, Head, decode_heads
from trace_app.domain.states import TraceColdError
from trace_app.models import EventChunk, Trace

_BY_SEQ: Final = attrgetter("seq")
# How many chunks are held at once where only some of their lines are wanted.
_CHUNKS: Final = 100
# A window's bounds, and the condition on a chunk that may hold something within.
_BOUNDS: Final = {
    "seq_from": "seq_last__gte",
    "seq_to": "seq_first__lte",
    "ts_from": "ts_max__gte",
    "ts_to": "ts_min__lte",
}


class Window(TypedDict, total=False):
    """Bounds of what is read: each is inclusive, times are milliseconds, None is no bound."""

    ribbon: str | None
    step: int | None
    seq_from: int | None
    seq_to: int | None
    ts_from: float | None
    ts_to: float | None
    kinds: Collection[str] | None


def events(trace: Trace, **window: Unpack[Window]) -> Iterator[Event]:
    """Events in order of seq.

    Only chunks that overlap the window are read. Raises TraceColdError at once for a cold trace:
    what lies in an archive must never look as if nothing had happened.
    """
    lanes = _lanes(trace, window)
    return filter(_holds(window), heapq.merge(*map(_lane, lanes), key=_BY_SEQ))


def lines(trace: Trace, **window: Unpack[Window]) -> Iterator[tuple[int, bytes]]:
    """What `events` reads as (seq, its JSON as it is stored, without a newline), undecoded.

    For readers that pass events on. Raises TraceColdError at once.
    """
    held = _holds(window)
    lanes = _lanes(trace, window)
    return heapq.merge(*(_lane_of_lines(bodies, held) for bodies in lanes), key=itemgetter(0))


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


def _lanes(trace: Trace, window: Window) -> Iterable[list[bytes]]:
    """The bodies of the chunks that overlap the window, in order, ribbon by ribbon."""
    require_thawed(trace)
    bounds = {bound: window.get(name) for name, bound in _BOUNDS.items()}
    given = {bound: value for bound, value in bounds.items() if value is not None}
    chunks = EventChunk.objects.filter(trace=trace, **given)
    chunks = _of_ribbons(chunks, window.get("ribbon"), window.get("kinds"))
    lanes: dict[str, list[bytes]] = {}
    for ribbon, body in chunks.order_by("ribbon", "number").values_list("ribbon", "body"):
        lanes.setdefault(ribbon, []).append(bytes(body))
    return lanes.values()


def _of_ribbons(
    chunks: QuerySet[EventChunk], ribbon: str | None, kinds: Collection[str] | None
) -> QuerySet[EventChunk]:
    wanted = set(RIBBONS) if ribbon is None else {ribbon}
    if kinds is not None:
        wanted = wanted & {KIND_RIBBON[kind] for kind in kinds if kind in KIND_RIBBON}
    return chunks if wanted == set(RIBBONS) else chunks.filter(ribbon__in=sorted(wanted))


def _lane(bodies: Iterable[bytes]) -> Iterator[Event]:
    for body in bodies:
        yield from unpack(body)


def _lane_of_lines(
    bodies: Iterable[bytes], held: Callable[[Head], bool]
) -> Iterator[tuple[int, bytes]]:
    for body in bodies:
        text = unpack_lines(body)
        for head, line in zip(decode_heads(text), text.splitlines(), strict=True):
            if held(head):
                yield head.seq, line


def _holds(window: Window) -> Callable[[Event | Head], bool]:
    """Whether an event lies within the window, for the edges of its chunks."""
    first, last = _span(window.get("seq_from"), window.get("seq_to"))
    begin, end = _span(window.get("ts_from"), window.get("ts_to"))
    step, kinds = window.get("step"), window.get("kinds")

    def held(event: Event | Head) -> bool:
        return (
            first <= event.seq <= last
            and begin <= event.ts <= end
            and (step is None or event.step == step)
            and (kinds is None or event.kind in kinds)
        )

    return held


def _span(low: float | None, high: float | None) -> tuple[float, float]:
    return (0 if low is None else low), (MAX_SEQ if high is None else high)
