"""The list of traces, its saved views and clusters; pinning and comparing start here."""

from datetime import timedelta
from functools import lru_cache

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from trace_app.actions.traces import pin as pin_trace
from trace_app.actions.traces import unpin as unpin_trace
from trace_app.domain.filters import VIEWS, Filters, moment
from trace_app.domain.ids import is_short_id
from trace_app.domain.states import Tier, TraceSource, TraceStatus
from trace_app.http import AuthedRequest, get_trace_or_404, visible_traces
from trace_app.models import Project, SavedView, Team
from trace_app.permissions import OPERATE, VIEW, can, rights_of
from trace_app.queries import clusters, traces
from trace_app.queries.list_choices import choices
from trace_app.views.cluster_cards import cards
from trace_app.views.finding import address, own_names, read_filters
from trace_app.views.rows import lines, prepare

CHOICES = {
    "sources": [("any", "Every run")] + [(one.value, one.replace("_", " ")) for one in TraceSource],
    "statuses": [one.value for one in TraceStatus],
    "tiers": [one.value for one in Tier],
}


@require_GET
@vary_on_headers("HX-Request")
def trace_list(request: AuthedRequest) -> HttpResponse:
    """Show one page of the traces this person may see."""
    held = rights_of(request.user)
    teams = [team for team, rights in held.items() if VIEW in rights]
    operable = {team.pk for team, rights in held.items() if OPERATE in rights}
    filters = read_filters(request.GET)
    me, span = own_names(request.user), _cluster_span(filters)
    page = traces.find(teams, filters, request.GET.get("cursor", ""), me=me)
    offered = choices(request.user, teams)
    context = {
        "rows": lines(page.traces, operable),
        "filters": filters,
        "me": me,
        "may_ingest": bool(operable),
        "starts": _starts(teams) if not page.traces else (),
        "my_teams": teams,
        "clusters": cards(clusters.recent(teams, filters.project, span), filters.signature),
        "span": clusters.SPANS[span],
        "filters_form": _filters_form(filters, tuple(offered.scenarios)),
        "older": address(request.GET, cursor=page.next_cursor) if page.next_cursor else "",
        "newest": address(request.GET, cursor="") if "cursor" in request.GET else "",
    }
    context |= _views(request.GET, filters, offered.own_views)
    return render(request, "trace_app/list.html", context)


@require_GET
def row(request: AuthedRequest, ref: str) -> HttpResponse:
    """Answer one row again: a running trace's row asks for itself until it ends."""
    trace = get_trace_or_404(request, ref)
    may_pin = can(request.user, OPERATE, trace.project.team)
    context = {"row": prepare(trace, timezone.now(), may_pin=may_pin)}
    return render(request, "trace_app/parts/row.html", context)


@require_POST
def pin(request: AuthedRequest, ref: str) -> HttpResponse:
    """Pin the trace, or take the pin away where it has one."""
    trace = get_trace_or_404(request, ref, OPERATE)
    change = unpin_trace if trace.pinned else pin_trace
    change(by=request.user, trace=trace)
    trace.refresh_from_db(fields=("pinned",))
    if request.htmx:
        context = {"row": prepare(trace, timezone.now(), may_pin=True)}
        return render(request, "trace_app/parts/pin.html", context)
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if safe else reverse("trace_app:trace", args=[trace.short_id]))


@require_GET
def compare(request: AuthedRequest) -> HttpResponse:
    """Send two chosen traces to the comparison, the older one first."""
    chosen = [ref for ref in request.GET.getlist("trace")[:3] if is_short_id(ref)]
    found = visible_traces(request.user).filter(short_id__in=chosen).order_by("created", "pk")
    refs = list(found.values_list("short_id", flat=True))
    if len(chosen) != 2 or len(refs) != 2:
        messages.warning(request, "Choose exactly two traces to compare.")
        return redirect("trace_app:list")
    return redirect("debugger:diff", refs[0], refs[1])


@lru_cache(maxsize=256)
def _filters_form(filters: Filters, scenarios: tuple[str, ...]) -> SafeString:
    """Rendered once for what it shows: from one page to the next hardly anything of it changes."""
    shown = CHOICES | {"filters": filters, "scenarios": scenarios}
    return render_to_string("trace_app/parts/list_filters.html", shown)


def _cluster_span(filters: Filters) -> timedelta:
    """The clusters cover what the list covers: a day, a week, or a month where it goes back."""
    if filters.view == "failed":
        return clusters.DAY
    since = moment(filters.since)
    goes_back = since is not None and since < timezone.now() - clusters.WEEK
    return clusters.MONTH if goes_back else clusters.WEEK


def _starts(teams: list[Team]) -> list[Project]:
    """Projects whose "Send your first trace" the empty list leads to."""
    return list(Project.objects.filter(team__in=teams).order_by("-created")[:5])


def _views(query: QueryDict, filters: Filters, own: list[SavedView]) -> dict[str, object]:
    """The views as links: ours keep every other filter, a person's own bring theirs."""
    now = filters.address()
    chosen = next((view for view in own if view.query == now), None)
    every = address(query, view="", cursor="")
    joint = "" if every.endswith("?") else "&"
    return {
        "views": [
            {
                "name": label,
                "url": every if name == "all" else f"{every}{joint}view={name}",
                "here": filters.view == name and not chosen,
            }
            for name, label in VIEWS.items()
        ],
        "own_views": own,
        "chosen": chosen,
        "query": now,
    }
