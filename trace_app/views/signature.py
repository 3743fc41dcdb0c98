"""One failure cluster: what its traces share, where each shows it, and what became of it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from trace_app.domain.filters import Filters
from trace_app.http import AuthedRequest
from trace_app.permissions import VIEW, teams_with
from trace_app.queries import clusters, traces
from trace_app.views.rows import prepare

PAGE = 25
PARTS = ("failure", "network", "frame")


@require_GET
def signature(request: AuthedRequest, key: UUID) -> HttpResponse:
    """Show why these traces are one cluster, the traces, and a slot for their attempts."""
    teams = teams_with(request.user, VIEW)
    found = clusters.of_teams(teams, key)
    if found is None:
        raise Http404("No such signature.")
    filters = Filters(signature=found.hash, project=found.project.slug)
    cursor = request.GET.get("cursor", "")
    page = traces.find(teams, filters, cursor, PAGE)
    day, total = clusters.counts(found)
    context = {
        "signature": found,
        "cluster": clusters.one(found),
        "rows": _rows(page),
        "places": clusters.places(found),
        "list_query": filters.address(),
        "day": day,
        "total": total,
        "cursor": cursor,
        "next_cursor": page.next_cursor,
    }
    return render(request, "trace_app/signature.html", context)


def _rows(page: traces.Page) -> list[dict[str, Any]]:
    """Each trace with the seqs of the parts in it, None where it has none."""
    now = timezone.now()
    parts = clusters.parts_of(trace.pk for trace in page.traces)
    rows = []
    for trace in page.traces:
        held = parts.get(trace.pk, {})
        rows.append(
            {
                "row": prepare(trace, now, may_pin=False),
                "step": trace.failing_step,
                "seqs": [(held.get(name) or {}).get("seq") for name in PARTS],
            }
        )
    return rows
