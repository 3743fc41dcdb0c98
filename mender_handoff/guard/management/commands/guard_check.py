"""`manage.py guard_check`.

Let the bundled Guard check a branch or pull request, as its schedule or a push would.
"""

import time
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mender_handoff.guard.actions import checks
from mender_handoff.guard.actions.checks import SOURCES, CheckAsked
from mender_handoff.guard.models import GuardCheck, GuardRepository, PullRequest
from mender_handoff.guard.pipeline.connections import git_of
from mender_handoff.guard.queries import repositories
from trace_app.clients.git import GitError


class Command(BaseCommand):
    """Queues the check for the worker; --wait stays until it ended and Trace was told."""

    help = "Check a branch or pull request of a project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to check, why, and whether to wait."""
        parser.add_argument("--project", required=True)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--pr", type=int)
        what.add_argument("--branch")
        parser.add_argument("--source", choices=SOURCES[:4])
        parser.add_argument(
            "--scenario", action="append", default=[], help="repeatable; default all"
        )
        parser.add_argument("--wait", action="store_true")
        parser.add_argument("--timeout", type=int, default=600, help="seconds to --wait")

    def handle(self, *args: object, **options: object) -> None:
        """Open the check; with --wait an error only when it could not be run."""
        repository = repositories.named(str(options["project"]))
        if repository is None:
            known = ", ".join(GuardRepository.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"Guard does not watch {options['project']} (it knows: {known}).")
        check, _ = checks.open_check(repository=repository, asked=_asked(repository, options))
        self.stdout.write(f"check {check.pk} of {check.branch} {check.sha[:7]}")
        self.stdout.write(f"{settings.TRACE_PUBLIC_URL}/guard/checks/{check.pk}")
        if options["wait"]:
            self._wait(check, int(str(options["timeout"])))

    def _wait(self, check: GuardCheck, seconds: int) -> None:
        end = time.monotonic() + seconds
        while check.ended is None or (check.announced is None and check.tell_after):
            if time.monotonic() > end:
                raise CommandError("The check has not ended; is a worker running?")
            time.sleep(0.2)
            check.refresh_from_db()
        for run in check.runs.all():
            step = f" at step {run.failing_step}" if run.failing_step else ""
            self.stdout.write(f"{run.status:7} {run.scenario}{step} {run.trace_url} {run.message}")
        if check.status == "error":
            raise CommandError(f"The check could not be run. {check.message}".strip())


def _asked(repository: GuardRepository, options: dict[str, object]) -> CheckAsked:
    number = None if options["pr"] is None else int(str(options["pr"]))
    row = None
    if number is not None:
        row = PullRequest.objects.filter(repository=repository, number=number).first()
        if row is None:
            raise CommandError(f"There is no pull request #{number}.")
    branch = row.head if row else str(options["branch"])
    try:
        sha = git_of(repository).resolve(branch)
    except GitError as error:
        raise CommandError(f"There is no branch {branch}.") from error
    scenarios = options["scenario"]
    return CheckAsked(
        branch=branch,
        sha=sha,
        source=str(options["source"] or ("pr" if row else "manual")),
        pr_number=row.number if row else None,
        scenarios=[str(one) for one in scenarios] if isinstance(scenarios, list) else [],
        reason="Asked for by command",
    )
