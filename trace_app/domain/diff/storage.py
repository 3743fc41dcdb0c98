"""Storage dimension: address, cookies, local and session storage after each step."""

from typing import Any

from trace_app.domain.diff.align import Aligned, StepPair, both_ran
from trace_app.domain.diff.model import Row
from trace_app.domain.diff.values import Change, changes, show
from trace_app.domain.diff.view import TraceView
from trace_app.domain.diff.volatile import template_url
from trace_app.domain.events import Event

# A cookie's own life time moves with every run.
_COOKIE_FIELDS = ("value", "path", "secure", "httpOnly", "sameSite")


def compare(a: TraceView, b: TraceView, aligned: Aligned) -> list[Row]:
    """Differences at the step where each first shows."""
    last_a = [items[-1] if items else None for items in _bucket(a, aligned, "a")]
    last_b = [items[-1] if items else None for items in _bucket(b, aligned, "b")]
    seen: set[tuple[str, str, str, str]] = set()
    rows: list[Row] = []
    for pair, left, right in zip(aligned.pairs, last_a, last_b, strict=True):
        if left is None or right is None:
            continue
        for change in changes(_flat(left), _flat(right)):
            if change.same_as not in seen:
                seen.add(change.same_as)
                rows.append(_row(pair, change, left, right))
    return rows


def _bucket(view: TraceView, aligned: Aligned, side: str) -> list[list[Event]]:
    return aligned.bucket(view.of_kind("storage.state"), side)


def _flat(event: Event) -> dict[str, Any]:
    data = event.data
    cookies = data.get("cookies")
    jar = cookies if isinstance(cookies, list) else []
    return {
        "url": template_url(str(data.get("url", ""))),
        "cookies": {
            str(item.get("name")): {key: item[key] for key in _COOKIE_FIELDS if key in item}
            for item in jar
            if isinstance(item, dict)
        },
        "local": data.get("local") or {},
        "session": data.get("session") or {},
    }


def _row(pair: StepPair, change: Change, a: Event, b: Event) -> Row:
    return Row(
        change=change.op,
        key=change.path,
        before=show(change.before),
        after=show(change.after),
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=a.seq,
        seq_b=b.seq,
        minor=not both_ran(pair),
        detail={"path": change.path, "before": change.before, "after": change.after},
    )
