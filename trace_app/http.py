"""What views share: the typed request, and objects looked up together with the right to them."""

import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, Any, Final, cast

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django_htmx.middleware import HtmxDetails

from trace_app.domain.ids import is_short_id
from trace_app.domain.roles import Right
from trace_app.domain.shares import SharedRef
from trace_app.models import Project, Team, Trace, TraceShare
from trace_app.permissions import ADMINISTER, OPERATE, VIEW, Teams, can, rights_of, teams_with
from trace_app.queries.events import readable

_PIECE: Final = 256 * 1024
# What an answer to whoever sends a trace says of its row.
_ANSWERED: Final = ("short_id", "status", "runner")


class AuthedRequest(HttpRequest):
    """A request behind LoginRequiredMiddleware and HtmxMiddleware."""

    user: User  # anonymous people were sent to the login page
    htmx: HtmxDetails


def authed(request: Any) -> AuthedRequest:
    """Give DRF's wrapped request the same type as Django's."""
    return cast(AuthedRequest, request)


@dataclass(frozen=True, slots=True)
class Held:
    """What a share's address gives its reader: the share, and how addresses below it are made."""

    ref: SharedRef
    share: TraceShare
    embedded: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """One reader's access to one trace, by a role in its team or by a public share.

    `ref` names the trace in the addresses of its pages: `{% url 'trace_app:panel' ref 'events' %}`
    leads a share's reader to the same page under the share. `teams` are all that the reader may
    look into, by name; a share's reader has none.
    """

    trace: Trace
    ref: str | SharedRef
    held: Held | None = None
    teams: tuple[Team, ...] = ()
    may_operate: bool = False
    may_administer: bool = False

    @property
    def public(self) -> bool:
        """Whether the reader holds a share: sees this trace's record and nothing around it."""
        return self.held is not None


def read_access(request: AuthedRequest, ref: str | Held) -> Access:
    """Return what the reader may do with the trace; raises Http404 like `get_trace_or_404`."""
    if isinstance(ref, Held):
        return Access(ref.share.trace, ref.ref, ref)
    rights = rights_of(request.user)
    teams = tuple(team for team, names in rights.items() if VIEW in names)
    trace = trace_of_teams(teams, ref)
    held = rights[trace.project.team]
    return Access(
        trace,
        trace.short_id,
        teams=teams,
        may_operate=OPERATE in held,
        may_administer=ADMINISTER in held,
    )


def page_start(request: HttpRequest) -> uuid.UUID | None:
    """Return `?before=`, the id of the last row shown; an unreadable one starts over."""
    try:
        return uuid.UUID(request.GET.get("before", ""))
    except ValueError:
        return None


def visible_slugs(user: User) -> list[str]:
    """Return the slugs of the projects of every team in which this person may look."""
    rows = Project.objects.filter(team__in=teams_with(user, VIEW))
    return list(rows.values_list("slug", flat=True))


def visible_traces(user: User) -> QuerySet[Trace]:
    """Return the traces of every team in which this person may look."""
    return Trace.objects.filter(project__team__in=teams_with(user, VIEW))


def get_trace_or_404(request: AuthedRequest, ref: str, right: Right = VIEW) -> Trace:
    """Return the trace named by its short id or UUID.

    Raises Http404 when it is missing or of another team (the two look the same), and
    PermissionDenied when it may be seen but the right asked for is not held.
    """
    trace = trace_of_teams(teams_with(request.user, VIEW), ref)
    require(request, right, trace.project.team)
    return trace


def trace_of_teams(teams: Teams, ref: str) -> Trace:
    """Return the trace of one of these teams, whoever asks. Raises Http404."""
    shown = Trace.objects.select_related("project__team", "signature").defer("search", "manifest")
    return _named_or_404(shown.filter(project__team__in=teams), ref)


def trace_of_key(team_id: uuid.UUID, ref: str) -> Trace:
    """Return the trace of a key's team with no more columns than an uploader's answer takes.

    Raises Http404.
    """
    return _named_or_404(Trace.objects.filter(project__team=team_id).only(*_ANSWERED), ref)


def get_events_of_or_404(request: AuthedRequest, ref: str) -> Trace:
    """Return the trace with no more columns than reading its events takes.

    Its whole row takes longer to read than a window of them. Raises Http404 like
    `get_trace_or_404`.
    """
    try:
        trace = readable(request.user, ref if is_short_id(ref) else str(uuid.UUID(ref)))
    except ValueError:
        trace = None
    if trace is None:
        raise Http404("No such trace.")
    return trace


def _named_or_404(found: QuerySet[Trace], ref: str) -> Trace:
    try:
        return found.get(short_id=ref) if is_short_id(ref) else found.get(pk=uuid.UUID(ref))
    except (ValueError, Trace.DoesNotExist):
        raise Http404("No such trace.") from None


def get_project_or_404(request: AuthedRequest, slug: str, right: Right = VIEW) -> Project:
    """Return the project; the same errors as `get_trace_or_404`."""
    project = (
        Project.objects.filter(slug=slug, team__in=teams_with(request.user, VIEW))
        .select_related("team")
        .first()
    )
    if project is None:
        raise Http404("No such project.")
    require(request, right, project.team)
    return project


def get_team_or_404(request: AuthedRequest, slug: str, right: Right = VIEW) -> Team:
    """Return the team; the same errors as `get_trace_or_404`."""
    team = teams_with(request.user, VIEW).filter(slug=slug).first()
    if team is None:
        raise Http404("No such team.")
    require(request, right, team)
    return team


def file_response(file: IO[bytes], *, content_type: str, filename: str = "") -> HttpResponseBase:
    """Send an open file piece by piece and close it; with a name it is a download.

    Django's own FileResponse would be read into memory whole under ASGI.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    headers = {"Content-Length": str(size)}
    if filename:
        headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return StreamingHttpResponse(_pieces(file), content_type=content_type, headers=headers)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        while piece := await read(_PIECE):
            yield piece
    finally:
        file.close()


def require(request: AuthedRequest, right: Right, team: Team) -> None:
    """Raise PermissionDenied, with a sentence for people, unless the right is held."""
    if right is not VIEW and not can(request.user, right, team):
        raise PermissionDenied(f"Your role in {team.name} does not allow this.")
