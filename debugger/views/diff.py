"""The comparison of two traces."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from debugger.domain.replay_states import ReplayStatus
from debugger.models import Replay
from debugger.queries.replays import replay_behind
from trace_app.domain.diff import DIMENSIONS, Dimension, TraceDiff, diff_traces
from trace_app.http import AuthedRequest, get_trace_or_404
from trace_app.models import Trace
from trace_app.queries.events import trace_view

TITLES = {"dom": "Page text"}
MAX_ROWS = 200


@require_safe
def show(request: AuthedRequest, a: str, b: str) -> HttpResponse:
    """Show what b does differently from a, by dimension, and what became worse."""
    before = get_trace_or_404(request, a)
    after = get_trace_or_404(request, b)
    found = diff_traces(trace_view(before), trace_view(after))
    replay = replay_behind(after)
    context = {
        "a": before,
        "b": after,
        "trace": after,
        "diff": found,
        "sections": _sections(found),
        "replay": replay,
        "promotable": _promotable(before, replay),
    }
    return render(request, "debugger/diff.html", context)


def _promotable(before: Trace, replay: Replay | None) -> bool:
    """A replay of the left trace whose edits made every step pass."""
    return bool(
        replay
        and replay.trace_id == before.pk
        and replay.status == ReplayStatus.SUCCEEDED
        and replay.has_edits
    )


def _sections(found: TraceDiff) -> list[dict[str, Any]]:
    return [_section(found.dimensions[name]) for name in DIMENSIONS if name in found.dimensions]


def _section(dimension: Dimension) -> dict[str, Any]:
    first = dimension.first_divergence
    rows = [
        {"row": row, "first": i == first, "minor": row.minor}
        for i, row in enumerate(dimension.rows[:MAX_ROWS])
    ]
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


def _missing(dimension: Dimension) -> str:
    if dimension.captured_a or dimension.captured_b:
        return "left" if not dimension.captured_a else "right"
    return "both"
