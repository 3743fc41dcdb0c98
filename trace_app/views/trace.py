"""The trace page: head, steps, stage, one tab and the ribbons; and the short link to it."""

from typing import Any, Final

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from trace_app.http import Access, AuthedRequest, Held, get_trace_or_404, read_access
from trace_app.models import EventIndex, Step
from trace_app.queries.green import last_green
from trace_app.queries.moments import Moment, exact, frame_at, opening, snapshot_at
from trace_app.queries.trace_index import index_json
from trace_app.views import panels
from trace_app.views.rows import prepare

MODES: Final = (("video", "Video"), ("dom", "DOM"), ("source", "Source"))
TABS: Final = (
    (("overview", "Overview"), ("debugger", "Debugger"), ("patch", "Patch")),
    (
        ("events", "Events"),
        ("network", "Network"),
        ("console", "Console"),
        ("clones", "Clones"),
        ("storage", "Storage"),
        ("artifacts", "Artifacts"),
    ),
)
EMPTY_DENSITY: Final = {
    "v": 1,
    "span_ms": 2048,
    "duration_ms": 0,
    "bins": 2048,
    "lanes": {},
    "ticks": [],
    "more": 0,
}


@require_GET
@vary_on_headers("HX-Request")
def trace_page(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Show the trace at `?step=N`, with the tab `?tab=` and the stage in `?mode=`."""
    access = read_access(request, ref)
    trace = access.trace
    steps = list(trace.steps.all())
    moment = exact(trace, opening(trace, steps, request.GET.get("step")))
    tab = panels.chosen(access, request.GET.get("tab", "overview"))
    mode = request.GET.get("mode", "dom")
    context = {
        **panels.reader(access),
        "row": prepare(trace, timezone.now(), may_pin=access.may_operate),
        "moment": moment,
        "tab": tab,
        "tabs": panels.open_tabs(access, TABS),
        "modes": MODES,
        "mode": mode if mode in dict(MODES) else "dom",
        "panel_template": panels.template(tab),
        "range": panels.selected(request.GET),
        **_steps(steps),
        **_stage(access, moment),
        **panels.context(tab, access, moment, request.GET),
    }
    return render(request, "trace_app/trace.html", context)


@require_GET
def short_link(request: AuthedRequest, ref: str) -> HttpResponse:
    """Lead from `/r/xY9zQ2mNp` to the trace; people who are not signed in sign in first.

    The query goes along; what stands after the `#` a browser keeps by itself.
    """
    trace = get_trace_or_404(request, ref)
    query = request.META.get("QUERY_STRING", "")
    page = reverse("trace_app:trace", args=[trace.short_id])
    return redirect(f"{page}?{query}" if query else page)


@require_GET
def index(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Answer the columnar index; a finished trace's never changes, so browsers may keep it."""
    trace = read_access(request, ref).trace
    response = JsonResponse(index_json(trace))
    if trace.is_finished and trace.processed:
        patch_cache_control(response, private=True, max_age=3600)
    return response


@require_GET
def live(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Answer a running trace's head again; once it has ended the page loads itself anew."""
    access = read_access(request, ref)
    trace = access.trace
    if trace.is_finished:
        return HttpResponse(headers={"HX-Refresh": "true"})
    row = prepare(trace, timezone.now(), may_pin=False)
    context = {"trace": trace, "ref": access.ref, "row": row}
    return render(request, "trace_app/parts/live.html", context)


def _steps(steps: list[Step]) -> dict[str, Any]:
    """The sidebar's lines, their tally, and what the playhead needs to know of each step."""
    tally = {"passed": 0, "failed": 0, "skipped": 0}
    for step in steps:
        tally[step.status if step.status in tally else "skipped"] += 1
    words = {"passed": "passed", "failed": "failed", "skipped": "not run"}
    return {
        "steps": steps,
        "tally": " · ".join(f"{number} {words[name]}" for name, number in tally.items() if number),
        "steps_json": [
            {
                "number": step.number,
                "status": step.status,
                "start": step.started_ms,
                "end": step.ended_ms,
                "seqFirst": step.seq_first,
                "seqLast": step.seq_last,
                "failingSeq": step.failing_seq,
            }
            for step in steps
        ],
    }


def _stage(access: Access, moment: Moment) -> dict[str, Any]:
    """The picture at the moment, the recorded viewport, the bins, and the last green run."""
    trace = access.trace
    stored = EventIndex.objects.filter(trace=trace).only("density").first()
    frame = frame_at(trace, moment)
    size = frame.data if frame else {}
    return {
        "density": (stored.density if stored else None) or EMPTY_DENSITY,
        "frame": frame,
        "snapshot": snapshot_at(trace, moment),
        "viewport": {"width": size.get("width") or 1280, "height": size.get("height") or 720},
        "green": None if access.public else last_green(trace),
    }
