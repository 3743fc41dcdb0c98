"""Runs one replay from its row: claim, execute through the director, keep each run, end.

It decides nothing about sandboxes or steps: that is the director's. Killed at any moment, it is
taken up by the next worker after the last run that was kept.
"""

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from debugger.actions.replay_runs import (
    Ending,
    LeaseLostError,
    claim_replay,
    finish_replay,
    record_progress,
    record_run,
)
from debugger.domain.edits import Edits
from debugger.domain.replay_states import ReplayMode, ReplayStatus
from debugger.models import Replay, ReplayRun
from debugger.runner import director
from debugger.runner.contract import RecordedStep, RunLabels, RunRequest, RunResult
from debugger.runner.heartbeat import Heartbeat
from trace_app.actions.ingest import IngestError
from trace_app.clients.git import GitError
from trace_app.clients.repositories import open_repository
from trace_app.domain.states import TraceSource
from trace_app.storage import capsules

logger = logging.getLogger(__name__)
_LOG_LINES: Final = 200
# These end the whole replay: running again would give no other answer.
_FINAL: Final = frozenset({"error", "refused", "canceled", "diverged"})


def run_replay(replay_id: UUID) -> None:
    """Claim the replay and run it to its end; nothing when it is another worker's or ended."""
    replay = claim_replay(replay_id)
    if replay is None:
        return
    folder = Path(settings.VAR_DIR) / "replays" / f"{replay.pk}-{replay.tries}"
    try:
        with Heartbeat(replay.pk, replay.tries) as heartbeat:
            ending = _run_all(replay, folder, heartbeat)
    except LeaseLostError:
        logger.warning("replay %s was taken over by another worker", replay.pk)
        return
    except GitError as error:
        ending = Ending(ReplayStatus.ERROR, f"The source cannot be read: {error.message}")
    except IngestError as error:
        ending = Ending(ReplayStatus.ERROR, f"The recording was refused: {error.message}")
    except Exception:  # a replay always ends with a word for people, the log has the rest
        logger.exception("replay %s broke", replay.pk)
        ending = Ending(ReplayStatus.ERROR, "The runner broke. The worker's log says where.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    finish_replay(replay.pk, replay.tries, ending)


def _run_all(replay: Replay, folder: Path, heartbeat: Heartbeat) -> Ending:
    """Run what is still missing of `repeat` runs; the ending speaks of all of them."""
    result: RunResult | None = None
    done = replay.runs.count()
    for number in range(done + 1, replay.repeat + 1):
        request = _request(replay, folder / str(number), number, heartbeat)
        result = director.run(request)
        if heartbeat.stopped.is_set() and result.status != "canceled":
            return Ending(ReplayStatus.CANCELED, "Canceled.")
        if result.bundle is not None or result.status in ("passed", "failed"):
            record_run(replay, number=number, outcome=_outcome(result), bundle=result.bundle)
        if result.status in _FINAL:
            return _ending(ReplayStatus(result.status), result.message, result)
    return _verdict(replay, result)


def _request(replay: Replay, out: Path, number: int, heartbeat: Heartbeat) -> RunRequest:
    trace = replay.trace
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    repository = open_repository(trace.project.repo, sha=trace.code_sha)
    total = trace.steps.count()

    def progress(phase: str, step: int | None = None) -> None:
        record_progress(replay.pk, replay.tries, phase=phase, step=step, of=total, run=number)

    return RunRequest(
        repository=repository.path,
        sha=trace.code_sha,
        scenario=trace.scenario_slug or trace.scenario_id,
        edits=Edits.from_json(replay.edits),
        from_step=replay.from_step,
        mode="restore" if replay.mode == ReplayMode.RESTORE else "fast_forward",
        # Fast-forward needs it too: the pages it recorded tell an unedited prefix that diverges.
        capsule=capsules.load(trace),
        recorded=_recorded(replay),
        labels=RunLabels(
            branch=trace.branch,
            pr=trace.pr_number,
            source=TraceSource.REPLAY,
            check_id=None,
        ),
        out_dir=out,
        on_progress=progress,
        should_cancel=heartbeat.stopped.is_set,
        acknowledged_setup=replay.acknowledged_setup,
    )


def _recorded(replay: Replay) -> tuple[RecordedStep, ...]:
    steps = replay.trace.steps.filter(number__lt=replay.from_step)
    return tuple(RecordedStep(no=step.number, status=step.status) for step in steps)


def _outcome(result: RunResult) -> Mapping[str, Any]:
    return {
        "status": result.status,
        "verdicts": {str(step.no): step.status for step in result.steps},
        "ran_blobs": dict(result.ran_blobs),
        "changed_before": list(result.changed_before),
        "sandbox_level": result.level,
        "mode": _mode(result),
    }


def _mode(result: RunResult) -> ReplayMode:
    return ReplayMode.RESTORE if result.mode == "restore" else ReplayMode.FAST_FORWARD


def _verdict(replay: Replay, result: RunResult | None) -> Ending:
    """The end of a replay whose runs all executed: succeeded only when every one passed."""
    runs = ReplayRun.objects.filter(replay=replay).order_by("number")
    statuses = list(runs.values_list("status", flat=True))
    if statuses and statuses[-1] in _FINAL:  # kept by a worker that was killed before the end
        return _ending(ReplayStatus(statuses[-1]), "", result)
    passed = statuses.count("passed")
    status = ReplayStatus.SUCCEEDED if passed == len(statuses) else ReplayStatus.FAILED
    message = result.message if result is not None else ""
    if result is not None and result.failing_step is not None:
        message = f"Step {result.failing_step}: {message}"
    if replay.repeat > 1:
        message = f"{passed} of {len(statuses)} runs passed. {message}".strip()
    return _ending(status, message, result)


def _ending(status: ReplayStatus, message: str, result: RunResult | None) -> Ending:
    if result is None:
        return Ending(status, message)
    tail = "\n".join(result.log_tail.splitlines()[-_LOG_LINES:])
    return Ending(
        status,
        message,
        log_tail=tail,
        mode=_mode(result),
        mode_reason=result.mode_reason,
        level=result.level,
    )
