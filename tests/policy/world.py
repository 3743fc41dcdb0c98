"""Two teams and one of everything, so that every URL has an object of ours and of another team."""

import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from debugger.actions.chat import digest
from debugger.models import ChatMessage, PendingAction, Replay
from mender_handoff.domain.attempt_states import State
from mender_handoff.guard.models import GuardCheck, GuardRepository, PullRequest
from mender_handoff.models import MenderAttempt
from tests.policy.rows import Person
from trace_app.actions import projects, teams
from trace_app.actions.ingest import ingest_zip
from trace_app.actions.processing import process
from trace_app.actions.redaction import save_rule
from trace_app.actions.saved_views import save_view
from trace_app.actions.shares import create_share
from trace_app.domain.filters import Filters
from trace_app.domain.redaction import Rule, RuleKind
from trace_app.domain.roles import Role
from trace_app.domain.shares import SharedRef, new_secret
from trace_app.domain.system import System
from trace_app.models import Project, Team, Trace
from trace_app.queries.events import events

SEED = System("test")
ARGUMENTS = {"from_step": 1, "edits": {}}
RECORDING = Path(__file__).parents[1] / "fixtures/playwright/py-fail.trace.zip"


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


def make_world(suffix: str = "") -> World:
    """Build it in the test's database; a suffix keeps two worlds of one database apart."""
    acme = teams.create_team(by=SEED, slug=f"acme{suffix}", name="Acme")
    other = teams.create_team(by=SEED, slug=f"other{suffix}", name="Other")
    project = projects.create_project(
        by=SEED, team=acme, slug=f"shop{suffix}", name="Shop", repo="/nowhere"
    )
    key = projects.create_api_key(by=SEED, team=acme, name="CI", scopes=["ingest"])
    names: dict[str, object] = {
        "team": acme.slug,
        "project": project.slug,
        "key": key.row.pk,
        "rule": save_rule(by=SEED, team=acme, rule=Rule(RuleKind.KEY, "pan")).pk,
        "panel": "events",
        "ticket": "forged",
        "package": "pytest-trace-capture.zip",
    }
    people = _people(acme, other)
    return World(people, names | _trace(project) | _handoff(project) | _found(project, people))


def _people(acme: Team, other: Team) -> dict[Person, User | None]:
    people: dict[Person, User | None] = {"anonymous": None}
    everybody: tuple[tuple[Person, Team, Role], ...] = (
        ("owner", acme, Role.OWNER),
        ("member", acme, Role.MEMBER),
        ("viewer", acme, Role.VIEWER),
        ("disabled", acme, Role.MEMBER),
        ("other_team", other, Role.OWNER),
    )
    for name, team, role in everybody:
        people[name] = user = User.objects.create_user(f"{name}-{acme.slug}")
        teams.set_role(by=SEED, team=team, user=user, role=role)
    return people


def _trace(project: Project) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        upload = shutil.copy(RECORDING, Path(folder) / "upload.zip")
        trace = ingest_zip(by=SEED, project=project, path=Path(upload))
    process(str(trace.pk))
    trace.refresh_from_db()
    frame = next(iter(events(trace, kinds=["video.frame"])))
    snapshot = next(iter(events(trace, kinds=["dom.snapshot"])))
    request = next(iter(events(trace, kinds=["network.request"])))
    question = ChatMessage.objects.create(trace=trace, role="person", text="help")
    action = PendingAction.objects.create(
        trace=trace,
        message=question,
        tool="run_layer2_replay",
        arguments=ARGUMENTS,
        arguments_sha256=digest(ARGUMENTS),
        expires=timezone.now() + dt.timedelta(minutes=10),
    )
    replay = Replay.objects.create(trace=trace, from_step=1)
    share = create_share(by=SEED, trace=trace, days=1)
    return {
        "trace": trace.short_id,
        "frame": frame.seq,
        "snapshot": snapshot.seq,
        "request": request.seq,
        "member": frame.data["image"]["$member"],
        "blob": trace.playwright_zip,
        "action": action.call_id,
        "replay": replay.pk,
        "share_key": share.row.pk,
        "shared": share.ref,
        "unshared": SharedRef(trace.short_id, new_secret()),
    }


def _found(project: Project, people: dict[Person, User | None]) -> dict[str, object]:
    owner = people["owner"]
    assert owner is not None
    view = save_view(by=owner, name="Failures", filters=Filters(status="failed"))
    trace = Trace.objects.get(project=project)
    return {"saved_view": view.pk, "signature": trace.signature_id}


def _handoff(project: Project) -> dict[str, object]:
    attempt = MenderAttempt.objects.create(
        project=project,
        trace=Trace.objects.get(project=project),
        target_branch="main",
        state=State.SUGGESTED,
    )
    repository = GuardRepository.objects.create(slug=project.slug, path="/nowhere")
    check = GuardCheck.objects.create(
        repository=repository, sha="a" * 40, branch="main", source="manual"
    )
    pull_request = PullRequest.objects.create(
        repository=repository, number=1, title="Change", author="noor", head="topic", base="main"
    )
    return {"attempt": attempt.pk, "check": check.pk, "number": pull_request.number}
