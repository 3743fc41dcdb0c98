"""The comparison of two traces."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from debugger.domain.replay_states import ReplayStatus
from debugger.models import Replay
from debugger.queries.replays import replay_behind
from trace_app.domain.diff import DIMENSIONS, Dimension, Row, TraceDiff, diff_traces
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
    rows = _grouped(dimension.rows[:MAX_ROWS], first)
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
