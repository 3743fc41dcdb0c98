"""Events on their way in: encoded lines beside the columns that every later stage needs.

A run of a million events passes through without an object per event staying alive.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from operator import lt
from typing import Final

import msgspec

from trace_app.domain.events import (
    KIND_RIBBON,
    KINDS,
    LEVELS,
    MAX_EVENTS_PER_REQUEST,
    MAX_LINE_BYTES,
    RIBBONS,
    Event,
    EventError,
    Undecoded,
    decode_heads,
    decode_stored,
    decode_undecoded,
    empty_body,
    read_event,
    read_events,
    too_many_events,
)
from trace_app.domain.line_search import Pattern, Span, lines_hit
from trace_app.domain.odd_lines import lines_to_read

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
# Where a larger share of a piece needs a closer look, its lines are read one by one at once.
_MANY: Final = 0.5
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
        return places(ERROR, self.level)


@dataclass(frozen=True, kw_only=True)
class Lines(Columns):
    """Events with their columns.

    `source` is the NDJSON they were read from, one line for each of them; empty where it is not
    at hand, or says more than the events still do. `near` are the events, by their places, that
    have been decoded: all whose line in `source` `screen` hits or is written in an unusual way.
    """

    held: Sequence[Event | Undecoded]
    source: bytes = b""
    near: Mapping[int, Event] = field(default_factory=dict)
    screen: Pattern | None = None

    @classmethod
    def of(
        cls,
        events: Sequence[Event | Undecoded],
        *,
        source: bytes = b"",
        near: Mapping[int, Event] | None = None,
        screen: Pattern | None = None,
    ) -> "Lines":
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
            held=events,
            source=source,
            near=near or {},
            screen=screen,
        )

    @cached_property
    def text(self) -> bytes:
        """NDJSON, each line as this program encodes it."""
        return _encoder.encode_lines(self.held)

    def events(self) -> list[Event]:
        """The events again, decoded."""
        return decode_stored(self.text)

    def event(self, place: int) -> Event:
        """One of the events, decoded."""
        held = self.near.get(place) or self.held[place]
        return held if isinstance(held, Event) else decode_stored(_encoder.encode(held))[0]

    def search(self, patterns: Iterable[Pattern]) -> list[int]:
        """The places of the events whose lines any of the patterns hits, those in `near` aside.

        A line of `near` may be written otherwise than its event will be: ask the event itself.
        """
        text = self.source or self.text
        lines = [text[start:end] for start, end in lines_hit(text, patterns)]
        found = [bisect_left(self.seq, head.seq) for head in decode_heads(b"\n".join(lines))]
        return [place for place in found if place not in self.near]

    def with_events(self, fresh: Mapping[int, Event]) -> "Lines":
        """The same with other events in these places; only their data may differ."""
        held = list(self.held)
        for place, event in fresh.items():
            held[place] = event
        return replace(self, held=held, source=b"", near={}, screen=None)


def split(codes: bytes) -> Iterator[tuple[int, bytes]]:
    """Each code that occurs, with which of the places have it (1) and which have not (0)."""
    for code in sorted(distinct(codes)):
        yield code, only(code, codes)


def only(code: int, codes: bytes) -> bytes:
    """Which of the places have this code (1) and which have not (0)."""
    return codes.translate(_ONLY[code])


def places(code: int, codes: bytes) -> list[int]:
    """The places that have this code; quick where they are few."""
    found: list[int] = []
    while (at := codes.find(code, found[-1] + 1 if found else 0)) >= 0:
        found.append(at)
    return found


def distinct(codes: bytes) -> list[int]:
    """Each code that occurs, once; quick where they are few."""
    found: list[int] = []
    while codes:
        found.append(codes[0])
        codes = codes.translate(None, codes[:1])
    return found


def lines_of(events: Iterable[Event]) -> Iterator[Lines]:
    """The same events, some thousand at a time."""
    source = iter(events)
    while held := list(islice(source, STRETCH)):
        yield Lines.of(held)


def read_lines(
    body: bytes,
    *,
    after_seq: int = 0,
    max_events: int = MAX_EVENTS_PER_REQUEST,
    screen: Pattern | None = None,
) -> list[Lines]:
    """What parse_ndjson reads, in the same order, with the same refusals, but quickly.

    A piece that keeps every rule at first sight is taken whole: of most lines the data is not even
    decoded. Any other piece is read line by line, which names the line that breaks a rule.
    `screen` is looked for on the way, so that nobody has to search the same bytes again.
    Raises EventError.
    """
    found: list[Lines] = []
    line, last, count = 1, after_seq, 0
    for piece in _pieces(body):
        lines = _at_first_sight(piece, lines_to_read(screen, piece), last, screen)
        if lines is None or count + len(lines) > max_events:
            events: list[Event] = []
            for number, event in read_events(piece, after_seq=last, first_line=line):
                if count + len(events) >= max_events:
                    raise too_many_events(number, max_events)
                events.append(event)
            lines = Lines.of(events) if events else None
            line += piece.count(b"\n")
        else:
            line += len(lines)
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


def _at_first_sight(
    piece: bytes, hit: list[Span], last: int, screen: Pattern | None
) -> Lines | None:
    """The events of a piece in its usual form, None where only a closer look can tell."""
    if len(piece) > MAX_LINE_BYTES or not piece.startswith(b"{"):
        return None
    try:
        if not piece.isascii():
            piece.decode()
        events: list[Event | Undecoded] = [*decode_undecoded(piece)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # The odd lines aside, every newline stands between a closing and an opening brace, and no
    # line has an opening brace right behind a closing one. Outside of a text, the former are
    # nowhere within a value and the latter always between two: each line has one event.
    seq = [event.seq for event in events]
    refs = [event.seq > event.ref for event in events if event.ref is not None]
    is_rising = seq[0] > last and all(map(lt, seq, islice(seq, 1, None)))
    if not (is_rising and all(refs)) or len(hit) > len(events) * _MANY:
        return None
    near = _read_in_full([piece[start:end] for start, end in hit], seq)
    if near is None:
        return None
    for place, event in near.items():
        events[place] = event
    return Lines.of(events, source=piece, near=near, screen=screen)


def _read_in_full(lines: Iterable[bytes], seq: Sequence[int]) -> dict[int, Event] | None:
    """The events in these lines by their places; None where one breaks a rule."""
    found: dict[int, Event] = {}
    for line in lines:
        try:
            event = read_event(line)
        except EventError:
            return None
        found[bisect_left(seq, event.seq)] = event
    return found
