"""Plays steps one after the other and records what each did. It does not start or stop anything."""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .application import Application
from .boundary import Boundaries
from .expectations import Outcome, Scene, judge
from .plan import Plan, PlanStep
from .recorder import Recorder
from .traffic import Traffic
from .verbs import ActionError, Stage, perform, shown_value

Json = dict[str, Any]
_TIMEOUT = re.compile(r"Timeout [\d.]+ms")


@dataclass(slots=True)
class StepReport:
    """What became of a step. `performed` is False when its action itself could not be done."""

    no: int
    status: str
    error: Json | None = None
    performed: bool = True
    aria_after: str | None = None


@dataclass(slots=True)
class Player:
    """Everything a step needs.

    `since` marks where the effects of the last action begin (wall ms).
    """

    plan: Plan
    stage: Stage
    traffic: Traffic
    recorder: Recorder
    boundaries: Boundaries
    application: Application
    scenario_file: Path
    reports: list[StepReport] = field(default_factory=list)
    since: float = 0.0

    async def play(self) -> None:
        """Play from the first live step to the end; what follows a failure is skipped."""
        first = self.plan.from_step if self.plan.mode == "restore" else 1
        stopped = False
        for step in self.plan.steps:
            if step.no < first or stopped:
                self._skip(step)
                continue
            report = await self._play_step(step)
            self.reports.append(report)
            in_prefix = self.plan.mode == "fast_forward" and step.no < self.plan.from_step
            # A prefix that comes out differently is reported; it ends the run if it cannot be done.
            stopped = report.status == "failed" and not (in_prefix and report.performed)

    async def _play_step(self, step: PlanStep) -> StepReport:
        recorder, started = self.recorder, time.monotonic()
        recorder.step = step.no
        begun = recorder.clock.now()
        if step.acts or not self.since:
            self.since = begun
        head = {"title": step.title, "text": step.text, "line": step.line}
        recorder.emit("step.start", head, key=f"step:{step.no}")
        # Playwright does not export the type of a location.
        location: Any = {"file": str(self.scenario_file), "line": step.line, "column": 1}
        await self.stage.context.tracing.group(f"{step.no}. {step.title}", location=location)
        error, performed = await self._act(step)
        failed = None if error else await self._judge_all(step)
        await self.traffic.settle()
        dur = (time.monotonic() - started) * 1000
        report = StepReport(step.no, "passed", error or failed, performed)
        report.status = "failed" if report.error else "passed"
        report.aria_after = await self.boundaries.take(step.no, self.stage)
        self._note_crash()
        await self.stage.context.tracing.group_end()
        self._end(report, dur)
        return report

    async def _act(self, step: PlanStep) -> tuple[Json | None, bool]:
        """Perform the action and record it: the error, and whether it was performed."""
        action, error = step.action, None
        if not step.acts:
            return None, True
        started = self.recorder.clock.now()
        value = await shown_value(action, self.stage)
        try:
            await perform(action, self.stage)
        except ActionError as problem:
            error = self._error(str(problem))
        data = {"verb": action["verb"], "target": action.get("target"), "value": value}
        data |= {"options": action.get("options") or None, **self.stage.extra, "error": error}
        shown = {key: item for key, item in data.items() if item is not None}
        self.recorder.emit(
            "agent.action",
            {**shown, "ok": error is None},
            wall=started,
            dur=self.recorder.clock.now() - started,
            level="error" if error else None,
        )
        return error, error is None

    async def _judge_all(self, step: PlanStep) -> Json | None:
        """Judge every expectation under one deadline; the first that fails is the step's error."""
        deadline = time.monotonic() + self.plan.timeout_ms / 1000
        scene = Scene(self.stage, self.traffic, self.since, deadline)
        first: Json | None = None
        for expectation in step.expectations:
            outcome = await judge(expectation, scene)
            self._record_assertion(expectation, outcome)
            if not outcome.ok and first is None:
                first = {"message": outcome.message, "line": expectation["line"]}
        return first

    def _record_assertion(self, expectation: Json, outcome: Outcome) -> None:
        data = {key: expectation[key] for key in ("kind", "text", "line")}
        data |= {"ok": outcome.ok, "expected": outcome.expected, "actual": outcome.actual}
        level = None if outcome.ok else "error"
        self.recorder.emit("assertion", {**data, "message": outcome.message}, level=level)

    def _skip(self, step: PlanStep) -> None:
        head = {"title": step.title, "text": step.text, "line": step.line}
        self.recorder.emit("step.start", head, step=step.no, key=f"step:{step.no}")
        self.reports.append(StepReport(step.no, "skipped"))
        self._end(self.reports[-1], 0.0)

    def _end(self, report: StepReport, dur: float) -> None:
        data = {"status": report.status, "error": report.error}
        self.recorder.emit(
            "step.end",
            {key: value for key, value in data.items() if value is not None},
            step=report.no,
            dur=dur,
            level="error" if report.status == "failed" else None,
            ref_key=f"step:{report.no}",
        )

    def _error(self, text: str) -> Json:
        """First line for people, the rest (Playwright's call log) as the stack.

        The timeout is named as the scenario has it, not as this machine's load stretched it.
        """
        message, _, rest = text.strip().partition("\n")
        asked = f"Timeout {self.plan.timeout_ms / self.plan.stretch:g}ms"
        message = _TIMEOUT.sub(asked, message)
        return {"message": message, "stack": rest} if rest else {"message": message}

    def _note_crash(self) -> None:
        status = self.application.ended()
        if status is not None:
            text = f"the application ended with status {status}"
            self.recorder.emit("app.log", {"stream": "exit", "text": text}, level="error")
