"""Promote and dismiss: the two things a person does with an attempt.

Modal and API call these and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from debugger.domain.edits import Edits
from debugger.models import Replay
from mender_handoff.actions.history import move
from mender_handoff.domain.attempt_states import State
from mender_handoff.domain.gates import Gate, closed
from mender_handoff.domain.messages import to_json
from mender_handoff.models import MenderAttempt
from mender_handoff.queries.handoff import build_request
from mender_handoff.queries.promotion import Wish, gates, open_attempt
from trace_app.domain.system import System
from trace_app.models import Project, Trace
from trace_app.permissions import PROMOTE, can
from trace_app.queue import enqueue


class GatesClosedError(Exception):
    """Promotion is not possible now; `gates` are those that say why."""

    def __init__(self, shut: Sequence[Gate]) -> None:
        super().__init__(" ".join(gate.reason for gate in shut))
        self.gates = tuple(shut)


@dataclass(frozen=True, slots=True)
class Promotion:
    """What promoting did.

    `draft_payload` is what Guard would be sent, where no Guard is connected.
    """

    attempt: MenderAttempt
    draft_payload: dict[str, Any] | None


@transaction.atomic
def promote_fix(
    *,
    by: User,
    trace: Trace,
    replay: Replay | None,
    edits: Edits,
    classification: str,
    target_branch: str,
    accepted_regressions: Sequence[str] = (),
    accept_weakened: bool = False,
) -> Promotion:
    """Hand a fix to Mender: lock the suggestion (or make an attempt), pass the gates, queue it.

    Raises PermissionDenied without the right to promote, GatesClosedError with the reasons.
    """
    # Locks the project first, as suggesting does, so that both see the same open attempts.
    project = Project.objects.select_for_update().select_related("team").get(pk=trace.project_id)
    if not can(by, PROMOTE, project.team):
        raise PermissionDenied("Your role does not allow promoting fixes in this team.")
    wish = Wish(
        trace=trace,
        replay=replay,
        edits=edits,
        classification=classification,
        target_branch=target_branch,
        accepted_regressions=tuple(accepted_regressions),
        accept_weakened=accept_weakened,
    )
    attempt = open_attempt(wish)
    if shut := closed(gates(wish, attempt)):
        raise GatesClosedError(shut)
    attempt = attempt or MenderAttempt(project=project, trace=trace, signature=trace.signature)
    _fill(attempt, wish, by)
    if not project.guard_api_url:
        move(by=by, attempt=attempt, to=State.DRAFT, note="No Guard is connected.")
        return Promotion(attempt, to_json(build_request(attempt)))
    attempt.send_after, attempt.send_tries = timezone.now(), 0
    move(by=by, attempt=attempt, to=State.QUEUED, note="Promoted.")
    enqueue("mender_handoff.send_attempt", str(attempt.pk))
    return Promotion(attempt, None)


def _fill(attempt: MenderAttempt, wish: Wish, by: User) -> None:
    if attempt.trace_id != wish.trace.pk:
        # The trace a person promoted from is the one the fix is proven against.
        attempt.also_seen_in.add(attempt.trace)
        attempt.also_seen_in.remove(wish.trace)
        attempt.trace = wish.trace
    attempt.replay, attempt.patch = wish.replay, wish.edits.to_json()
    if attempt.classification != wish.classification:
        attempt.confidence = None
    attempt.classification, attempt.target_branch = wish.classification, wish.target_branch
    attempt.accepted_regressions = list(wish.accepted_regressions)
    attempt.accepts_weakened = wish.accept_weakened
    attempt.promoted_by, attempt.promoted_at = by, timezone.now()
    attempt.request_number += 1
    attempt.idempotency_key = f"{attempt.pk}:fix:{attempt.request_number}"
    attempt.remote_id, attempt.remote_sequence, attempt.stages = "", 0, []


@transaction.atomic
def dismiss(*, by: User, attempt: MenderAttempt, reason: str = "") -> None:
    """A person says no: outcome rejected.

    PermissionDenied, or TransitionError once Mender is at work.
    """
    locked = MenderAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    if not can(by, PROMOTE, locked.project.team):
        raise PermissionDenied("Your role does not allow dismissing attempts in this team.")
    locked.send_after = None
    move(by=by, attempt=locked, to=State.DISMISSED, note=reason[:500])
    attempt.refresh_from_db()


@transaction.atomic
def cancel_unsent(*, attempt: MenderAttempt, reason: str) -> None:
    """Take back a queued attempt that its promoter may no longer promote; nothing was sent.

    The system does it: the history names nobody who did not ask for it.
    """
    locked = MenderAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    locked.send_after = None
    if locked.state == State.QUEUED:
        move(by=System("sending"), attempt=locked, to=State.CANCELED, note=reason)
