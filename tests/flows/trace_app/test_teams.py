"""Roles, the promotion switch and API keys, through guardian's tables and the settings page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from trace_app.actions import projects, teams
from trace_app.domain.roles import Right, Role
from trace_app.domain.system import System
from trace_app.models import ApiKey, AuditEntry, Team
from trace_app.permissions import can, rights_of, role_of, teams_with

pytestmark = pytest.mark.django_db
SEED = System("test")


@pytest.fixture
def team() -> Team:
    return teams.create_team(by=SEED, slug="acme", name="Acme")


def person(team: Team, name: str, role: Role | None) -> User:
    user = User.objects.create_user(name)
    teams.set_role(by=SEED, team=team, user=user, role=role)
    return user


def rights(user: User, team: Team) -> set[Right]:
    known = User.objects.get(pk=user.pk)
    held = {right for right in Right if can(known, right, team)}
    assert rights_of(known).get(team, frozenset()) == held
    return held


def test_each_role_holds_its_rights_and_a_stranger_none(team: Team) -> None:
    owner, member = person(team, "olivia", Role.OWNER), person(team, "marek", Role.MEMBER)
    viewer, stranger = person(team, "vera", Role.VIEWER), person(team, "sam", None)
    assert rights(owner, team) == set(Right)
    assert rights(member, team) == {Right.VIEW, Right.OPERATE, Right.PROMOTE}
    assert rights(viewer, team) == {Right.VIEW}
    assert rights(stranger, team) == set()


def test_owners_only_promotion_applies_at_once(team: Team) -> None:
    owner, member = person(team, "olivia", Role.OWNER), person(team, "marek", Role.MEMBER)
    teams.set_owners_only_promote(by=owner, team=team, only_owners=True)
    assert Right.PROMOTE not in rights(member, team)
    assert Right.PROMOTE in rights(owner, team)
    teams.set_owners_only_promote(by=owner, team=team, only_owners=False)
    assert Right.PROMOTE in rights(member, team)


def test_a_disabled_or_super_user_without_a_role_sees_no_team(team: Team) -> None:
    owner = person(team, "olivia", Role.OWNER)
    owner.is_active = False
    owner.save()
    root = User.objects.create_superuser("root", password="a long password")
    assert not teams_with(owner, Right.VIEW).exists()
    assert not teams_with(root, Right.VIEW).exists()
    assert rights_of(owner) == rights_of(root) == {}


def test_changing_a_role_leaves_exactly_one(team: Team) -> None:
    person(team, "olivia", Role.OWNER)
    user = person(team, "marek", Role.MEMBER)
    teams.set_role(by=SEED, team=team, user=user, role=Role.VIEWER)
    assert role_of(user, team) is Role.VIEWER
    assert user.groups.count() == 1


@pytest.mark.parametrize("role", [Role.MEMBER, None])
def test_the_last_owner_stays(team: Team, role: Role | None) -> None:
    owner = person(team, "olivia", Role.OWNER)
    with pytest.raises(teams.LastOwnerError):
        teams.set_role(by=owner, team=team, user=owner, role=role)
    assert role_of(owner, team) is Role.OWNER


def test_an_owner_adds_a_member_on_the_settings_page(team: Team, client: Client) -> None:
    client.force_login(person(team, "olivia", Role.OWNER))
    newcomer = person(team, "noor", None)
    url = reverse("trace_app:team_members", args=["acme"])
    answer = client.post(url, {"username": "noor", "role": "member"}, follow=True)
    assert "noor is now member" in answer.text
    assert role_of(newcomer, team) is Role.MEMBER
    assert AuditEntry.objects.filter(action="team.role_set", target="noor").count() == 2


def test_an_unknown_name_is_answered_with_what_to_do(team: Team, client: Client) -> None:
    client.force_login(person(team, "olivia", Role.OWNER))
    url = reverse("trace_app:team_members", args=["acme"])
    answer = client.post(url, {"username": "nobody", "role": "member"})
    assert answer.status_code == 422
    assert "No active user has this name" in answer.text


@pytest.mark.parametrize("name", ["team_members", "team_promotion", "team_keys"])
def test_a_member_may_read_the_settings_but_not_change_them(
    team: Team, client: Client, name: str
) -> None:
    person(team, "olivia", Role.OWNER)
    client.force_login(person(team, "marek", Role.MEMBER))
    assert client.get(reverse("trace_app:team_settings", args=["acme"])).status_code == 200
    assert client.post(reverse(f"trace_app:{name}", args=["acme"])).status_code == 403


def test_a_key_is_shown_once_and_stored_as_a_hash(team: Team, client: Client) -> None:
    client.force_login(person(team, "olivia", Role.OWNER))
    url = reverse("trace_app:team_keys", args=["acme"])
    answer = client.post(url, {"name": "CI", "scopes": ["ingest"]})
    key = ApiKey.objects.get()
    secret = answer.context["new_key"].secret
    assert secret in answer.text
    assert secret not in client.get(reverse("trace_app:team_settings", args=["acme"])).text
    assert secret not in str(ApiKey.objects.values_list())
    client.post(reverse("trace_app:team_key_revoke", args=["acme", key.pk]))
    key.refresh_from_db()
    assert key.revoked is not None


def test_an_unknown_scope_is_refused(team: Team) -> None:
    with pytest.raises(ValueError, match="unknown scope admin"):
        projects.create_api_key(by=SEED, team=team, name="x", scopes=["ingest", "admin"])


def test_the_project_switches_are_saved_by_owners_alone(team: Team, client: Client) -> None:
    owner, member = person(team, "olivia", Role.OWNER), person(team, "marek", Role.MEMBER)
    project = projects.create_project(by=SEED, team=team, slug="shop", name="Shop", repo="/r")
    assert (project.trace_capture, project.mender_enabled) == (True, False)
    url = reverse("trace_app:project_settings", args=["shop"])
    client.force_login(member)
    assert client.post(url, {"mender_enabled": "on"}).status_code == 403
    client.force_login(owner)
    client.post(url, {"mender_enabled": "on"})
    project.refresh_from_db()
    assert (project.trace_capture, project.mender_enabled) == (False, True)
