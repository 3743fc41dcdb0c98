"""`manage.py guard_register`: put a repository under the bundled Guard. Answers the token Trace calls it with, in a file."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mender_handoff.guard.actions import repositories
from mender_handoff.guard.clients import hook
from mender_handoff.guard.pipeline.pushes import take_in_pull_requests
from trace_app.clients.git import GitError, GitRepository


class Command(BaseCommand):
    """Secrets come in and go out in files of mode 0600, never as arguments."""

    help = "Put a bare git repository under the bundled Guard, with its push hook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--secrets FILE holds {"trace_api_key", "webhook_secret"}; "api_token" is added to it."""
        parser.add_argument("--slug", required=True, help="Trace's project slug")
        parser.add_argument("--path", required=True, type=Path, help="the git directory")
        parser.add_argument("--default-branch", default="main")
        parser.add_argument("--trace-url", default=settings.TRACE_PUBLIC_URL)
        parser.add_argument("--secrets", required=True, type=Path)

    def handle(self, *args: object, **options: object) -> None:
        """Register, install the hook, take in pull-request branches."""
        path, secrets = Path(str(options["path"])).resolve(), Path(str(options["secrets"]))
        try:
            git = GitRepository(path)
            git.branches()
        except GitError as error:
            raise CommandError(f"{path} is not a git repository: {error}") from error
        given = json.loads(secrets.read_text())
        done = repositories.register(
            slug=str(options["slug"]),
            path=str(path),
            default_branch=str(options["default_branch"]),
            trace_url=str(options["trace_url"]),
            trace_api_key=given["trace_api_key"],
            webhook_secret=given["webhook_secret"],
        )
        url = f"{done.repository.trace_url}/guard/v1/push"
        hook.install(path, url=url, token=done.push_token)
        take_in_pull_requests(done.repository)
        _keep(secrets, {**given, "api_token": done.api_token})
        self.stdout.write(f"Guard watches {path} as {options['slug']}.")


def _keep(path: Path, content: dict[str, str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
