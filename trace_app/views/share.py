"""The window behind Share: the link for the team, public shares, and who opened them."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from trace_app.actions import shares as actions
from trace_app.forms.shares import ShareForm
from trace_app.http import AuthedRequest, get_trace_or_404
from trace_app.models import Trace, TraceShare
from trace_app.permissions import ADMINISTER, OPERATE, can
from trace_app.queries.shares import shares_of, visits_of


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def share(request: AuthedRequest, ref: str) -> HttpResponse:
    """Show how the trace can be shared; an owner's POST makes a public share, shown this once."""
    posted = request.method == "POST"
    trace = get_trace_or_404(request, ref, ADMINISTER if posted else OPERATE)
    form = ShareForm(request.POST if posted else None)
    made = None
    if posted and form.is_valid():
        try:
            made = actions.create_share(by=request.user, trace=trace, **form.cleaned_data)
        except actions.ShareError as error:
            form.add_error(None, error.message)
    shown = {
        "trace": trace,
        "form": form,
        "team_link": settings.TRACE_PUBLIC_URL
        + reverse("trace_app:short_link", args=[trace.short_id]),
        **_public(request, trace, made),
    }
    template = "trace_app/share.html#window" if request.htmx else "trace_app/share.html"
    return render(request, template, shown, status=422 if posted and made is None else 200)


@require_POST
def revoke(request: AuthedRequest, ref: str, key: uuid.UUID) -> HttpResponse:
    """Close a share's address at once."""
    trace = get_trace_or_404(request, ref, ADMINISTER)
    row = get_object_or_404(
        TraceShare.objects.select_related("trace__project__team"), pk=key, trace=trace
    )
    actions.revoke_share(by=request.user, share=row)
    if request.htmx:
        shown = {"trace": trace, "may_administer": True, **_log(trace)}
        return render(request, "trace_app/share.html#shares", shown)
    messages.success(request, "The share no longer opens the trace.")
    return redirect("trace_app:share", trace.short_id)


def _public(request: AuthedRequest, trace: Trace, made: actions.NewShare | None) -> dict[str, Any]:
    """What owners see of public shares; the address of a new one is in the page this once."""
    if not can(request.user, ADMINISTER, trace.project.team):
        return {"may_administer": False}
    address = embed = ""
    if made is not None:
        address = settings.TRACE_PUBLIC_URL + reverse("share:trace", args=[made.ref])
        embed = settings.TRACE_PUBLIC_URL + reverse("embed:trace", args=[made.ref])
    return {
        "may_administer": True,
        "made": made,
        "address": address,
        "embed": embed,
        "origins": trace.project.embed_origins,
        **_log(trace),
    }


def _log(trace: Trace) -> dict[str, Any]:
    return {"shares": shares_of(trace), "visits": visits_of(trace)}
