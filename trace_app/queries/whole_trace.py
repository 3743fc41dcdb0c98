"""A trace from its first event to its last, a few chunks at a time. Reads only."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from trace_app.domain.chunks import in_order, seq_of, unpack, unpack_lines
from trace_app.domain.events import Event
from trace_app.models import EventChunk, Trace
from trace_app.queries.event_chunks import require_thawed

_CHUNKS: Final = 16


def every_event(trace: Trace) -> Iterator[Event]:
    """All events in order of seq, without holding them or their chunks.

    Raises TraceColdError at once.
    """
    return in_order(_chunks(trace), unpack, attrgetter("seq"))


def every_line(trace: Trace) -> Iterator[bytes]:
    """The same as JSON, as it is stored, without newlines; undecoded."""
    return in_order(_chunks(trace), lambda body: unpack_lines(body).splitlines(), seq_of)


def _chunks(trace: Trace) -> Iterator[tuple[int, bytes]]:
    """One statement: what is rewritten or archived meanwhile is read as it was."""
    require_thawed(trace)
    found = EventChunk.objects.filter(trace=trace).order_by("seq_first")
    rows = found.values_list("seq_first", "body").iterator(chunk_size=_CHUNKS)
    return ((first, bytes(body)) for first, body in rows)
