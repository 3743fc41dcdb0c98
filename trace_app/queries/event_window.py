"""Windows of a trace's events in display order, by row: what lists and ribbons fetch bit by bit.

The columnar index says which events a window holds; only their chunks are read.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from trace_app.domain.events import KINDS, LEVELS, RIBBONS
from trace_app.domain.index import joined
from trace_app.domain.lines import NO_STEP, Columns
from trace_app.domain.time_range import TimeRange
from trace_app.models import Trace
from trace_app.queries.event_lines import told
from trace_app.queries.events import events
from trace_app.queries.trace_index import columns_of

MOST_ROWS: Final = 200
MOST_MARKS: Final = 4_000
# A decoded index of a million events takes some 60 MB. The one used last stands last.
_MOST_KEPT: Final = 4


@dataclass(frozen=True, slots=True)
class Rows:
    """A trace's index with the positions of its events in display order, by time then seq."""

    index: Columns
    order: Sequence[int]
    of_ribbon: dict[str, Sequence[int]] = field(default_factory=dict)

    def chosen(self, ribbon: str, held: TimeRange | None) -> Sequence[int]:
        """The positions of one ribbon's events or of all, inside the range."""
        order = self._lane(ribbon) if ribbon else self.order
        if held:
            time = self.index.ts.__getitem__
            first = bisect_left(order, held.start, key=time)
            order = order[first : bisect_right(order, held.end, lo=first, key=time)]
        return order

    def row_of(self, chosen: Sequence[int], seq: int) -> int:
        """The row of an event among the chosen; of the one shown before it where it is not."""
        numbers, times = self.index.seq, self.index.ts
        at = bisect_left(numbers, seq)
        if at == len(numbers):
            return max(len(chosen) - 1, 0)
        row = bisect_left(chosen, (times[at], at), key=lambda one: (times[one], one))
        held = row < len(chosen) and numbers[chosen[row]] == seq
        return row if held else max(row - 1, 0)

    def _lane(self, ribbon: str) -> Sequence[int]:
        if ribbon not in self.of_ribbon:
            lane, column = RIBBONS.index(ribbon), self.index.ribbon
            self.of_ribbon[ribbon] = [at for at in self.order if column[at] == lane]
        return self.of_ribbon[ribbon]


_KEPT: Final[dict[tuple[str, str], Rows]] = {}
_LOCK: Final = Lock()


def event_rows(
    trace: Trace,
    *,
    ribbon: str,
    held: TimeRange | None,
    row: int,
    count: int,
    at: int | None = None,
    near: float | None = None,
) -> dict[str, Any]:
    """`{total, first, rows: [[seq, ts, kind, step, level, text]…]}` from row `row` on.

    With `at`, a seq, the window lies around that event, else with `near` around that time.
    Times are milliseconds.
    """
    held_rows = _rows(trace)
    chosen = held_rows.chosen(ribbon, held)
    if at is not None:
        row = held_rows.row_of(chosen, at) - count // 2
    elif near is not None:
        row = bisect_right(chosen, near, key=held_rows.index.ts.__getitem__) - count // 2
    first = max(min(row, len(chosen) - count), 0)
    seqs = [held_rows.index.seq[one] for one in chosen[first : first + count]]
    return {"total": len(chosen), "first": first, "rows": _texts(trace, seqs)}


def event_marks(trace: Trace, held: TimeRange) -> dict[str, Any]:
    """Every event of a stretch as columns, to be drawn one by one; `more` where it has too many."""
    rows = _rows(trace)
    index, chosen = rows.index, rows.chosen("", held)
    shown = chosen[:MOST_MARKS]
    return {
        "more": len(chosen) > MOST_MARKS,
        "kinds": list(KINDS),
        "rows": [
            [
                index.seq[at],
                index.ts[at],
                index.kind[at],
                _step(index, at),
                _rank(index, at),
            ]
            for at in shown
        ],
    }


def _texts(trace: Trace, seqs: Sequence[int]) -> list[list[Any]]:
    if not seqs:
        return []
    wanted = set(seqs)
    near = events(trace, seq_from=min(seqs), seq_to=max(seqs))
    found = {event.seq: event for event in near if event.seq in wanted}
    shown = told(trace, [found[seq] for seq in seqs if seq in found])
    return [
        [
            event.seq,
            event.ts,
            event.kind,
            event.step or 0,
            event.level or "",
            text,
        ]
        for event, text in shown
    ]


def _step(index: Columns, at: int) -> int:
    return 0 if index.step[at] == NO_STEP else index.step[at]


def _rank(index: Columns, at: int) -> int:
    """0 for nothing to say, 1 a warning, 2 an error, as in the page's index."""
    level = LEVELS[index.level[at]] if index.level[at] < len(LEVELS) else ""
    return {"warning": 1, "error": 2}.get(level, 0)


def _rows(trace: Trace) -> Rows:
    """A finished trace's rows never change and are kept; a running one's are read anew."""
    if trace.processed is None:
        return _read(trace)
    key = (str(trace.pk), trace.processed.isoformat())
    with _LOCK:
        found = _KEPT.pop(key, None)
    found = found or _read(trace)
    with _LOCK:
        _KEPT[key] = found
        while len(_KEPT) > _MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
    return found


def _read(trace: Trace) -> Rows:
    index = joined(list(columns_of(trace)))
    times = index.ts
    return Rows(index, sorted(range(len(times)), key=times.__getitem__))
