"""Takes a job through its stages.

Each stage's input is hashed: what was done with the same input is not done again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mender_handoff.domain.attempt_states import Mover, State, can_move, lies_behind
from mender_handoff.guard.actions import jobs, leases
from mender_handoff.guard.domain.stages import (
    ANALYZE,
    PATCH,
    PULL_REQUEST,
    REVALIDATE,
    STAGES,
    STATE_DURING,
    TEST,
    StopError,
    WaitingError,
    input_hash,
)
from mender_handoff.guard.models import MenderJob, MenderStage
from mender_handoff.guard.pipeline.mender import (
    analyze,
    open_pull_request,
    patch,
    prove,
    revalidate,
)
from mender_handoff.guard.pipeline.mender.context import Context

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """How a stage's input is named and its work done."""

    inputs: Callable[[Context], dict[str, Any]]
    run: Callable[[Context], dict[str, Any]]


RUN = {
    ANALYZE: Stage(analyze.inputs, analyze.run),
    PATCH: Stage(patch.inputs, patch.run),
    TEST: Stage(prove.inputs, prove.run),
    PULL_REQUEST: Stage(open_pull_request.inputs, open_pull_request.run),
    REVALIDATE: Stage(revalidate.inputs, revalidate.run),
}


def advance_job(job_id: str) -> None:
    """Do what is left of a job, unless another worker has it. Safe to call any number of times."""
    if not leases.take(MenderJob, job_id):
        return
    with leases.Held(MenderJob, job_id):
        job = MenderJob.objects.select_related("repository").get(pk=job_id)
        if jobs.is_resting(job):
            return
        if not jobs.begin(job=job):
            jobs.move(job=job, state=State.FAILED, note=_last_error(job))
            return
        try:
            _advance(job)
        except StopError as stop:
            jobs.move(job=job, state=stop.state, note=stop.reason)
        except WaitingError:
            jobs.wait(job=job)
        except Exception:
            # Infrastructure: the sweep tries again, and after five deaths the job has failed.
            logger.exception("job %s", job_id)


def _last_error(job: MenderJob) -> str:
    failed = job.stages.filter(state="failed").order_by("-started").first()
    return f"Mender could not go on: {failed.error if failed else 'the worker died'}"


def _advance(job: MenderJob) -> None:
    context = Context.of(job)
    for name in STAGES if job.kind == "fix" else (ANALYZE,):
        result = _stage(context, name)
        context.results[name] = result
        _after(context, name, result)


def _stage(context: Context, name: str) -> dict[str, Any]:
    stage = RUN[name]
    digest = input_hash(stage.inputs(context))
    if (known := _known(context, name, digest)) is not None:
        return known
    if context.job.state != STATE_DURING[name]:
        jobs.move(job=context.job, state=STATE_DURING[name])
    row = jobs.begin_stage(job=context.job, name=name, input_sha256=digest)
    try:
        result = stage.run(context)
    except WaitingError as waiting:
        jobs.end_stage(stage=row, state="waiting", result=waiting.result)
        raise
    except StopError as stop:
        jobs.end_stage(stage=row, state="failed", result=stop.result, error=stop.reason)
        raise
    except Exception as error:
        jobs.end_stage(stage=row, state="failed", result={}, error=str(error)[:2000])
        raise
    jobs.end_stage(stage=row, state="done", result=result)
    return result


def _known(context: Context, name: str, digest: str) -> dict[str, Any] | None:
    """What this stage found for this input before.

    In this job, or, for the analysis, in an earlier one.
    """
    done = MenderStage.objects.filter(name=name, input_sha256=digest, state="done")
    own = done.filter(job=context.job).first()
    if own is not None:
        return dict(own.result)
    if name != ANALYZE:
        return None
    earlier = done.filter(job__repository=context.repository).order_by("-ended").first()
    if earlier is None:
        return None
    row = jobs.begin_stage(job=context.job, name=name, input_sha256=digest)
    jobs.end_stage(stage=row, state="done", result=earlier.result)
    return dict(earlier.result)


def _after(context: Context, name: str, result: dict[str, Any]) -> None:
    """Where the job stands once a stage is done. Repeating it never moves a job backwards."""
    job = context.job
    if name == ANALYZE:
        keys = ("classification", "confidence", "analysis_line", "analysis_markdown", "evidence")
        found = {key: result[key] for key in keys}
        if job.kind == "analyze":
            jobs.move(job=job, state=State.SUGGESTED, **found)
            return
        _forward(job, State.ANALYZING, **found)
        analyze.require_fixable(context)
    elif name == PATCH:
        rebased = result["differs_from_replay"]
        state = State.REBASED if rebased else State.PATCHING
        _forward(job, state, note=_rebased(rebased), base_sha=result["base_sha"])
    elif name == TEST:
        red, green = result["red"]["trace"] or None, result["green"]["trace"] or None
        _forward(job, State.TESTING, red_trace=red, green_trace=green)
    elif name == PULL_REQUEST:
        _forward(job, State.PR_OPEN, head_sha=result["head_sha"])
    else:
        _after_revalidation(job, result)


def _forward(job: MenderJob, state: State, note: str = "", **found: Any) -> None:
    # A stage that is done comes by again when the job is woken up: the pull request is no less open
    # while it is checked.
    if lies_behind(state, State(job.state)):
        return
    known = {key: job.result.get(key) for key in found}
    if can_move(State(job.state), state, Mover.GUARD) and (job.state != state or known != found):
        jobs.move(job=job, state=state, note=note, **found)


def _rebased(paths: list[str]) -> str:
    if not paths:
        return ""
    return f"The target branch differs from what the replay ran in {', '.join(paths)}: run anew."


def _after_revalidation(job: MenderJob, result: dict[str, Any]) -> None:
    trace = result["trace"] or None
    if result["status"] == "passed":
        jobs.move(job=job, state=State.VALIDATED, revalidation_trace=trace)
        return
    note = f"The check of the pull request's branch is {result['status']}."
    jobs.move(job=job, state=State.PR_OPEN, note=note, revalidation_trace=trace, revalidated=True)
