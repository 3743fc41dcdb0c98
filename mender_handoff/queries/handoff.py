"""What Mender is sent: an attempt as the request of the Guard API.

Reads the record, sends nothing.
"""

from django.conf import settings

from debugger.models import Replay
from mender_handoff.domain import permalinks, slices
from mender_handoff.domain.messages import (
    AttemptRequest,
    GreenRun,
    Person,
    ReplayInfo,
    ScenarioInfo,
    Slice,
    TraceInfo,
)
from mender_handoff.models import MenderAttempt
from trace_app.models import Trace
from trace_app.queries import events as stored
from trace_app.queries.green import last_green


def build_request(attempt: MenderAttempt) -> AttemptRequest:
    """The whole body of POST /v1/mender/attempts; `intent` is fix once a person has promoted."""
    trace = attempt.trace
    return AttemptRequest(
        intent="fix" if attempt.promoted_at else "analyze",
        attempt_id=str(attempt.pk),
        idempotency_key=attempt.idempotency_key,
        repository=attempt.project.slug,
        target_branch=attempt.target_branch,
        base_sha=attempt.base_sha or trace.code_sha,
        trace=_trace(trace),
        slices=cut_slices(trace),
        edits=attempt.patch or None,
        replay=_replay(attempt.replay) if attempt.replay else None,
        analysis_markdown=attempt.analysis_markdown[:100_000],
        classification=attempt.classification,
        confidence=attempt.confidence or 0.0,
        accept_weakened=attempt.accepts_weakened,
        accepted_regressions=list(attempt.accepted_regressions),
        attempt_permalink=permalinks.attempt_link(settings.TRACE_PUBLIC_URL, str(attempt.pk)),
        promoted_by=_person(attempt),
    )


def cut_slices(trace: Trace) -> list[Slice]:
    """The failing step and its neighbours; nothing for a trace without a failing step."""
    if trace.failing_step is None:
        return []
    steps = slices.steps_around(trace.failing_step)
    found = [event for step in steps for event in stored.events(trace, step=step)]
    return slices.cut(trace.failing_step, found)


def _trace(trace: Trace) -> TraceInfo:
    signature, green = trace.signature, last_green(trace)
    public = settings.TRACE_PUBLIC_URL
    return TraceInfo(
        id=str(trace.pk),
        short_id=trace.short_id,
        permalink=permalinks.trace_link(public, trace.short_id, step=trace.failing_step),
        scenario=ScenarioInfo(
            slug=trace.scenario_slug or trace.test_id[:200],
            id=trace.scenario_id,
            title=trace.title[:300],
            path=trace.scenario_path[:300],
        ),
        sha=trace.code_sha,
        status=trace.status,
        branch=trace.branch,
        pr=trace.pr_number,
        check_id=trace.check_id or None,
        failing_step=trace.failing_step,
        # The cluster's row holds the parts of its first trace; the seqs must be this trace's.
        signature=trace.summary.get("signature") or (_signature(trace) if signature else None),
        last_green=GreenRun(
            trace_id=str(green.pk),
            sha=green.code_sha,
            permalink=permalinks.trace_link(public, green.short_id),
        )
        if green
        else None,
    )


def _signature(trace: Trace) -> dict[str, object] | None:
    row = trace.signature
    if row is None:
        return None
    return {"slug": row.slug, "hash": row.hash, "version": row.version, "parts": row.parts}


def _replay(replay: Replay) -> ReplayInfo:
    public = settings.TRACE_PUBLIC_URL
    run = replay.runs.select_related("trace").order_by("number").first()
    child = run.trace if run else None
    return ReplayInfo(
        id=str(replay.pk),
        permalink=permalinks.replay_link(public, str(replay.pk)),
        from_step=replay.from_step,
        mode=replay.mode,
        trace_id=str(child.pk) if child else "",
        trace_permalink=permalinks.trace_link(public, child.short_id) if child else "",
        ran_blobs=replay.ran_blobs,
        diff=replay.diff or None,
    )


def _person(attempt: MenderAttempt) -> Person | None:
    by = attempt.promoted_by
    return Person(name=by.get_full_name() or by.get_username(), email=by.email) if by else None
