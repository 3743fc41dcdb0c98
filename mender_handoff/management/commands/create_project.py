"""`manage.py create_project`: connect one's own repository, watched by the bundled Guard."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mender_handoff.management.connecting import NotConnectableError, connect_repository
from trace_app.domain.system import System
from trace_app.models import Team


class Command(BaseCommand):
    """Make a project out of a git repository on this machine."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the team, the repository and how to call the project."""
        parser.add_argument("--repo", type=Path, required=True, help="a (bare) git repository")
        parser.add_argument("--team", help="slug; may be left out when there is one team")
        parser.add_argument("--slug", help="default: the repository's name")
        parser.add_argument("--name", help="default: the slug")
        parser.add_argument("--branch", default="main", help="default branch")

    def handle(self, *args: Any, **options: Any) -> None:
        """Connect it and say what to do next."""
        repo: Path = options["repo"]
        slug = options["slug"] or repo.resolve().name.removesuffix(".git")
        try:
            project = connect_repository(
                by=System("create_project"),
                team=_team(options["team"]),
                slug=slug,
                name=options["name"] or slug,
                repo=repo,
                default_branch=options["branch"],
                public_url=settings.TRACE_PUBLIC_URL,
            )
        except NotConnectableError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{settings.TRACE_PUBLIC_URL}/projects/{project.slug}/settings")
        self.stdout.write(
            f"Next: manage.py guard_check --project {project.slug} --branch {options['branch']}"
        )


def _team(slug: str | None) -> Team:
    teams = Team.objects.all() if slug is None else Team.objects.filter(slug=slug)
    known = ", ".join(Team.objects.values_list("slug", flat=True)) or "none yet"
    if len(teams) != 1:
        raise CommandError(f"Name the team with --team SLUG; there are: {known}.")
    return teams[0]
