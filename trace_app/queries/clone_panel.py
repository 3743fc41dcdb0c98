"""Clone and storage state around a step, with what changed. Reads only."""

from dataclasses import dataclass
from typing import Any, Final

from trace_app.domain.diff.values import Change, changes, show
from trace_app.models import CloneState, Trace
from trace_app.queries.event_chunks import require_thawed
from trace_app.queries.events import events

TRAFFIC: Final = ("clone.request", "clone.webhook", "clone.unmodelled", "egress.blocked")
CHANGES_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class CloneView:
    """One clone after a step. `before` is the step compared with; None when nothing is kept."""

    clone: str
    step: int
    seq: int
    state: Any
    before: int | None
    rows: tuple[tuple[Change, str | None, str | None], ...]
    more: int

    @property
    def changed_paths(self) -> frozenset[str]:
        """Where the state differs, for marking it in the tree."""
        return frozenset(change.path for change, _, _ in self.rows)


def clone_views(trace: Trace, step: int, against: int) -> list[CloneView]:
    """Each clone's latest state at or before `step`, compared with that at or before `against`."""
    require_thawed(trace)
    known = CloneState.objects.filter(trace=trace).values_list("clone", "step")
    steps: dict[str, list[int]] = {}
    for clone, number in known:
        steps.setdefault(clone, []).append(number)
    wanted = {
        clone: (_latest(numbers, step), _latest(numbers, against))
        for clone, numbers in steps.items()
    }
    needed = {number for pair in wanted.values() for number in pair if number is not None}
    stored = {
        (state.clone, state.step): state
        for state in CloneState.objects.filter(trace=trace, step__in=needed)
    }
    views = []
    for clone, (now, before) in sorted(wanted.items()):
        if now is not None:
            old = stored.get((clone, before)) if before is not None else None
            views.append(_view(stored[clone, now], old))
    return views


def clone_views_against(trace: Trace, green: Trace, step: int) -> list[CloneView] | None:
    """Each clone after the step, compared with the same step of a green run; equal ones are out.

    None where the runs share no clone whose state was kept.
    """
    here, there = _states_at(trace, step), _states_at(green, step)
    if not here.keys() & there.keys():
        return None
    views = [_view(here[clone], there[clone]) for clone in sorted(here) if clone in there]
    return [view for view in views if view.rows]


def storage_at(trace: Trace, step: int | None) -> dict[str, Any] | None:
    """The last stored cookies and storages at or before the step, and their changes in it."""
    found = [
        event
        for event in events(trace, kinds=("storage.state",))
        if step is None or event.step is None or event.step <= step
    ]
    if not found:
        return None
    now, before = found[-1], found[-2].data if len(found) > 1 else {}
    old, new = _stored(before), _stored(now.data)
    changed = list(changes(old, new))[:CHANGES_SHOWN] if len(found) > 1 else []
    return {
        "event": now,
        "url": now.data.get("url"),
        **new,
        "rows": [(change, show(change.before), show(change.after)) for change in changed],
    }


def _stored(data: dict[str, Any]) -> dict[str, Any]:
    """Cookies and storages; what a recorder wrote there in another form is none."""
    jar = data.get("cookies")
    kept = {name: data.get(name) for name in ("local", "session")}
    return {
        "cookies": [one for one in jar if isinstance(one, dict)] if isinstance(jar, list) else [],
        **{name: held if isinstance(held, dict) else {} for name, held in kept.items()},
    }


def _states_at(trace: Trace, step: int) -> dict[str, CloneState]:
    latest = CloneState.objects.filter(trace=trace, step__lte=step).order_by("clone", "-step")
    return {state.clone: state for state in latest.distinct("clone")}


def _latest(numbers: list[int], limit: int) -> int | None:
    return max((number for number in numbers if number <= limit), default=None)


def _view(now: CloneState, before: CloneState | None) -> CloneView:
    found = list(changes(before.state, now.state)) if before is not None else []
    shown = found[:CHANGES_SHOWN]
    return CloneView(
        clone=now.clone,
        step=now.step,
        seq=now.seq,
        state=now.state,
        before=None if before is None else before.step,
        rows=tuple((change, show(change.before), show(change.after)) for change in shown),
        more=len(found) - len(shown),
    )
