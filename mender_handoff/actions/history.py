"""Moving an attempt: the table decides, the history remembers, the traces' summaries follow."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from mender_handoff.domain.attempt_states import ENDED, Mover, State, check_move, outcome_of
from mender_handoff.models import AttemptEvent, MenderAttempt
from trace_app.actions import audit
from trace_app.actions.traces import set_mender_state, set_mender_summary
from trace_app.domain.system import System
from trace_app.models import Trace


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
    summary = _summary(attempt)
    if not _knows(attempt.trace, attempt, summary):
        _tell(by, attempt.trace, attempt, summary)
    # There may be thousands, each with a large record: only what is compared is read.
    rows = attempt.also_seen_in.annotate(told=KeyTransform("mender_summary", "summary"))
    for trace in rows.only("short_id", "mender_state"):
        if trace.told != summary or trace.mender_state != attempt.state:
            trace.project = attempt.project
            _tell(by, trace, attempt, summary)


def tell_trace(*, by: User | System, attempt: MenderAttempt, trace: Trace) -> None:
    """The same for one trace, which has just joined; the others know already."""
    summary = _summary(attempt)
    if not _knows(trace, attempt, summary):
        _tell(by, trace, attempt, summary)


def _knows(trace: Trace, attempt: MenderAttempt, summary: dict[str, Any]) -> bool:
    told = trace.summary.get("mender_summary") == summary
    return told and trace.mender_state == attempt.state


def _tell(by: User | System, trace: Trace, attempt: MenderAttempt, summary: dict[str, Any]) -> None:
    set_mender_summary(by=by, trace=trace, summary=summary)
    set_mender_state(
        by=by,
        trace=trace,
        state=attempt.state,
        classification=attempt.classification,
        confidence=attempt.confidence,
    )


def _summary(attempt: MenderAttempt) -> dict[str, Any]:
    return {
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
