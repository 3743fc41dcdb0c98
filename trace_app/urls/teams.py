"""Settings of teams and projects."""

from django.urls import path

from trace_app.views import projects, teams

urlpatterns = [
    path("settings", teams.index, name="settings"),
    path("teams/<slug:slug>/settings", teams.settings, name="team_settings"),
    path("teams/<slug:slug>/members", teams.set_member, name="team_members"),
    path("teams/<slug:slug>/promotion", teams.set_promotion, name="team_promotion"),
    path("teams/<slug:slug>/keys", teams.create_key, name="team_keys"),
    path("teams/<slug:slug>/keys/<uuid:key>/revoke", teams.revoke_key, name="team_key_revoke"),
    path("projects/<slug:slug>/settings", projects.settings, name="project_settings"),
]
