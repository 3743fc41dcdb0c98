"""Numbering: unordered drafts from several recorders become events with one `seq`, once.

Every later reader relies on these numbers; nothing numbers a trace a second time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from trace_app.domain.events import Event, Kind, Level, without_nul

_OUTSIDE: Final = frozenset({"run.start", "run.end"})


@dataclass(frozen=True, slots=True)
class Draft:
    """An event without a number, on the wall clock (`wall_ms`, epoch milliseconds).

    `lane`, `member` and `line` say where it was recorded: they break ties of time the same way
    on every reading. `key` names the draft, `ref_key` names the draft it completes.
    """

    wall_ms: float
    lane: str
    kind: Kind
    member: str = ""
    line: int = 0
    dur: float | None = None
    level: Level | None = None
    step: int | None = None
    key: str | None = None
    ref_key: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def number(drafts: Iterable[Draft], origin_ms: float) -> list[Event]:
    """Events with seq 1…n in the order of time, lane, member, line.

    A draft that completes another one never comes before it, whatever its clock says: its time
    is raised to the other's. A `ref_key` nobody has is dropped. Times before `origin_ms` are 0.
    """
    ordered = _after_their_reference(sorted(drafts, key=_order))
    seqs = {draft.key: no for no, draft in enumerate(ordered, start=1) if draft.key is not None}
    return [_event(draft, no, origin_ms, seqs) for no, draft in enumerate(ordered, start=1)]


def assign_steps(events: Sequence[Event]) -> list[Event]:
    """The same events, those without a step given the innermost step open at their seq.

    Between two steps that is the one that ended last: what happens there is its effect.
    """
    opened: list[tuple[int, int]] = []
    last: int | None = None
    result: list[Event] = []
    for event in events:
        if event.kind == "step.start" and event.step is not None:
            opened.append((event.seq, event.step))
        step = opened[-1][1] if opened else last
        placed = event.step is not None or step is None or event.kind in _OUTSIDE
        result.append(event if placed else msgspec.structs.replace(event, step=step))
        if event.kind == "step.end":
            opened = [entry for entry in opened if entry[0] != event.ref]
            last = event.step
    return _same_step_as_reference(result)


def _same_step_as_reference(events: list[Event]) -> list[Event]:
    # An answer belongs to the step that asked, also when it arrives during the next one.
    steps = {event.seq: event.step for event in events}
    return [
        msgspec.structs.replace(event, step=steps[event.ref])
        if event.ref in steps and steps[event.ref] is not None and event.step != steps[event.ref]
        else event
        for event in events
    ]


def _order(draft: Draft) -> tuple[float, str, str, int]:
    return (draft.wall_ms, draft.lane, draft.member, draft.line)


def _after_their_reference(ordered: list[Draft]) -> list[Draft]:
    times = {draft.key: draft.wall_ms for draft in ordered if draft.key is not None}
    position = {draft.key: no for no, draft in enumerate(ordered) if draft.key is not None}
    early = {
        no
        for no, draft in enumerate(ordered)
        if draft.ref_key in position and position[draft.ref_key] > no
    }
    if not early:
        return ordered
    raised = [
        replace(draft, wall_ms=times[draft.ref_key or ""]) if no in early else draft
        for no, draft in enumerate(ordered)
    ]
    # Among equals of time, what is completed goes before what completes it.
    return sorted(raised, key=lambda draft: (draft.wall_ms, draft.ref_key is not None))


def _event(draft: Draft, no: int, origin_ms: float, seqs: dict[str, int]) -> Event:
    ref = seqs.get(draft.ref_key) if draft.ref_key is not None else None
    return Event(
        seq=no,
        ts=round(max(0.0, draft.wall_ms - origin_ms), 3),
        kind=draft.kind,
        step=draft.step,
        ref=ref,
        dur=None if draft.dur is None else round(max(0.0, draft.dur), 3),
        level=draft.level,
        data=without_nul(draft.data),
    )
