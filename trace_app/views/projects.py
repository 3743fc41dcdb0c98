"""Project settings: where its repository and Guard are, and the two switches."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from trace_app.actions import projects as actions
from trace_app.forms.teams import ProjectSwitchesForm
from trace_app.http import AuthedRequest, get_project_or_404
from trace_app.permissions import ADMINISTER, VIEW, can


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: AuthedRequest, slug: str) -> HttpResponse:
    """Show the project; owners turn Trace capture and Mender on and off."""
    posted = request.method == "POST"
    project = get_project_or_404(request, slug, ADMINISTER if posted else VIEW)
    switches = {"trace_capture": project.trace_capture, "mender_enabled": project.mender_enabled}
    form = ProjectSwitchesForm(request.POST if posted else None, initial=switches)
    if posted and form.is_valid():
        actions.set_switches(by=request.user, project=project, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("trace_app:project_settings", slug)
    context = {
        "project": project,
        "form": form,
        "may_administer": can(request.user, ADMINISTER, project.team),
    }
    return render(request, "trace_app/project_settings.html", context)
