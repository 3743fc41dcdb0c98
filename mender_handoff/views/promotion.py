"""Promoting: the slot with the button, and the window with every field and gate."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from debugger.http import get_replay_or_404
from debugger.models import Replay
from mender_handoff.actions.promotion import GatesClosedError, promote_fix
from mender_handoff.domain.attempt_states import WITH_PR
from mender_handoff.domain.gates import closed
from mender_handoff.domain.messages import CLASSIFICATIONS
from mender_handoff.forms import promotion as forms
from mender_handoff.forms.promotion import PromotionDraft
from mender_handoff.queries.attempts import of_trace
from mender_handoff.queries.promotion import gates, open_attempt, regressions_of
from trace_app.http import AuthedRequest, get_trace_or_404
from trace_app.permissions import PROMOTE, can


@require_safe
def slot(request: AuthedRequest, replay_id: UUID) -> HttpResponse:
    """The Promote button of a replay: only after success with edits, only for who may.

    While a pull request for this failure is open, the way to that one instead.
    """
    replay = get_replay_or_404(request, replay_id)
    succeeded = replay.status == "succeeded" and replay.has_edits
    attempt = of_trace(replay.trace)
    has_pull_request = attempt is not None and attempt.state in WITH_PR
    context = {
        "replay": replay,
        "trace": replay.trace,
        "pull_request": attempt if has_pull_request else None,
        "show": succeeded and can(request.user, PROMOTE, replay.trace.project.team),
    }
    return render(request, "mender_handoff/slot.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def modal(request: AuthedRequest, ref: str) -> HttpResponse:
    """Show the promote window, look at its gates again, or promote."""
    trace = get_trace_or_404(request, ref, PROMOTE)
    if request.method != "POST":
        replay = forms.find_replay(trace, request.GET.get("replay", ""))
        return _page(request, forms.fresh(trace, replay))
    named = request.POST.get("replay", "")
    draft = forms.posted(trace, forms.find_replay(trace, named) if named else None, request.POST)
    if draft.errors or request.POST.get("action") != "promote":
        return _page(request, draft, 422 if draft.errors else 200)
    return _promote(request, draft)


def _promote(request: AuthedRequest, draft: PromotionDraft) -> HttpResponse:
    wish = draft.wish
    try:
        done = promote_fix(
            by=request.user,
            trace=wish.trace,
            replay=wish.replay,
            edits=wish.edits,
            classification=wish.classification,
            target_branch=wish.target_branch,
            accepted_regressions=wish.accepted_regressions,
            accept_weakened=wish.accept_weakened,
        )
    except GatesClosedError as error:
        draft.errors += [gate.reason for gate in error.gates]
        return _page(request, draft, 422)
    said = "Kept as a draft: connect Guard to send it." if done.draft_payload else "Promoted."
    messages.success(request, said)
    address = reverse("mender_handoff:attempt", args=[done.attempt.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _page(request: AuthedRequest, draft: PromotionDraft, status: int = 200) -> HttpResponse:
    shown = gates(draft.wish, open_attempt(draft.wish))
    context = {
        "draft": draft,
        "trace": draft.trace,
        "replay": draft.replay,
        "child": _child(draft.replay),
        "gates": shown,
        "may_go": not closed(shown) and not draft.errors,
        "classes": CLASSIFICATIONS,
        "regressions": regressions_of(draft.replay) if draft.replay else (),
    }
    template = "mender_handoff/promote.html#body" if request.htmx else "mender_handoff/promote.html"
    return render(request, template, context, status=status)


def _child(replay: Replay | None) -> object:
    run = replay.runs.select_related("trace").order_by("number").first() if replay else None
    return run.trace if run else None
