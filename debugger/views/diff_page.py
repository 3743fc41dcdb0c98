"""Prepares the comparison for its template: sections of rows, both sides, the aligned ribbons."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trace_app.domain.diff import DIMENSIONS, Dimension, Row, TraceDiff, TraceView
from trace_app.domain.diff.timeline import Run, Segment, marks, segments
from trace_app.domain.events import RIBBONS
from trace_app.models import EventIndex, Trace
from trace_app.queries.moments import exact, frame_at, opening, snapshot_at

TITLES = {"dom": "Page text"}
MAX_ROWS = 200
LANES = tuple((name, "DOM" if name == "dom" else name.capitalize()) for name in RIBBONS)
EMPTY_DENSITY = {"span_ms": 2048, "bins": 2048, "duration_ms": 0, "lanes": {}, "ticks": []}


@dataclass(frozen=True, slots=True)
class SidePage:
    """One side: the trace, the picture at the step shown, and the recorded window's size."""

    name: str
    key: str
    trace: Trace
    snapshot: int | None
    frame: int | None
    width: int
    height: int
    step: int | None


def sections(found: TraceDiff) -> list[dict[str, Any]]:
    """The dimensions in order, each with its rows grouped."""
    return [_section(found.dimensions[name]) for name in DIMENSIONS if name in found.dimensions]


def _section(dimension: Dimension) -> dict[str, Any]:
    rows = _grouped(dimension.rows[:MAX_ROWS], dimension.first_divergence)
    return {
        "name": dimension.name,
        "title": TITLES.get(dimension.name, dimension.name.capitalize()),
        "rows": [item for item in rows if not item["minor"]],
        "minor": [item for item in rows if item["minor"]],
        "more": max(0, len(dimension.rows) - MAX_ROWS),
        "captured": dimension.captured_a and dimension.captured_b,
        "missing": _missing(dimension),
        "first": dimension.first,
    }


def _grouped(rows: Sequence[Row], first: int | None) -> list[dict[str, Any]]:
    """Rows for the template; the same difference again in a step is one row with a count."""
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for i, row in enumerate(rows):
        same = (row.step_a, row.step_b, row.key, row.before, row.after)
        item = found.setdefault(same, {"row": row, "first": False, "minor": row.minor, "times": 0})
        item["times"] += 1
        item["first"] = item["first"] or i == first
    return list(found.values())


def _missing(dimension: Dimension) -> str:
    if dimension.captured_a or dimension.captured_b:
        return "left" if not dimension.captured_a else "right"
    return "both"


def opening_steps(found: TraceDiff, wanted: str | None) -> tuple[str | None, str | None]:
    """The steps to show on the left and on the right: `?step=`, else where the first differs."""
    if wanted:
        return wanted, wanted
    firsts = [one.first for one in found.dimensions.values() if one.first is not None]
    if not firsts:
        return None, None
    first = firsts[0]
    left, right = first.step_a or first.step_b, first.step_b or first.step_a
    return (str(left) if left else None), (str(right) if right else None)


def side_page(key: str, trace: Trace, step: str | None) -> SidePage:
    """The picture of a side at a step; without script it is the one that stays."""
    moment = exact(trace, opening(trace, step))
    snapshot, frame = snapshot_at(trace, moment), frame_at(trace, moment)
    size = frame.data if frame else {}
    return SidePage(
        name={"a": "Left", "b": "Right"}[key],
        key=key,
        trace=trace,
        snapshot=snapshot.seq if snapshot else None,
        frame=frame.seq if frame else None,
        width=size.get("width") or 1280,
        height=size.get("height") or 720,
        step=moment.number,
    )


def ribbons(found: TraceDiff, a: tuple[Trace, TraceView], b: tuple[Trace, TraceView]) -> Any:
    """What the page's script draws: both densities, the segments of the axis, the differences."""
    return {
        "a": {"density": _density(a[0])},
        "b": {"density": _density(b[0])},
        "segments": [
            asdict(one) | {"failed": _failed(one, a[0], b[0])}
            for one in segments(a[1], b[1], _run(a[0]), _run(b[0]))
        ],
        "marks": [asdict(one) for one in marks(found, a[1], b[1])],
    }


def _failed(one: Segment, a: Trace, b: Trace) -> bool:
    """Whether either run failed in this step."""
    return any(
        step is not None and step == trace.failing_step
        for step, trace in ((one.step_a, a), (one.step_b, b))
    )


def _density(trace: Trace) -> dict[str, Any]:
    stored = EventIndex.objects.filter(trace=trace).only("density").first()
    return (stored.density if stored else None) or EMPTY_DENSITY


def _run(trace: Trace) -> Run:
    starts = trace.steps.exclude(started_ms=None).values_list("number", "started_ms")
    return Run({number: start for number, start in starts if start is not None}, trace.duration_ms)
