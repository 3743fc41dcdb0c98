"""Searching a trace's events with bounded work: so many events are read per request, no more."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from trace_app.domain.event_query import EventQuery, matching
from trace_app.domain.events import RIBBONS, Event
from trace_app.domain.time_range import TimeRange
from trace_app.models import EventChunk, Trace
from trace_app.queries.events import events

# About a quarter of a second of reading; a longer trace is searched in turns.
READ_AT_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """One turn's matches. `next_from` is the seq at which the search goes on; None at the end."""

    events: tuple[Event, ...]
    next_from: int | None


def search(
    trace: Trace,
    query: EventQuery,
    held: TimeRange | None,
    *,
    seq_from: int = 0,
    limit: int,
    read_at_most: int = READ_AT_MOST,
) -> Found:
    """The first matches from a seq on, inside the range where there is one."""
    start = max(seq_from, query.seq_from)
    lanes = sorted(query.lanes) or list(RIBBONS)
    last = _reach(trace, lanes, held, start, read_at_most)
    near = events(
        trace,
        ribbon=lanes[0] if len(lanes) == 1 else None,
        seq_from=start,
        seq_to=last,
        ts_from=held.start if held else None,
        ts_to=held.end if held else None,
    )
    matched = list(islice(matching(near, query), limit + 1))
    if len(matched) > limit:
        return Found(tuple(matched[:limit]), matched[limit].seq)
    return Found(tuple(matched), None if last is None else last + 1)


def _reach(
    trace: Trace, lanes: list[str], held: TimeRange | None, start: int, most: int
) -> int | None:
    """The last seq that may be read before the budget is spent; None when all of it fits.

    The chunks that begin first are taken first, so everything up to that seq lies in them.
    """
    chunks = EventChunk.objects.filter(trace=trace, seq_last__gte=start)
    if len(lanes) == 1:
        chunks = chunks.filter(ribbon=lanes[0])
    if held:
        chunks = chunks.filter(ts_max__gte=held.start, ts_min__lte=held.end)
    total = 0
    for first, count in chunks.order_by("seq_first").values_list("seq_first", "count").iterator():
        if total and total + count > most:
            return max(first - 1, start)
        total += count
    return None
