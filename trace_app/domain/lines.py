"""Events on their way in: encoded lines beside the columns that every later stage needs.

A run of a million events passes through without an object per event staying alive.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import lt
from typing import Final

import msgspec

from trace_app.domain.events import (
    KIND_RIBBON,
    KINDS,
    LEVELS,
    MAX_DEPTH,
    MAX_EVENTS_PER_REQUEST,
    MAX_LINE_BYTES,
    RIBBONS,
    Event,
    decode_stored,
    empty_body,
    read_events,
    too_many_events,
)

NO_STEP: Final = 65535
NO_LEVEL: Final = 255
ERROR: Final = LEVELS.index("error")
_PIECE: Final = 512 * 1024
_EVENTS: Final = 4096
_KIND_CODE: Final = {kind: no for no, kind in enumerate(KINDS)}
_LEVEL_CODE: Final[dict[str | None, int]] = {
    **{level: no for no, level in enumerate(LEVELS)},
    None: NO_LEVEL,
}
_RIBBON_OF_KIND: Final = bytes(
    RIBBONS.index(KIND_RIBBON[KINDS[code]]) if code < len(KINDS) else 0 for code in range(256)
)
_ALL_BUT_STRUCTURE: Final = bytes(set(range(256)) - set(b"{[:\n"))
_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where consecutive events of a trace are, without the events; one entry per event.

    `ts` is milliseconds. `kind` and `level` are positions in KINDS and LEVELS, NO_LEVEL and
    NO_STEP stand for none. `reach` is when the last of what began here had ended, in
    milliseconds.
    """

    seq: "array[int]"
    ts: "array[float]"
    kind: bytes
    step: "array[int]"
    level: bytes
    reach: float

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def ribbon(self) -> bytes:
        """Positions in RIBBONS."""
        return self.kind.translate(_RIBBON_OF_KIND)

    @property
    def errors(self) -> list[int]:
        """The places of those that are errors."""
        if ERROR not in self.level:
            return []
        return [no for no, level in enumerate(self.level) if level == ERROR]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Columns):
    """Events with their columns: each line of `text` is one as this program encodes it."""

    text: bytes

    @classmethod
    def of(cls, events: Sequence[Event]) -> "Lines":
        """The columns of some events, at least one."""
        ts = array("d", [event.ts for event in events])
        ends = [event.ts + event.dur for event in events if event.dur and event.ref is None]
        return cls(
            seq=array("q", [event.seq for event in events]),
            ts=ts,
            kind=bytes([_KIND_CODE[event.kind] for event in events]),
            step=array("H", [NO_STEP if (no := event.step) is None else no for event in events]),
            level=bytes([_LEVEL_CODE[event.level] for event in events]),
            reach=max(*ends, *ts) if ends else max(ts),
            text=_encoder.encode_lines(events),
        )

    def events(self) -> list[Event]:
        """The events again."""
        return decode_stored(self.text)


def lines_of(events: Iterable[Event]) -> Iterator[Lines]:
    """The same events, some thousand at a time."""
    source = iter(events)
    while held := list(islice(source, _EVENTS)):
        yield Lines.of(held)


def read_lines(
    body: bytes, *, after_seq: int = 0, max_events: int = MAX_EVENTS_PER_REQUEST
) -> list[Lines]:
    """What parse_ndjson reads, in the same order, with the same refusals, in half its time.

    A piece that keeps every rule at first sight is taken whole; any other is read line by line,
    which names the line that breaks one. Raises EventError.
    """
    found: list[Lines] = []
    line, last, count = 1, after_seq, 0
    for piece in _pieces(body):
        events = _at_first_sight(piece, last)
        if events is None or count + len(events) > max_events:
            events = []
            for number, event in read_events(piece, after_seq=last, first_line=line):
                if count + len(events) >= max_events:
                    raise too_many_events(number, max_events)
                events.append(event)
        line += piece.count(b"\n")
        if events:
            last, count = events[-1].seq, count + len(events)
            found.append(Lines.of(events))
    if not found:
        raise empty_body()
    return found


def _pieces(body: bytes) -> Iterator[bytes]:
    """The body cut behind newlines, about half a mebibyte each; a line is never divided."""
    begin = 0
    while begin < len(body):
        end = body.find(b"\n", begin + _PIECE) + 1 or len(body)
        yield body[begin:end]
        begin = end


def _at_first_sight(piece: bytes, last: int) -> list[Event] | None:
    """The events of a piece in its usual form, None where only a closer look can tell."""
    if len(piece) > MAX_LINE_BYTES or b"\\u0000" in piece or _is_crowded(piece):
        return None
    try:
        events = _decoder.decode_lines(piece)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not events or not _one_per_line(piece, len(events)):
        return None
    seqs = [event.seq for event in events]
    is_rising = seqs[0] > last and all(map(lt, seqs, seqs[1:]))
    refs = [event.seq > event.ref for event in events if event.ref is not None]
    return events if is_rising and all(refs) else None


def _is_crowded(piece: bytes) -> bool:
    """Whether a line has so many brackets or colons that it could be too deep or too wide."""
    marks = piece.translate(None, _ALL_BUT_STRUCTURE)
    return max(map(len, marks.split(b"\n"))) > MAX_DEPTH


def _one_per_line(piece: bytes, count: int) -> bool:
    # Nothing in a JSON value has an opening brace behind a closing one, so each such newline parts
    # two values; when there are as many as newlines, no line holds two and none holds half.
    between = piece.count(b"}\n{")
    return between + 1 == count and between == piece.count(b"\n") - piece.endswith(b"\n")
