"""The Mender card on a trace, the list of attempts, and one attempt's page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from mender_handoff.actions.promotion import dismiss as dismiss_attempt
from mender_handoff.domain.attempt_states import (
    ENDED,
    PROMOTABLE,
    WORKING,
    State,
    TransitionError,
)
from mender_handoff.http import get_attempt_or_404
from mender_handoff.models import MenderAttempt
from mender_handoff.queries import attempts as queries
from trace_app.http import AuthedRequest, get_trace_or_404, page_start
from trace_app.permissions import PROMOTE, VIEW, can, teams_with

STAGES = ("analyze", "patch", "test", "pull_request", "revalidate")


@require_safe
def card(request: AuthedRequest, ref: str) -> HttpResponse:
    """What Mender thinks of a trace's failure; a slot on the Overview tab."""
    trace = get_trace_or_404(request, ref)
    attempt = queries.of_trace(trace)
    context: dict[str, object] = {"trace": trace, "attempt": attempt}
    if attempt is not None:
        context |= _standing(request, attempt)
    return render(request, "mender_handoff/card.html", context)


@require_safe
def attempt_list(request: AuthedRequest) -> HttpResponse:
    """Attempts of all teams of this person."""
    view = request.GET.get("view", "")
    teams = teams_with(request.user, VIEW)
    rows = queries.listed(teams, view, page_start(request))
    context = {
        "attempts": rows[: queries.PAGE],
        "more": rows[queries.PAGE - 1].pk if len(rows) > queries.PAGE else None,
        "view": view,
        "views": (("", "All"), ("open", "Open"), ("ended", "Ended")),
    }
    return render(request, "mender_handoff/attempts.html", context)


@require_safe
@vary_on_headers("HX-Request")
def attempt(request: AuthedRequest, pk: UUID) -> HttpResponse:
    """One attempt: stages live, proof, pull request, history."""
    row = get_attempt_or_404(request, pk)
    context = {
        "attempt": row,
        "trace": row.trace,
        "project": row.project,
        "stages": _stages(row),
        "live": State(row.state) not in ENDED and bool(row.promoted_at or row.send_after),
        **_standing(request, row),
    }
    template = "mender_handoff/attempt.html#body" if request.htmx else "mender_handoff/attempt.html"
    return render(request, template, context)


@require_POST
def dismiss(request: AuthedRequest, pk: UUID) -> HttpResponse:
    """Say no to a suggestion."""
    row = get_attempt_or_404(request, pk, PROMOTE)
    try:
        dismiss_attempt(by=request.user, attempt=row, reason=request.POST.get("reason", ""))
        messages.success(request, "Dismissed.")
    except TransitionError as error:
        messages.error(request, f"This cannot be dismissed any more: {error}.")
    return redirect("mender_handoff:attempt", row.pk)


def _standing(request: AuthedRequest, row: MenderAttempt) -> dict[str, object]:
    may = can(request.user, PROMOTE, row.project.team)
    state = State(row.state)
    return {
        "may_promote": may and state in PROMOTABLE and bool(row.classification),
        "may_dismiss": may and state in PROMOTABLE,
        "applying": state in WORKING,
        "analysing": state == State.SUGGESTED and not row.analysis_line,
    }


def _stages(row: MenderAttempt) -> list[dict[str, object]]:
    """The five stages in order; those Mender has not spoken of yet are pending."""
    known = {str(stage.get("name")): stage for stage in row.stages}
    return [
        known.get(name, {"name": name, "state": "pending"}) | {"number": number}
        for number, name in enumerate(STAGES, start=1)
    ]
