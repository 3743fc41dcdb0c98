"""Sends attempts to the project's Guard. The row says whether something is still to be sent."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from mender_handoff.actions import promotion, updates
from mender_handoff.clients.guard import GuardClient, GuardRefusedError, GuardUnreachableError
from mender_handoff.domain.attempt_states import WORKING, State
from mender_handoff.models import MenderAttempt
from mender_handoff.queries.handoff import build_request
from trace_app.actions.projects import GUARD_TOKEN
from trace_app.models import Project
from trace_app.permissions import PROMOTE, can
from trace_app.storage import secrets as vault

#: An attempt that Mender has not spoken of for this long is asked about.
SILENCE = timedelta(minutes=2)


def guard_of(project: Project) -> GuardClient:
    """The client of this project's Guard."""
    token = vault.decrypt(project.guard_api_token, purpose=GUARD_TOKEN)
    allowed = settings.OUTBOUND_ALLOWED_HOSTS
    return GuardClient(project.guard_api_url, token, allowed_hosts=allowed)


def send(attempt_id: str) -> None:
    """Send what is to be sent. Twice at once is harmless: Guard knows the idempotency key."""
    attempt = (
        MenderAttempt.objects.filter(pk=attempt_id, send_after__isnull=False)
        .select_related("project__team", "trace__signature", "replay", "promoted_by")
        .first()
    )
    if attempt is None:
        return
    by = attempt.promoted_by
    if attempt.state == State.QUEUED and (by is None or not can(by, PROMOTE, attempt.project.team)):
        reason = "Whoever promoted this may not promote any more."
        promotion.cancel_unsent(attempt=attempt, reason=reason)
        return
    try:
        with guard_of(attempt.project) as guard:
            view = guard.create_attempt(build_request(attempt))
    except GuardUnreachableError as error:
        updates.send_later(attempt=attempt, reason=str(error))
        return
    except GuardRefusedError as error:
        updates.refused(attempt=attempt, reason=str(error))
        return
    updates.sent(attempt=attempt, view=view)
    updates.take_update(project=attempt.project, view=view)


def overdue() -> list[str]:
    """Attempts whose sending is due."""
    rows = MenderAttempt.objects.filter(send_after__lt=timezone.now())
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:200]]


def ask_about_silent() -> None:
    """A webhook may be lost for good: ask Guard about attempts it has long said nothing of."""
    states = [*(state.value for state in WORKING), State.REVALIDATING.value]
    rows = MenderAttempt.objects.filter(
        state__in=states, updated__lt=timezone.now() - SILENCE, send_after=None
    ).exclude(remote_id="")
    for attempt in rows.select_related("project")[:20]:
        try:
            with guard_of(attempt.project) as guard:
                view = guard.attempt(attempt.remote_id)
        except (GuardUnreachableError, GuardRefusedError):
            continue
        updates.take_update(project=attempt.project, view=view)
