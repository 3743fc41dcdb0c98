"""A project of the running product on a shop repository of its own, and the engineer who mends it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User

from debugger.actions.replays import request_replay
from debugger.domain.edits import Edits
from debugger.domain.replay_states import ENDED as REPLAY_ENDED
from debugger.models import Replay
from examples.shop_history import Regression, build, create_pull_request_branch
from mender_handoff.actions.promotion import promote_fix
from mender_handoff.domain.attempt_states import ENDED, State
from mender_handoff.guard.actions.checks import CheckAsked, open_check
from mender_handoff.guard.models import GuardCheck, GuardRepository
from mender_handoff.management.connecting import connect_repository
from mender_handoff.models import MenderAttempt
from tests.harness.live import LiveStack, wait_for
from tests.harness.names import free
from trace_app.actions.teams import create_team, set_role
from trace_app.clients.git import GitRepository, Person
from trace_app.domain.roles import Role
from trace_app.domain.system import System
from trace_app.models import Project, Team, Trace

BY = System("ci")
SECONDS = 240.0
RESTING = ENDED | {State.NEEDS_EDIT, State.UNPROVEN, State.VALIDATED}


@dataclass(frozen=True)
class LiveShop:
    """A watched repository whose default branch `trunk` holds one scenario, so that checks are short."""

    project: Project
    repository: Path
    owner: User

    @classmethod
    def build(cls, live: LiveStack, folder: Path, scenario: str) -> "LiveShop":
        path = folder / "shop.git"
        build(path)
        _trunk(GitRepository(path), scenario)
        team = create_team(by=BY, slug=free(Team, "slug", "acme"), name="Acme")
        name = free(User, "username", "ida")
        owner = User.objects.create_user(name, f"{name}@acme.example")
        set_role(by=BY, team=team, user=owner, role=Role.OWNER)
        project = connect_repository(
            by=BY,
            team=team,
            slug=free(Project, "slug", "shop"),
            name="Shop",
            repo=path,
            default_branch="trunk",
            public_url=live.url,
        )
        return cls(project, path, owner)

    @property
    def watched(self) -> GuardRepository:
        return GuardRepository.objects.get(slug=self.project.slug)

    def break_it(self, regression: Regression) -> None:
        """Push the regression's branch, which makes it a pull request and has it checked."""
        create_pull_request_branch(self.repository, regression, base="trunk")

    def green_trace(self) -> Trace:
        """Guard checks the default branch; the trace of its one scenario."""
        sha = GitRepository(self.repository).resolve("trunk")
        check, _ = open_check(repository=self.watched, asked=CheckAsked("trunk", sha, "schedule"))

        def look() -> Trace | None:
            return Trace.objects.filter(
                project=self.project, check_id=str(check.pk), processed__isnull=False
            ).first()

        trace = wait_for("the green trace", look, SECONDS)
        assert trace.status == "passed"
        return trace

    def failing_trace(self, regression: Regression) -> Trace:
        """Guard checks the branch; the trace it made, once Trace knows all about it."""
        sha = GitRepository(self.repository).resolve(regression.branch)
        asked = CheckAsked(regression.branch, sha, "pr", regression.number)
        check, _ = open_check(repository=self.watched, asked=asked)

        def look() -> Trace | None:
            return Trace.objects.filter(
                project=self.project, check_id=str(check.pk), pinned__isnull=False
            ).first()

        trace = wait_for(f"the failing trace of {regression.branch}", look, SECONDS)
        assert GuardCheck.objects.get(pk=check.pk).status == "failed"
        return trace

    def suggestion(self, trace: Trace) -> MenderAttempt:
        """The attempt that Mender's analysis filled."""

        def look() -> MenderAttempt | None:
            return MenderAttempt.objects.filter(trace=trace).exclude(analysis_line="").first()

        return wait_for("Mender's analysis", look, SECONDS)

    def replay(self, trace: Trace, from_step: int, edits: Edits) -> Replay:
        """Layer 2, to its end."""
        asked = request_replay(by=self.owner, trace=trace, from_step=from_step, edits=edits)

        def look() -> Replay | None:
            found = Replay.objects.get(pk=asked.pk)
            return found if found.status in REPLAY_ENDED else None

        return wait_for("the replay", look, SECONDS)

    def promote(self, trace: Trace, replay: Replay | None, edits: Edits) -> MenderAttempt:
        """The click, then Mender to where it rests."""
        kind = "product_bug" if edits.source_diffs else "scenario_bug"
        attempt = promote_fix(
            by=self.owner,
            trace=trace,
            replay=replay,
            edits=edits,
            classification=kind,
            target_branch=trace.branch,
        ).attempt
        return self.attempt_at(attempt, RESTING)

    def attempt_at(self, attempt: MenderAttempt, states: frozenset[State]) -> MenderAttempt:
        """The attempt once it is in one of these states."""

        def look() -> MenderAttempt | None:
            found = MenderAttempt.objects.get(pk=attempt.pk)
            return found if found.state in states else None

        return wait_for(f"the attempt to be {sorted(states)}", look, SECONDS)

    def checked(self, branch: str, sha: str) -> GuardCheck:
        """The check that a push of this commit caused, once it has ended."""

        def look() -> GuardCheck | None:
            rows = GuardCheck.objects.filter(
                repository=self.watched, branch=branch, sha=sha, ended__isnull=False
            )
            return rows.exclude(source="revalidation").first()

        return wait_for(f"the check of {branch}", look, SECONDS)


def _trunk(git: GitRepository, scenario: str) -> None:
    """Main without the other scenarios."""
    main = git.resolve("main")
    others = [
        entry.path
        for entry in git.list_files(main, ".molar/scenarios")
        if not entry.path.endswith(f"/{scenario}.molar.md")
    ]
    tree = git.write_tree_with(main, dict.fromkeys(others))
    tip = git.log(main, limit=1)[0]
    author = Person("Nora", "nora@kilnandcup.example")
    git.create_branch("trunk", git.commit_tree(tree, [main], "One scenario", author, tip.date))


def git(folder: Path, *arguments: str) -> str:
    """Plain git, as a person uses it."""
    command = ["git", "-c", "user.name=Olivia", "-c", "user.email=o@acme.example", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def merge(clone: Path, branch: str, into: str) -> str:
    """A person's merge, pushed; its sha."""
    git(clone, "fetch", "-q", "origin")
    git(clone, "switch", "-q", "-C", into, f"origin/{into}")
    git(clone, "merge", "-q", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")
    git(clone, "push", "-q", "origin", into)
    return git(clone, "rev-parse", "HEAD")
