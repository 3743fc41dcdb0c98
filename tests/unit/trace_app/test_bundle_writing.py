"""A bundle is written event by event and chunk by chunk: nothing that grows with a run is held."""

import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from operator import attrgetter

import pytest

from trace_app.domain.bundle import RunInfo, open_bundle
from trace_app.domain.bundle_writing import ndjson_pieces, write_bundle
from trace_app.domain.chunks import in_order, pack, seq_of, unpack, unpack_lines
from trace_app.domain.events import KINDS, Event, Kind, encode_line, encode_ndjson
from trace_app.domain.lines import lines_of


def run_of(count: int, padding: int = 0) -> Iterator[Event]:
    """All ribbons in turn, one of them in long stretches; numbers have gaps."""
    kinds: list[Kind] = [*KINDS, *["console.message"] * 400]  # type: ignore[list-item]
    for number in range(count):
        text = f"{number} " + "x" * padding
        kind = kinds[number % len(kinds)]
        yield Event(seq=3 * number + 1, ts=number / 4, kind=kind, data={"text": text})


class Counted[T]:
    """Gives what it has one by one and knows how much was taken."""

    def __init__(self, held: Iterable[T]) -> None:
        self._held = held
        self.taken = 0

    def __iter__(self) -> Iterator[T]:
        for one in self._held:
            self.taken += 1
            yield one


def test_an_event_is_taken_when_its_turn_comes() -> None:
    events = Counted(run_of(2_000, padding=1_000))
    body, line = b"", len(encode_line(next(run_of(1, padding=1_000))))
    for piece in ndjson_pieces(events):
        body += piece
        assert events.taken == body.count(b"\n")
        assert len(piece) < 256 * 1024 + 2 * line
    assert body == encode_ndjson(run_of(2_000, padding=1_000))


@pytest.mark.parametrize("count", [1, 300])
def test_a_bundle_holds_the_lines_and_says_what_they_come_to(count: int) -> None:
    out, body = io.BytesIO(), encode_ndjson(run_of(count))
    write_bundle(out, run=RunInfo(status="passed"), events=run_of(count))
    with zipfile.ZipFile(out) as written:
        assert written.read("events.ndjson") == body
        said = json.loads(written.read("manifest.json"))["events"]
    assert said == {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
    assert open_bundle(out).events() == list(run_of(count))


def test_a_long_run_is_never_held() -> None:
    class Nowhere(io.BytesIO):
        """Keeps nothing; a zip that cannot go back needs no more."""

        def write(self, piece: object) -> int:
            return len(memoryview(piece))  # type: ignore[arg-type]

        def seekable(self) -> bool:
            return False

    tracemalloc.start()
    write_bundle(Nowhere(), run=RunInfo(status="passed"), events=run_of(300, padding=200_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * 1024**2


def chunks_of(count: int) -> list[tuple[int, bytes]]:
    chunks = pack(lines_of(run_of(count)))
    return sorted((chunk.seq_first, chunk.body) for chunk in chunks)


def test_chunks_are_opened_one_per_ribbon_and_read_in_order() -> None:
    chunks = Counted(chunks_of(20_000))
    opened: list[int] = []
    closed: list[int] = []

    def open_one(body: bytes) -> Iterator[Event]:
        opened.append(1)
        yield from unpack(body)
        closed.append(1)

    seen = []
    for event in in_order(chunks, open_one, attrgetter("seq")):
        seen.append(event)
        assert len(opened) - len(closed) <= 5
        assert chunks.taken <= len(opened) + 1
    assert seen == list(run_of(20_000))
    assert len(opened) == chunks.taken > 70


def test_lines_come_in_the_same_order_as_they_are_stored() -> None:
    found = in_order(chunks_of(3_000), lambda body: unpack_lines(body).splitlines(), seq_of)
    assert b"".join(line + b"\n" for line in found) == encode_ndjson(run_of(3_000))
    assert list(in_order([], unpack, attrgetter("seq"))) == []
