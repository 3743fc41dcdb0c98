"""Who may send to a project: keys with the scope ingest, and people who may operate its team."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import Resolver404, resolve
from rest_framework.request import Request

from trace_app.http import authed, get_project_or_404, get_trace_or_404, trace_of_key
from trace_app.models import Project, Trace
from trace_app.permissions import OPERATE
from trace_app.permissions.keys import KeyPrincipal
from trace_app.queries.sending import projects_of

# Where traces are sent; whatever else is posted starts or changes something.
_SENDING: Final = frozenset(
    f"trace_api:{name}" for name in ("traces", "ingest", "events", "finish")
)


def may_write(user: KeyPrincipal, path: str) -> bool:
    """Whether the key's scopes allow a body at this address, whatever object it names."""
    try:
        name = resolve(path).view_name
    except Resolver404:
        return False
    return user.may_ingest if name in _SENDING else user.holds(OPERATE)


def require_sender(request: Request) -> None:
    """Refuse a key that may send nothing, before its body is read. Raises PermissionDenied."""
    if isinstance(request.user, KeyPrincipal):
        _require_ingest(request.user)


def ingest_project(request: Request, slug: str) -> Project:
    """The project to send to; a key of a team with one project need not name it.

    Raises Http404 for another team's project, PermissionDenied without the right to send.
    """
    if not isinstance(request.user, KeyPrincipal):
        if not slug:
            raise Http404("Name the project: ?project=<slug>.")
        return get_project_or_404(authed(request), slug, OPERATE)
    found = projects_of(request.user.key.team_id, slug)
    if len(found) != 1:
        raise Http404("No such project." if slug else "Name the project: ?project=<slug>.")
    _require_ingest(request.user)
    return found[0]


def appendable_trace(request: Request, ref: str) -> Trace:
    """The trace to append to; the same errors as `ingest_project`."""
    user = request.user
    if not isinstance(user, KeyPrincipal):
        return get_trace_or_404(authed(request), ref, OPERATE)
    trace = trace_of_key(user.key.team_id, ref)
    _require_ingest(user)
    return trace


def _require_ingest(user: KeyPrincipal) -> None:
    if not user.may_ingest:
        raise PermissionDenied("This key lacks the scope ingest.")
