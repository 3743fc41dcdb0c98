"""Sends attempts to the project's Guard. The row says whether something is still to be sent."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
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
#: The round is in a worker that has other work: it waits in vain for no more Guards than these.
MOST_UNREACHABLE = 3


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
    """A webhook may be lost for good: ask Guard about attempts it has long said nothing of.

    The one longest due comes first. A Guard that does not answer is left alone for this round.
    """
    unreachable: set[str] = set()
    for attempt in _silent()[:20]:
        if len(unreachable) >= MOST_UNREACHABLE:
            break
        url = attempt.project.guard_api_url
        if url not in unreachable and not _ask(attempt):
            unreachable.add(url)


def _silent() -> QuerySet[MenderAttempt]:
    states = [*(state.value for state in WORKING), State.REVALIDATING.value]
    now = timezone.now()
    rows = MenderAttempt.objects.filter(
        Q(ask_after=None) | Q(ask_after__lte=now),
        state__in=states,
        updated__lt=now - SILENCE,
        send_after=None,
    )
    order = F("ask_after").asc(nulls_first=True)
    return rows.exclude(remote_id="").select_related("project").order_by(order, "updated")


def _ask(attempt: MenderAttempt) -> bool:
    """Ask about one attempt and note when to ask again; False when Guard does not answer."""
    try:
        with guard_of(attempt.project) as guard:
            view = guard.attempt(attempt.remote_id)
    except GuardUnreachableError:
        updates.unanswered(attempt=attempt, among=_silent().filter(project=attempt.project))
        return False
    except GuardRefusedError:
        updates.unanswered(attempt=attempt, among=_silent().filter(pk=attempt.pk))
        return True
    updates.answered(attempt=attempt, pause=SILENCE)
    updates.take_update(project=attempt.project, view=view)
    return True
