"""The Patch tab of a trace: every edit that was tried on it, each a start for the next."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from debugger.queries import replays as queries
from trace_app.http import AuthedRequest, get_trace_or_404
from trace_app.permissions import OPERATE, can


@require_safe
@vary_on_headers("HX-Request")
def panel(request: AuthedRequest, ref: str) -> HttpResponse:
    """Show the edits behind this trace, or those tried on it."""
    trace = get_trace_or_404(request, ref)
    behind = queries.replay_behind(trace)
    tried = [item for item in queries.replays_of(trace) if item.has_edits]
    context = {
        "trace": trace,
        "behind": behind,
        "behind_diffs": queries.diffs_of(behind) if behind else (),
        "tried": [(replay, queries.diffs_of(replay)) for replay in tried],
        "may_operate": can(request.user, OPERATE, trace.project.team),
    }
    template = "debugger/patch.html#panel" if request.htmx else "debugger/patch.html"
    return render(request, template, context)
