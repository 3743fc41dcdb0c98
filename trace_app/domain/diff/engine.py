"""Compares two traces in six dimensions. Reads views, never a database."""

from collections.abc import Sequence

from trace_app.domain.diff import (
    clones,
    console,
    dom,
    network,
    regressions,
    sentence,
    steps,
    storage,
)
from trace_app.domain.diff.align import align
from trace_app.domain.diff.model import DIMENSIONS, Dimension, Row, TraceDiff
from trace_app.domain.diff.view import TraceView

# A recorder that saw requests or pages listens to requests and messages as well: none of them
# then means that there were none.
_SEEN = ("network.request", "dom.snapshot")
_CAPTURED_BY: dict[str, tuple[str, ...]] = {
    "network": _SEEN,
    "console": (*console.KINDS, *_SEEN),
    "clones": ("clone.state", "clone.webhook", "clone.request"),
    "storage": ("storage.state",),
    "dom": dom.KINDS,
}


def diff_traces(a: TraceView, b: TraceView) -> TraceDiff:
    """What b does differently from a.

    Steps are paired by their words; a replay that restored its start is compared from the step it
    began with. Inside a step order does not count, browsers are parallel.
    """
    aligned = align(a, b)
    rows: dict[str, Sequence[Row]] = {
        "steps": steps.compare(aligned),
        "network": network.compare(a, b, aligned),
        "console": console.compare(a, b, aligned),
        "clones": clones.compare(a, b, aligned),
        "storage": storage.compare(a, b, aligned),
        "dom": dom.compare(a, b, aligned),
    }
    dimensions = {name: _dimension(name, rows[name], a, b) for name in DIMENSIONS}
    worse = regressions.find(a, b, aligned)
    return TraceDiff(
        a=a.ref,
        b=b.ref,
        sentence=sentence.compose(dimensions, worse),
        dimensions=dimensions,
        new_regressions=worse,
        first_step=aligned.first_step,
    )


def _dimension(name: str, rows: Sequence[Row], a: TraceView, b: TraceView) -> Dimension:
    first = next((i for i, row in enumerate(rows) if not row.minor), None)
    return Dimension(name, tuple(rows), first, _captured(name, a), _captured(name, b))


def _captured(name: str, view: TraceView) -> bool:
    if name == "steps":
        return bool(view.steps)
    if name == "dom" and view.page_text:
        return True
    return bool(view.of_kind(*_CAPTURED_BY[name]))
