"""Traces as the list and the trace page's head word them: prepared strings, no queries."""

from datetime import datetime
from functools import cache
from typing import Final, TypedDict

from django.urls import reverse

from trace_app.domain import wording
from trace_app.domain.states import TraceStatus
from trace_app.models import Trace

MARKS = {
    TraceStatus.PASSED: "pass",
    TraceStatus.FAILED: "fail",
    TraceStatus.ERROR: "warn",
    TraceStatus.ABORTED: "warn",
    TraceStatus.QUEUED: "run",
    TraceStatus.RUNNING: "run",
}
PILLS = {"pass": "pass", "fail": "fail", "warn": "warn", "run": "accent"}


# Any short id: its place in an address is where another one goes.
_ANY: Final = "111111111"


class TraceRow(TypedDict):
    """One line of the list; every field is text to show, but the last three.

    `cluster` is the key of the signature. A dictionary, which templates read the quickest.
    """

    short_id: str
    url: str
    pin_url: str
    title: str
    status: str
    mark: str
    pill: str
    verdict: str
    signature: str
    cluster: str
    error: str
    source: str
    origin: str
    sha: str
    duration: str
    age: str
    created: str
    mender: str
    pinned: bool
    running: bool
    may_pin: bool


def prepare(trace: Trace, now: datetime, *, may_pin: bool) -> TraceRow:
    """Words a trace. `project`, `signature` and `parent` are expected to be loaded."""
    mark = MARKS.get(TraceStatus(trace.status), "warn")
    return TraceRow(
        short_id=trace.short_id,
        url=_address("trace", trace.short_id),
        pin_url=_address("pin", trace.short_id),
        title=trace.title or trace.scenario_slug or trace.test_id or "Untitled run",
        status=trace.status,
        mark=mark,
        pill=PILLS[mark],
        verdict=verdict(trace),
        signature=trace.signature.slug if trace.signature else "",
        cluster=str(trace.signature_id or ""),
        error=trace.error_line,
        source=source_text(trace),
        origin=origin(trace),
        sha=trace.code_sha[:7],
        duration=wording.duration(trace.duration_ms) if trace.is_finished else trace.status,
        age=wording.age(trace.created, now),
        created=trace.created.isoformat(timespec="seconds"),
        mender=trace.mender_state.replace("_", " "),
        pinned=trace.pinned is not None,
        running=not trace.is_finished,
        may_pin=may_pin,
    )


def _address(page: str, short_id: str) -> str:
    return _pattern(page).replace(_ANY, short_id)


@cache
def _pattern(page: str) -> str:
    """Looked up once: a list would otherwise resolve two addresses for each of its rows."""
    return reverse(f"trace_app:{page}", args=[_ANY])


def verdict(trace: Trace) -> str:
    """The status with the place: `failed at step 7`."""
    if trace.status == TraceStatus.FAILED and trace.failing_step:
        return f"failed at step {trace.failing_step}"
    return trace.status


def origin(trace: Trace) -> str:
    """For a run made from another one, what it is and of which: `replay of qtW59WA8U`."""
    return f"{trace.source.replace('_', ' ')} of {trace.parent.short_id}" if trace.parent else ""


def source_text(trace: Trace) -> str:
    """Where the run comes from: the pull request, else the branch, else the kind of run."""
    if trace.pr_number:
        return f"PR #{trace.pr_number}"
    return trace.branch or trace.source.replace("_", " ")
