"""The attempts of a failure cluster: a slot on the signature's page, which knows no Mender."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from mender_handoff.queries.clusters import attempts_of
from trace_app.http import AuthedRequest
from trace_app.permissions import VIEW, teams_with
from trace_app.queries.clusters import of_teams


@require_safe
@vary_on_headers("HX-Request")
def attempts(request: AuthedRequest, key: UUID) -> HttpResponse:
    """List what Mender tried on this failure; a page of its own without script."""
    signature = of_teams(teams_with(request.user, VIEW), key)
    if signature is None:
        raise Http404("No such signature.")
    page = "mender_handoff/signature_attempts.html"
    context = {"signature": signature, "attempts": attempts_of(signature)}
    return render(request, f"{page}#slot" if request.htmx else page, context)
