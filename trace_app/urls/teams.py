"""Settings of teams and projects."""

from django.urls import path

from trace_app.views import deletion, projects, redaction, start, teams, tiers

urlpatterns = [
    path("settings", teams.index, name="settings"),
    path("teams/<slug:slug>/settings", teams.settings, name="team_settings"),
    path("teams/<slug:slug>/members", teams.set_member, name="team_members"),
    path("teams/<slug:slug>/promotion", teams.set_promotion, name="team_promotion"),
    path("teams/<slug:slug>/keys", teams.create_key, name="team_keys"),
    path("teams/<slug:slug>/keys/<uuid:key>/revoke", teams.revoke_key, name="team_key_revoke"),
    path("teams/<slug:slug>/projects", teams.create_project, name="team_projects"),
    path("teams/<slug:slug>/retention", tiers.set_retention, name="team_retention"),
    path("teams/<slug:slug>/disk", teams.disk, name="team_disk"),
    path("teams/<slug:slug>/redaction", redaction.rules, name="team_redaction"),
    path("teams/<slug:slug>/redaction/try", redaction.attempt, name="team_redaction_try"),
    path(
        "teams/<slug:slug>/redaction/built-in", redaction.built_in, name="team_redaction_built_in"
    ),
    path(
        "teams/<slug:slug>/redaction/<uuid:rule>/delete",
        redaction.delete,
        name="team_redaction_delete",
    ),
    path("teams/<slug:slug>/delete", deletion.team, name="team_delete"),
    path("projects/<slug:slug>/start", start.start, name="start"),
    path("projects/<slug:slug>/arrived", start.arrived, name="arrived"),
    path("projects/<slug:slug>/delete", deletion.project, name="project_delete"),
    path("projects/<slug:slug>/embedding", projects.embedding, name="project_embedding"),
    path("projects/<slug:slug>/repository", projects.repository, name="project_repository"),
    path("projects/<slug:slug>/settings", projects.settings, name="project_settings"),
]
