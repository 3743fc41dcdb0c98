"""What the diff engine reads of a trace. Not a database object: `trace_app.queries` fills it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from trace_app.domain.events import Event


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a run. `seq` is what it is cited by: its failure, else its first event."""

    no: int
    title: str
    status: str  # passed | failed | skipped | not_run
    error: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class PageText:
    """Text of the accessibility tree at the end of a step."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class TraceView:
    """One trace, whole. `page_text` maps step number to the page's text where it was captured."""

    ref: str
    steps: tuple[StepView, ...]
    events: tuple[Event, ...]
    page_text: dict[int, PageText] = field(default_factory=dict)

    def of_kind(self, *kinds: str) -> list[Event]:
        """Events of these kinds, in order."""
        return [event for event in self.events if event.kind in kinds]

    def step(self, no: int) -> StepView | None:
        """The step of this number."""
        return next((step for step in self.steps if step.no == no), None)

    @property
    def first_step(self) -> int:
        """Number of the first step that ran here: above 1 in a replay that restored its start."""
        ran = [step.no for step in self.steps if step.status in ("passed", "failed")]
        return min(ran, default=1)

    @classmethod
    def from_events(
        cls,
        ref: str,
        events: Iterable[Event],
        *,
        steps: Iterable[StepView] = (),
        page_text: dict[int, PageText] | None = None,
    ) -> "TraceView":
        """Build from events alone; `steps` wins over what step events say (it may name more)."""
        listed = tuple(events)
        table = {step.no: step for step in steps_of(listed)}
        table.update({step.no: _with_seq(step, table.get(step.no)) for step in steps})
        ordered = tuple(table[no] for no in sorted(table))
        return cls(ref=ref, steps=ordered, events=listed, page_text=page_text or {})


def _with_seq(step: StepView, known: StepView | None) -> StepView:
    if step.seq is not None or known is None:
        return step
    return StepView(step.no, step.title, step.status, step.error, known.seq)


def steps_of(events: Iterable[Event]) -> list[StepView]:
    """The step table as the step.start and step.end events tell it."""
    started: dict[int, Event] = {}
    ended: dict[int, Event] = {}
    for event in events:
        if event.step is None:
            continue
        if event.kind == "step.start":
            started.setdefault(event.step, event)
        elif event.kind == "step.end":
            ended[event.step] = event
    return [_step(no, started.get(no), ended.get(no)) for no in sorted({*started, *ended})]


def _step(no: int, start: Event | None, end: Event | None) -> StepView:
    opened = start.data if start else {}
    closed = end.data if end else {}
    error = closed.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    first = start or end
    return StepView(
        no=no,
        title=str(opened.get("title") or opened.get("text") or f"Step {no}"),
        status=str(closed.get("status") or "not_run"),
        error=str(message) if message else None,
        seq=first.seq if first else None,
    )
