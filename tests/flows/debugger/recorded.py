"""A team, its people, a project on the toy's repository, and a finished trace of its scenario."""

from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User
from django.utils import timezone

from debugger.domain.edits import Edits, SourceDiff
from debugger.domain.unified_diff import make_diff
from debugger.runner import director
from debugger.runner.contract import RunLabels, RunRequest
from tests.flows.debugger.toy import APP, SIGN, Toy, scenario
from tests.harness.names import free
from trace_app.actions import projects, teams
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Project, Step, Team, Trace

SEED = System("ci")
SCENARIO = ".molar/scenarios/sign.molar.md"


@dataclass
class House:
    """Everything a replay needs but the recording: a repository and who may see it."""

    toy: Toy
    team: Team
    project: Project

    @classmethod
    def build(cls, folder: Path, toy: Toy | None = None) -> "House":
        toy = toy or Toy(folder)
        team = teams.create_team(by=SEED, slug=free(Team, "slug", "villa-rosa"), name="Villa Rosa")
        slug = free(Project, "slug", "guest-book")
        project = projects.create_project(
            by=SEED, team=team, slug=slug, name="Guest book", repo=str(toy.path)
        )
        return cls(toy, team, project)

    def person(self, role: Role | None) -> User:
        user = User.objects.create_user(free(User, "username", "greta"))
        teams.set_role(by=SEED, team=self.team, user=user, role=role)
        return user

    def trace(self, **fields: object) -> Trace:
        """A finished, failed trace without events: enough to ask for a replay."""
        values: dict[str, object] = {
            "title": "Sign the guest book",
            "status": "failed",
            "source": "manual",
            "origin": "bundle",
            "scenario_slug": "sign",
            "scenario_path": SCENARIO,
            "code_sha": self.toy.sha,
            "branch": "main",
            "failing_step": 3,
            "finished": timezone.now(),
            **fields,
        }
        trace = Trace(project=self.project)
        for name, value in values.items():
            setattr(trace, name, value)
        trace.save()
        for number in range(1, 6):
            Step.objects.create(trace=trace, number=number, title=f"step {number}", status="passed")
        return trace


def record(folder: Path) -> tuple[Toy, Path]:
    """The toy's repository and the bundle of one run of it, green at every step."""
    toy = Toy(folder)
    labels = RunLabels(branch="main", source="manual")
    result = director.run(
        RunRequest(
            repository=toy.path,
            sha=toy.sha,
            scenario="sign",
            out_dir=folder / "out",
            labels=labels,
        )
    )
    assert result.status == "passed", (result.message, result.log_tail)
    assert result.bundle is not None
    return toy, result.bundle


def greeting(word: str) -> Edits:
    """An edit of the toy's source: another greeting on its first page."""
    text = APP.replace('"Welcome"', f'"{word}"')
    return Edits(source_diffs=(SourceDiff("app.py", make_diff("app.py", APP, text)),))


def steps(old: str, new: str) -> Edits:
    """An edit of the toy's scenario."""
    before = scenario(SIGN)
    return Edits(scenario_diff=make_diff(SCENARIO, before, before.replace(old, new)))
