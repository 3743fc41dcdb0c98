"""Deleting a trace, a project, a team: a page that says what will go, then the deed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from trace_app.actions import deletion
from trace_app.forms.projects import ConfirmForm
from trace_app.http import (
    AuthedRequest,
    get_project_or_404,
    get_team_or_404,
    get_trace_or_404,
)
from trace_app.models import Team
from trace_app.permissions import ADMINISTER
from trace_app.queries.disk import project_use, team_use
from trace_app.templatetags.trace_ui import bytes_text


@dataclass(frozen=True, slots=True)
class Subject:
    """What is about to go, in the words of the page; `typed` must be typed where it is set."""

    kind: str
    name: str
    facts: tuple[tuple[str, str], ...]
    back: str
    typed: str = ""
    warning: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def trace(request: AuthedRequest, ref: str) -> HttpResponse:
    """Delete one trace; owners only, and the button is the confirmation."""
    row = get_trace_or_404(request, ref, ADMINISTER)
    if request.method == "POST":
        deletion.delete_trace(by=request.user, trace=row)
        messages.success(request, f"The trace {row.short_id} is deleted.")
        return redirect("trace_app:list")
    state = row.mender_state.replace("_", " ")
    subject = Subject(
        kind="trace",
        name=row.title,
        facts=(
            ("Trace", row.short_id),
            ("Events", str(row.event_count)),
            ("Replays of it", str(row.children.count())),
        ),
        back=reverse("trace_app:trace", args=[row.short_id]),
        warning=f"Mender's attempt on it ({state}) is forgotten here too." if state else "",
    )
    return render(request, "trace_app/deletion.html", {"subject": subject, "trace": row})


@require_http_methods(["GET", "HEAD", "POST"])
def project(request: AuthedRequest, slug: str) -> HttpResponse:
    """Delete a project when its name was typed."""
    row = get_project_or_404(request, slug, ADMINISTER)
    use = project_use(row)
    subject = Subject(
        kind="project",
        name=row.name,
        facts=(("Traces", str(use.traces)), ("Disk", bytes_text(use.total))),
        back=reverse("trace_app:project_settings", args=[slug]),
        typed=row.name,
        warning="Signatures, replays and Mender attempts of the project go with it.",
    )
    after = reverse("trace_app:team_settings", args=[row.team.slug])
    return _confirmed(
        request, subject, lambda: deletion.delete_project(by=request.user, project=row), after
    )


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: AuthedRequest, slug: str) -> HttpResponse:
    """Delete a team when its name was typed."""
    row = get_team_or_404(request, slug, ADMINISTER)
    subject = _team_subject(row)
    return _confirmed(
        request,
        subject,
        lambda: deletion.delete_team(by=request.user, team=row),
        reverse("trace_app:settings"),
    )


def _team_subject(row: Team) -> Subject:
    use = team_use(row)
    return Subject(
        kind="team",
        name=row.name,
        facts=(
            ("Projects", str(len(use.projects))),
            ("Traces", str(use.traces)),
            ("API keys", str(row.api_keys.count())),
            ("Disk", bytes_text(use.total)),
        ),
        back=reverse("trace_app:team_settings", args=[row.slug]),
        typed=row.name,
        warning="Its keys stop working, its roles end and its audit trail goes. Accounts stay.",
    )


def _confirmed(
    request: AuthedRequest, subject: Subject, delete: Callable[[], object], after: str
) -> HttpResponse:
    posted = request.method == "POST"
    form = ConfirmForm(request.POST if posted else None, expected=subject.typed)
    if posted and form.is_valid():
        delete()
        messages.success(request, f"The {subject.kind} {subject.name} is deleted.")
        return redirect(after)
    context = {"subject": subject, "form": form}
    return render(request, "trace_app/deletion.html", context, status=422 if posted else 200)
