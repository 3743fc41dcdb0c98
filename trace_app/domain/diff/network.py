"""Network dimension: requests with their answers, matched by method and path template."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from trace_app.domain.diff.align import Aligned, StepPair, both_ran
from trace_app.domain.diff.matching import match, match_in_turn
from trace_app.domain.diff.model import Row
from trace_app.domain.diff.view import TraceView
from trace_app.domain.diff.volatile import template_text, template_url
from trace_app.domain.events import Event
from trace_app.domain.paths import split_url

_STATIC_TYPES = frozenset({"stylesheet", "script", "image", "font", "media", "manifest", "other"})
_STATIC_ENDS = (".css", ".js", ".map", ".png", ".jpg", ".jpeg", ".svg", ".ico", ".woff2", ".webp")
# What the browser stopped by itself (a navigation away, a closed page) is not the server's failure.
_ABORTED = ("ERR_ABORTED", "NS_BINDING_ABORTED", "cancelled", "canceled")
_ALIKE = 0.5
# Comparing every path with every other one takes a second at this size; nobody renames so much.
_MOST_PAIRS = 20_000
_NOT_MODIFIED = 304
_ORDER = ("changed", "removed", "added")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came of it. `status` is None when nothing was answered."""

    method: str
    path: str
    template: str
    source: str
    status: int | None
    error: str | None
    step: int | None
    seq: int
    answer_seq: int | None
    static: bool

    @property
    def outcome(self) -> str:
        """The status, or why there is none, as a word."""
        if self.status is not None:
            # Whether the browser had the file already is the cache's state, not the server's.
            return "200" if self.status == _NOT_MODIFIED else str(self.status)
        return f"failed: {self.error}" if self.error else "no answer"

    @property
    def failed(self) -> bool:
        """A 4xx, a 5xx or a broken connection; what the browser itself stopped does not count."""
        if self.status is not None:
            return self.status >= 400
        return bool(self.error) and not any(word in str(self.error) for word in _ABORTED)

    @property
    def name(self) -> str:
        """Method and path template."""
        return f"{self.method} {self.template}"

    @property
    def cite(self) -> int:
        """The event to cite: the answer's, else the request's."""
        return self.answer_seq or self.seq


def exchanges(view: TraceView) -> list[Exchange]:
    """Every request of the trace with its answer, by the request's seq."""
    answers: dict[int, Event] = {
        event.ref: event
        for event in view.of_kind("network.response", "network.failed")
        if event.ref is not None
    }
    return [_exchange(event, answers.get(event.seq)) for event in view.of_kind("network.request")]


def _exchange(request: Event, answer: Event | None) -> Exchange:
    url = str(request.data.get("url", ""))
    path = split_url(url).path or "/"
    status = answer.data.get("status") if answer else None
    error = answer.data.get("error") if answer and answer.kind == "network.failed" else None
    kind = str(request.data.get("resource_type") or "")
    return Exchange(
        method=str(request.data.get("method", "GET")).upper(),
        path=path,
        template=template_url(url),
        source=str(request.data.get("source") or "browser"),
        status=status if isinstance(status, int) and status > 0 else None,
        error=template_text(str(error)) if error else None,
        step=request.step,
        seq=request.seq,
        answer_seq=answer.seq if answer else None,
        static=kind in _STATIC_TYPES or path.lower().endswith(_STATIC_ENDS),
    )


def compare(a: TraceView, b: TraceView, aligned: Aligned) -> list[Row]:
    """Differences in step order; a request that only moved to the next step is not one."""
    by_a = {item.seq: item for item in exchanges(a)}
    by_b = {item.seq: item for item in exchanges(b)}
    requests_a = aligned.bucket(a.of_kind("network.request"), "a")
    requests_b = aligned.bucket(b.of_kind("network.request"), "b")
    steps: list[_StepDiff] = []
    for pair, left, right in zip(aligned.pairs, requests_a, requests_b, strict=True):
        matched = match_in_turn(
            [by_a[event.seq] for event in left],
            [by_b[event.seq] for event in right],
            (_exactly, _same_source, _same_request),
        )
        changed = [(x, y) for x, y in matched.pairs if x.outcome != y.outcome]
        steps.append(_StepDiff(pair, changed, matched.only_a, matched.only_b))
    _drop_moved(steps)
    return [row for step in steps for row in step.rows()]


def _exactly(item: Exchange) -> tuple[str, str, str]:
    return (item.source, item.name, item.outcome)


def _same_source(item: Exchange) -> tuple[str, str]:
    return (item.source, item.name)


def _same_request(item: Exchange) -> str:
    return item.name


@dataclass(slots=True)
class _StepDiff:
    pair: StepPair
    changed: list[tuple[Exchange, Exchange]]
    only_a: list[Exchange]
    only_b: list[Exchange]

    def rows(self) -> list[Row]:
        renamed = _renamed(self.only_a, self.only_b)
        gone = {x.seq for x, _y in renamed}
        come = {y.seq for _x, y in renamed}
        rows = [_row(self.pair, x, y) for x, y in (*self.changed, *renamed)]
        rows += [_row(self.pair, x, None) for x in self.only_a if x.seq not in gone]
        rows += [_row(self.pair, None, y) for y in self.only_b if y.seq not in come]
        # Numbers of two traces have no common order: what changed comes first, then what is gone.
        return sorted(rows, key=lambda row: (_ORDER.index(row.change), row.seq_b or row.seq_a or 0))


def _drop_moved(steps: list[_StepDiff]) -> None:
    """A late request may fall into the step after; that is timing, not behaviour."""
    for here, after in pairwise(steps):
        first = match(here.only_a, after.only_b, _exactly)
        here.only_a, after.only_b = first.only_a, first.only_b
        second = match(after.only_a, here.only_b, _exactly)
        after.only_a, here.only_b = second.only_a, second.only_b


def _renamed(a: list[Exchange], b: list[Exchange]) -> list[tuple[Exchange, Exchange]]:
    """The same sender with the same method and an alike path: the route moved."""
    found: list[tuple[Exchange, Exchange]] = []
    if len(a) * len(b) > _MOST_PAIRS:
        return found
    free = list(b)
    for item in a:
        same = [x for x in free if (x.source, x.method) == (item.source, item.method)]
        best = max(same, key=lambda x: _alike(item.template, x.template), default=None)
        if best is not None and _alike(item.template, best.template) >= _ALIKE:
            found.append((item, best))
            free.remove(best)
    return found


def _alike(a: str, b: str) -> float:
    """Share of path words in common, else of characters, 0…1."""
    words_a, words_b = set(a.strip("/").split("/")), set(b.strip("/").split("/"))
    words = 2 * len(words_a & words_b) / max(1, len(words_a) + len(words_b))
    return max(words, SequenceMatcher(None, a, b, autojunk=False).ratio() - 0.15)


def _row(pair: StepPair, a: Exchange | None, b: Exchange | None) -> Row:
    one = b or a
    if one is None:
        raise ValueError("a row needs a side")
    moved = bool(a and b and a.template != b.template)
    change = "changed" if a and b else ("removed" if a else "added")
    failing = bool((a and a.failed) or (b and b.failed))
    return Row(
        change=change,
        key=one.name,
        before=_side(a, named=moved),
        after=_side(b, named=moved),
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=a.cite if a else None,
        seq_b=b.cite if b else None,
        minor=(one.static or not both_ran(pair)) and not failing,
        note=_note(pair, a, b),
        detail=_detail(a, b),
    )


def _side(item: Exchange | None, *, named: bool) -> str | None:
    if item is None:
        return None
    return f"{item.name} → {item.outcome}" if named else item.outcome


def _note(pair: StepPair, a: Exchange | None, b: Exchange | None) -> str:
    if a and b and a.template != b.template:
        return "the path changed"
    if not both_ran(pair) and not (a and b):
        return "this step ran in one of the two only"
    return ""


def _detail(a: Exchange | None, b: Exchange | None) -> dict[str, object]:
    one = b or a
    return {
        "method": one.method if one else "",
        "source": one.source if one else "",
        "path_a": a.path if a else None,
        "path_b": b.path if b else None,
        "template_a": a.template if a else None,
        "template_b": b.template if b else None,
        "status_a": a.status if a else None,
        "status_b": b.status if b else None,
        "error_a": a.error if a else None,
        "error_b": b.error if b else None,
    }
