"""Team settings: members and roles, who may promote, projects, API keys, disk use."""

import uuid
from dataclasses import asdict

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from trace_app.actions import projects as project_actions
from trace_app.actions import teams as actions
from trace_app.domain.roles import Role
from trace_app.forms.projects import ProjectForm
from trace_app.forms.retention import RetentionForm
from trace_app.forms.teams import KeyForm, MemberForm
from trace_app.http import AuthedRequest, get_team_or_404
from trace_app.models import ApiKey, Team
from trace_app.permissions import ADMINISTER, VIEW, can, teams_with
from trace_app.queries.disk import team_use
from trace_app.queries.retention import policy_of
from trace_app.queries.teams import members

TEMPLATE = "trace_app/team_settings.html"


def context(request: AuthedRequest, team: Team, **forms: object) -> dict[str, object]:
    """Return what the settings page shows; `forms` replace the blank ones."""
    return {
        "team": team,
        "members": members(team),
        "roles": list(Role),
        "keys": team.api_keys.all(),
        "projects": team.projects.all(),
        "audit": team.audit_entries.select_related("actor")[:20],
        "may_administer": can(request.user, ADMINISTER, team),
        "member_form": MemberForm(),
        "key_form": KeyForm(),
        "project_form": ProjectForm(),
        "retention_form": RetentionForm(initial=asdict(policy_of(team))),
        **forms,
    }


@require_GET
def index(request: AuthedRequest) -> HttpResponse:
    """Show the person's teams, or go straight to the only one."""
    teams = teams_with(request.user, VIEW).prefetch_related("projects")
    if len(teams) == 1:
        return redirect("trace_app:team_settings", teams[0].slug)
    return render(request, "trace_app/teams.html", {"teams": teams})


@require_GET
def settings(request: AuthedRequest, slug: str) -> HttpResponse:
    """Show the team: everybody in it may read, owners may change."""
    team = get_team_or_404(request, slug)
    return render(request, TEMPLATE, context(request, team))


@require_POST
def set_member(request: AuthedRequest, slug: str) -> HttpResponse:
    """Add a person, change a role, or take somebody out of the team."""
    team = get_team_or_404(request, slug, ADMINISTER)
    form = MemberForm(request.POST)
    if form.is_valid():
        word, user = form.cleaned_data["role"], form.cleaned_data["username"]
        role = Role(word) if word else None
        try:
            actions.set_role(by=request.user, team=team, user=user, role=role)
        except actions.LastOwnerError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{user.username} is now {word or 'no longer here'}.")
            return redirect("trace_app:team_settings", slug)
    return render(request, TEMPLATE, context(request, team, member_form=form), status=422)


@require_POST
def set_promotion(request: AuthedRequest, slug: str) -> HttpResponse:
    """Say whether owners alone may promote a fix."""
    team = get_team_or_404(request, slug, ADMINISTER)
    only_owners = request.POST.get("owners_only_promote") == "on"
    actions.set_owners_only_promote(by=request.user, team=team, only_owners=only_owners)
    who = "Owners alone" if only_owners else "Owners and members"
    messages.success(request, f"{who} may promote a fix now.")
    return redirect("trace_app:team_settings", slug)


@require_POST
@never_cache
def create_key(request: AuthedRequest, slug: str) -> HttpResponse:
    """Make an API key and show it this once."""
    team = get_team_or_404(request, slug, ADMINISTER)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, context(request, team, key_form=form), status=422)
    key = project_actions.create_api_key(by=request.user, team=team, **form.cleaned_data)
    return render(request, TEMPLATE, context(request, team, new_key=key))


@require_POST
def revoke_key(request: AuthedRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """End an API key at once."""
    team = get_team_or_404(request, slug, ADMINISTER)
    row = get_object_or_404(ApiKey, pk=key, team=team)
    project_actions.revoke_api_key(by=request.user, key=row)
    messages.success(request, f"The key “{row.name}” no longer works.")
    return redirect("trace_app:team_settings", slug)


@require_POST
def create_project(request: AuthedRequest, slug: str) -> HttpResponse:
    """Make a project and go on to "Send your first trace"."""
    team = get_team_or_404(request, slug, ADMINISTER)
    form = ProjectForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                project_actions.create_project(by=request.user, team=team, **data)
        except IntegrityError:
            # Somebody took the slug between the check and now.
            form.add_error("slug", form.taken(data["slug"]))
        else:
            messages.success(request, f"The project {data['name']} is there.")
            return redirect("trace_app:start", data["slug"])
    return render(request, TEMPLATE, context(request, team, project_form=form), status=422)


@require_GET
@vary_on_headers("HX-Request")
def disk(request: AuthedRequest, slug: str) -> HttpResponse:
    """Show how much the team keeps; counted when asked for, because it reads every trace's rows."""
    team = get_team_or_404(request, slug)
    use = team_use(team)
    if request.htmx:
        return render(request, "trace_app/settings/disk.html", {"use": use, "team": team})
    return render(request, TEMPLATE, context(request, team, use=use))
