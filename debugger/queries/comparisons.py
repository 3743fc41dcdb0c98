"""Two traces compared, with what their pages show of it; kept while both are as they were."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final
from uuid import UUID

from trace_app.domain.diff import TraceDiff, TraceView, diff_traces
from trace_app.domain.diff.align import align
from trace_app.domain.diff.listing import Listed, listed
from trace_app.domain.diff.timeline import Run, Segment, Times, segments, times
from trace_app.models import Trace
from trace_app.queries.event_chunks import require_thawed
from trace_app.queries.events import trace_view

# A difference takes about a kilobyte. The comparison asked for last stays, however long.
_MOST_ROWS: Final = 100_000
_MOST_KEPT: Final = 16

type _Version = tuple[UUID, datetime]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What b does differently from a, in the order of the run, and both on one axis."""

    diff: TraceDiff
    items: tuple[Listed, ...]
    segments: tuple[Segment, ...]
    times_a: Times
    times_b: Times

    @property
    def size(self) -> int:
        """How many differences it holds."""
        return sum(len(one.rows) for one in self.items)


_kept: Final[dict[tuple[_Version, _Version], Comparison]] = {}
_lock: Final = Lock()


def compare(a: Trace, b: Trace) -> Comparison:
    """Compare two traces that the caller has found together with the right to see them.

    A processed trace's record never changes, and processing it again gives it another time: that
    and its id name what was compared. Raises TraceColdError.
    """
    require_thawed(a)
    require_thawed(b)
    if a.processed is None or b.processed is None:
        return _read(a, b)
    key = ((a.pk, a.processed), (b.pk, b.processed))
    with _lock:
        found = _kept.pop(key, None)
    found = found or _read(a, b)
    with _lock:
        _kept[key] = found
        _make_room()
    return found


def _make_room() -> None:
    """Drop those asked for longest ago."""
    while len(_kept) > 1 and (
        len(_kept) > _MOST_KEPT or sum(one.size for one in _kept.values()) > _MOST_ROWS
    ):
        del _kept[next(iter(_kept))]


def _read(a: Trace, b: Trace) -> Comparison:
    view_a, view_b = trace_view(a), trace_view(b)
    found = diff_traces(view_a, view_b)
    return Comparison(
        diff=found,
        items=listed(found, align(view_a, view_b).pairs),
        segments=tuple(segments(view_a, view_b, _run(a), _run(b))),
        times_a=_times(found, view_a, "seq_a"),
        times_b=_times(found, view_b, "seq_b"),
    )


def _times(found: TraceDiff, view: TraceView, side: str) -> Times:
    rows = (row for dimension in found.dimensions.values() for row in dimension.rows)
    return times(view, (getattr(row, side) for row in rows))


def _run(trace: Trace) -> Run:
    starts = trace.steps.exclude(started_ms=None).values_list("number", "started_ms")
    return Run({number: start for number, start in starts if start is not None}, trace.duration_ms)
