"""Every published limit at one below, exactly, and one above; with the real numbers."""

import contextlib
import gzip
import io
import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest
import zstandard
from rest_framework.request import Request

from debugger.domain.scenario.errors import ScenarioError
from debugger.domain.scenario.parser import parse as parse_scenario
from trace_app.actions.ingest import MAX_UPLOAD_BYTES
from trace_app.actions.intake import IngestError
from trace_app.api import bodies
from trace_app.domain import archive as archives
from trace_app.domain import events
from trace_app.domain.archive import Archive, ArchiveError
from trace_app.domain.events import Event, EventError, encode_ndjson
from trace_app.domain.lines import read_lines
from trace_app.domain.pictures import MAX_SIDE, PictureError, check_picture
from trace_app.domain.playwright import reader

MIB = 1024**2


class Refusal(Exception):
    """Any of the product's refusals, by its code."""


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except (IngestError, ArchiveError, EventError, PictureError) as error:
        raise Refusal(error.code) from error


def test_the_published_numbers() -> None:
    assert (events.MAX_BODY_BYTES, bodies.MAX_RATIO) == (64 * MIB, 200)
    assert (events.MAX_EVENTS_PER_REQUEST, events.MAX_EVENTS_PER_TRACE) == (100_000, 1_000_000)
    assert (events.MAX_LINE_BYTES, events.MAX_DEPTH, events.MAX_KEYS) == (MIB, 64, 2000)
    assert MAX_UPLOAD_BYTES == archives.MAX_UPLOAD == 1024 * MIB
    assert (archives.MAX_MEMBERS, archives.MAX_UNPACKED) == (60_000, 2048 * MIB)
    assert (archives.MAX_RATIO, reader.MAX_CALLS) == (200, 50_000)
    assert (archives.MAX_TEXT_MEMBER, archives.MAX_LINE) == (1024 * MIB, 64 * MIB)


def body_of(raw: bytes | IO[bytes], encoding: str = "") -> Request:
    """As much of a request as reading its body needs."""

    class Sent:
        headers = {"Content-Encoding": encoding} if encoding else {}
        stream = io.BytesIO(raw) if isinstance(raw, bytes) else raw

    return cast(Request, Sent())


@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_a_body_of_64_mebibytes(extra: int, encoding: str) -> None:
    size = 64 * MIB + extra
    # Random enough that no ratio is in the way, and quick to pack.
    plain = (os.urandom(MIB) + os.urandom(16 * 1024) * (64 * 64))[:size]
    if encoding == "gzip":
        raw = gzip.compress(plain, 1)
    else:
        raw = zstandard.ZstdCompressor(level=1).compress(plain) if encoding else plain
    if extra > 0:
        with refusals_as("body_too_large"):
            bodies.read_ndjson(body_of(raw, encoding))
    else:
        assert len(bodies.read_ndjson(body_of(raw, encoding))) == size


@contextlib.contextmanager
def refusals_as(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as refused, refusals():
        yield
    assert str(refused.value) == code


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_ratio_of_200(extra: int, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = gzip.compress(bytes(4 * MIB))
    monkeypatch.setattr(bodies, "_gunzip", lambda raw: bytes(len(raw) * 200 + extra))
    assert len(raw) * 200 < MIB
    raw += bytes(8192)
    if extra > 0:
        with refusals_as("ratio_too_high"):
            bodies.read_ndjson(body_of(raw, "gzip"))
    else:
        assert bodies.read_ndjson(body_of(raw, "gzip"))


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("damage", ["cut", "more", "other"])
def test_a_packed_body_that_is_not_whole(encoding: str, damage: str) -> None:
    plain = b'{"seq":1}\n' * 1000
    raw = gzip.compress(plain) if encoding == "gzip" else zstandard.ZstdCompressor().compress(plain)
    damaged = {"cut": raw[:-1], "more": raw + b"x", "other": b"hello" + raw}[damage]
    with refusals_as("bad_encoding"):
        bodies.read_ndjson(body_of(damaged, encoding))
    assert bodies.read_ndjson(body_of(raw, encoding)) == plain


def test_a_bomb_is_stopped_early() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(1024 * MIB))
    with refusals_as("body_too_large"):
        bodies.read_ndjson(body_of(bomb, "zstd"))


class Endless:
    """An upload of so many bytes, none of which need memory of their own."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.piece = bytes(MIB)

    def read(self, wanted: int) -> bytes:
        given = self.piece[: min(wanted, self.left)]
        self.left -= len(given)
        return given


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_an_upload_of_a_gibibyte(extra: int) -> None:
    upload = body_of(cast(Any, Endless(1024 * MIB + extra)))
    if extra > 0:
        with refusals_as("upload_too_large"):
            bodies.spool_body(upload, Path(os.devnull))
    else:
        bodies.spool_body(upload, Path(os.devnull))


def directory(sizes: list[tuple[int, int]]) -> io.BytesIO:
    """A zip's directory alone, with (unpacked, packed) bytes of each member: all that is judged."""
    entries = b"".join(
        struct.pack(
            "<4s4B4HL2L5H2L",
            *(b"PK\x01\x02", 20, 3, 20, 0, 0, 8, 0, 0, 0, packed, unpacked),
            *(len(name := b"%d" % number), 0, 0, 0, 0, 0, 0),
        )
        + name
        for number, (unpacked, packed) in enumerate(sizes)
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(sizes), len(sizes), len(entries), 0, 0)
    return io.BytesIO(entries + end)


@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize(
    ("code", "sizes"),
    [
        ("too_many_members", lambda extra: [(0, 0)] * (60_000 + extra)),
        ("too_large_unpacked", lambda extra: [(2**31 - 7, 2**30), (7 + extra, 7)]),
        ("ratio_too_high", lambda extra: [(200 * MIB + extra, MIB)]),
    ],
)
def test_zips(code: str, sizes: Any, extra: int) -> None:
    with refusals_as(code) if extra > 0 else contextlib.nullcontext():
        assert Archive(directory(sizes(extra))).names()


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_events_of_a_request(extra: int) -> None:
    count = 100_000 + extra
    body = encode_ndjson(Event(seq=no, ts=0, kind="app.log", data={}) for no in range(1, count + 1))
    if extra > 0:
        with pytest.raises(EventError) as refused:
            read_lines(body)
        assert (refused.value.code, refused.value.line) == ("too_many_events", 100_001)
    else:
        assert sum(map(len, read_lines(body))) == count


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_steps_of_a_scenario(extra: int) -> None:
    head = '---\nspec_version: "1.0"\nid: 01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80\nslug: many\ndescription: Many\n---\n# Many\n## Steps\n'
    text = head + "".join(f"{no}. navigate `/`\n" for no in range(1, 501 + extra))
    if extra > 0:
        with pytest.raises(ScenarioError, match="at most 500 steps"):
            parse_scenario(text)
    else:
        assert len(parse_scenario(text).steps) == 500 + extra


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_calls_of_a_zip(extra: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # The real number is asserted above; 50,000 calls would only take longer.
    monkeypatch.setattr(reader, "MAX_CALLS", 50)
    start = b'{"type":"context-options","version":8,"browserName":"chromium","options":{},'
    lines = [start + b'"platform":"linux","wallTime":1,"monotonicTime":1,"sdkLanguage":"python"}']
    for no in range(50 + extra):
        call = b'{"type":"before","callId":"call@%d","startTime":%d,"class":"Page",'
        lines.append(call % (no, no + 1) + b'"method":"goto","params":{}}')
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("trace.trace", b"\n".join(lines))
    if extra > 0:
        with pytest.raises(ValueError, match="at most 50 calls"):
            reader.read_package(Archive(out))
    else:
        assert len(reader.read_package(Archive(out)).calls) == 50 + extra


@pytest.mark.parametrize("extra", [-1, 0, 1])
@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp"])
def test_the_sides_of_a_picture(kind: str, extra: int) -> None:
    side = MAX_SIDE + extra
    heads = {
        "jpeg": b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">2H", 9, side),
        "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">2L", side, 9) + bytes(9),
        "gif": b"GIF89a" + struct.pack("<2H", side, 9),
        "webp": b"RIFF\x00\x00\x00\x00WEBPVP8X"
        + bytes(8)
        + (side - 1).to_bytes(3, "little")
        + (8).to_bytes(3, "little"),
    }
    if extra > 0:
        with refusals_as("picture_too_large"):
            check_picture(heads[kind])
    else:
        assert side in (check_picture(heads[kind]).width, check_picture(heads[kind]).height)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8\xff\xe0\xff\xffab",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
    ],
)
def test_what_is_no_picture(head: bytes) -> None:
    with refusals_as("not_a_picture"):
        check_picture(head)
