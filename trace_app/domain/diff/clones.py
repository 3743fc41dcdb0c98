"""Clones dimension: the state of each clone after each step, and what its webhooks met."""

import re
from collections.abc import Iterable
from typing import Any

from trace_app.domain.diff.align import Aligned, StepPair, both_ran
from trace_app.domain.diff.matching import match_in_turn
from trace_app.domain.diff.model import Row
from trace_app.domain.diff.values import Change, changes, show
from trace_app.domain.diff.view import TraceView
from trace_app.domain.diff.volatile import template_url
from trace_app.domain.events import Event

# What a vendor notes about its own doings repeats what objects, requests and webhooks tell.
BOOKKEEPING = re.compile(r"^(?:events|webhook_deliveries|requests|journal)\b")
_QUOTED = re.compile(r"[`\"]([^`\"]+)[`\"]")


def states(view: TraceView) -> dict[str, dict[int, Event]]:
    """{clone: {step: its clone.state event}}; the last one of a step counts, 0 is the start."""
    found: dict[str, dict[int, Event]] = {}
    for event in view.of_kind("clone.state"):
        found.setdefault(str(event.data.get("clone")), {})[event.step or 0] = event
    return found


def state_of(event: Event | None) -> Any:
    """The vendor objects. A snapshot's own envelope (`state`, `config`) is looked through."""
    state = event.data.get("state") if event else None
    if isinstance(state, dict) and isinstance(state.get("state"), dict) and len(state) <= 4:
        return state["state"]
    return state


def compare_states(a: Event | None, b: Event | None) -> list[Change]:
    """What differs between two clone.state events; empty when either is missing."""
    if a is None or b is None:
        return []
    return list(changes(state_of(a), state_of(b)))


def compare(a: TraceView, b: TraceView, aligned: Aligned) -> list[Row]:
    """State differences at the step where each first shows, then webhook outcomes of that step."""
    states_a, states_b = states(a), states(b)
    hooks_a = aligned.bucket(a.of_kind("clone.webhook", "clone.unmodelled"), "a")
    hooks_b = aligned.bucket(b.of_kind("clone.webhook", "clone.unmodelled"), "b")
    seen: set[tuple[str, tuple[str, str, str, str]]] = set()
    named = _expected_paths(a) | _expected_paths(b)
    rows: list[Row] = []
    for pair, left, right in zip(aligned.pairs, hooks_a, hooks_b, strict=True):
        here: list[Row] = []
        for clone in sorted({*states_a, *states_b}):
            pair_states = (
                states_a.get(clone, {}).get(pair.no_a if pair.no_a is not None else -1),
                states_b.get(clone, {}).get(pair.no_b if pair.no_b is not None else -1),
            )
            for change in _fresh(clone, pair_states, seen):
                expected = _bare(change.path) in named
                here.append(_state_row(pair, clone, change, pair_states, expected=expected))
        rows.extend(sorted(here, key=lambda row: (not row.detail["expected"], row.minor)))
        rows.extend(_webhooks(pair, left, right))
    return rows


def _fresh(
    clone: str,
    both: tuple[Event | None, Event | None],
    seen: set[tuple[str, tuple[str, str, str, str]]],
) -> Iterable[Change]:
    for change in compare_states(*both):
        mark = (clone, change.same_as)
        if mark not in seen:
            seen.add(mark)
            yield change


def _expected_paths(view: TraceView) -> set[str]:
    """Paths the scenario has an expectation about, without list positions."""
    texts = (str(e.data.get("text", "")) for e in view.of_kind("assertion"))
    return {_bare(word) for text in texts for word in _QUOTED.findall(text)}


def _bare(path: str) -> str:
    return ".".join(
        part for part in re.split(r"[.\[\]]+", path) if part.strip("-").isalpha() or "_" in part
    )


def _state_row(
    pair: StepPair,
    clone: str,
    change: Change,
    both: tuple[Event | None, Event | None],
    *,
    expected: bool,
) -> Row:
    a, b = both
    return Row(
        change=change.op,
        key=f"{clone}: {change.path}",
        before=show(change.before),
        after=show(change.after),
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=a.seq if a else None,
        seq_b=b.seq if b else None,
        minor=not both_ran(pair) or bool(BOOKKEEPING.search(change.path)),
        detail={
            "clone": clone,
            "path": change.path,
            "op": change.op,
            "before": change.before,
            "after": change.after,
            "expected": expected,
        },
    )


def _webhook_key(event: Event) -> tuple[str, str]:
    data = event.data
    if event.kind == "clone.unmodelled":
        path = template_url(str(data.get("path", "")))
        return (str(data.get("clone")), f"unmodelled {data.get('method')} {path}")
    return (str(data.get("clone")), f"webhook {data.get('event')}")


def _webhook_outcome(event: Event) -> str:
    data = event.data
    if event.kind == "clone.unmodelled":
        return "not modelled"
    return f"{template_url(str(data.get('url', '')))} → {data.get('status') or 'failed'}"


def _webhooks(pair: StepPair, a: list[Event], b: list[Event]) -> list[Row]:
    matched = match_in_turn(a, b, (lambda e: (_webhook_key(e), _webhook_outcome(e)), _webhook_key))
    rows = [
        _webhook_row(pair, x, y)
        for x, y in matched.pairs
        if _webhook_outcome(x) != _webhook_outcome(y)
    ]
    rows += [_webhook_row(pair, x, None) for x in matched.only_a]
    rows += [_webhook_row(pair, None, y) for y in matched.only_b]
    return rows


def _webhook_row(pair: StepPair, a: Event | None, b: Event | None) -> Row:
    one = b or a
    if one is None:
        raise ValueError("a row needs a side")
    clone, what = _webhook_key(one)
    return Row(
        change="changed" if a and b else ("removed" if a else "added"),
        key=f"{clone}: {what}",
        before=_webhook_outcome(a) if a else None,
        after=_webhook_outcome(b) if b else None,
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=a.seq if a else None,
        seq_b=b.seq if b else None,
        minor=not both_ran(pair),
        detail={
            "clone": clone,
            "webhook": one.data.get("event"),
            "status_a": a.data.get("status") if a else None,
            "status_b": b.data.get("status") if b else None,
            "url_a": a.data.get("url") if a else None,
            "url_b": b.data.get("url") if b else None,
        },
    )
