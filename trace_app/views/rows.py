"""Traces as the list and the trace page's head word them: prepared strings, no queries."""

import re
from collections.abc import Callable, Container, Iterable
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from operator import itemgetter
from typing import Final, NamedTuple, TypedDict
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from trace_app.domain import wording
from trace_app.domain.states import TraceStatus
from trace_app.queries.listed import AnyTrace

MARKS = {
    TraceStatus.PASSED: "pass",
    TraceStatus.FAILED: "fail",
    TraceStatus.ERROR: "warn",
    TraceStatus.ABORTED: "warn",
    TraceStatus.QUEUED: "run",
    TraceStatus.RUNNING: "run",
}
PILLS = {"pass": "pass", "fail": "fail", "warn": "warn", "run": "accent"}


# Any short id: its place in an address is where another one goes.
_ANY: Final = "111111111"
_NUL: Final = "\0"


class TraceRow(TypedDict):
    """One line of the list; every field is text to show, but the last three.

    `cluster` is the key of the signature. A dictionary, which templates read the quickest.
    """

    short_id: str
    url: str
    pin_url: str
    title: str
    status: str
    mark: str
    pill: str
    verdict: str
    signature: str
    cluster: str
    error: str
    source: str
    origin: str
    sha: str
    duration: str
    age: str
    created: str
    mender: str
    pinned: bool
    running: bool
    may_pin: bool


# What stands in the form of a line for each of its texts; an address takes short ids and keys.
_PLACES: Final[dict[str, str]] = {
    name: f"place-of-{name}" for name, kind in TraceRow.__annotations__.items() if kind is str
} | {"cluster": str(UUID(int=0))}
# The longer first: the place of `pin_url` begins with no other, but that of a name to come might.
_PLACE: Final = re.compile(f"({'|'.join(sorted(_PLACES.values(), key=len, reverse=True))})")


def prepare(trace: AnyTrace, now: datetime, *, may_pin: bool) -> TraceRow:
    """Words a trace. `project`, `signature` and `parent` are expected to be loaded."""
    mark = MARKS.get(TraceStatus(trace.status), "warn")
    return TraceRow(
        short_id=trace.short_id,
        url=_address("trace", trace.short_id),
        pin_url=_address("pin", trace.short_id),
        title=trace.title or trace.scenario_slug or trace.test_id or "Untitled run",
        status=trace.status,
        mark=mark,
        pill=PILLS[mark],
        verdict=verdict(trace),
        signature=trace.signature.slug if trace.signature else "",
        cluster=str(trace.signature_id or ""),
        error=trace.error_line,
        source=source_text(trace),
        origin=origin(trace),
        sha=trace.code_sha[:7],
        duration=wording.duration(trace.duration_ms) if trace.is_finished else trace.status,
        age=wording.age(trace.created, now),
        created=trace.created.isoformat(timespec="seconds"),
        mender=wording.mender_state(trace.mender_state),
        pinned=trace.pinned is not None,
        running=not trace.is_finished,
        may_pin=may_pin,
    )


def lines(traces: Iterable[AnyTrace], may_pin: Container[UUID]) -> SafeString:
    """Many lines of the list as markup; `may_pin` are the keys of teams.

    Rendering fifty lines would take most of the page's time. So `parts/row.html` is rendered once
    for each set of words a line may have, with places for them, and the words are put there.
    """
    now = timezone.now()
    rows = [prepare(trace, now, may_pin=trace.project.team_id in may_pin) for trace in traces]
    return mark_safe("".join(map(_line, rows)))  # noqa: S308 (every word is escaped)


class Form(NamedTuple):
    """The markup of a line, and which of its words goes between which of its pieces."""

    pieces: list[str]
    pick: Callable[[list[str]], tuple[str, ...]]


def _line(row: TraceRow) -> str:
    said = frozenset(name for name, value in row.items() if value)
    # All at once: no word holds NUL, which PostgreSQL refuses.
    words = escape(_NUL.join(map(row.__getitem__, _PLACES))).split(_NUL)  # type: ignore[arg-type]
    form = _form(said)
    pieces = form.pieces.copy()
    pieces[1::2] = form.pick(words)
    return "".join(pieces)


@lru_cache(maxsize=512)
def _form(said: frozenset[str]) -> Form:
    """The form of a line that says these things."""
    row = {name: _PLACES.get(name, True) for name in said}
    pieces = _PLACE.split(render_to_string("trace_app/parts/row.html", {"row": row}))
    order = list(_PLACES.values())
    return Form(pieces, itemgetter(*map(order.index, pieces[1::2])))


def _address(page: str, short_id: str) -> str:
    return _pattern(page).replace(_ANY, short_id)


@cache
def _pattern(page: str) -> str:
    """Looked up once: a list would otherwise resolve two addresses for each of its rows."""
    return reverse(f"trace_app:{page}", args=[_ANY])


def verdict(trace: AnyTrace) -> str:
    """The status with the place: `failed at step 7`."""
    if trace.status == TraceStatus.FAILED and trace.failing_step:
        return f"failed at step {trace.failing_step}"
    return trace.status


def origin(trace: AnyTrace) -> str:
    """For a run made from another one, what it is and of which: `replay of qtW59WA8U`."""
    return f"{trace.source.replace('_', ' ')} of {trace.parent.short_id}" if trace.parent else ""


def source_text(trace: AnyTrace) -> str:
    """Where the run comes from: the pull request, else the branch, else the kind of run."""
    if trace.pr_number:
        return f"PR #{trace.pr_number}"
    return trace.branch or trace.source.replace("_", " ")
