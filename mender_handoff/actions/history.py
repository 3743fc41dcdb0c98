"""Moving an attempt: the table decides, the history remembers, the traces' summaries follow."""

from django.contrib.auth.models import User
from django.utils import timezone

from mender_handoff.domain.attempt_states import ENDED, Mover, State, check_move, outcome_of
from mender_handoff.models import AttemptEvent, MenderAttempt
from trace_app.actions import audit
from trace_app.actions.traces import set_mender_state, set_mender_summary
from trace_app.domain.system import System


def move(*, by: User | System, attempt: MenderAttempt, to: State, note: str = "") -> None:
    """Take a locked attempt to a state and save it.

    Raises TransitionError; the caller is atomic.
    """
    before = attempt.state
    mover = Mover.PERSON if isinstance(by, User) else Mover.GUARD
    if before:
        check_move(State(before), to, mover)
    attempt.state, attempt.outcome, attempt.state_note = to, outcome_of(to), note
    if to in ENDED and attempt.ended_at is None:
        attempt.ended_at = timezone.now()
    attempt.save()
    if before != to:
        AttemptEvent.objects.create(
            attempt=attempt,
            from_state=before,
            to_state=to,
            by=by if isinstance(by, User) else None,
            mover=mover,
            note=note,
        )
        audit.record(
            by=by,
            team=attempt.project.team,
            action="attempt." + to,
            target=str(attempt.pk),
            trace=attempt.trace.short_id,
            note=note[:300],
        )
    tell_traces(by=by, attempt=attempt)


def tell_traces(*, by: User | System, attempt: MenderAttempt) -> None:
    """Write mender_summary of every trace this attempt is about; what is the same stays unsaid."""
    summary = {
        "attempt_id": str(attempt.pk),
        "classification": attempt.classification,
        "confidence": attempt.confidence,
        "analysis_line": attempt.analysis_line,
        "analysis_markdown": attempt.analysis_markdown,
        "outcome": attempt.outcome,
        "state": attempt.state,
        "pr_url": attempt.pr_url or None,
        "pr_number": attempt.pr_number,
    }
    for trace in (attempt.trace, *attempt.also_seen_in.select_related("project__team")):
        if trace.summary.get("mender_summary") == summary and trace.mender_state == attempt.state:
            continue
        set_mender_summary(by=by, trace=trace, summary=summary)
        set_mender_state(
            by=by,
            trace=trace,
            state=attempt.state,
            classification=attempt.classification,
            confidence=attempt.confidence,
        )
