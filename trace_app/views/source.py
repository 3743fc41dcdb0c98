"""The Source stage: the scenario with the step's line, and the code its error came from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trace_app.clients.git import GitError, GitRepository
from trace_app.http import AuthedRequest, Held, read_access
from trace_app.models import Step, Trace
from trace_app.queries.moments import opening

MAX_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line; `here` marks the one the step or the error stands on."""

    number: int
    text: str
    here: bool


@require_GET
def step_source(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Answer the scenario's text around the step `?step=N`, and its error's code.

    A share opens the record, not the repository: its reader sees the step as it was recorded.
    """
    access = read_access(request, ref)
    trace = access.trace
    moment = opening(trace, request.GET.get("step"))
    lines = {} if access.public else scenario_lines(trace, moment.step)
    context = {"trace": trace, "moment": moment, "access": access, **lines}
    return render(request, "trace_app/panels/source.html", context)


def scenario_lines(trace: Trace, step: Step | None) -> dict[str, Any]:
    """`lines` of the scenario at the trace's commit; empty where the repository has none of it."""
    text = read_file(trace, trace.scenario_path)
    here = step.line if step else None
    return {"path": trace.scenario_path, "lines": numbered(text, here)}


def read_file(trace: Trace, path: str) -> str:
    """A file of the trace's repository at its commit; empty where it cannot be read."""
    if not (path and trace.code_sha and trace.project.repo):
        return ""
    try:
        content = GitRepository(Path(trace.project.repo)).read_file(trace.code_sha, path)
    except (GitError, OSError, ValueError):
        return ""
    return content.decode("utf-8", "replace")


def numbered(text: str, here: int | None) -> list[Line]:
    """The lines of a text, at most 400, around `here` where it is longer."""
    lines = text.splitlines()
    start = max((here or 1) - MAX_LINES // 2, 0) if len(lines) > MAX_LINES else 0
    chosen = lines[start : start + MAX_LINES]
    return [Line(no, line, no == here) for no, line in enumerate(chosen, start + 1)]
