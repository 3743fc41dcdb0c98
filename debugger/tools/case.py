"""The facts of one trace, loaded once per question: events, steps, the failure, the last green."""

from functools import cached_property

from debugger.queries.comparisons import compare
from trace_app.domain.diff import StepView, TraceDiff, TraceView
from trace_app.domain.events import Event
from trace_app.domain.signature import Parts, compute
from trace_app.models import Trace
from trace_app.queries.events import trace_view
from trace_app.queries.green import last_green


class Case:
    """What is known of a trace. Everything is read at first use and then kept."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    @cached_property
    def view(self) -> TraceView:
        """All events and steps."""
        return trace_view(self.trace)

    @cached_property
    def by_seq(self) -> dict[int, Event]:
        """Events by number."""
        return {event.seq: event for event in self.view.events}

    @cached_property
    def parts(self) -> Parts | None:
        """The failure's parts with this trace's own numbers (a cluster keeps its first trace's)."""
        found = compute(self.view.events, self.view.steps)
        return found.parts if found else None

    @cached_property
    def failing_step(self) -> StepView | None:
        """The first failed step."""
        return next((step for step in self.view.steps if step.status == "failed"), None)

    @cached_property
    def green(self) -> Trace | None:
        """The last green run of the same scenario."""
        return last_green(self.trace)

    @cached_property
    def diff(self) -> TraceDiff | None:
        """Green against this trace: `a` is green."""
        return self.compare(self.green) if self.green else None

    def compare(self, green: Trace) -> TraceDiff:
        """Another trace against this one: `a` is the other."""
        return compare(green, self.trace).diff

    def step(self, number: int | None) -> StepView | None:
        """The step of this number; None asks for the failing one."""
        if number is None:
            return self.failing_step
        return self.view.step(number)

    def line_of(self, step: StepView | None) -> int | None:
        """The step's line in its scenario file."""
        starts = (e for e in self.view.of_kind("step.start") if step and e.step == step.no)
        line = next((event.data.get("line") for event in starts), None)
        return line if isinstance(line, int) else None

    def of_step(self, number: int, *kinds: str) -> list[Event]:
        """Events of these kinds in a step."""
        return [event for event in self.view.of_kind(*kinds) if event.step == number]

    def green_on(self, branch: str | None) -> Trace | None:
        """The last green run on a named branch, else the one every comparison uses."""
        return self.green if branch is None else last_green(self.trace, branch)
