"""Guard's pages: its checks, and one check with its runs and what Mender made of them."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from mender_handoff.guard.domain.check_states import ENDED
from mender_handoff.guard.queries import pages
from trace_app.http import AuthedRequest, get_project_or_404, page_start, visible_slugs


@require_safe
def check_list(request: AuthedRequest) -> HttpResponse:
    """The latest checks of every visible repository: Guard keeps no memberships of its own."""
    rows = pages.latest_checks(visible_slugs(request.user), page_start(request))
    more = rows[pages.PAGE - 1].pk if len(rows) > pages.PAGE else None
    return render(request, "guard/checks.html", {"checks": rows[: pages.PAGE], "more": more})


@require_safe
@vary_on_headers("HX-Request")
def check(request: AuthedRequest, pk: uuid.UUID) -> HttpResponse:
    """One check: its runs, or with ?tab=mender what Mender made of them."""
    row = pages.check(pk)
    if row is None:
        raise Http404("No such check.")
    project = get_project_or_404(request, row.repository.slug)
    tab = "mender" if request.GET.get("tab") == "mender" else "runs"
    context = {
        "check": row,
        "project": project,
        "tab": tab,
        "jobs": pages.jobs_of_check(row),
        "live": row.status not in ENDED,
    }
    template = "guard/check.html#body" if request.htmx else "guard/check.html"
    return render(request, template, context)
