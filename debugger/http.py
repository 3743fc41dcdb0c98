"""Objects of the Debugger looked up together with the right to them."""

from uuid import UUID

from django.http import Http404

from debugger.models import Replay
from trace_app.domain.roles import Right
from trace_app.http import AuthedRequest, require, visible_traces
from trace_app.permissions import VIEW


def get_replay_or_404(request: AuthedRequest, replay_id: UUID, right: Right = VIEW) -> Replay:
    """Return the replay with its trace, project and team.

    Raises Http404 when it is missing or of another team (the two look the same), and
    PermissionDenied when it may be seen but the right asked for is not held.
    """
    replay = (
        Replay.objects.filter(pk=replay_id, trace__in=visible_traces(request.user))
        .select_related("trace__project__team", "requested_by")
        .first()
    )
    if replay is None:
        raise Http404("No such replay.")
    require(request, right, replay.trace.project.team)
    return replay
