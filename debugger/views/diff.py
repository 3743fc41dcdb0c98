"""The comparison of two traces."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from debugger.domain.replay_states import ReplayStatus
from debugger.models import Replay
from debugger.queries.comparisons import compare
from debugger.queries.replays import replay_behind
from debugger.views import diff_page
from trace_app.domain.diff import headline
from trace_app.domain.diff.listing import page_of
from trace_app.http import AuthedRequest, get_trace_or_404
from trace_app.models import Trace


@require_safe
def show(request: AuthedRequest, a: str, b: str) -> HttpResponse:
    """Show what b does differently from a, by dimension, and what became worse."""
    before, after = get_trace_or_404(request, a), get_trace_or_404(request, b)
    found = compare(before, after)
    page = page_of(found.items, diff_page.page_number(request.GET.get("page")))
    replay = replay_behind(after)
    step_a, step_b = diff_page.opening_steps(found.diff, request.GET.get("step"))
    context = {
        "a": before,
        "b": after,
        "trace": after,
        "diff": found.diff,
        "headline": headline(found.diff),
        "page": diff_page.part(page),
        "difference_count": sum(not one.minor for one in found.items),
        "sections": diff_page.sections(found, page),
        "sides": (
            diff_page.side_page("a", before, step_a),
            diff_page.side_page("b", after, step_b),
        ),
        "lanes": diff_page.LANES,
        "ribbons": diff_page.ribbons(found, page, before, after),
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
