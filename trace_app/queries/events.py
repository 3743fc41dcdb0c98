"""Reading a trace's events out of its chunks: windows, single events, whole views. Reads only."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import batched, chain, compress, islice
from operator import attrgetter
from typing import Final, NamedTuple, TypedDict, Unpack
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection

from trace_app.domain.chunks import seq_of, unpack, unpack_lines, unpack_some
from trace_app.domain.diff.view import PageText, StepView, TraceView
from trace_app.domain.events import (
    KIND_RIBBON,
    MAX_SEQ,
    RIBBONS,
    Event,
    Head,
    decode_heads,
    decode_stored,
)
from trace_app.domain.ids import is_short_id
from trace_app.domain.states import TraceColdError
from trace_app.models import EventChunk, Trace
from trace_app.permissions import VIEW, Person, within

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
_OVERLAPPING: Final = """
    FROM trace_app_eventchunk WHERE trace_id = %s AND ribbon = ANY(%s)
    AND seq_last >= %s AND seq_first <= %s AND ts_max >= %s AND ts_min <= %s
"""
_CHUNKS_OF: Final = f"""
    SELECT ribbon, body, seq_first, seq_last, ts_min, ts_max {_OVERLAPPING}
    ORDER BY ribbon, number
"""
_EDGES_OF: Final = f"SELECT seq_first, seq_last, count {_OVERLAPPING} ORDER BY seq_last"
# Where a page's chunks held too few lines of the window, so many times as many are read.
_FURTHER: Final = 4


class Window(TypedDict, total=False):
    """Bounds of what is read: each is inclusive, times are milliseconds, None is no bound."""

    ribbon: str | None
    step: int | None
    seq_from: int | None
    seq_to: int | None
    ts_from: float | None
    ts_to: float | None
    kinds: Collection[str] | None


def readable(user: Person, ref: str) -> Trace | None:
    """The trace of this short id or UUID with what reading its events asks of its row.

    None where there is none, or none that this person may see. A UUID is taken for granted.
    """
    named = "short_id" if is_short_id(ref) else "trace.id"
    condition, asked = within(user, VIEW)
    with connection.cursor() as cursor:
        cursor.execute(_READABLE.format(named=named, within=condition), [ref, *asked])
        row = cursor.fetchone()
    return Trace.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) if row else None


def events(trace: Trace, **window: Unpack[Window]) -> Iterator[Event]:
    """Events in order of seq.

    Only chunks that overlap the window are read. Raises TraceColdError at once for a cold trace:
    what lies in an archive must never look as if nothing had happened.
    """
    lanes = _lanes(trace, window)
    return filter(_holds(window), heapq.merge(*map(_lane, lanes), key=_BY_SEQ))


def lines(trace: Trace, **window: Unpack[Window]) -> Iterator[bytes]:
    """What `events` reads as JSON, as it is stored, without newlines; undecoded.

    For readers that pass events on. Raises TraceColdError at once.
    """
    held = _holds(window)
    lanes = [_lane_of_lines(chunks, held) for chunks in _lanes(trace, window)]
    return lanes[0] if len(lanes) == 1 else heapq.merge(*lanes, key=seq_of)


def first_lines(trace: Trace, wanted: int, **window: Unpack[Window]) -> list[bytes]:
    """At most `wanted` lines of what `lines` reads, out of few more chunks than hold them.

    For readers that take a trace page by page. Raises TraceColdError.
    """
    edges = _edges(trace, window)
    found: list[bytes] = []
    reach = wanted
    while edges and len(found) < wanted:
        last = _reached(edges, reach, window)
        found = list(islice(lines(trace, **(window | Window(seq_to=last))), wanted))
        if last >= _reached(edges, MAX_SEQ, window):
            break
        reach *= _FURTHER
    return found


def first_events(trace: Trace, wanted: int, **window: Unpack[Window]) -> list[Event]:
    """The events of `first_lines`. Raises TraceColdError."""
    return decode_stored(b"\n".join(first_lines(trace, wanted, **window)))


def require_thawed(trace: Trace) -> None:
    """Raise TraceColdError when the trace's events lie in an archive."""
    if trace.is_cold:
        raise TraceColdError(trace.short_id)


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


class _Chunk(NamedTuple):
    """A chunk that overlaps a window; `inside` where all its events lie within."""

    inside: bool
    body: bytes


def _lanes(trace: Trace, window: Window) -> Collection[list[_Chunk]]:
    """The chunks that overlap the window, in order, ribbon by ribbon."""
    require_thawed(trace)
    lanes: dict[str, list[_Chunk]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CHUNKS_OF, _bounds(trace, window))
        for ribbon, body, *edges in cursor.fetchall():
            lanes.setdefault(ribbon, []).append(_Chunk(_is_inside(window, *edges), body))
    return lanes.values()


class _Edge(NamedTuple):
    """Where a chunk begins and ends, and how many events it holds."""

    first: int
    last: int
    held: int


def _edges(trace: Trace, window: Window) -> list[_Edge]:
    """The edges of the chunks that overlap the window, in the order they end."""
    require_thawed(trace)
    with connection.cursor() as cursor:
        cursor.execute(_EDGES_OF, _bounds(trace, window))
        return [_Edge(*row) for row in cursor.fetchall()]


def _reached(edges: Sequence[_Edge], wanted: int, window: Window) -> int:
    """The seq up to which whole chunks hold `wanted` events, or the last seq of all."""
    begin, end = _span(window.get("seq_from"), window.get("seq_to"))
    held = 0
    for edge in edges:
        held += edge.held if edge.first >= begin else 0
        if held >= wanted:
            return min(edge.last, int(end))
    return min(edges[-1].last, int(end))


def _bounds(trace: Trace, window: Window) -> tuple[UUID | list[str] | float, ...]:
    """What _OVERLAPPING asks for."""
    seqs = _span(window.get("seq_from"), window.get("seq_to"))
    times = _span(window.get("ts_from"), window.get("ts_to"))
    return (trace.pk, _ribbons(window), *seqs, *times)


def _is_inside(window: Window, seq_first: int, seq_last: int, ts_min: float, ts_max: float) -> bool:
    """Whether a chunk's edges say that no event of it can lie outside the window."""
    if window.get("step") is not None or window.get("kinds") is not None:
        return False
    first, last = _span(window.get("seq_from"), window.get("seq_to"))
    begin, end = _span(window.get("ts_from"), window.get("ts_to"))
    return first <= seq_first and seq_last <= last and begin <= ts_min and ts_max <= end


def _ribbons(window: Window) -> list[str]:
    """The ribbons whose chunks can hold something of the window."""
    ribbon, kinds = window.get("ribbon"), window.get("kinds")
    wanted = set(RIBBONS) if ribbon is None else {ribbon}
    if kinds is not None:
        wanted = wanted & {KIND_RIBBON[kind] for kind in kinds if kind in KIND_RIBBON}
    return sorted(wanted)


def _lane(chunks: Iterable[_Chunk]) -> Iterator[Event]:
    for chunk in chunks:
        yield from unpack(chunk.body)


def _lane_of_lines(chunks: Iterable[_Chunk], held: Callable[[Head], bool]) -> Iterator[bytes]:
    return chain.from_iterable(_lines(chunk, held) for chunk in chunks)


def _lines(chunk: _Chunk, held: Callable[[Head], bool]) -> Iterable[bytes]:
    """The chunk's lines within the window; heads are decoded only at the window's edges."""
    text = unpack_lines(chunk.body)
    found = text.splitlines()
    return found if chunk.inside else compress(found, map(held, decode_heads(text)))


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
