"""Chunks: events at rest, zstd-compressed per ribbon, and the columnar index of a whole trace.

Packs and unpacks bytes; where they are kept is the store's business.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import msgspec
import zstandard

from trace_app.domain.events import (
    KINDS,
    LEVELS,
    MAX_EVENTS_PER_TRACE,
    MAX_LINE_BYTES,
    RIBBONS,
    Event,
    decode_stored,
    encode_line,
)
from trace_app.domain.paths import template_path

CHUNK_EVENTS: Final = 256
CHUNK_BYTES: Final = 64 * 1024
_LEVEL: Final = 3
# One line may exceed the target size by itself, so the reader allows one more line.
_MAX_CHUNK: Final = CHUNK_BYTES + MAX_LINE_BYTES * 2
_MAX_INDEX: Final = MAX_EVENTS_PER_TRACE * 32


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


def pack(events: Iterable[Event], first_no: dict[str, int] | None = None) -> Iterator[Chunk]:
    """Chunks in the order they fill up; `first_no` continues a trace that has some already."""
    numbers = dict(first_no or {})
    open_chunks: dict[str, list[tuple[Event, bytes]]] = {}
    sizes: dict[str, int] = {}
    for event in events:
        line = encode_line(event)
        held = open_chunks.setdefault(event.ribbon, [])
        held.append((event, line))
        sizes[event.ribbon] = sizes.get(event.ribbon, 0) + len(line)
        if len(held) >= CHUNK_EVENTS or sizes[event.ribbon] >= CHUNK_BYTES:
            yield _seal(event.ribbon, numbers, open_chunks.pop(event.ribbon))
            sizes[event.ribbon] = 0
    for ribbon, held in open_chunks.items():
        yield _seal(ribbon, numbers, held)


def unpack(body: bytes) -> list[Event]:
    """The events of one chunk. Raises zstandard.ZstdError for bytes that are no chunk."""
    return decode_stored(unpack_lines(body))


def unpack_lines(body: bytes) -> bytes:
    """The chunk's NDJSON, for readers that pass it on without looking inside."""
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=_MAX_CHUNK)


def _seal(ribbon: str, numbers: dict[str, int], held: list[tuple[Event, bytes]]) -> Chunk:
    number = numbers.get(ribbon, 0)
    numbers[ribbon] = number + 1
    events = [event for event, _ in held]
    return Chunk(
        ribbon=ribbon,
        no=number,
        seq_first=events[0].seq,
        seq_last=events[-1].seq,
        ts_min=min(event.ts for event in events),
        ts_max=max(event.ts for event in events),
        count=len(events),
        body=zstandard.ZstdCompressor(level=_LEVEL).compress(b"".join(line for _, line in held)),
    )


@dataclass(frozen=True, slots=True)
class Index:
    """One column per property, in order of seq; all columns have the same length.

    `ts_us` is microseconds; `ribbon`, `kind` and `level` are positions in RIBBONS, KINDS and
    LEVELS (level 255 is none), `step` is 65535 for none, `key` hashes what makes two events of
    two traces comparable.
    """

    seq: "array[int]"
    ts_us: "array[int]"
    ribbon: "array[int]"
    kind: "array[int]"
    step: "array[int]"
    level: "array[int]"
    key: "array[int]"


_COLUMNS: Final = (
    ("seq", "q"),
    ("ts_us", "q"),
    ("ribbon", "B"),
    ("kind", "B"),
    ("step", "H"),
    ("level", "B"),
    ("key", "I"),
)
NO_STEP: Final = 65535
NO_LEVEL: Final = 255


def build_index(events: Iterable[Event]) -> bytes:
    """The index of a trace as one blob; times and numbers are stored as differences."""
    columns: dict[str, array[int]] = {name: array(code) for name, code in _COLUMNS}
    last_seq, last_us = 0, 0
    for event in events:
        columns["seq"].append(event.seq - last_seq)
        us = round(event.ts * 1000)
        columns["ts_us"].append(us - last_us)
        last_seq, last_us = event.seq, us
        columns["ribbon"].append(RIBBONS.index(event.ribbon))
        columns["kind"].append(KINDS.index(event.kind))
        columns["step"].append(NO_STEP if event.step is None else min(event.step, NO_STEP - 1))
        columns["level"].append(NO_LEVEL if event.level is None else LEVELS.index(event.level))
        columns["key"].append(crc32(semantic_key(event).encode()))
    body = msgspec.msgpack.encode({name: column.tobytes() for name, column in columns.items()})
    return zstandard.ZstdCompressor(level=_LEVEL).compress(body)


def read_index(blob: bytes) -> Index:
    """The inverse of build_index. Raises ValueError for a blob that is no index."""
    body = zstandard.ZstdDecompressor().decompress(blob, max_output_size=_MAX_INDEX)
    raw = msgspec.msgpack.decode(body, type=dict[str, bytes])
    columns: dict[str, array[int]] = {name: array(code, raw[name]) for name, code in _COLUMNS}
    for name in ("seq", "ts_us"):
        total = 0
        for no, difference in enumerate(columns[name]):
            total += difference
            columns[name][no] = total
    return Index(**columns)


def semantic_key(event: Event) -> str:
    """What an event means regardless of when it happened: two runs are compared by it."""
    data = event.data
    where = template_path(str(data.get("url") or data.get("path") or ""))
    what = data.get("method") or data.get("verb") or data.get("clone") or data.get("type") or ""
    text = str(data.get("title") or data.get("message") or data.get("text") or "")[:200]
    return f"{event.kind}\x1f{what}\x1f{where}\x1f{text}"
