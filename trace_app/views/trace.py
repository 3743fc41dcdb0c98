"""The trace page: head, steps, stage, one tab and the ribbons; and the short link to it."""

import gzip
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from trace_app.domain.ribbons import for_page
from trace_app.http import Access, AuthedRequest, Held, get_trace_or_404, read_access
from trace_app.models import EventIndex, Trace
from trace_app.queries import step_list
from trace_app.queries.first_look import first_look
from trace_app.queries.green import last_green
from trace_app.queries.moments import Moment, exact, frame_at, opening, snapshot_at
from trace_app.queries.trace_index import index_json
from trace_app.views import panels
from trace_app.views.event_panel import RIBBON_NAMES
from trace_app.views.rows import prepare

MODES: Final = (("video", "Video"), ("dom", "DOM"), ("source", "Source"))
SPEEDS: Final = ("0.25", "0.5", "1", "2", "4", "8")
TABS: Final = (
    (("overview", "Overview"), ("debugger", "Debugger"), ("patch", "Patch"), ("delta", "Delta")),
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
    moment = opening(trace, request.GET.get("step"))
    moment = moment if trace.is_cold else exact(trace, moment)
    tab = panels.chosen(access, request.GET.get("tab", "overview"))
    mode = request.GET.get("mode", "dom")
    context = {
        **panels.reader(access),
        "row": prepare(trace, timezone.now(), may_pin=access.may_operate),
        "moment": moment,
        "tab": tab,
        "tabs": panels.open_tabs(access, TABS),
        "modes": MODES,
        "lanes": RIBBON_NAMES,
        "mode": mode if mode in dict(MODES) else "dom",
        "panel_template": panels.template(tab, trace),
        "range": panels.selected(request.GET),
        **_steps(trace, moment.number),
        **_stage(access, moment),
        **panels.context(tab, access, moment, request.GET),
    }
    return render(request, "trace_app/trace.html", context)


@require_GET
def steps(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Answer more of the sidebar: the steps `?before=`, `?after=` or else `?around=` one."""
    access = read_access(request, ref)
    trace = access.trace
    asked = {name: _number(request.GET.get(name)) for name in ("before", "after", "around")}
    if asked["before"]:
        found = step_list.before(trace, asked["before"])
    elif asked["after"]:
        found = step_list.after(trace, asked["after"])
    else:
        found = step_list.around(trace, asked["around"])
    context = {**panels.reader(access), "step_page": found, "moment": {"number": asked["around"]}}
    return render(request, "trace_app/parts/steps.html#lines", context)


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
    if not (trace.is_finished and trace.processed):
        return JsonResponse(index_json(trace))
    packed = _packed_index(trace.pk, trace.processed)
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if takes_gzip else gzip.decompress(packed), "application/json")
    if takes_gzip:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    patch_cache_control(response, private=True, max_age=3600)
    return response


@lru_cache(maxsize=16)
def _packed_index(pk: UUID, _processed: datetime) -> bytes:
    """The index of a finished trace, gzipped: some 150 kB for 20,000 events."""
    body = msgspec.json.encode(index_json(Trace.objects.get(pk=pk)))
    return gzip.compress(body, 3, mtime=0)


@require_GET
def live(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Answer a running trace's head again; once it was processed the page loads itself anew."""
    access = read_access(request, ref)
    trace = access.trace
    if trace.is_finished and trace.processed:
        return HttpResponse(headers={"HX-Refresh": "true"})
    row = prepare(trace, timezone.now(), may_pin=False)
    context = {"trace": trace, "ref": access.ref, "row": row}
    return render(request, "trace_app/parts/live.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def _steps(trace: Trace, number: int | None) -> dict[str, Any]:
    """The sidebar's lines near the step, the tally of all, and what the playhead must know."""
    live = step_list.so_far(trace)
    shown = step_list.latest(live) if live else step_list.around(trace, number)
    totals = step_list.tally(live) if live else step_list.totals(trace)
    return {
        "step_page": shown,
        "tally": totals.sentence,
        "steps_json": step_list.for_playhead(shown.steps),
        "lead_in": totals.begun_ms,
    }


def _stage(access: Access, moment: Moment) -> dict[str, Any]:
    """The picture at the moment, the recorded viewport, the bins, and the last green run."""
    trace = access.trace
    stored = EventIndex.objects.filter(trace=trace).only("density").first()
    frame = None if trace.is_cold else frame_at(trace, moment)
    size = frame.data if frame else {}
    density = (stored.density if stored else None) or EMPTY_DENSITY
    return {
        "density": density,
        "density_json": for_page(density),
        "frame": frame,
        "snapshot": None if trace.is_cold else snapshot_at(trace, moment),
        "speeds": SPEEDS,
        "looks": first_look(trace),
        "viewport": {"width": size.get("width") or 1280, "height": size.get("height") or 720},
        "green": None if access.public else last_green(trace),
    }
