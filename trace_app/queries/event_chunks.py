"""The chunks of a trace that a window of its events overlaps, and what of them lies within.

Knows edges, statements and compressed text; `events.py` makes events and pages of them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import compress
from typing import Any, Final, NamedTuple, TypedDict
from uuid import UUID

from trace_app.domain.chunks import unpack_lines
from trace_app.domain.events import KIND_RIBBON, MAX_SEQ, RIBBONS, Event, Head, decode_heads
from trace_app.domain.states import TraceColdError
from trace_app.models import Trace
from trace_app.models.prepared import fetch

_OVERLAPPING: Final = """
    FROM trace_app_eventchunk WHERE trace_id = %(trace)s AND ribbon = ANY(%(ribbons)s)
    AND seq_last >= %(first)s AND seq_first <= %(last)s
    AND ts_max >= %(begin)s AND ts_min <= %(end)s
"""
_CHUNKS_OF: Final = f"""
    SELECT ribbon, body, seq_first, seq_last, ts_min, ts_max {_OVERLAPPING}
    ORDER BY ribbon, number
"""
# Which chunks hold so many events is asked together with them: asking by itself would cost a page
# a fifth of its time. A chunk that begins before the window does not count.
_REACHED: Final = f"""
    WITH edge AS MATERIALIZED (
        SELECT id, seq_first, seq_last, sum(CASE WHEN seq_first >= %(first)s THEN count ELSE 0 END)
            OVER (ORDER BY seq_last ROWS UNBOUNDED PRECEDING) AS held {_OVERLAPPING}
    ), reach AS (
        SELECT nullif(min(seq_last) FILTER (WHERE held >= %(wanted)s), max(seq_last)) AS last
        FROM edge
    )
    SELECT ribbon, body, seq_first, seq_last, ts_min, ts_max, (SELECT last FROM reach)
    FROM trace_app_eventchunk WHERE id = ANY(ARRAY(
        SELECT id FROM edge WHERE seq_first <= coalesce((SELECT last FROM reach), seq_first)))
    ORDER BY ribbon, number
"""  # noqa: S608 (constants)


class Window(TypedDict, total=False):
    """Bounds of what is read: each is inclusive, times are milliseconds, None is no bound."""

    ribbon: str | None
    step: int | None
    seq_from: int | None
    seq_to: int | None
    ts_from: float | None
    ts_to: float | None
    kinds: Collection[str] | None


class Chunk(NamedTuple):
    """A chunk that overlaps a window; `inside` where all its events lie within."""

    inside: bool
    body: bytes


class Reached(NamedTuple):
    """The chunks of the beginning of a window, by ribbon, and that beginning as a window."""

    lanes: Collection[list[Chunk]]
    window: Window
    whole: bool


def require_thawed(trace: Trace) -> None:
    """Raise TraceColdError when the trace's events lie in an archive."""
    if trace.is_cold:
        raise TraceColdError(trace.short_id)


def chunks_of(trace: Trace, window: Window) -> Collection[list[Chunk]]:
    """The chunks that overlap the window, in order, ribbon by ribbon. Raises TraceColdError."""
    require_thawed(trace)
    return _lanes(fetch(_CHUNKS_OF, _bounds(trace, window)), window)


def first_chunks(trace: Trace, window: Window, wanted: int) -> Reached:
    """The first chunks of a window that hold `wanted` events. Raises TraceColdError.

    Fewer of these may lie within the window, where it is `whole` or not.
    """
    require_thawed(trace)
    rows = fetch(_REACHED, _bounds(trace, window) | {"wanted": wanted})
    last = rows[0][-1] if rows else None
    if last is not None:
        end = window.get("seq_to")
        window = window | Window(seq_to=last if end is None else min(last, end))
    return Reached(_lanes((row[:-1] for row in rows), window), window, last is None)


def lines_of(chunk: Chunk, held: Callable[[Head], bool]) -> Iterable[bytes]:
    """The chunk's lines within the window; heads are decoded only at the window's edges."""
    text = unpack_lines(chunk.body)
    found = text.splitlines()
    return found if chunk.inside else compress(found, map(held, decode_heads(text)))


def holds(window: Window) -> Callable[[Event | Head], bool]:
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


def _lanes(rows: Iterable[Sequence[Any]], window: Window) -> Collection[list[Chunk]]:
    lanes: dict[str, list[Chunk]] = {}
    for ribbon, body, *edges in rows:
        lanes.setdefault(ribbon, []).append(Chunk(_is_inside(window, *edges), body))
    return lanes.values()


def _bounds(trace: Trace, window: Window) -> dict[str, UUID | list[str] | float]:
    """What _OVERLAPPING asks for."""
    first, last = _span(window.get("seq_from"), window.get("seq_to"))
    begin, end = _span(window.get("ts_from"), window.get("ts_to"))
    return {
        "trace": trace.pk,
        "ribbons": _ribbons(window),
        "first": first,
        "last": last,
        "begin": float(begin),
        "end": float(end),
    }


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


def _span(low: float | None, high: float | None) -> tuple[float, float]:
    return (0 if low is None else low), (MAX_SEQ if high is None else high)
