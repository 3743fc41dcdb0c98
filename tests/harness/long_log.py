"""A run with as many steps and events as a test wants, appended as a recorder would."""

from collections.abc import Iterator

from tests.harness.processed import processed
from trace_app.actions.append import append, finish, open_trace
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.open_run import OpenRun
from trace_app.domain.states import TraceStatus
from trace_app.domain.system import System
from trace_app.models import Project, Trace

BY = System("ci")
BATCH = 20_000
STEP_MS = 100.0


def long_log(project: Project, *, steps: int, per_step: int, failing: int | None = None) -> Trace:
    """A finished run; each step lasts 100 ms and logs `per_step` lines, spread evenly."""
    trace = running(project)
    held = list(run_events(steps, per_step, failing))
    for start in range(0, len(held), BATCH):
        append(by=BY, trace=trace, body=encode_ndjson(held[start : start + BATCH]))
    finish(by=BY, trace=trace, status=TraceStatus.PASSED if failing is None else TraceStatus.FAILED)
    return processed(trace)


def running(project: Project) -> Trace:
    """A run that has begun and recorded nothing yet."""
    return open_trace(by=BY, project=project, run=OpenRun(title="Import the orders"))


def run_events(steps: int, per_step: int, failing: int | None = None) -> Iterator[Event]:
    """The events of such a run, from `run.start` on."""
    yield Event(seq=1, ts=0.0, kind="run.start", data={"started_at": "2026-11-22T10:00:00Z"})
    seq = 2
    for step in range(1, steps + 1):
        for event in step_events(step, seq, per_step, fails=step == failing):
            yield event
            seq = event.seq + 1


def step_events(step: int, seq: int, per_step: int, *, fails: bool = False) -> Iterator[Event]:
    """One step's events, numbered from `seq` on; its second half is nested where it is even."""
    start = (step - 1) * STEP_MS
    depth = 1 if step % 2 == 0 else 0
    opened = {"title": f"Import order {step}", "depth": depth}
    yield Event(seq=seq, ts=start, kind="step.start", step=step, data=opened)
    for no in range(per_step):
        said = {"stream": "stdout", "text": f"line {no} of step {step}"}
        at = start + 1 + no * (STEP_MS - 2) / max(per_step, 1)
        yield Event(seq=seq + 1 + no, ts=at, kind="app.log", step=step, data=said)
    closed = (
        {"status": "failed", "error": {"message": "the warehouse did not answer"}}
        if fails
        else {"status": "passed"}
    )
    yield Event(
        seq=seq + 1 + per_step,
        ts=start + STEP_MS - 0.5,
        kind="step.end",
        step=step,
        ref=seq,
        dur=STEP_MS - 0.5,
        level="error" if fails else None,
        data=closed,
    )
