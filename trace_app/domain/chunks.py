"""Chunks: events at rest, zstd-compressed per ribbon.

Packs and unpacks bytes; where they are kept is the store's business.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush, heapreplace
from itertools import compress
from threading import local
from typing import Final

import msgspec
import zstandard

from trace_app.domain.events import MAX_LINE_BYTES, RIBBONS, Event, Undecoded, decode_stored
from trace_app.domain.lines import Lines, split

CHUNK_EVENTS: Final = 256
CHUNK_BYTES: Final = 64 * 1024
# Lines of one ribbon are so much alike that a higher level takes longer and saves nothing.
_LEVEL: Final = 1
_SEQ: Final = len('{"seq":')
# One line may exceed the target size by itself, so the reader allows one more line.
_MAX_CHUNK: Final = CHUNK_BYTES + MAX_LINE_BYTES * 2
_encoder: Final = msgspec.json.Encoder()
# A decompressor serves one thread, and takes longer to make than a chunk to unpack.
_own: Final = local()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to 256 events of one ribbon; `no` counts from 0 within the ribbon; `body` is zstd."""

    ribbon: str
    no: int
    seq_first: int
    seq_last: int
    ts_min: float
    ts_max: float
    count: int
    body: bytes


@dataclass(slots=True)
class _Lane:
    """What one ribbon still holds open; `take` is how many events are likely to fill a chunk."""

    ribbon: str
    number: int
    zstd: Callable[[bytes], bytes]
    events: list[Event | Undecoded] = field(default_factory=list)
    take: int = CHUNK_EVENTS

    def full(self, *, ended: bool = False) -> Iterator[Chunk]:
        """Chunks, as long as the events fill one; all of them at the end."""
        events, begin = self.events, 0
        while begin < len(events) if ended else begin + self.take <= len(events):
            some = events[begin : begin + self.take]
            text = _encoder.encode_lines(some)
            if len(text) >= CHUNK_BYTES:
                # Up to the line that reaches the size. What follows is likely to be as large.
                end = text.index(b"\n", CHUNK_BYTES - 1) + 1
                text = text[:end]
                some = some[: text.count(b"\n")]
                self.take = min(CHUNK_EVENTS, 2 * len(some))
            elif self.take < CHUNK_EVENTS:
                self.take = min(CHUNK_EVENTS, 2 * self.take)
                continue
            begin += len(some)
            yield self._chunk(some, text)
        del events[:begin]

    def _chunk(self, events: Sequence[Event | Undecoded], text: bytes) -> Chunk:
        times = [event.ts for event in events]
        self.number += 1
        return Chunk(
            ribbon=self.ribbon,
            no=self.number - 1,
            seq_first=events[0].seq,
            seq_last=events[-1].seq,
            ts_min=min(times),
            ts_max=max(times),
            count=len(events),
            # At once, while the text is in the processor's cache.
            body=self.zstd(text),
        )


def pack(stretches: Iterable[Lines], first_no: dict[str, int] | None = None) -> Iterator[Chunk]:
    """Chunks in the order they fill up; `first_no` continues a trace that has some already."""
    zstd = zstandard.ZstdCompressor(level=_LEVEL).compress
    numbers = first_no or {}
    lanes = [_Lane(ribbon, numbers.get(ribbon, 0), zstd) for ribbon in RIBBONS]
    for stretch in stretches:
        for code, mine in split(stretch.ribbon):
            lanes[code].events += compress(stretch.held, mine)
            yield from lanes[code].full()
    for lane in lanes:
        yield from lane.full(ended=True)


def unpack(body: bytes) -> list[Event]:
    """The events of one chunk. Raises zstandard.ZstdError for bytes that are no chunk."""
    return decode_stored(unpack_lines(body))


def unpack_lines(body: bytes) -> bytes:
    """The chunk's NDJSON, for readers that pass it on without looking inside."""
    own = getattr(_own, "zstd", None)
    if own is None:
        own = _own.zstd = zstandard.ZstdDecompressor()
    text: bytes = own.decompress(body, max_output_size=_MAX_CHUNK)
    return text


def in_order[T](
    chunks: Iterable[tuple[int, bytes]],
    opened: Callable[[bytes], Iterable[T]],
    seq: Callable[[T], int],
) -> Iterator[T]:
    """What a trace's chunks hold by rising seq; the chunks come as (first seq, body), rising too.

    A chunk is opened when its first event's turn comes: at most one per ribbon is open.
    """
    upcoming = iter(chunks)
    following = next(upcoming, None)
    lanes: list[tuple[int, T, Iterator[T]]] = []
    while lanes or following:
        while following and (not lanes or following[0] < lanes[0][0]):
            rest = iter(opened(following[1]))
            heappush(lanes, (following[0], next(rest), rest))
            following = next(upcoming, None)
        _, first, rest = lanes[0]
        yield first
        if (after := next(rest, None)) is None:
            heappop(lanes)
        else:
            heapreplace(lanes, (seq(after), after, rest))


def repack(lines: bytes) -> bytes:
    """A chunk's body made anew, of the same events with other data."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(lines)


def unpack_some(body: bytes, rising: Sequence[int], *, with_asked: bool = False) -> list[Event]:
    """Those events of a chunk that have one of these numbers; the others are not decoded.

    `with_asked` adds the events that these complete, where they are in the same chunk.
    """
    text = unpack_lines(body)
    last = text.rfind(b"\n", 0, len(text) - 1) + 1
    edges = seq_of(text), seq_of(text[last:])
    found = _lines_at(text, edges, rising)
    if with_asked:
        asked = {event.ref for event in found if event.ref} - {event.seq for event in found}
        found += _lines_at(text, edges, sorted(asked))
    return found


def _lines_at(text: bytes, edges: tuple[int, int], rising: Sequence[int]) -> list[Event]:
    """The events of these numbers in a text whose first and last number are known."""
    first, last = edges
    lines: list[bytes] = []
    end = -1
    for seq in rising[bisect_left(rising, first) : bisect_right(rising, last)]:
        # A newline stands nowhere within a line, so that what follows one is its beginning.
        head = b'{"seq":%d,' % seq
        begin = 0 if text.startswith(head) else text.find(b"\n" + head, max(end, 0)) + 1
        if begin or seq == first:
            end = text.index(b"\n", begin)
            lines.append(text[begin:end])
    return decode_stored(b"\n".join(lines))


def seq_of(line: bytes) -> int:
    """A stored line's number, which comes first as this program encodes lines; not decoded."""
    return int(line[_SEQ : line.index(b",")])
