"""The columnar index the viewer fetches: where every event of a trace is, without the events."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

from trace_app.domain.chunks import NO_STEP, Index, read_index
from trace_app.domain.event_text import action_text
from trace_app.domain.events import KINDS, LEVELS, Event
from trace_app.models import EventIndex, NotableEvent, Trace
from trace_app.queries.events import events

# Beyond this only steps, pictures, snapshots and failures are listed: the page stays quick.
FULL: Final = 40_000
_ALWAYS: Final = frozenset({"step.start", "step.end", "video.frame", "dom.snapshot"})
_RANK: Final = {"warning": "1", "error": "2"}

type Row = tuple[float, int, int, int, str]


def index_json(trace: Trace) -> dict[str, Any]:
    """The object that trace-index.js documents; the chunks of three ribbons are read."""
    partial = trace.event_count > FULL
    rows = _rows(trace, partial=partial)
    agent = [] if partial else list(events(trace, ribbon="agent"))
    network = [] if partial else list(events(trace, ribbon="network"))
    lasting = {
        event.seq: round(event.dur if event.ref is None else -event.dur, 1)
        for event in (*agent, *network)
        if event.dur and event.kind != "step.end"
    }
    return {
        "kinds": list(KINDS),
        "seq": _differences([row[1] for row in rows]),
        "ts": _differences([round(row[0] * 10) for row in rows]),
        "kind": [row[2] for row in rows],
        "step": [row[3] for row in rows],
        "level": "".join(row[4] for row in rows),
        "dur": [[no, lasting[row[1]]] for no, row in enumerate(rows) if row[1] in lasting],
        "titles": _titles(trace),
        "snapshots": snapshots(trace, call_names(agent)),
        "partial": partial,
    }


def snapshots(trace: Trace, names: dict[str, str]) -> list[list[object]]:
    """[seq, phase, label] of the page's own snapshots, without those of the frames inside it."""
    shots = events(trace, kinds=("dom.snapshot",))
    return [
        [shot.seq, shot.data.get("phase") or "at", names.get(shot.data.get("call_id") or "", "")]
        for shot in shots
        if shot.data.get("main", True)
    ]


def call_names(agent: Iterable[Event]) -> dict[str, str]:
    """What each recorded call did, by its id: a snapshot's caption names the call it belongs to."""
    names = {}
    for event in agent:
        call = event.data.get("call_id")
        said = event.data.get("title") or action_text(event.data)
        if call and said:
            names[str(call)] = str(said)[:120]
    return names


def _rows(trace: Trace, *, partial: bool) -> list[Row]:
    stored = EventIndex.objects.filter(trace=trace).only("columns").first()
    if stored is None or not stored.columns:
        return []
    return sorted(_column_rows(read_index(bytes(stored.columns)), partial=partial))


def _column_rows(columns: Index, *, partial: bool) -> list[Row]:
    rows: list[Row] = []
    every = zip(columns.ts_us, columns.seq, columns.kind, columns.step, columns.level, strict=True)
    for ts, seq, kind, step, level in every:
        rank = _RANK.get(LEVELS[level], "0") if level < len(LEVELS) else "0"
        if partial and rank != "2" and KINDS[kind] not in _ALWAYS:
            continue
        rows.append((ts / 1000, seq, kind, 0 if step == NO_STEP else step, rank))
    return rows


def _titles(trace: Trace) -> dict[str, str]:
    notable = NotableEvent.objects.filter(trace=trace).values_list("seq", "title")
    return {str(seq): title for seq, title in notable[:500]}


def _differences(values: Sequence[int]) -> list[int]:
    return [values[0], *(b - a for a, b in pairwise(values))] if values else []
