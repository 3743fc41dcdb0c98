"""Project settings: where its repository and Guard are, the two switches, and who may embed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from trace_app.actions import projects as actions
from trace_app.forms.projects import RepositoryForm
from trace_app.forms.shares import EmbedOriginsForm
from trace_app.forms.teams import ProjectSwitchesForm
from trace_app.http import AuthedRequest, get_project_or_404
from trace_app.models import Project
from trace_app.permissions import ADMINISTER, VIEW, can

TEMPLATE = "trace_app/project_settings.html"


def context(request: AuthedRequest, project: Project, **forms: object) -> dict[str, Any]:
    """What the page shows; `forms` replace those filled from the project."""
    switches = {"trace_capture": project.trace_capture, "mender_enabled": project.mender_enabled}
    return {
        "project": project,
        "form": ProjectSwitchesForm(initial=switches),
        "repository_form": RepositoryForm(
            initial={"repo": project.repo, "default_branch": project.default_branch}
        ),
        "embed_form": EmbedOriginsForm(initial={"origins": "\n".join(project.embed_origins)}),
        "may_administer": can(request.user, ADMINISTER, project.team),
        **forms,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: AuthedRequest, slug: str) -> HttpResponse:
    """Show the project; owners turn Trace capture and Mender on and off."""
    posted = request.method == "POST"
    project = get_project_or_404(request, slug, ADMINISTER if posted else VIEW)
    if not posted:
        return render(request, TEMPLATE, context(request, project))
    form = ProjectSwitchesForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, context(request, project, form=form), status=422)
    actions.set_switches(by=request.user, project=project, **form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("trace_app:project_settings", slug)


@require_POST
def repository(request: AuthedRequest, slug: str) -> HttpResponse:
    """Say where the project's code is; the address it has may stay, whatever it is."""
    project = get_project_or_404(request, slug, ADMINISTER)
    form = RepositoryForm(request.POST, kept=project.repo)
    if not form.is_valid():
        refused = context(request, project, repository_form=form)
        return render(request, TEMPLATE, refused, status=422)
    actions.set_repository(by=request.user, project=project, **form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("trace_app:project_settings", slug)


@require_POST
def embedding(request: AuthedRequest, slug: str) -> HttpResponse:
    """Say which sites may show the project's shares in a frame."""
    project = get_project_or_404(request, slug, ADMINISTER)
    form = EmbedOriginsForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, context(request, project, embed_form=form), status=422)
    actions.set_embed_origins(by=request.user, project=project, **form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("trace_app:project_settings", slug)
