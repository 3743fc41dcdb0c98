"""`manage.py ingest --project SLUG FILE…`: store Playwright zips or bundles from this machine."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trace_app.actions.ingest import MAX_UPLOAD_BYTES, ingest_upload
from trace_app.actions.intake import IngestError, explain
from trace_app.domain.system import System
from trace_app.models import Project, Trace
from trace_app.serializers.traces import notice, permalink


class Command(BaseCommand):
    """Ingest each file by itself: one that is refused does not keep the others out."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the project and the files."""
        parser.add_argument("--project", required=True, help="the project's slug")
        parser.add_argument("--source", help="in place of what the bundle says, e.g. manual")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each trace's address on a line of its own; refusals go to stderr."""
        project = _project(options["project"])
        refused = [
            path
            for path in options["files"]
            if not self._ingest(project, path, options["source"] or None)
        ]
        if refused:
            raise CommandError(f"{len(refused)} of {len(options['files'])} not stored.")

    def _ingest(self, project: Project, path: Path, source: str | None) -> bool:
        try:
            trace = _stored(project, path, source)
        except IngestError as error:
            self.stderr.write(f"{path}: {explain(error)}")
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror or error}")
        else:
            self.stdout.write(permalink(trace))
            if said := notice(trace):
                self.stderr.write(f"{path}: {said}")
            return True
        return False


def _stored(project: Project, path: Path, source: str | None) -> Trace:
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        raise IngestError("upload_too_large", "A file may have 1 GiB.")
    by = System("manage.py ingest")
    return ingest_upload(by=by, project=project, path=path, source=source)[0]


def _project(slug: str) -> Project:
    project = Project.objects.filter(slug=slug).select_related("team").first()
    if project is None:
        known = ", ".join(Project.objects.values_list("slug", flat=True)[:50]) or "none yet"
        raise CommandError(f"No project {slug}; there are: {known}.")
    return project
