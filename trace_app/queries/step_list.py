"""A page of a trace's steps around one of them, and the tally of all. Reads only."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet

from trace_app.domain.steps import step_rows
from trace_app.models import Step, Trace
from trace_app.queries.events import events

BEFORE: Final = 12
PAGE: Final = 40
# Of a longer run the steps come with script alone, until it has ended.
_READ_LIVE: Final = 40_000
_OF_STEPS: Final = ("step.start", "step.end", "assertion")


@dataclass(frozen=True, slots=True)
class StepPage:
    """Neighbouring steps, in order; whether there are others before and after them."""

    steps: list[Step]
    has_earlier: bool
    has_later: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of steps; what comes before `begun_ms` is preparation."""

    passed: int
    failed: int
    not_run: int
    begun_ms: float

    @property
    def sentence(self) -> str:
        """The totals for people, without those that are none."""
        counts = {"passed": self.passed, "failed": self.failed, "not run": self.not_run}
        return " · ".join(f"{count} {word}" for word, count in counts.items() if count)


def so_far(trace: Trace) -> list[Step]:
    """The steps of a run that goes on, out of its events: rows are written when it has ended."""
    if trace.processed or trace.is_cold or trace.event_count > _READ_LIVE:
        return []
    rows = step_rows(events(trace, kinds=_OF_STEPS))
    return [Step(trace=trace, **asdict(row)) for row in rows]


def latest(steps: list[Step]) -> StepPage:
    """The last of the steps of a run that goes on."""
    return StepPage(steps[-PAGE:], has_earlier=False, has_later=False)


def tally(steps: list[Step]) -> Totals:
    """The same as `totals` for steps that are no rows yet."""
    ends = [step.status for step in steps]
    passed, failed = ends.count("passed"), ends.count("failed")
    began = min((step.started_ms for step in steps if step.started_ms is not None), default=0.0)
    return Totals(passed, failed, 0, began)


def around(trace: Trace, number: int | None) -> StepPage:
    """Up to PAGE steps with the named one among them; the first ones where none is named."""
    before = _last(trace.steps.filter(number__lt=number or 0), BEFORE + 1)
    kept = before[-BEFORE:]
    later = list(trace.steps.filter(number__gte=number or 0)[: PAGE - len(kept) + 1])
    shown = later[: PAGE - len(kept)]
    return StepPage([*kept, *shown], len(before) > len(kept), len(later) > len(shown))


def before(trace: Trace, number: int) -> StepPage:
    """The steps that lead to this one."""
    found = _last(trace.steps.filter(number__lt=number), PAGE + 1)
    return StepPage(found[-PAGE:], len(found) > PAGE, has_later=False)


def after(trace: Trace, number: int) -> StepPage:
    """The steps that follow this one."""
    found = list(trace.steps.filter(number__gt=number)[: PAGE + 1])
    return StepPage(found[:PAGE], has_earlier=False, has_later=len(found) > PAGE)


def totals(trace: Trace) -> Totals:
    """How the steps ended, and when the first of them began."""
    found = trace.steps.aggregate(
        passed=Count("pk", filter=Q(status="passed")),
        failed=Count("pk", filter=Q(status="failed")),
        every=Count("pk"),
        begun=Min("started_ms"),
    )
    rest = found["every"] - found["passed"] - found["failed"]
    return Totals(found["passed"], found["failed"], rest, found["begun"] or 0.0)


def for_playhead(steps: list[Step] | QuerySet[Step]) -> list[list[Any]]:
    """What the playhead knows of steps; playhead.js names the columns."""
    rows = (
        (
            step.number,
            step.status,
            step.started_ms,
            step.ended_ms,
            step.seq_first,
            step.seq_last,
            step.failing_seq,
        )
        for step in steps
    )
    return [list(row) for row in rows]


def _last(steps: QuerySet[Step], count: int) -> list[Step]:
    return list(steps.order_by("-number")[:count])[::-1]
