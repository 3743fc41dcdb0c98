"""The Debugger tab: summary, conversation, and a person's word on what is proposed."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from debugger.actions.chat import DecisionError, QuestionError, decide
from debugger.actions.replays import ReplayRefusedError
from debugger.models import PendingAction
from debugger.queries.conversation import find_action
from debugger.tools import conversation
from debugger.tools.engine import EngineError
from debugger.views.chat_page import action_context, page_context
from trace_app.http import AuthedRequest, get_trace_or_404, require
from trace_app.models import Trace
from trace_app.permissions import OPERATE, VIEW, teams_with


@require_safe
@vary_on_headers("HX-Request")
def panel(request: AuthedRequest, ref: str) -> HttpResponse:
    """Show the conversation; inside the trace page as its tab, else as a page of its own."""
    trace = get_trace_or_404(request, ref)
    template = "debugger/chat.html#panel" if request.htmx else "debugger/chat.html"
    return render(request, template, page_context(request, trace))


@require_POST
def ask(request: AuthedRequest, ref: str) -> HttpResponse:
    """Answer a question; htmx gets the conversation anew, others the page."""
    trace = get_trace_or_404(request, ref, OPERATE)
    asked = request.POST.get("text", "")
    try:
        conversation.ask(by=request.user, trace=trace, text=asked)
    except (QuestionError, EngineError) as error:
        return _unanswered(request, trace, asked, str(error))
    if request.htmx:
        return render(request, "debugger/chat.html#conversation", page_context(request, trace))
    return redirect(reverse("debugger:panel", args=[trace.short_id]) + "#ask")


def _unanswered(request: AuthedRequest, trace: Trace, asked: str, error: str) -> HttpResponse:
    """The conversation with the question back in its form, ready to be asked again.

    422 whatever the reason: htmx shows it, and no proxy puts a page of its own in its place.
    """
    part = "#conversation" if request.htmx else ""
    context = {**page_context(request, trace), "error": error, "asked": asked.strip()}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, f"debugger/chat.html{part}", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def action(request: AuthedRequest, call_id: UUID) -> HttpResponse:
    """Show a proposed action and how its replay stands; a POST confirms or declines it, once."""
    found = find_action(teams_with(request.user, VIEW), call_id)
    if found is None:
        raise Http404("No such proposal.")
    refused: list[str] = []
    if request.method == "POST":
        require(request, OPERATE, found.trace.project.team)
        refused = _decide(request, found)
        found = find_action(teams_with(request.user, VIEW), call_id) or found
    if not request.htmx:
        for line in refused:
            messages.error(request, line)
        return redirect(reverse("debugger:panel", args=[found.trace.short_id]) + f"#p-{call_id}")
    context = {"proposal": action_context(request, found), "refused": refused}
    return render(request, "debugger/parts/proposal.html", context)


def _decide(request: AuthedRequest, found: PendingAction) -> list[str]:
    """Take the decision; the reasons when it cannot be taken."""
    try:
        decide(by=request.user, call_id=found.pk, confirm=request.POST.get("decision") == "confirm")
    except DecisionError as error:
        return [error.message]
    except ReplayRefusedError as error:
        return [error.message, *error.reasons]
    return []
