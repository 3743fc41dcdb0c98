"""The Source stage: the scenario with the step's line, and the code its error came from."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trace_app.clients.repositories import read_at_hand
from trace_app.domain.archive import ArchiveError
from trace_app.domain.events import Event
from trace_app.domain.frames import StackFrame, stack_frames
from trace_app.domain.playwright import PlaywrightError
from trace_app.http import AuthedRequest, Held, read_access
from trace_app.models import Step, Trace
from trace_app.queries.moments import Moment, opening, step_events
from trace_app.storage import packages

MAX_LINES: Final = 400
MAX_BYTES: Final = 4 * 1024 * 1024
MAX_FRAMES: Final = 20
# How much is shown around the line of a step's call, and around a frame's.
TEST_LINES: Final = 12
FRAME_LINES: Final = 3
_FAILURES: Final = ("assertion", "agent.action", "step.end", "page.error")


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line; `here` marks the one the step or the error stands on."""

    number: int
    text: str
    here: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a file."""

    file: str
    lines: list[Line]


@require_GET
def step_source(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Answer the scenario's text around the step `?step=N`, and its error's code.

    A share opens the record, not the repository: its reader sees the step as it was recorded.
    """
    access = read_access(request, ref)
    trace = access.trace
    moment = opening(trace, request.GET.get("step"))
    lines = {} if access.public else scenario_lines(trace, moment.step)
    context = {
        "trace": trace,
        "moment": moment,
        "access": access,
        "test": None if access.public else test_excerpt(trace, moment),
        "frames": [] if access.public else error_frames(trace, moment),
        **lines,
    }
    return render(request, "trace_app/panels/source.html", context)


def test_excerpt(trace: Trace, moment: Moment) -> Excerpt | None:
    """The recorded test's source around the line that made the step's call."""
    begun = next(iter(step_events(trace, moment, kinds=("step.start",))), None)
    file = str(begun.data.get("file") or "") if begun else ""
    line = begun.data.get("line") if begun else None
    if not file or not isinstance(line, int):
        return None
    return _excerpt(file, recorded_source(trace, file), line, TEST_LINES)


def error_frames(trace: Trace, moment: Moment) -> list[tuple[StackFrame, Excerpt | None]]:
    """The error's stack, innermost frame first, with the code of the frames that were recorded.

    The step's own failure has the word; one without a stack is followed to the page's errors.
    """
    stacks = (
        _stack(event)
        for event in step_events(trace, moment, kinds=_FAILURES)
        if event.level == "error"
    )
    frames = next((found for stack in stacks if (found := stack_frames(stack))), [])
    return [
        (frame, _excerpt(frame.file, recorded_source(trace, frame.file), frame.line, FRAME_LINES))
        for frame in frames[:MAX_FRAMES]
    ]


def _stack(event: Event) -> str:
    error = event.data.get("error")
    held = error if isinstance(error, dict) else event.data
    return str(held.get("stack") or "")


def _excerpt(file: str, text: str, line: int, room: int) -> Excerpt | None:
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return None
    first = max(line - room, 1)
    chosen = lines[first - 1 : line + room]
    return Excerpt(file, [Line(no, text, no == line) for no, text in enumerate(chosen, first)])


def recorded_source(trace: Trace, path: str) -> str:
    """A source file as the recorder kept it, else as the repository has it; empty without both."""
    if trace.playwright_zip:
        try:
            name = packages.source_member(trace.playwright_zip, path)
            content = packages.read_member(trace.playwright_zip, name, MAX_BYTES) if name else None
        except (ArchiveError, PlaywrightError, FileNotFoundError):
            content = None
        if content is not None:
            return content.decode("utf-8", "replace")
    return "" if path.startswith("/") else _kept_text(trace, path)


def scenario_lines(trace: Trace, step: Step | None) -> dict[str, Any]:
    """`lines` of the scenario at the trace's commit; empty where the repository has none of it."""
    text = _kept_text(trace, trace.scenario_path)
    here = step.line if step else None
    return {"path": trace.scenario_path, "lines": numbered(text, here)}


def _kept_text(trace: Trace, path: str) -> str:
    return read_at_hand(trace.project.repo, trace.code_sha, path)


def numbered(text: str, here: int | None) -> list[Line]:
    """The lines of a text, at most 400, around `here` where it is longer."""
    lines = text.splitlines()
    start = max((here or 1) - MAX_LINES // 2, 0) if len(lines) > MAX_LINES else 0
    chosen = lines[start : start + MAX_LINES]
    return [Line(no, line, no == here) for no, line in enumerate(chosen, start + 1)]
