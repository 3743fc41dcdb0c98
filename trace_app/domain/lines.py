"""Events on their way in: encoded lines beside the columns that every later stage needs.

A run of a million events passes through without an object per event staying alive.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from operator import lt
from typing import Final

import msgspec

from trace_app.domain.ahead import ahead
from trace_app.domain.events import (
    KIND_RIBBON,
    KINDS,
    LEVELS,
    MAX_DEPTH,
    MAX_EVENTS_PER_REQUEST,
    MAX_KEYS,
    MAX_LINE_BYTES,
    RIBBONS,
    Event,
    EventError,
    Undecoded,
    decode_stored,
    decode_undecoded,
    empty_body,
    read_events,
    too_many_events,
)
from trace_app.domain.line_search import Span, lines_hit, over_bytes

NO_STEP: Final = 65535
NO_LEVEL: Final = 255
ERROR: Final = LEVELS.index("error")
_PIECE: Final = 512 * 1024
# How many events make a piece, but the last.
STRETCH: Final = 4096
_KIND_CODE: Final = {kind: no for no, kind in enumerate(KINDS)}
_LEVEL_CODE: Final[dict[str | None, int]] = {
    **{level: no for no, level in enumerate(LEVELS)},
    None: NO_LEVEL,
}
_RIBBON_OF_KIND: Final = bytes(
    RIBBONS.index(KIND_RIBBON[KINDS[code]]) if code < len(KINDS) else 0 for code in range(256)
)
# For each code: a table that maps it to one and every other to zero.
_ONLY: Final = [bytes(code == own for own in range(256)) for code in range(256)]
# Where data that is JSON may still break a rule, or be written otherwise than this program would:
# data that is no object, escapes that spell what has no need of it (NUL among them), numbers that
# a float may not hold, more brackets than the deepest data may have, newlines that need not stand
# between two events, and what else a reader may take for the end of a line.
_ODD: Final = over_bytes(
    r'"data"\s*:\s*[^{\s]|\\[u/]|[:,\[\s]-?[0-9.]+[eE]|[0-9]{19}|[^}]\n|\n[^{]|\r'
    rf"|(?:[{{\[][^{{\[\n]*){{{MAX_DEPTH + 2}}}"
)
# A line with more keys than data may have is so long that it fills a window of this size.
_WIDE: Final = 2 * MAX_KEYS
# Where a larger share of a piece is odd, its lines are read one by one at once.
_MANY: Final = 0.25
_encoder: Final = msgspec.json.Encoder()


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
        return list(compress(range(len(self)), self.level.translate(_ONLY[ERROR])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Columns):
    """Events with their columns: each line of `text` is one as this program encodes it."""

    text: bytes

    @classmethod
    def of(cls, events: "Sequence[Event] | Sequence[Undecoded]") -> "Lines":
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


def split(codes: bytes) -> Iterator[tuple[int, bytes]]:
    """Each code that occurs, with which of the places have it (1) and which have not (0)."""
    for code in sorted(set(codes)):
        yield code, codes.translate(_ONLY[code])


def lines_of(events: Iterable[Event]) -> Iterator[Lines]:
    """The same events, some thousand at a time."""
    source = iter(events)
    while held := list(islice(source, STRETCH)):
        yield Lines.of(held)


def read_lines(
    body: bytes, *, after_seq: int = 0, max_events: int = MAX_EVENTS_PER_REQUEST
) -> list[Lines]:
    """What parse_ndjson reads, in the same order, with the same refusals, but quickly.

    A piece that keeps every rule at first sight is taken whole: of most lines the data is not even
    decoded. Any other piece is read line by line, which names the line that breaks a rule.
    Raises EventError.
    """
    found: list[Lines] = []
    line, last, count = 1, after_seq, 0
    for piece, odd in ahead(_odd_lines, _pieces(body)):
        lines = _at_first_sight(piece, odd, last)
        if lines is None or count + len(lines) > max_events:
            events: list[Event] = []
            for number, event in read_events(piece, after_seq=last, first_line=line):
                if count + len(events) >= max_events:
                    raise too_many_events(number, max_events)
                events.append(event)
            lines = Lines.of(events) if events else None
        line += piece.count(b"\n")
        if lines is not None:
            last, count = lines.seq[-1], count + len(lines)
            found.append(lines)
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


def _at_first_sight(piece: bytes, odd: list[Span], last: int) -> Lines | None:
    """The events of a piece in its usual form, None where only a closer look can tell."""
    if len(piece) > MAX_LINE_BYTES:
        return None
    try:
        if not piece.isascii():
            piece.decode()
        events = decode_undecoded(piece)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # The odd lines aside, every newline stands between a closing and an opening brace, which is
    # nowhere within a value: when there are as many lines as events, each has one.
    if piece.count(b"\n") + (not piece.endswith(b"\n")) != len(events):
        return None
    if len(odd) > len(events) * _MANY or not _read_in_full(piece, odd, events):
        return None
    lines = Lines.of(events)
    refs = [event.seq > event.ref for event in events if event.ref is not None]
    is_rising = lines.seq[0] > last and all(map(lt, lines.seq, lines.seq[1:]))
    return lines if is_rising and all(refs) else None


def _odd_lines(piece: bytes) -> list[Span]:
    """The lines at which only a closer look tells whether they keep the rules."""
    return sorted({*lines_hit(piece, [_ODD]), *_wide_lines(piece)})


def _read_in_full(piece: bytes, odd: list[Span], events: list[Undecoded]) -> bool:
    """Puts the events of odd lines as this program writes them; false where one breaks a rule."""
    place, at = 0, 0
    for start, end in odd:
        place, at = place + piece.count(b"\n", at, start), start
        try:
            [(_, event)] = read_events(piece[start:end])
        except (EventError, ValueError):
            return False
        data = msgspec.Raw(_encoder.encode(event.data))
        events[place] = msgspec.structs.replace(events[place], data=data)
    return True


def _wide_lines(text: bytes) -> Iterator[Span]:
    """The lines that could hold more keys than data may have."""
    at = 0
    while at < len(text):
        if text.find(b"\n", at, at + _WIDE) >= 0:
            at += _WIDE
            continue
        start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        end = len(text) if end < 0 else end
        if text.count(b":", start, end) > MAX_KEYS:
            yield start, end
        at = end + 1
