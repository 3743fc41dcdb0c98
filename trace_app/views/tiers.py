"""Thawing a cold trace, and a team's retention policy."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from trace_app.actions import retention
from trace_app.actions.tiers import request_thaw
from trace_app.forms.retention import RetentionForm
from trace_app.http import AuthedRequest, get_team_or_404, get_trace_or_404
from trace_app.permissions import ADMINISTER, OPERATE, VIEW, can
from trace_app.views import teams


@require_http_methods(["GET", "HEAD", "POST"])
def thaw(request: AuthedRequest, ref: str) -> HttpResponse:
    """Ask for the thaw, or say how far it is: the page loads itself anew when it is done."""
    trace = get_trace_or_404(request, ref, OPERATE if request.method == "POST" else VIEW)
    if request.method == "POST":
        request_thaw(by=request.user, trace=trace)
    if not request.htmx:
        return redirect("trace_app:trace", trace.short_id)
    if not trace.is_cold:
        return HttpResponse(headers={"HX-Refresh": "true"})
    may_operate = can(request.user, OPERATE, trace.project.team)
    context = {"trace": trace, "may_operate": may_operate}
    return render(request, "trace_app/parts/cold.html", context)


@require_POST
def set_retention(request: AuthedRequest, slug: str) -> HttpResponse:
    """Keep the team's ages of tiers."""
    team = get_team_or_404(request, slug, ADMINISTER)
    form = RetentionForm(request.POST)
    if not form.is_valid():
        context = teams.context(request, team, retention_form=form)
        return render(request, teams.TEMPLATE, context, status=422)
    retention.set_policy(by=request.user, team=team, policy=form.policy())
    messages.success(request, "The retention policy is kept. It applies within minutes.")
    return redirect("trace_app:team_settings", slug)
