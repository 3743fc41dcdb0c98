"""The moment a trace page opens at, and the picture of that moment. Reads only."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from trace_app.domain.events import Event
from trace_app.domain.time_range import TimeRange
from trace_app.models import Step, Trace
from trace_app.queries.events import events
from trace_app.queries.step_list import so_far

# A step may begin without a new picture: how far back to look for the one still shown.
LOOK_BACK_MS: Final = 10_000
# What belongs to a step may be recorded a little outside it; this bounds the chunks to read.
EDGE_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the playhead is when the page opens; `step` is None for a trace without steps."""

    step: Step | None
    seq: int | None
    ts: float

    @property
    def number(self) -> int | None:
        """The step's number."""
        return self.step.number if self.step else None


def opening(trace: Trace, wanted: str | None) -> Moment:
    """The step asked for, else the failing one, else the first; at its failure or at its end.

    Where a run failed in no step, at what failed, after the step before it. A number that names no
    step is the same as none.
    """
    number = int(wanted) if wanted and wanted.isdecimal() and len(wanted) < 9 else None
    asked = [one for one in (number, trace.failing_step) if one]
    live = so_far(trace)
    by_number = {step.number: step for step in live or trace.steps.filter(number__in=asked)}
    step = by_number.get(number or -1) or by_number.get(trace.failing_step or -1)
    if step is None and trace.failing_seq is not None:
        return _after_steps(trace, trace.failing_seq)
    step = step or (live[0] if live else trace.steps.first())
    if step is None:
        return Moment(None, None, 0.0)
    seq = step.failing_seq or step.seq_last
    return Moment(step, seq, step.ended_ms or step.started_ms or 0.0)


def _after_steps(trace: Trace, seq: int) -> Moment:
    """A failure that is no step's: a test's own assertion, or a run without a browser."""
    step = trace.steps.filter(seq_first__lte=seq).last()
    return Moment(step, seq, trace.duration_ms or 0.0)


def exact(trace: Trace, moment: Moment) -> Moment:
    """The same moment at its event's own time, where that event is stored; one chunk is read."""
    failing = (trace.failing_seq, moment.step.failing_seq if moment.step else None)
    if moment.seq is None or moment.seq not in failing:
        return moment
    found = next(iter(events(trace, seq_from=moment.seq, seq_to=moment.seq)), None)
    return Moment(moment.step, moment.seq, found.ts) if found else moment


def step_events(
    trace: Trace,
    moment: Moment,
    *,
    ribbon: str | None = None,
    kinds: Collection[str] | None = None,
    seq_from: int | None = None,
) -> Iterator[Event]:
    """The events of the moment's step; of the whole trace where there are no steps."""
    start = moment.step.started_ms if moment.step else None
    end = moment.step.ended_ms if moment.step else None
    return events(
        trace,
        ribbon=ribbon,
        kinds=kinds,
        step=moment.number,
        seq_from=seq_from,
        ts_from=None if start is None else start - EDGE_MS,
        ts_to=None if end is None else end + EDGE_MS,
    )


def steps_within(trace: Trace, held: TimeRange) -> list[int]:
    """The numbers of the steps that were under way in any part of the range, in order."""
    found = trace.steps.filter(started_ms__lte=held.end)
    open_end = Q(ended_ms__gte=held.start) | Q(ended_ms=None)
    return list(found.filter(open_end).order_by("number").values_list("number", flat=True))


def frame_at(trace: Trace, moment: Moment) -> Event | None:
    """The video frame on screen at the moment; None before the first one."""
    return _latest(_pictures(trace, "video.frame", moment), moment)


def snapshot_at(trace: Trace, moment: Moment) -> Event | None:
    """The DOM snapshot of the top frame that shows the moment; trace-index.js has the same rule.

    Where the moment is its step's failure or end, that is the step's closing snapshot, which is
    always taken a little later; else the last one at or before the moment.
    """
    pictures = _pictures(trace, "dom.snapshot", moment)
    step = moment.step
    if step is not None and moment.seq in (step.failing_seq, step.seq_last):
        closing = [one for one in pictures if one.step == step.number and one.ts >= moment.ts]
        if closing:
            return closing[-1]
    return _latest(pictures, moment)


def _pictures(trace: Trace, kind: str, moment: Moment) -> list[Event]:
    start = moment.step.started_ms if moment.step and moment.step.started_ms else 0.0
    end = moment.step.ended_ms if moment.step and moment.step.ended_ms else moment.ts
    near = events(
        trace,
        kinds=(kind,),
        ts_from=max(start - LOOK_BACK_MS, 0.0),
        ts_to=max(end, moment.ts) + EDGE_MS,
    )
    return [event for event in near if event.data.get("main", True)]


def _latest(pictures: list[Event], moment: Moment) -> Event | None:
    before = [event for event in pictures if event.ts <= moment.ts]
    return before[-1] if before else None
