"""Two teams and one of everything, so that every URL has an object of ours and of another team."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.test import Client

from tests.policy.rows import Person
from trace_app.actions import projects, teams
from trace_app.domain.roles import Role
from trace_app.domain.system import System

SEED = System("test")


@dataclass(frozen=True)
class World:
    """The people, and the arguments of URLs by name."""

    people: dict[Person, User | None]
    names: dict[str, object]

    def client(self, person: Person) -> Client:
        """Return a browser in which this person is signed in."""
        client = Client()
        if (user := self.people[person]) is not None:
            client.force_login(user)
        if person == "disabled" and user is not None:
            # Disabled after signing in: the session is still there, the person is not.
            User.objects.filter(pk=user.pk).update(is_active=False)
        return client


def make_world() -> World:
    """Build it in the test's database."""
    acme = teams.create_team(by=SEED, slug="acme", name="Acme")
    other = teams.create_team(by=SEED, slug="other", name="Other")
    people: dict[Person, User | None] = {"anonymous": None}
    for name, team, role in (
        ("owner", acme, Role.OWNER),
        ("member", acme, Role.MEMBER),
        ("viewer", acme, Role.VIEWER),
        ("disabled", acme, Role.MEMBER),
        ("other_team", other, Role.OWNER),
    ):
        people[name] = user = User.objects.create_user(name)  # type: ignore[index]
        teams.set_role(by=SEED, team=team, user=user, role=role)
    project = projects.create_project(by=SEED, team=acme, slug="shop", name="Shop", repo="/nowhere")
    key = projects.create_api_key(by=SEED, team=acme, name="CI", scopes=["ingest"])
    names: dict[str, object] = {"team": "acme", "project": project.slug, "key": key.row.pk}
    return World(people, names)
