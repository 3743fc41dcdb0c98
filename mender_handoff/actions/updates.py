"""What Guard says about an attempt, taken over.

Late, repeated and foreign messages change nothing.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from mender_handoff.actions.history import move, tell_traces
from mender_handoff.domain.attempt_states import Mover, State, can_move
from mender_handoff.domain.messages import AttemptView, CheckView, to_json
from mender_handoff.models import MenderAttempt
from trace_app.actions.traces import mark_signature_fixed
from trace_app.domain.system import System
from trace_app.models import Project, Trace

GUARD = System("guard")
FIRST_PAUSE, LAST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
#: Before an attempt is asked about again that Guard did not answer for; doubled each time.
ASK_PAUSE = timedelta(minutes=1)


def _locked(project: Project, attempt_id: str) -> MenderAttempt | None:
    rows = MenderAttempt.objects.select_for_update(of=("self",)).filter(project=project)
    try:
        return rows.select_related("project__team", "trace__project__team").get(pk=attempt_id)
    except (MenderAttempt.DoesNotExist, ValidationError):
        return None


@transaction.atomic
def take_update(*, project: Project, view: AttemptView) -> bool:
    """Take over mender.attempt.updated. False when it is of no attempt here, or too late."""
    attempt = _locked(project, view.attempt_id)
    if attempt is None or view.idempotency_key != attempt.idempotency_key:
        return False
    if view.sequence <= attempt.remote_sequence:
        return False
    attempt.remote_id, attempt.remote_sequence = view.id, view.sequence
    attempt.ask_after, attempt.ask_tries = None, 0
    _take_fields(attempt, view)
    to = _state(attempt, view)
    if to is None:
        attempt.save()
        tell_traces(by=GUARD, attempt=attempt)
        return True
    move(by=GUARD, attempt=attempt, to=to, note=view.error)
    if to == State.MERGED and attempt.signature is not None:
        mark_signature_fixed(
            by=GUARD,
            signature=attempt.signature,
            sha=view.merge_sha or view.head_sha,
            merge=f"#{attempt.pr_number}" if attempt.pr_number else view.merge_sha[:12],
        )
    return True


def _state(attempt: MenderAttempt, view: AttemptView) -> State | None:
    """The state to move to.

    An analysis leaves the suggestion a suggestion, whatever Mender calls it.
    """
    if view.intent == "analyze" or view.state not in set(State):
        return None
    to = State(view.state)
    return to if can_move(State(attempt.state), to, Mover.GUARD) else None


def _take_fields(attempt: MenderAttempt, view: AttemptView) -> None:
    if view.classification:
        attempt.classification, attempt.confidence = view.classification, view.confidence
        attempt.analysis_line = view.analysis_line[:500]
        attempt.analysis_markdown = view.analysis_markdown
        attempt.evidence = [to_json(one) for one in view.evidence]
    attempt.stages = [to_json(one) for one in view.stages]
    for name in ("base_sha", "head_sha", "merge_sha"):
        setattr(attempt, name, getattr(view, name) or getattr(attempt, name))
    if view.pull_request is not None:
        attempt.pr_number, attempt.pr_url = view.pull_request.number, view.pull_request.url
        attempt.branch = view.pull_request.branch
    attempt.revalidation_check = view.revalidation_check or attempt.revalidation_check
    for name in ("red_trace", "green_trace", "revalidation_trace"):
        found = _trace(attempt.project, getattr(view, name))
        if found is not None:
            setattr(attempt, name, found)


def _trace(project: Project, trace_id: str | None) -> Trace | None:
    if not trace_id:
        return None
    try:
        return Trace.objects.filter(project=project, pk=trace_id).first()
    except ValidationError:
        return None


@transaction.atomic
def take_revalidation(*, project: Project, attempt_id: str, check: CheckView) -> bool:
    """Link the trace of the pull request's own check."""
    attempt = _locked(project, attempt_id)
    if attempt is None:
        return False
    attempt.revalidation_check = check.id
    own = [run for run in check.runs if run.scenario.slug == attempt.trace.scenario_slug]
    for run in own or check.runs[:1]:
        attempt.revalidation_trace = _trace(project, run.trace_id) or attempt.revalidation_trace
    attempt.save()
    return True


@transaction.atomic
def sent(*, attempt: MenderAttempt, view: AttemptView) -> None:
    """Guard has taken the request; its answer is the first update."""
    MenderAttempt.objects.filter(pk=attempt.pk, idempotency_key=view.idempotency_key).update(
        send_after=None, remote_id=view.id
    )


@transaction.atomic
def send_later(*, attempt: MenderAttempt, reason: str) -> None:
    """Guard did not answer: when to try again."""
    locked = MenderAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    locked.send_tries += 1
    pause: timedelta = FIRST_PAUSE * 2.0 ** min(locked.send_tries - 1, 12)
    locked.send_after = timezone.now() + min(pause, LAST_PAUSE)
    locked.state_note = reason[:500]
    locked.save(update_fields=["send_tries", "send_after", "state_note"])


def answered(*, attempt: MenderAttempt, pause: timedelta) -> None:
    """Guard answered a question about an attempt: it is not asked again for this long."""
    rows = MenderAttempt.objects.filter(pk=attempt.pk)
    rows.update(ask_after=timezone.now() + pause, ask_tries=0)


def unanswered(*, attempt: MenderAttempt, among: QuerySet[MenderAttempt]) -> None:
    """Guard did not answer: when it is asked again about this and the rest of `among`."""
    pause: timedelta = ASK_PAUSE * 2.0 ** min(attempt.ask_tries, 12)
    ask_after = timezone.now() + min(pause, LAST_PAUSE)
    among.update(ask_after=ask_after, ask_tries=attempt.ask_tries + 1)


@transaction.atomic
def refused(*, attempt: MenderAttempt, reason: str) -> None:
    """Guard said no: a promotion has failed; a suggestion stays without an analysis."""
    locked = MenderAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    locked.send_after = None
    to = State.FAILED if locked.promoted_at else State(locked.state)
    move(by=GUARD, attempt=locked, to=to, note=reason)
