"""The first five minutes: "Send your first trace", and the packages that send."""

from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET

from trace_app.http import AuthedRequest, get_project_or_404
from trace_app.models import Project, Trace
from trace_app.permissions import ADMINISTER, OPERATE, can
from trace_app.storage import integrations
from trace_app.views.rows import prepare

# htmx stops asking after this answer (https://htmx.org/docs/#polling).
STOP_POLLING: Final = 286
PACKAGES: Final = {
    "pytest-trace-capture.zip": (integrations.pytest_zip, "application/zip"),
    "playwright-trace-reporter.tgz": (integrations.reporter_tgz, "application/gzip"),
}


@require_GET
def start(request: AuthedRequest, slug: str) -> HttpResponse:
    """Show the lines to copy, with this Trace's address and the project filled in."""
    project = get_project_or_404(request, slug)
    url = settings.TRACE_PUBLIC_URL
    packages = {name: url + reverse("trace_app:package", args=[name]) for name in PACKAGES}
    context = {
        "project": project,
        "url": url,
        "pytest_package": packages["pytest-trace-capture.zip"],
        "reporter_package": packages["playwright-trace-reporter.tgz"],
        "may_administer": can(request.user, ADMINISTER, project.team),
        "may_operate": can(request.user, OPERATE, project.team),
        "has_key": project.team.api_keys.filter(revoked=None, scopes__contains=["ingest"]).exists(),
        **_arrived(project),
    }
    return render(request, "trace_app/start.html", context)


@require_GET
@never_cache
def arrived(request: AuthedRequest, slug: str) -> HttpResponse:
    """Say whether a trace has arrived; the page asks until one has."""
    project = get_project_or_404(request, slug)
    context = {"project": project, **_arrived(project)}
    status = STOP_POLLING if context["row"] else 200
    return render(request, "trace_app/parts/arrived.html", context, status=status)


@require_GET
@login_not_required
@cache_control(public=True, max_age=300)
def package(request: AuthedRequest, name: str) -> HttpResponse:
    """Hand out a package of integrations/; pip and npm bring no session, and it holds no secret."""
    if name not in PACKAGES:
        raise Http404("No such package.")
    pack, content_type = PACKAGES[name]
    return HttpResponse(pack(), content_type=content_type)


def _arrived(project: Project) -> dict[str, object]:
    """The project's newest trace, as the list shows it."""
    newest = Trace.objects.filter(project=project).select_related("project", "signature", "parent")
    trace = newest.defer("summary", "manifest", "search").order_by("-created", "-pk").first()
    return {"row": prepare(trace, timezone.now(), may_pin=False) if trace else None}
