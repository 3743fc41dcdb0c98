"""The Ingest page: choose a project, choose or drop Playwright zips and bundles.

With script each file goes to the API by itself, with its progress; without, they come here as one
form.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from trace_app.actions.ingest import MAX_UPLOAD_BYTES, ingest_upload
from trace_app.actions.intake import IngestError, explain
from trace_app.http import AuthedRequest, get_project_or_404
from trace_app.models import Project
from trace_app.permissions import OPERATE, teams_with
from trace_app.serializers.traces import notice
from trace_app.views.rows import TraceRow, prepare


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a row of the list, or why it was refused; `problem` may be both."""

    name: str
    row: TraceRow | None = None
    is_new: bool = True
    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def ingest(request: AuthedRequest) -> HttpResponse:
    """Show the form; store what is posted. A refused file does not keep the others out."""
    if request.method == "POST":
        project = get_project_or_404(request, request.POST.get("project", ""), OPERATE)
        outcomes = [_store(request, project, file) for file in _files(request)]
        rows = [outcome.row for outcome in outcomes if outcome.row]
        if len(outcomes) == 1 and rows:
            return redirect("trace_app:trace", rows[0]["short_id"])
        status = 200 if outcomes and len(rows) == len(outcomes) else 422
        return _page(request, project.slug, status, outcomes=outcomes, nothing=not outcomes)
    return _page(request, request.GET.get("project", ""))


def _page(request: AuthedRequest, chosen: str, status: int = 200, **more: object) -> HttpResponse:
    mine = Project.objects.filter(team__in=teams_with(request.user, OPERATE))
    projects = list(mine.select_related("team").order_by("team__name", "name"))
    known = any(project.slug == chosen for project in projects)
    context = {
        "projects": projects,
        "chosen": chosen if known else "",
        "max_bytes": MAX_UPLOAD_BYTES,
        **more,
    }
    return render(request, "trace_app/ingest.html", context, status=status)


def _files(request: AuthedRequest) -> list[TemporaryUploadedFile]:
    # The only upload handler in the settings writes to private files on disk.
    return cast(list[TemporaryUploadedFile], request.FILES.getlist("files"))


def _store(request: AuthedRequest, project: Project, file: TemporaryUploadedFile) -> Outcome:
    name = file.name or "file"
    try:
        if (file.size or 0) > MAX_UPLOAD_BYTES:
            return Outcome(name, problem="A file may have 1 GiB.")
        path = Path(file.temporary_file_path())
        trace, is_new = ingest_upload(by=request.user, project=project, path=path)
    except IngestError as error:
        return Outcome(name, problem=explain(error))
    row = prepare(trace, timezone.now(), may_pin=False)
    return Outcome(name, row=row, is_new=is_new, problem=notice(trace))
