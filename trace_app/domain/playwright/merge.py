"""Calls of several recorders become one list: the runner's view and the library's of one call."""

from dataclasses import replace

from trace_app.domain.playwright.model import Call, Snapshot


def use_the_runners_ids(calls: list[Call], snapshots: list[Snapshot]) -> list[Snapshot]:
    """Before format 7 the library numbers its calls itself: give them the runner's numbers.

    Calls are changed, snapshots are returned.
    """
    runners = {call.same_as: call.call_id for call in calls if call.from_runner and call.same_as}
    if not runners:
        return snapshots
    names = {
        call.call_id: runners[call.same_as]
        for call in calls
        if not call.from_runner and call.same_as in runners
    }
    for call in calls:
        if not call.from_runner:
            call.call_id = names.get(call.call_id, call.call_id)
            call.parent_id = names.get(call.parent_id or "", call.parent_id)
    return [
        replace(shot, call_id=names[shot.call_id]) if shot.call_id in names else shot
        for shot in snapshots
    ]


def merge_calls(calls: list[Call], snapshots: list[Snapshot]) -> list[Call]:
    """One Call per call id, by start; unfinished ones closed at their last child or the end.

    Where both have a call, the runner wins times, error, parent and attachments, the library
    wins class, method and params.
    """
    merged: dict[str, Call] = {}
    for call in calls:
        held = merged.get(call.call_id)
        merged[call.call_id] = call if held is None else _merge(held, call)
    ordered = sorted(
        merged.values(), key=lambda call: (call.start_ms, call.place.member, call.place.line)
    )
    _close(ordered, snapshots)
    return ordered


def _merge(one: Call, other: Call) -> Call:
    if one.from_runner == other.from_runner:
        return one if one.finished or not other.finished else other
    runner, library = (one, other) if one.from_runner else (other, one)
    runner.cls, runner.method, runner.params = library.cls, library.method, library.params
    runner.point = runner.point or library.point
    runner.log = runner.log or library.log
    runner.stack = runner.stack or library.stack
    runner.error = runner.error or (None if runner.finished else library.error)
    if not runner.finished and library.finished:
        runner.end_ms, runner.finished = library.end_ms, True
    return runner


def _close(calls: list[Call], snapshots: list[Snapshot]) -> None:
    """A killed worker leaves calls open: they end with their last child, or with everything."""
    latest = max(
        [call.end_ms or call.start_ms for call in calls] + [shot.wall_ms for shot in snapshots],
        default=0.0,
    )
    children: dict[str, float] = {}
    for call in reversed(calls):
        if call.end_ms is None:
            call.end_ms = children.get(call.call_id, latest)
        call.end_ms = max(call.end_ms, call.start_ms)
        if call.parent_id is not None:
            children[call.parent_id] = max(children.get(call.parent_id, 0.0), call.end_ms)
