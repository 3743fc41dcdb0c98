"""The demo's team and its three people, with passwords that are printed again on every start."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User

from trace_app.actions.teams import create_team, set_role
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Team

TEAM = ("acme", "Acme")
PEOPLE = {"olivia": Role.OWNER, "marek": Role.MEMBER, "vera": Role.VIEWER}
SEED = System("demo")


@dataclass(frozen=True)
class Person:
    """A demo user as it is shown to whoever started the demo."""

    username: str
    role: Role
    password: str


def seed_team(credentials: Path) -> tuple[Team, list[Person]]:
    """Make the team and its people once; return them with the passwords kept in `credentials`."""
    slug, name = TEAM
    team = Team.objects.filter(slug=slug).first() or create_team(by=SEED, slug=slug, name=name)
    passwords = _passwords(credentials)
    people = [Person(username, role, passwords[username]) for username, role in PEOPLE.items()]
    for person in people:
        _seed_person(team, person)
    return team, people


def _seed_person(team: Team, person: Person) -> None:
    user, _ = User.objects.get_or_create(
        username=person.username,
        defaults={"email": f"{person.username}@acme.example", "is_staff": False},
    )
    if not user.check_password(person.password):
        user.set_password(person.password)
        user.save(update_fields=["password"])
    # A role that somebody changed in the demo stays changed.
    if not user.groups.filter(team_role__team=team).exists():
        set_role(by=SEED, team=team, user=user, role=person.role)


def _passwords(path: Path) -> dict[str, str]:
    """Return {username: password}, generated once and readable by this user alone."""
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    made = {username: secrets.token_urlsafe(9) for username in PEOPLE}
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(made, file)
    return made
