"""Cuts the failing step and its neighbours out of a trace as NDJSON.

Pure: given events, gives text within a budget.
"""

from __future__ import annotations

from collections.abc import Iterable

from mender_handoff.domain.messages import Slice
from trace_app.domain.events import Event, encode_ndjson

MAX_BYTES = 512 * 1024
#: Left out first when a step is too long: pictures say nothing to a program.
_BULKY = ("video.frame", "dom.snapshot")


def steps_around(failing_step: int) -> tuple[int, ...]:
    """The failing step first, so that it gets the budget first."""
    before, after = failing_step - 1, failing_step + 1
    return (failing_step, *((before,) if before >= 1 else ()), after)


def cut(failing_step: int, events: Iterable[Event], *, budget: int = MAX_BYTES) -> list[Slice]:
    """Slices in step order. `events` are those of the steps named by `steps_around`, any order."""
    wanted = steps_around(failing_step)
    by_step: dict[int, list[Event]] = {}
    for event in events:
        if event.step in wanted:
            by_step.setdefault(event.step, []).append(event)
    slices = []
    for step in wanted:
        if found := by_step.get(step):
            part, used = _one(step, sorted(found, key=lambda e: e.seq), budget)
            budget -= used
            slices += [part] if part else []
    return sorted(slices, key=lambda one: one.step)


def _one(step: int, events: list[Event], budget: int) -> tuple[Slice | None, int]:
    kept, total = _fit(events, budget)
    if not kept:
        return None, 0
    text = _text(kept)
    part = Slice(
        step=step,
        seq_first=kept[0].seq,
        seq_last=kept[-1].seq,
        ndjson=text,
        truncated=len(kept) < len(events),
    )
    return part, total


def _fit(events: list[Event], budget: int) -> tuple[list[Event], int]:
    """All of them, or errors first, then the latest, without pictures."""
    sizes = {event.seq: len(_text([event]).encode()) for event in events}
    if (total := sum(sizes.values())) <= budget:
        return events, total
    lean = [event for event in events if event.kind not in _BULKY]
    ranked = sorted(lean, key=lambda e: (e.level == "error", e.seq), reverse=True)
    kept, used = [], 0
    for event in ranked:
        if used + sizes[event.seq] <= budget:
            kept.append(event)
            used += sizes[event.seq]
    return sorted(kept, key=lambda e: e.seq), used


def _text(events: list[Event]) -> str:
    body = encode_ndjson(events)
    return body.decode() if isinstance(body, bytes) else str(body)
