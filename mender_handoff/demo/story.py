"""What the demo shows: a team, a shop with its history, and the check that fails."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from examples.shop_history import build
from mender_handoff.demo.people import SEED, Person, seed_team
from mender_handoff.demo.processes import Stack
from mender_handoff.demo.running import DemoError, Place, Say
from mender_handoff.guard.actions.checks import CheckAsked, open_check
from mender_handoff.guard.models import GuardCheck, GuardRepository, PullRequest
from mender_handoff.management.connecting import connect_repository
from trace_app.clients.git import GitRepository

PROJECT = ("shop", "Shop")
# The pull request whose failure the first page tells of.
SHOWN = 4521
CHECK_SECONDS = 600.0


@dataclass(frozen=True)
class Seeded:
    """What is there before the first check."""

    place: Place
    people: list[Person]
    repository: Path


def prepare(place: Place, say: Say) -> Seeded:
    """Make repository, team, people and project once; later starts find them again."""
    repository = place.var / "demo" / "shop.git"
    build(repository)
    team, people = seed_team(place.var / "demo" / "credentials.json")
    slug, name = PROJECT
    connect_repository(
        by=SEED,
        team=team,
        slug=slug,
        name=name,
        repo=repository,
        default_branch="main",
        public_url=place.url,
    )
    say(f"Team {team.name}, project {name}, repository {repository}")
    return Seeded(place, people, repository)


def tell(seeded: Seeded, stack: Stack, say: Say, *, checks: bool) -> None:
    """Let Guard check what it has not, and print where to look and who may sign in."""
    failing = _first_checks(seeded, stack, say) if checks else ""
    say("")
    say(f"Trace is running:  {seeded.place.url}")
    for person in seeded.people:
        say(f"  {person.role.label:<7} {person.username:<8} password {person.password}")
    if failing:
        say(f"The failing check: {failing}")
    say("When Mender has opened its pull request, a person merges it and then the branch itself:")
    for command in _persons_commands(seeded.repository):
        say(f"  {command}")
    say("Ctrl-C stops everything; `make demo` resumes; `make demo-reset` starts over.")


def check_the_others(seeded: Seeded, say: Say) -> Iterator[None]:
    """Let Guard check the other pull requests one by one; ask for the next whenever there is time.

    One at a time: a worker process stays free for whoever sits at the page.
    """
    repository = GuardRepository.objects.get(slug=PROJECT[0])
    others = PullRequest.objects.filter(repository=repository, state="open").exclude(number=SHOWN)
    if others:
        numbers = ", ".join(str(other.number) for other in others)
        say(f"In the background Guard checks the other pull requests: {numbers}.")
    for other in others:
        check = _open(seeded, repository, other.head, other.number)
        while check.ended is None:
            yield
            check.refresh_from_db()


def _first_checks(seeded: Seeded, stack: Stack, say: Say) -> str:
    """Check main, so that there is a last green run, then the shown branch; return its page."""
    repository = GuardRepository.objects.get(slug=PROJECT[0])
    say("Guard checks main ...")
    _wait(_open(seeded, repository, "main", None), stack)
    say(f"Guard checks pull request {SHOWN} ...")
    shown = PullRequest.objects.get(repository=repository, number=SHOWN)
    check = _open(seeded, repository, shown.head, shown.number)
    _wait(check, stack)
    run = check.runs.filter(status="failed").first()
    if run is None or not run.trace_url:
        return f"{seeded.place.url}/guard/checks/{check.pk}"
    return run.trace_url


@transaction.atomic
def _open(
    seeded: Seeded, repository: GuardRepository, branch: str, number: int | None
) -> GuardCheck:
    """Ask for a check of the branch as it is now; one that was made already is found again."""
    sha = GitRepository(seeded.repository).resolve(branch)
    asked = CheckAsked(
        branch=branch,
        sha=sha,
        source="pr" if number else "manual",
        pr_number=number,
        reason="First look of the demo",
        idempotency_key=f"demo {branch} {sha}",
    )
    return open_check(repository=repository, asked=asked)[0]


def _wait(check: GuardCheck, stack: Stack) -> None:
    """Wait until the check has ended and Trace has heard of it."""
    _until(lambda: bool(check.ended and check.announced), check, stack)
    if check.status == "error":
        raise DemoError(f"Guard could not check {check.branch}: {check.message}")


def _until(done: Callable[[], bool], check: GuardCheck, stack: Stack) -> None:
    deadline = time.monotonic() + CHECK_SECONDS
    while not done():
        stack.keep_running()
        if time.monotonic() > deadline:
            raise DemoError(
                f"Guard's check of {check.branch} did not end in {CHECK_SECONDS:.0f} seconds: "
                f"see {stack.logs}."
            )
        time.sleep(0.2)
        check.refresh_from_db()


def _persons_commands(repository: Path) -> tuple[str, ...]:
    return (
        f"git clone {repository} shop && cd shop",
        f"git fetch && git switch pr/{SHOWN}",
        "git merge origin/mender/BRANCH-ON-ITS-PAGE && git push",
        f"git switch main && git merge pr/{SHOWN} && git push",
    )
