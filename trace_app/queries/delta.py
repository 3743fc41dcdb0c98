"""The events that the delta between two cursors needs, and no others. Reads only."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from django.db.models import Q

from trace_app.domain.delta import (
    CONSOLE,
    NETWORK,
    PAGES,
    STATES,
    Cursor,
    Delta,
    TextOf,
    delta,
    in_order,
)
from trace_app.domain.events import Event
from trace_app.models import Trace
from trace_app.queries.events import events, get_event
from trace_app.queries.moments import EDGE_MS, LOOK_BACK_MS

# Of each kind of evidence; a longer stretch shows its beginning.
MOST: Final = 4_000


def cursor(trace: Trace, text: str | None) -> Cursor | None:
    """The moment of the event that an address names by its seq; None when there is none."""
    if not text or not text.isdecimal() or len(text) > 16:
        return None
    event = get_event(trace, int(text))
    if event is None:
        return None
    closed = trace.steps.filter(Q(failing_seq=event.seq) | Q(seq_last=event.seq))
    return Cursor(event.ts, event.seq, closed.values_list("number", flat=True).first())


def between(trace: Trace, one: Cursor, other: Cursor, text_of: TextOf) -> Delta:
    """What changed from one cursor to the other, whichever comes first."""
    a, b = in_order(one, other)
    return delta(_needed(trace, a, b), a, b, text_of)


def _needed(trace: Trace, a: Cursor, b: Cursor) -> Iterator[Event]:
    near = max(a.ts - LOOK_BACK_MS, 0.0)
    # A step's states are kept right after it ended.
    closing = b.ts if b.closes is None else b.ts + EDGE_MS
    return chain(
        events(trace, kinds=STATES, ts_to=closing),
        events(trace, kinds=PAGES, ts_from=near, ts_to=closing),
        islice(events(trace, kinds=NETWORK, ts_from=a.ts - EDGE_MS, ts_to=b.ts + EDGE_MS), MOST),
        islice(events(trace, kinds=CONSOLE, ts_from=a.ts, ts_to=b.ts), MOST),
    )
