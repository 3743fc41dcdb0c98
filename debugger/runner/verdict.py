"""What a finished execution means: steps, status, and what the record is filed under.

Pure: it reads the guest's words and the request, no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from debugger.domain.divergence import Seen, changed_before
from debugger.domain.scenario import Scenario
from debugger.runner.contract import Json, Mode, RunRequest, Status, StepResult
from debugger.runner.merge import Record, started_at
from debugger.runner.preparation import Prepared, prefix_is_unedited
from trace_app.domain.bundle import RunInfo, RunnerRef, RunStep, ScenarioRef, Source

RUNNER_NAME = "trace-runner"
RUNNER_VERSION = "1"
BundleStatus = Literal["passed", "failed", "error"]


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution in the sandbox; `said` is the guest's result. Times are wall clock, ms."""

    mode: Mode
    said: Json
    started_ms: float
    ended_ms: float
    level: str
    blobs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the execution came to for the one who asked."""

    status: Status
    message: str
    steps: tuple[StepResult, ...]
    failing_step: int | None
    changed_before: tuple[str, ...]


def judge(execution: Execution, prepared: Prepared, request: RunRequest) -> Verdict:
    """Compare what came out with what was asked and recorded."""
    steps = _steps(prepared.scenario, execution.said)
    changed = _changed(steps, request) if execution.mode == "fast_forward" else ()
    status, message = _status(execution, steps, changed, prepared, request)
    failing = next((step.no for step in steps if step.status == "failed"), None)
    return Verdict(status, message, steps, failing, changed)


def record_of(
    execution: Execution, verdict: Verdict, prepared: Prepared, request: RunRequest
) -> tuple[Record, RunInfo]:
    """The first and last event, and run.json."""
    status = _bundle_status(execution, verdict)
    head = _head(prepared.scenario)
    start: Json = {
        "started_at": started_at(execution.started_ms),
        "scenario": head,
        "sha": request.sha,
        "branch": request.labels.branch,
        "level": execution.level,
        "seed": prepared.scenario.head.seed,
        "mode": execution.mode,
    }
    end: Json = {"status": status, "failing_step": verdict.failing_step}
    if status == "error":
        end["error"] = {"message": verdict.message}
    times = (execution.started_ms, execution.ended_ms)
    record = Record(*times, start, end, failed=status != "passed")
    return record, _run_info(execution, verdict, head, status, request)


def _run_info(
    execution: Execution,
    verdict: Verdict,
    head: dict[str, str],
    status: BundleStatus,
    request: RunRequest,
) -> RunInfo:
    labels = request.labels
    return RunInfo(
        status=status,
        scenario=ScenarioRef(**head),
        sha=request.sha,
        branch=labels.branch,
        pr=labels.pr,
        source=cast("Source", labels.source),
        check_id=labels.check_id,
        started_at=started_at(execution.started_ms),
        duration_ms=round(execution.ended_ms - execution.started_ms, 1),
        failing_step=verdict.failing_step,
        runner=RunnerRef(name=RUNNER_NAME, version=RUNNER_VERSION, level=execution.level),
        steps=[
            RunStep(no=s.no, text=s.text, title=s.title, status=s.status, error=s.error)
            for s in verdict.steps
        ],
        ran_blobs=dict(execution.blobs),
    )


def _bundle_status(execution: Execution, verdict: Verdict) -> BundleStatus:
    """The record's own status: a failed step is a failure, also before the step asked for."""
    if verdict.failing_step is not None:
        return "failed"
    return "error" if execution.said["status"] == "error" else "passed"


def _head(scenario: Scenario) -> dict[str, str]:
    return {
        "id": scenario.id,
        "slug": scenario.slug,
        "title": scenario.title,
        "path": scenario.path,
    }


def _steps(scenario: Scenario, said: Json) -> tuple[StepResult, ...]:
    reports = {report.get("no"): report for report in said.get("steps") or []}
    return tuple(
        StepResult(
            no=step.no,
            text=step.text,
            title=step.text,
            status=str(report.get("status") or "skipped"),
            error=(report.get("error") or {}).get("message"),
            aria_after=report.get("aria_after"),
        )
        for step in scenario.steps
        for report in [reports.get(step.no, {})]
    )


def _changed(steps: tuple[StepResult, ...], request: RunRequest) -> tuple[str, ...]:
    kept = (request.capsule or {}).get("before") or {}
    recorded = {
        step.no: Seen(step.status, step.aria_after or _aria(kept.get(str(step.no + 1))))
        for step in request.recorded
    }
    now = {step.no: Seen(step.status, step.aria_after) for step in steps}
    return changed_before(recorded, now, request.from_step)


def _status(
    execution: Execution,
    steps: tuple[StepResult, ...],
    changed: tuple[str, ...],
    prepared: Prepared,
    request: RunRequest,
) -> tuple[Status, str]:
    said = execution.said
    if said["status"] == "error":
        return "error", str(said.get("message") or "The run did not finish.")
    if execution.mode == "fast_forward":
        lost = _lost_step(said, request.from_step)
        if lost is not None:
            return "diverged", f"Step {lost} cannot be performed any more."
        if changed and prefix_is_unedited(prepared, request):
            return "diverged", f"Nothing before is edited, yet {'; '.join(changed)}."
    first = 1 if execution.mode == "full" else request.from_step
    failed = next((s for s in steps if s.no >= first and s.status == "failed"), None)
    return ("failed", failed.error or "") if failed else ("passed", "")


def _lost_step(said: Json, from_step: int) -> int | None:
    """A step before `from_step` whose action could not be done."""
    for report in said.get("steps") or []:
        if report["no"] < from_step and not report.get("performed", True):
            return int(report["no"])
    return None


def _aria(state: object) -> str | None:
    browser = state.get("browser") if isinstance(state, dict) else None
    aria = browser.get("aria") if isinstance(browser, dict) else None
    return aria if isinstance(aria, str) else None
