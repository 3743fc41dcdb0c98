"""Chunks: events at rest, zstd-compressed per ribbon.

Packs and unpacks bytes; where they are kept is the store's business.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, compress
from typing import Final

import zstandard

from trace_app.domain.ahead import ahead
from trace_app.domain.events import MAX_LINE_BYTES, RIBBONS, Event, decode_stored
from trace_app.domain.lines import Lines, split

CHUNK_EVENTS: Final = 256
CHUNK_BYTES: Final = 64 * 1024
_LEVEL: Final = 3
_SEQ: Final = len('{"seq":')
# One line may exceed the target size by itself, so the reader allows one more line.
_MAX_CHUNK: Final = CHUNK_BYTES + MAX_LINE_BYTES * 2


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
    """What one ribbon still holds open; the three lists are of equal length."""

    number: int
    lines: list[bytes]
    seq: list[int]
    ts: list[float]

    def full(self) -> Iterator[int]:
        """How many of the lines make the next chunk, as long as they fill one."""
        while self.lines:
            sizes = list(map(len, self.lines[:CHUNK_EVENTS]))
            reached = len(sizes)
            if sum(sizes) + reached >= CHUNK_BYTES:
                ends = accumulate(size + 1 for size in sizes)
                reached = next(no for no, end in enumerate(ends, 1) if end >= CHUNK_BYTES)
            elif reached < CHUNK_EVENTS:
                return
            yield reached

    def seal(self, ribbon: str, count: int) -> Chunk:
        lines, seq, ts = self.lines[:count], self.seq[:count], self.ts[:count]
        del self.lines[:count], self.seq[:count], self.ts[:count]
        self.number += 1
        return Chunk(
            ribbon=ribbon,
            no=self.number - 1,
            seq_first=seq[0],
            seq_last=seq[-1],
            ts_min=min(ts),
            ts_max=max(ts),
            count=len(lines),
            body=b"\n".join([*lines, b""]),
        )


def pack(stretches: Iterable[Lines], first_no: dict[str, int] | None = None) -> Iterator[Chunk]:
    """Chunks in the order they fill up; `first_no` continues a trace that has some already."""
    zstd = zstandard.ZstdCompressor(level=_LEVEL).compress
    for chunk, body in ahead(lambda chunk: zstd(chunk.body), _plain(stretches, first_no or {})):
        yield replace(chunk, body=body)


def _plain(stretches: Iterable[Lines], numbers: dict[str, int]) -> Iterator[Chunk]:
    """The chunks before they are compressed."""
    lanes = {ribbon: _Lane(numbers.get(ribbon, 0), [], [], []) for ribbon in RIBBONS}
    for stretch in stretches:
        # Lists, because an array makes its numbers anew for every ribbon that passes over them.
        lines, seq, ts = stretch.text.split(b"\n"), stretch.seq.tolist(), stretch.ts.tolist()
        for code, mine in split(stretch.ribbon):
            lane = lanes[RIBBONS[code]]
            lane.lines += compress(lines, mine)
            lane.seq += compress(seq, mine)
            lane.ts += compress(ts, mine)
            yield from (lane.seal(RIBBONS[code], count) for count in lane.full())
    for ribbon, lane in lanes.items():
        if lane.lines:
            yield lane.seal(ribbon, len(lane.lines))


def unpack(body: bytes) -> list[Event]:
    """The events of one chunk. Raises zstandard.ZstdError for bytes that are no chunk."""
    return decode_stored(unpack_lines(body))


def unpack_lines(body: bytes) -> bytes:
    """The chunk's NDJSON, for readers that pass it on without looking inside."""
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=_MAX_CHUNK)


def repack(lines: bytes) -> bytes:
    """A chunk's body made anew, of the same events with other data."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(lines)


def unpack_some(body: bytes, rising: Sequence[int]) -> list[Event]:
    """Those events of a chunk that have one of these numbers; the others are not decoded."""
    lines = unpack_lines(body).splitlines()
    first, last = seq_of(lines[0]), seq_of(lines[-1])
    wanted = rising[bisect_left(rising, first) : bisect_right(rising, last)]
    places = [bisect_left(lines, seq, key=seq_of) for seq in wanted]
    held = zip(places, wanted, strict=True)
    return decode_stored(b"\n".join(lines[no] for no, seq in held if seq_of(lines[no]) == seq))


def seq_of(line: bytes) -> int:
    """A stored line's number, which comes first as this program encodes lines; not decoded."""
    return int(line[_SEQ : line.index(b",")])
