"""What tests of the runner ask of a result, and an edit of the small application."""

from collections.abc import Callable

from debugger.domain.edits import SourceDiff
from debugger.runner.contract import RecordedStep, RunResult
from tests.flows.debugger.toy import APP
from trace_app.domain.bundle import Bundle, open_bundle
from trace_app.domain.events import Event

Run = Callable[..., RunResult]


def opened(result: RunResult) -> Bundle:
    assert result.bundle is not None, result.message
    return open_bundle(result.bundle.open("rb"))


def events_of(result: RunResult) -> list[Event]:
    return opened(result).events()


def of_kind(result: RunResult, kind: str) -> list[Event]:
    return [event for event in events_of(result) if event.kind == kind]


def recorded(result: RunResult) -> tuple[RecordedStep, ...]:
    return tuple(RecordedStep(no=step.no, status=step.status) for step in result.steps)


def statuses(result: RunResult) -> list[str]:
    return [step.status for step in result.steps]


def app_diff(old: str, new: str) -> SourceDiff:
    """A diff of one line of app.py, made by hand as a person's would be."""
    lines = APP.split("\n")
    at = lines.index(old)
    before, after = lines[at - 1], lines[at + 1]
    diff = f"@@ -{at},3 +{at},3 @@\n {before}\n-{old}\n+{new}\n {after}\n"
    return SourceDiff("app.py", f"--- a/app.py\n+++ b/app.py\n{diff}")


GREETING = app_diff('GREETING = "Welcome"', 'GREETING = "Hello"')
