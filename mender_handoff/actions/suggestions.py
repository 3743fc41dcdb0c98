"""Pre-classification.

One suggested attempt per failure and branch; later traces of the cluster join it.
"""

from django.db import transaction
from django.utils import timezone

from mender_handoff.actions.history import move, tell_trace
from mender_handoff.domain.attempt_states import State
from mender_handoff.models import MenderAttempt
from mender_handoff.queries.attempts import last_dismissed, open_attempts
from trace_app.domain.system import System
from trace_app.models import Project, Trace
from trace_app.queue import enqueue


@transaction.atomic
def suggest(*, by: System, trace: Trace) -> MenderAttempt:
    """The attempt of this trace's failure: joined if there is one, else new and sent to Mender.

    A failure that a person dismissed on this branch is not suggested again; the trace joins it.
    """
    # The project's row is the lock under which "is there one?" and "make one" are one step.
    project = Project.objects.select_for_update().get(pk=trace.project_id)
    known = open_attempts(project, trace.branch, trace.signature).last()
    known = known or last_dismissed(project, trace.branch, trace.signature)
    if known is not None:
        return _join(by, known, trace)
    attempt = MenderAttempt(
        project=project,
        trace=trace,
        signature=trace.signature,
        target_branch=trace.branch,
        classification="unsure",
        confidence=0.0,
        request_number=1,
        send_after=timezone.now(),
    )
    attempt.idempotency_key = f"{attempt.pk}:analyze:1"
    move(by=by, attempt=attempt, to=State.SUGGESTED, note="A check failed.")
    enqueue("mender_handoff.send_attempt", str(attempt.pk))
    return attempt


def _join(by: System, attempt: MenderAttempt, trace: Trace) -> MenderAttempt:
    if attempt.trace_id != trace.pk:
        attempt.also_seen_in.add(trace)
    tell_trace(by=by, attempt=attempt, trace=trace)
    return attempt
