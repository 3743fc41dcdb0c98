"""The columnar index the viewer fetches: where every event of a trace is, without the events."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from trace_app.domain.event_text import action_text
from trace_app.domain.events import KINDS, LEVELS, Event
from trace_app.domain.index import read_parts
from trace_app.domain.lines import NO_STEP, Columns, lines_of
from trace_app.domain.states import TraceOrigin
from trace_app.models import AppendBatch, EventIndex, NotableEvent, Trace
from trace_app.queries.event_chunks import require_thawed
from trace_app.queries.events import events
from trace_app.queries.step_list import for_playhead

# Beyond this only steps, pictures, snapshots and failures are listed: the page stays quick.
FULL: Final = 40_000
_ALWAYS: Final = frozenset({"step.start", "step.end", "video.frame", "dom.snapshot"})
_RANK: Final = {"warning": "1", "error": "2"}

type Row = tuple[float, int, int, int, str]


def index_json(trace: Trace) -> dict[str, Any]:
    """The object that trace-index.js documents; the chunks of three ribbons are read.

    Raises TraceColdError for a cold trace.
    """
    require_thawed(trace)
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
        "steps": for_playhead(trace.steps.all()),
        "partial": partial,
    }


def snapshots(trace: Trace, names: dict[str, str]) -> list[list[object]]:
    """[seq, phase, label, call] of the page's own snapshots, without those of the frames inside it.

    Snapshots of one call share the number `call`; those of none have one each.
    """
    shots = events(trace, kinds=("dom.snapshot",))
    calls: dict[str, int] = {}
    return [
        [
            shot.seq,
            shot.data.get("phase") or "at",
            names.get(call := str(shot.data.get("call_id") or ""), ""),
            calls.setdefault(call or f"seq {shot.seq}", len(calls)),
        ]
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


def batch_columns(trace: Trace) -> Iterator[Columns]:
    """Where the events of a live trace are, as its batches came."""
    for packed in batch_indexes(trace):
        yield from read_parts(packed)


def batch_indexes(trace: Trace) -> Iterator[bytes]:
    """The indexes of a live trace's batches."""
    batches = AppendBatch.objects.filter(trace=trace).exclude(columns=b"").order_by("seq_first")
    yield from map(bytes, batches.values_list("columns", flat=True).iterator(chunk_size=100))


def columns_of(trace: Trace) -> Iterator[Columns]:
    """Where the events of a trace are, piece by piece in order of seq."""
    stored = EventIndex.objects.filter(trace=trace).only("columns").first()
    if stored is not None and stored.columns:
        return read_parts(bytes(stored.columns))
    is_live = trace.origin == TraceOrigin.APPEND.value
    return batch_columns(trace) if is_live else lines_of(events(trace))


def _rows(trace: Trace, *, partial: bool) -> list[Row]:
    return sorted(row for piece in columns_of(trace) for row in _piece_rows(piece, partial=partial))


def _piece_rows(piece: Columns, *, partial: bool) -> Iterator[Row]:
    every = zip(piece.ts, piece.seq, piece.kind, piece.step, piece.level, strict=True)
    for ts, seq, kind, step, level in every:
        rank = _RANK.get(LEVELS[level], "0") if level < len(LEVELS) else "0"
        if partial and rank != "2" and KINDS[kind] not in _ALWAYS:
            continue
        yield ts, seq, kind, 0 if step == NO_STEP else step, rank


def _titles(trace: Trace) -> dict[str, str]:
    notable = NotableEvent.objects.filter(trace=trace).values_list("seq", "title")
    return {str(seq): title for seq, title in notable[:500]}


def _differences(values: Sequence[int]) -> list[int]:
    return [values[0], *(b - a for a, b in pairwise(values))] if values else []
