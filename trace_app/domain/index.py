"""The index of a trace: the columns of all its events as one small blob.

It says where every event is; what happened stands in the chunks.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from operator import sub
from typing import Final

import msgspec
import zstandard

from trace_app.domain.lines import Columns

# Parts are packed by themselves: a reader holds one of them, whatever the length of the trace.
_PART_EVENTS: Final = 65_536
# What came in batches is joined to parts of at least this many.
_WHOLE_EVENTS: Final = 16_384
_MAX_PART: Final = 64 * 1024 * 1024
_LEVEL: Final = 1
# Forms of the times: differences to the event before in microseconds, as all parts had them once;
# or milliseconds as they are, the first bytes of all, then the second ones and so on.
_DIFFERENCES: Final = 0
_PLANES: Final = 1
_WIDTH: Final = array("d").itemsize


class _Part(msgspec.Struct, array_like=True):
    """Numbers are the differences to the event before. What `ts` holds, `form` says."""

    seq: bytes
    ts: bytes
    kind: bytes
    step: bytes
    level: bytes
    reach: float
    form: int = _DIFFERENCES


def build_index(pieces: Iterable[Columns]) -> bytes:
    """The columns in order of seq, joined."""
    parts: list[bytes] = []
    held: list[Columns] = []
    for piece in pieces:
        held.append(piece)
        if sum(map(len, held)) >= _PART_EVENTS:
            parts.append(_pack(joined(held)))
            held = []
    if held:
        parts.append(_pack(joined(held)))
    return msgspec.msgpack.encode(parts)


def join_indexes(blobs: Iterable[bytes], add: Callable[[Columns], None]) -> bytes:
    """One index of several in order of seq; `add` is shown the columns as they go by.

    Parts of some length stay as they are packed. Raises ValueError for bytes that are no index.
    """
    parts: list[bytes] = []
    held: list[Columns] = []
    for packed in (part for blob in blobs for part in _parts(blob)):
        columns = _unpack(packed)
        add(columns)
        held.append(columns)
        size = sum(map(len, held))
        if size >= _WHOLE_EVENTS:
            parts.append(packed if len(held) == 1 else _pack(joined(held)))
            held = []
    if held:
        parts.append(_pack(joined(held)))
    return msgspec.msgpack.encode(parts)


def read_index(blob: bytes) -> Columns:
    """All columns of a blob that build_index made. Raises ValueError for any other."""
    return joined(list(read_parts(blob)))


def read_parts(blob: bytes) -> Iterator[Columns]:
    """The same part by part."""
    yield from map(_unpack, _parts(blob))


def _parts(blob: bytes) -> list[bytes]:
    try:
        return msgspec.msgpack.decode(blob, type=list[bytes])
    except msgspec.DecodeError as error:
        raise ValueError("these bytes are no index") from error


def _pack(columns: Columns) -> bytes:
    times = columns.ts.tobytes()
    part = _Part(
        seq=_differences(columns.seq).tobytes(),
        ts=b"".join(times[no::_WIDTH] for no in range(_WIDTH)),
        kind=columns.kind,
        step=columns.step.tobytes(),
        level=columns.level,
        reach=columns.reach,
        form=_PLANES,
    )
    return zstandard.ZstdCompressor(level=_LEVEL).compress(msgspec.msgpack.encode(part))


def _unpack(packed: bytes) -> Columns:
    try:
        body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MAX_PART)
        part = msgspec.msgpack.decode(body, type=_Part)
    except (msgspec.DecodeError, zstandard.ZstdError) as error:
        raise ValueError("these bytes are no index") from error
    ts = _times(part)
    return Columns(
        seq=array("q", accumulate(array("q", part.seq))),
        ts=ts,
        kind=part.kind,
        step=array("H", part.step),
        level=part.level,
        reach=max(part.reach, max(ts, default=0.0)),
    )


def _times(part: _Part) -> "array[float]":
    if part.form == _DIFFERENCES:
        return array("d", [us / 1000 for us in accumulate(array("q", part.ts))])
    count, times = len(part.kind), bytearray(part.ts)
    for no in range(_WIDTH):
        times[no::_WIDTH] = part.ts[no * count : (no + 1) * count]
    return array("d", bytes(times))


def _differences(values: "array[int]") -> "array[int]":
    first, last, count = values[0], values[-1], len(values)
    if last - first == count - 1:
        # They rise, so that there is no gap.
        return array("q", [first]) + array("q", [1]) * (count - 1)
    return array("q", [first, *map(sub, values[1:], values)])


def joined(pieces: list[Columns]) -> Columns:
    """Columns one after the other as one."""
    if len(pieces) == 1:
        return pieces[0]
    seq, ts, step = array("q"), array("d"), array("H")
    for piece in pieces:
        seq.extend(piece.seq)
        ts.extend(piece.ts)
        step.extend(piece.step)
    return Columns(
        seq=seq,
        ts=ts,
        kind=b"".join(piece.kind for piece in pieces),
        step=step,
        level=b"".join(piece.level for piece in pieces),
        reach=max((piece.reach for piece in pieces), default=0.0),
    )
