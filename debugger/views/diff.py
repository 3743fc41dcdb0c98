"""The comparison of two traces."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from debugger.domain.replay_states import ReplayStatus
from debugger.models import Replay
from debugger.queries.replays import replay_behind
from debugger.views import diff_page
from trace_app.domain.diff import diff_traces
from trace_app.http import AuthedRequest, get_trace_or_404
from trace_app.models import Trace
from trace_app.queries.events import trace_view


@require_safe
def show(request: AuthedRequest, a: str, b: str) -> HttpResponse:
    """Show what b does differently from a, by dimension, and what became worse."""
    before, after = get_trace_or_404(request, a), get_trace_or_404(request, b)
    view_a, view_b = trace_view(before), trace_view(after)
    found = diff_traces(view_a, view_b)
    replay = replay_behind(after)
    step_a, step_b = diff_page.opening_steps(found, request.GET.get("step"))
    context = {
        "a": before,
        "b": after,
        "trace": after,
        "diff": found,
        "sections": diff_page.sections(found),
        "sides": (
            diff_page.side_page("a", before, step_a),
            diff_page.side_page("b", after, step_b),
        ),
        "lanes": diff_page.LANES,
        "ribbons": diff_page.ribbons(found, (before, view_a), (after, view_b)),
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
