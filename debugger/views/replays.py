"""The replay form and the page of a replay."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from debugger.actions.replays import (
    ReplayRefusedError,
    cancel_replay,
    check_replayable,
    request_replay,
)
from debugger.clients.sources import Sources
from debugger.domain.edits import EditError, Edits
from debugger.domain.replay_states import ENDED
from debugger.forms.replays import ReplayDraft
from debugger.http import get_replay_or_404
from debugger.models import Replay
from debugger.queries import replays as queries
from trace_app.clients.git import GitError
from trace_app.http import AuthedRequest, get_trace_or_404
from trace_app.models import Trace
from trace_app.permissions import OPERATE, can
from trace_app.storage import capsules


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def start(request: AuthedRequest, ref: str) -> HttpResponse:
    """Show the form of a new replay, open more files in it, or start what it says."""
    trace = get_trace_or_404(request, ref, OPERATE)
    try:
        check_replayable(trace)
        sources = Sources.of(trace)
        if request.method == "POST":
            return _posted(request, trace, sources)
        draft = _fresh(request, trace, sources)
    except (ReplayRefusedError, GitError) as error:
        return _form(request, trace, None, None, refused=error.message)
    return _form(request, trace, sources, draft)


@require_safe
@vary_on_headers("HX-Request")
def show(request: AuthedRequest, replay_id: UUID) -> HttpResponse:
    """Show a replay; htmx asks for its progress until it has ended."""
    replay = get_replay_or_404(request, replay_id)
    if request.htmx and replay.status in ENDED:
        return HttpResponseClientRefresh()
    template = "debugger/replay.html#live" if request.htmx else "debugger/replay.html"
    return render(request, template, _context(request, replay))


@require_POST
def cancel(request: AuthedRequest, replay_id: UUID) -> HttpResponse:
    """Call a replay off; it ends at its next step."""
    replay = get_replay_or_404(request, replay_id, OPERATE)
    cancel_replay(by=request.user, replay=replay)
    return redirect("debugger:replay", replay.pk)


def _context(request: AuthedRequest, replay: Replay) -> dict[str, object]:
    runs = queries.runs_of(replay)
    return {
        "replay": replay,
        "trace": replay.trace,
        "ended": replay.status in ENDED,
        "runs": runs,
        "child": next((run.trace for run in runs if run.trace), None),
        "spread": queries.spread(replay, runs),
        "diffs": queries.diffs_of(replay),
        "may_operate": can(request.user, OPERATE, replay.trace.project.team),
    }


def _fresh(request: AuthedRequest, trace: Trace, sources: Sources) -> ReplayDraft:
    base = request.GET.get("base", "")
    # A trace that a replay recorded ran with that replay's edits: they are where to go on from.
    earlier = get_replay_or_404(request, _uuid(base)) if base else queries.replay_behind(trace)
    edits = Edits.from_json(earlier.edits) if earlier else Edits()
    step = request.GET.get("step", "")
    first = int(step) if step.isascii() and step.isdigit() else trace.failing_step or 1
    return ReplayDraft.fresh(sources, first, edits)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # no replay has it: the look-up answers 404


def _posted(request: AuthedRequest, trace: Trace, sources: Sources) -> HttpResponse:
    draft = ReplayDraft.posted(sources, request.POST)
    if request.POST.get("action") == "open":
        draft.open_file(sources, request.POST.get("open", ""))
        return _form(request, trace, sources, draft)
    replay = None if draft.errors else _request(request, trace, draft)
    if replay is None:
        return _form(request, trace, sources, draft, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, "The replay is queued. This page follows it; you may leave it.")
    url = reverse("debugger:replay", args=[replay.pk])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _request(request: AuthedRequest, trace: Trace, draft: ReplayDraft) -> Replay | None:
    """Queue the replay; None leaves the reasons in the draft."""
    try:
        return request_replay(
            by=request.user,
            trace=trace,
            from_step=draft.from_step,
            edits=draft.edits(),
            mode=draft.chosen_mode,
            repeat=draft.repeat,
            acknowledged_setup=draft.acknowledged_setup,
        )
    except EditError as error:
        draft.errors.append(str(error))
    except ReplayRefusedError as error:
        draft.errors += [error.message, *error.reasons]
    return None


def _form(
    request: AuthedRequest,
    trace: Trace,
    sources: Sources | None,
    draft: ReplayDraft | None,
    *,
    refused: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "trace": trace,
        "draft": draft,
        "refused": refused,
        "steps": list(trace.steps.all()),
        "paths": sources.editable_paths() if sources else [],
        "restorable": capsules.has(trace),
    }
    template = "debugger/replay_form.html#body" if request.htmx else "debugger/replay_form.html"
    return render(request, template, context, status=status)
