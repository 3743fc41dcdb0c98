"""Two runs on one axis: a segment per pair of steps, and where on it they differ.

Pure. Times are milliseconds of each run's own clock; the axis itself is built by the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from trace_app.domain.diff.align import StepPair, align
from trace_app.domain.diff.listing import Listed
from trace_app.domain.diff.model import Row, TraceDiff
from trace_app.domain.diff.view import TraceView

# The ribbon on which a dimension's differences are marked.
LANES: Final = {
    "steps": "agent",
    "network": "network",
    "console": "console",
    "clones": "agent",
    "storage": "agent",
    "dom": "dom",
}

# So many repeated places are marked each for itself; of more, one per bin of a run in each lane.
MOST_PLACES: Final = 4_000
BINS: Final = 2_048

type Span = tuple[float, float]
type Times = Mapping[int | None, float]
type Place = tuple[int | None, int | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Run:
    """What the axis needs of one run: when its steps began, and how long it took."""

    starts: Mapping[int, float]
    duration: float


@dataclass(frozen=True, slots=True)
class Segment:
    """The same stretch of both runs; a side is None where that run has no such step."""

    title: str
    step_a: int | None
    step_b: int | None
    a: Span | None
    b: Span | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One difference; `first` is its dimension's first divergence.

    A time is None on a side that has nothing to show. `again` has the places where the same step
    has the same difference again: seq and time of the left, then of the right.
    """

    dimension: str
    lane: str
    text: str
    first: bool
    seq_a: int | None
    seq_b: int | None
    ts_a: float | None
    ts_b: float | None
    step_a: int | None
    step_b: int | None
    again: tuple[Place, ...] = field(default=(), compare=False)


class _Bins:
    """Which bins of the lanes hold a mark already."""

    def __init__(self, *runs: Times) -> None:
        longest = max((ts for run in runs for ts in run.values()), default=0.0)
        self._width = max(longest / BINS, 1e-9)
        self._taken: set[tuple[str, int, int]] = set()

    def take(self, lane: str, *times: float | None) -> bool:
        """Mark the bins of these times, one per run; False where each of them was marked."""
        bins = {
            (lane, side, min(int(ts / self._width), BINS - 1))
            for side, ts in enumerate(times)
            if ts is not None
        }
        is_new = not bins <= self._taken
        self._taken |= bins
        return is_new


def segments(a: TraceView, b: TraceView, run_a: Run, run_b: Run) -> list[Segment]:
    """The stretch before the first compared step, then one segment per pair that ran somewhere.

    A step lasts until the next one begins, so that what happens between steps is not lost.
    """
    pairs = [pair for pair in align(a, b).pairs if pair.no_a != 0]
    spans_a = _spans([pair.no_a for pair in pairs], run_a)
    spans_b = _spans([pair.no_b for pair in pairs], run_b)
    found = [
        Segment(_title(pair), pair.no_a, pair.no_b, spans_a.get(pair.no_a), spans_b.get(pair.no_b))
        for pair in pairs
    ]
    ran = [one for one in found if one.a or one.b]
    before = Segment("before the first step", None, None, _lead(spans_a), _lead(spans_b))
    if not ran:
        return [Segment("whole run", None, None, (0, run_a.duration), (0, run_b.duration))]
    return [before, *ran] if before.a or before.b else ran


def _spans(numbers: Iterable[int | None], run: Run) -> dict[int | None, Span]:
    """{step: (begin, end)} of the steps that began, in order; an end is the next begin."""
    begun: list[tuple[int, float]] = []
    for number in numbers:
        start = run.starts.get(number) if number is not None else None
        if number is not None and start is not None:
            begun.append((number, max(start, begun[-1][1]) if begun else start))
    ends = [start for _, start in begun[1:]] + [max(run.duration, begun[-1][1])] if begun else []
    return {number: (start, end) for (number, start), end in zip(begun, ends, strict=True)}


def _lead(spans: Mapping[int | None, Span]) -> Span | None:
    first = min((start for start, _ in spans.values()), default=0.0)
    return (0.0, first) if first > 0 else None


def _title(pair: StepPair) -> str:
    step = pair.b or pair.a
    return step.title if step else ""


def marks(items: Sequence[Listed], a: Times, b: Times) -> list[Mark]:
    """A mark for each of the listed differences that are not minor, with all its places."""
    shown = [one for one in items if not one.minor]
    bins = _Bins(a, b) if sum(len(one.rows) - 1 for one in shown) > MOST_PLACES else None
    found = [_mark(one.dimension, one.row, one.first, a, b) for one in shown]
    if bins:
        for mark in found:
            bins.take(mark.lane, mark.ts_a, mark.ts_b)
    return [
        replace(mark, again=_again(mark.lane, one, a, b, bins))
        for mark, one in zip(found, shown, strict=True)
    ]


def _again(lane: str, one: Listed, a: Times, b: Times, bins: _Bins | None) -> tuple[Place, ...]:
    """Where a difference is again, as far as that is to be marked for itself."""
    places = ((row.seq_a, row.seq_b, a.get(row.seq_a), b.get(row.seq_b)) for row in one.rows[1:])
    return tuple(place for place in places if bins is None or bins.take(lane, *place[2:]))


def firsts(found: TraceDiff, a: Times, b: Times) -> list[Mark]:
    """The first divergence of each dimension."""
    dimensions = found.dimensions.values()
    return [_mark(one.name, one.first, True, a, b) for one in dimensions if one.first is not None]


def times(view: TraceView, wanted: Iterable[int | None]) -> Times:
    """When the events of these numbers happened, in milliseconds."""
    numbers = set(wanted)
    return {event.seq: event.ts for event in view.events if event.seq in numbers}


def _mark(
    dimension: str,
    row: Row,
    first: bool,  # noqa: FBT001 (two callers of one line)
    a: Times,
    b: Times,
) -> Mark:
    return Mark(
        dimension=dimension,
        lane=LANES[dimension],
        text=_text(row),
        first=first,
        seq_a=row.seq_a,
        seq_b=row.seq_b,
        ts_a=a.get(row.seq_a),
        ts_b=b.get(row.seq_b),
        step_a=row.step_a,
        step_b=row.step_b,
    )


def _text(row: Row) -> str:
    said = {"added": f"only right: {row.after}", "removed": f"only left: {row.before}"}
    text = said.get(row.change, f"{row.before} → {row.after}")
    return f"{row.key}: {text}"[:200]
