"""Runs of the same steps that say different things, so that two of them differ in many places."""

from collections.abc import Iterator

from tests.harness.long_log import BY
from tests.harness.processed import processed
from trace_app.actions.append import append, finish, open_trace
from trace_app.domain.events import Event, encode_ndjson
from trace_app.domain.open_run import OpenRun
from trace_app.domain.states import TraceStatus
from trace_app.models import Project, Trace

STEP_MS = 100.0
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def talkative(
    project: Project, *, steps: int, per_step: int = 0, repeats: bool = False, last: str = ""
) -> Trace:
    """A passed run whose page says so many things in each step, none twice or all the same.

    `last` names the last step.
    """
    trace = open_trace(by=BY, project=project, run=OpenRun(title="Read the whole catalogue"))
    append(by=BY, trace=trace, body=encode_ndjson(_events(steps, per_step, last, repeats=repeats)))
    finish(by=BY, trace=trace, status=TraceStatus.PASSED)
    return processed(trace)


def _events(steps: int, per_step: int, last: str, *, repeats: bool) -> Iterator[Event]:
    yield Event(seq=1, ts=0.0, kind="run.start", data={"started_at": "2026-11-22T10:00:00Z"})
    seq = 2
    for step in range(1, steps + 1):
        start, close = (step - 1) * STEP_MS, seq + per_step + 1
        named = last if step == steps else ""
        opened = {"title": named or f"Open the {word(step)} page"}
        yield Event(seq=seq, ts=start, kind="step.start", step=step, data=opened)
        for no in range(per_step):
            at = start + 1 + no * (STEP_MS - 2) / per_step
            said = word(0 if repeats else no)
            yield _said(seq + 1 + no, at, step, f"{word(step)} {said} said")
        passed = {"status": "passed"}
        end = start + STEP_MS - 0.5
        yield Event(seq=close, ts=end, kind="step.end", step=step, ref=seq, data=passed)
        seq = close + 1


def _said(seq: int, ts: float, step: int, text: str) -> Event:
    data = {"type": "warning", "text": text}
    return Event(seq=seq, ts=ts, kind="console.message", step=step, level="warning", data=data)


def word(number: int) -> str:
    """A name for a number: the comparison takes numbers in texts for one and the same."""
    return LETTERS[number // 26 % 26] + LETTERS[number % 26] + "x"
