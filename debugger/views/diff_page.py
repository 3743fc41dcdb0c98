"""Prepares the comparison for its template: sections of rows, both sides, the aligned ribbons."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from debugger.queries.comparisons import Comparison
from trace_app.domain.diff import DIMENSIONS, Dimension, TraceDiff
from trace_app.domain.diff.listing import Page
from trace_app.domain.diff.timeline import Segment, firsts, marks
from trace_app.domain.events import RIBBONS
from trace_app.models import EventIndex, Trace
from trace_app.queries.moments import exact, frame_at, opening, snapshot_at

TITLES = {"dom": "Page text"}
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


@dataclass(frozen=True, slots=True)
class Part:
    """Which differences a page of the comparison shows, counted from 1, and its neighbours."""

    start: int
    end: int
    total: int
    number: int
    earlier: int | None
    later: int | None


def page_number(text: str | None) -> int | None:
    """The page that `?page=` asks for."""
    return int(text) if text and text.isdecimal() and len(text) < 7 else None


def part(page: Page) -> Part:
    """The page in words for the template."""
    return Part(
        start=page.start + 1,
        end=page.start + len(page.items),
        total=page.total,
        number=page.number,
        earlier=page.number - 1 if page.number > 1 else None,
        later=page.number + 1 if page.number < page.pages else None,
    )


def sections(found: Comparison, page: Page) -> list[dict[str, Any]]:
    """The dimensions in order, each with its rows of the page and how many there are in all."""
    totals = Counter((one.dimension, one.minor) for one in found.items)
    dimensions = found.diff.dimensions
    return [
        _section(dimensions[name], page, totals[name, False], totals[name, True])
        for name in DIMENSIONS
        if name in dimensions
    ]


def _section(dimension: Dimension, page: Page, total: int, minor_total: int) -> dict[str, Any]:
    here = [one for one in page.items if one.dimension == dimension.name]
    return {
        "name": dimension.name,
        "title": TITLES.get(dimension.name, dimension.name.capitalize()),
        "rows": [one for one in here if not one.minor],
        "minor": [one for one in here if one.minor],
        "total": total,
        "minor_total": minor_total,
        "captured": dimension.captured_a and dimension.captured_b,
        "missing": _missing(dimension),
    }


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


def ribbons(found: Comparison, page: Page, a: Trace, b: Trace) -> dict[str, Any]:
    """What the page's script draws: both densities, the segments of the axis, the differences.

    Beside the page's own marks, which are `listed`, those of every first divergence.
    """
    times = found.times_a, found.times_b
    here = marks(page.items, *times)
    elsewhere = [one for one in firsts(found.diff, *times) if one not in here]
    return {
        "a": {"density": _density(a)},
        "b": {"density": _density(b)},
        "segments": [asdict(one) | {"failed": _failed(one, a, b)} for one in found.segments],
        "marks": [
            asdict(one) | {"listed": listed}
            for listed, some in ((True, here), (False, elsewhere))
            for one in some
        ],
        "continued": page.start > 0,
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
