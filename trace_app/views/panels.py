"""The tabs of the trace page, each a partial that also stands in the page without script."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from trace_app.domain.event_text import describe
from trace_app.domain.time_range import TimeRange, parse_range
from trace_app.domain.wording import without_call_log
from trace_app.http import Access, AuthedRequest, Held, read_access
from trace_app.models import NotableEvent, Trace
from trace_app.queries import clone_panel, clusters
from trace_app.queries.events import events
from trace_app.queries.green import last_green
from trace_app.queries.moments import Moment, opening, step_events, steps_within
from trace_app.views.delta_panel import delta_panel
from trace_app.views.event_panel import EVENTS_SHOWN, RIBBON_NAMES, event_list
from trace_app.views.network_panel import network

CONSOLE_SHOWN: Final = 500
AT_HAND: Final = frozenset({"overview", "artifacts"})
CAPTURED: Final = dict(RIBBON_NAMES) | {
    "clones": "Clones",
    "storage": "Storage",
    "app_log": "Application log",
    "playwright_zip": "Playwright zip",
}

TEAM_ONLY: Final = frozenset({"debugger", "patch"})
NO_NEIGHBOURS: Final[dict[str, Any]] = {
    "green": None,
    "drift": None,
    "children": [],
    "cluster_total": 0,
}

type Context = dict[str, Any]
type Tab = tuple[str, str]


@require_GET
@vary_on_headers("HX-Request")
def panel(request: AuthedRequest, ref: str | Held, name: str) -> HttpResponse:
    """Answer one tab at `?step=N`; a link to it opened on its own is the tab alone."""
    access = read_access(request, ref)
    if chosen(access, name) != name:
        raise Http404("No such panel.")
    trace = access.trace
    moment = opening(trace, request.GET.get("step"))
    shown = {**reader(access), "moment": moment, "tab": name}
    made = shown | context(name, access, moment, request.GET)
    return render(request, template(name, trace), made)


def reader(access: Access) -> Context:
    """What every template of the trace page needs to know of its reader."""
    return {
        "access": access,
        "my_teams": access.teams,
        "trace": access.trace,
        "ref": access.ref,
        "may_operate": access.may_operate,
        "may_administer": access.may_administer,
    }


def chosen(access: Access, name: str) -> str:
    """The tab of this name, where the reader has it; else the overview."""
    known = name in PANELS and not (access.public and name in TEAM_ONLY)
    return name if known else "overview"


def open_tabs(access: Access, groups: Iterable[Iterable[Tab]]) -> list[list[Tab]]:
    """The rows of tabs with those that the reader has."""
    return [[tab for tab in group if chosen(access, tab[0]) == tab[0]] for group in groups]


def template(name: str, trace: Trace) -> str:
    """The template of a tab; of a cold trace's only the two that need no events are at hand."""
    return f"trace_app/panels/{'cold' if _is_away(name, trace) else name}.html"


def context(name: str, access: Access, moment: Moment, query: QueryDict) -> Context:
    """What a tab's template needs beside the reader and the moment.

    A share is of one trace: what a tab says about the team's other traces is left out.
    """
    if _is_away(name, access.trace):
        return {}
    found = PANELS[name](access.trace, moment, query)
    return found | NO_NEIGHBOURS if access.public else found


def _is_away(name: str, trace: Trace) -> bool:
    return trace.is_cold and name not in AT_HAND


def selected(query: QueryDict) -> TimeRange | None:
    """The stretch of time of `?from=&to=` that the tab is to be narrowed to."""
    return parse_range(query.get("from"), query.get("to"))


def overview(trace: Trace, moment: Moment, query: QueryDict) -> Context:
    """The signature with its parts, the cluster's counts, the failures, and runs made from this."""
    held = selected(query)
    day, total = clusters.counts(trace.signature)
    signature = trace.summary.get("signature") or {}
    notable = NotableEvent.objects.filter(trace=trace, level="error")
    if held:
        notable = notable.filter(ts__gte=held.start, ts__lte=held.end)
    elif trace.failing_step:
        notable = notable.filter(step__gte=trace.failing_step - 1)
    parts = signature.get("parts") or (trace.signature.parts if trace.signature else {})
    return {
        "parts": parts,
        "said": failure_said(trace, moment),
        "cluster_day": day,
        "cluster_total": total,
        "failures": notable[:8],
        **drift(trace, moment, query),
        "children": trace.children.order_by("-created")[:6],
    }


def failure_said(trace: Trace, moment: Moment) -> str:
    """What the failing step said went wrong; the one line of the list where it said no more."""
    step = moment.step
    if trace.failing_step and moment.number != trace.failing_step:
        step = trace.steps.filter(number=trace.failing_step).first()
    return without_call_log(step.error if step and trace.failing_step else "") or trace.error_line


def kept_step(moment: Moment, query: QueryDict) -> int | None:
    """The step after which states were last kept: with `?during=` the moment's own is under way.

    A step's states are kept when it fails or ends, so they belong to those moments of it.
    """
    number = moment.number
    return number - 1 if number and query.get("during") else number


def drift(trace: Trace, moment: Moment, query: QueryDict) -> Context:
    """Where the clones' states after the step differ from the last green run's.

    `drift` is None where there is nothing to compare: no green run, or no clone's state in both.
    """
    step = kept_step(moment, query) or 0
    green = last_green(trace) if trace.failing_step else None
    views = clone_panel.clone_views_against(trace, green, step) if green else None
    return {"green": green, "drift": views, "drift_step": step}


def console(trace: Trace, moment: Moment, query: QueryDict) -> Context:
    """Messages, page errors and the application's log, oldest first."""
    held = selected(query)
    start, end = (held.start, held.end) if held else (None, None)
    said = events(trace, ribbon="console", ts_from=start, ts_to=end)
    shown = list(islice(said, CONSOLE_SHOWN + 1))
    narrowed = held is None and len(shown) > CONSOLE_SHOWN and moment.number is not None
    if narrowed:
        shown = list(islice(step_events(trace, moment, ribbon="console"), CONSOLE_SHOWN))
    return {"messages_shown": shown[:CONSOLE_SHOWN], "narrowed": narrowed, "range": held}


def clones(trace: Trace, moment: Moment, query: QueryDict) -> Context:
    """Each clone's state after the step and what changed since another step, the one before.

    With a range: after the last step it touches, compared with before the first.
    """
    held = selected(query)
    touched = steps_within(trace, held) if held else []
    step = touched[-1] if touched else kept_step(moment, query) or 0
    against = query.get("against", "")
    chosen = int(against) if against.isdecimal() and len(against) < 7 else None
    other = max((touched or [step])[0] - 1, 0) if chosen is None else chosen
    traffic = (
        events(trace, kinds=clone_panel.TRAFFIC, ts_from=held.start, ts_to=held.end)
        if held
        else step_events(trace, moment, kinds=clone_panel.TRAFFIC)
    )
    return {
        "clone_step": step,
        "range": held,
        "clone_views": clone_panel.clone_views(trace, step, other),
        "against": other,
        "chosen": chosen,
        "traffic": [(event, describe(event)) for event in islice(traffic, EVENTS_SHOWN)],
        "step_numbers": [0, *trace.steps.values_list("number", flat=True)[:500]],
    }


def storage(trace: Trace, moment: Moment, query: QueryDict) -> Context:
    """Cookies, local and session storage after the step, or after the range's last."""
    held = selected(query)
    touched = steps_within(trace, held) if held else []
    step = touched[-1] if touched else kept_step(moment, query)
    return {"storage": clone_panel.storage_at(trace, step), "storage_step": step, "range": held}


def artifacts(trace: Trace, moment: Moment, query: QueryDict) -> Context:
    """What was captured and what was not, with the downloads."""
    del moment, query
    summary = trace.summary
    held = summary.get("availability") or {}
    return {
        "availability": [
            (name, title, str(held[name]).replace("_", " "))
            for name, title in CAPTURED.items()
            if name in held
        ],
        "counts": summary.get("counts") or {},
        "attachments": summary.get("attachments") or [],
        "redaction": summary.get("redaction") or trace.runner.get("redaction") or {},
        "files": trace.manifest.get("blobs") or [],
    }


def nothing(trace: Trace, moment: Moment, query: QueryDict) -> Context:
    """Tabs whose content another app brings."""
    del trace, moment, query
    return {}


PANELS: Final[dict[str, Callable[[Trace, Moment, QueryDict], Context]]] = {
    "overview": overview,
    "drift": drift,
    "debugger": nothing,
    "patch": nothing,
    "events": event_list,
    "network": network,
    "console": console,
    "clones": clones,
    "storage": storage,
    "artifacts": artifacts,
    "delta": delta_panel,
}
