"""Decides a run: prepare, build, execute, fall back, judge, record. Executing is in sandbox.py."""

import shutil
import tempfile
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from debugger.clients.result_tree import RefusedError
from debugger.domain.scenario.model import MAX_STEPS
from debugger.runner import (
    dependencies,
    levels,
    machine,
    merge,
    outputs,
    preparation,
    sandbox,
    slots,
    verdict,
)
from debugger.runner.contract import (
    Json,
    Mode,
    RecordedStep,
    RunLabels,
    RunRequest,
    RunResult,
    ScenarioRef,
    StepResult,
)
from debugger.runner.dependencies import Build, BuildError
from debugger.runner.levels import Level
from debugger.runner.machine import MachineError
from debugger.runner.outputs import OutputError
from debugger.runner.preparation import Prepared, UnreadableError
from debugger.runner.sandbox import Box, Outcome
from debugger.runner.slots import CanceledError
from debugger.runner.verdict import Execution
from debugger.runner.watchdog import Limits
from debugger.runner.workspace import TreeError, Workspace
from trace_app.clients.git import GitError, GitRepository

__all__ = [
    "RecordedStep",
    "RunLabels",
    "RunRequest",
    "RunResult",
    "ScenarioRef",
    "StepResult",
    "UnreadableError",
    "list_scenarios",
    "run",
]
# What is read of the guest's events at a time: honest ones are some kilobytes a second.
_PIECE = 4 * 1024 * 1024
_REASONS = {
    "too_long": "The run took too long and was stopped.",
    "too_much_memory": "The run needed too much memory and was stopped.",
    "too_many_processes": "The run started too many processes and was stopped.",
}


def list_scenarios(repository: Path, sha: str) -> tuple[ScenarioRef, ...]:
    """The scenarios of a commit; UnreadableError names the first that cannot be read."""
    return preparation.list_scenarios(GitRepository(repository), sha)


def run(request: RunRequest) -> RunResult:
    """Run a scenario. Every way it can go wrong is a status with a message, never an exception."""
    request.out_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="run-", dir=request.out_dir))
    try:
        return _Run(request, work).result()
    except RefusedError as error:
        return RunResult(status="refused", message=" ".join(error.reasons))
    except CanceledError:
        return RunResult(status="canceled", message="Canceled.")
    except BuildError as error:
        return RunResult(status="error", message=error.message, log_tail=error.log)
    except (UnreadableError, GitError, TreeError, MachineError, OutputError) as error:
        return RunResult(status="error", message=str(error))
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(slots=True)
class _Run:
    """One request on its way to a result."""

    request: RunRequest
    work: Path
    level: Level = field(init=False)
    prepared: Prepared = field(init=False)

    def result(self) -> RunResult:
        level = levels.detect()
        if level is None:
            raise RefusedError([levels.NO_SANDBOX])
        self.level = level
        self.request.on_progress("preparing", None)
        repository = GitRepository(self.request.repository, scratch=self.work / "objects")
        self.prepared = preparation.prepare(repository, self.request)
        mode, reason = preparation.starting_mode(self.request)
        execution, workspace = self._execute(repository, mode)
        if execution.said.get("status") == "unsound":
            reason = str(execution.said.get("message", ""))
            workspace.remove()
            execution, workspace = self._execute(repository, "fast_forward")
        return self._finish(execution, workspace, reason)

    def _execute(self, repository: GitRepository, mode: Mode) -> tuple[Execution, Workspace]:
        workspace = Workspace(self.work / mode)
        workspace.export(repository, self.prepared.tree)
        deps = self._dependencies(workspace)
        clones = [use.kind for use in self.prepared.scenario.head.clones]
        workspace.write_configuration(["app", *clones])
        with self._slot():
            stretch = slots.stretch()
            plan = preparation.make_plan(self.prepared, self.request, mode, stretch=stretch)
            workspace.write_plan(plan)
            self.request.on_progress("starting", None)
            started = time.time() * 1000
            outcome = self._run_guest(workspace, deps, stretch)
        if outcome.reason == "canceled":
            raise CanceledError
        said = _said(workspace, outcome)
        ended = time.time() * 1000
        execution = Execution(mode, said, started, ended, self.level.value, workspace.blobs)
        return execution, workspace

    def _dependencies(self, workspace: Workspace) -> Path:
        build = Build(
            workspace=workspace,
            owner=GitRepository(self.request.repository).path.resolve(),
            setup=self.prepared.molar.app.setup,
            cache=self.request.cache_dir,
        )
        return dependencies.ensure(
            build,
            level=self.level,
            should_cancel=self.request.should_cancel,
            on_build=lambda: self.request.on_progress("building", None),
        )

    def _slot(self) -> AbstractContextManager[None]:
        return slots.held(
            self.request.cache_dir,
            should_cancel=self.request.should_cancel,
            on_wait=lambda: self.request.on_progress("waiting", None),
        )

    def _run_guest(self, workspace: Workspace, deps: Path, stretch: float) -> Outcome:
        return sandbox.run(
            _box(workspace, deps),
            [str(machine.interpreter()), "-m", "guest", str(workspace.PLAN)],
            level=self.level,
            limits=Limits(wall_seconds=self._wall_seconds() * stretch),
            log=workspace.root / "guest.log",
            should_cancel=self.request.should_cancel,
            on_tick=_Progress(workspace.out / "events.ndjson", self.request).tick,
        )

    def _wall_seconds(self) -> float:
        scenario = self.prepared.scenario
        per_step = 2 * scenario.head.timeout_ms / 1000 + 5
        seconds = 60 + self.prepared.molar.app.ready_timeout + per_step * len(scenario.steps)
        return min(seconds, 3600)

    def _finish(self, execution: Execution, workspace: Workspace, reason: str) -> RunResult:
        self.request.on_progress("recording", None)
        judged = verdict.judge(execution, self.prepared, self.request)
        record, info = verdict.record_of(execution, judged, self.prepared, self.request)
        bundle = self.work.with_suffix(".bundle.zip")
        merge.write(bundle, workspace.out, record, info)
        return RunResult(
            status=judged.status,
            message=judged.message,
            bundle=bundle,
            steps=judged.steps,
            failing_step=judged.failing_step,
            log_tail=str(execution.said.get("log_tail") or ""),
            level=self.level.value,
            mode=execution.mode,
            mode_reason=reason,
            ran_blobs=workspace.blobs,
            changed_before=judged.changed_before,
        )


@dataclass(slots=True)
class _Progress:
    """Follows the guest's events to tell which step is on; what it wrote may be forged."""

    path: Path
    request: RunRequest
    position: int = 0

    def tick(self) -> None:
        try:
            with outputs.open_plain(self.path, outputs.MAX_EVENTS) as file:
                file.seek(self.position)
                piece = file.read(_PIECE)
        except (OSError, OutputError):
            return
        complete = piece.rfind(b"\n") + 1
        # A line that fills the piece begins no step: it is passed over.
        self.position += complete or (len(piece) if len(piece) == _PIECE else 0)
        started = (_started(line) for line in reversed(piece[:complete].splitlines()))
        if step := next(filter(None, started), None):
            self.request.on_progress("step", step)


def _started(line: bytes) -> int | None:
    """The step that an event begins; None for anything else."""
    event = outputs.parse_object(line) if b'"kind": "step.start"' in line else None
    step = event.get("step") if event else None
    return step if type(step) is int and 0 < step <= MAX_STEPS else None


def _box(workspace: Workspace, deps: Path) -> Box:
    environment = {
        "PATH": "/trace/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(workspace.LIB),
        "PYTHONHASHSEED": "0",
        "HOME": "/tmp/home",  # noqa: S108
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TRACE_APP": str(workspace.APP),
        "TRACE_DEPS": str(dependencies.TARGET),
        "TRACE_OUT": str(workspace.OUT),
        "TRACE_SCRATCH": "/tmp",  # noqa: S108
        "TRACE_CHROMIUM": str(machine.chromium()),
    }
    return Box(workspace.mounts(deps), environment, workspace.APP, links=workspace.links)


def _said(workspace: Workspace, outcome: Outcome) -> Json:
    """The guest's result; an error made of the outcome when it left none."""
    if outcome.reason != "ended":
        return {"status": "error", "message": _REASONS[outcome.reason], "log_tail": outcome.tail}
    try:
        return outputs.read_result(workspace.out / "result.json")
    except FileNotFoundError:
        message = f"The sandbox ended with status {outcome.status} and left no result."
        return {"status": "error", "message": message, "log_tail": outcome.tail}
