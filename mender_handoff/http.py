"""Attempts looked up together with the right to them."""

from uuid import UUID

from django.http import Http404

from mender_handoff.models import MenderAttempt
from mender_handoff.queries import attempts
from trace_app.domain.roles import Right
from trace_app.http import AuthedRequest, require
from trace_app.permissions import VIEW, teams_with


def get_attempt_or_404(request: AuthedRequest, pk: UUID, right: Right = VIEW) -> MenderAttempt:
    """Return the attempt.

    Http404 if missing or of another team, PermissionDenied without the right.
    """
    attempt = attempts.full(pk, teams_with(request.user, VIEW))
    if attempt is None:
        raise Http404("No such attempt.")
    require(request, right, attempt.project.team)
    return attempt
