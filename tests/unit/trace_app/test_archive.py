"""Zips from strangers: each trick is refused by name, before anything is unpacked."""

import io
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import override

import pytest

from trace_app.domain import archive as archives
from trace_app.domain.archive import Archive, ArchiveError, Limits
from trace_app.domain.bundle import RunInfo, open_bundle
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.contents import held
from trace_app.domain.events import Event
from trace_app.domain.redaction import Redactor, learn_zip, rewrite_zip


def zipped(members: dict[str, bytes], **options: int) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out


def refusal(file: io.BytesIO, limits: Limits = archives.DEFAULT_LIMITS) -> ArchiveError:
    with pytest.raises(ArchiveError) as refused:
        Archive(file, limits)
    return refused.value


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a\\..\\b", "C:/x", "c:x"])
def test_names_that_leave_the_zip(name: str) -> None:
    refused = refusal(zipped({name: b""}))
    assert (refused.code, refused.member) == ("unsafe_name", name)


def test_links_and_encryption() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    assert refusal(out).code == "link_member"
    plain = zipped({"a": b"x"}).getvalue()
    # Bit 0 of the flags in the central directory says encrypted.
    at = plain.index(b"PK\x01\x02") + 8
    assert (
        refusal(io.BytesIO(plain[:at] + b"\x01\x00" + plain[at + 2 :])).code == "encrypted_member"
    )


def test_counts_sizes_and_ratios_at_their_limits() -> None:
    many = zipped({str(number): b"" for number in range(11)})
    assert Archive(many, Limits(members=11)).names()
    assert refusal(many, Limits(members=10)).code == "too_many_members"
    large = zipped({"a": b"x" * 1000})
    assert Archive(large, Limits(unpacked=1000)).names()
    assert refusal(large, Limits(unpacked=999)).code == "too_large_unpacked"
    assert refusal(zipped({"bomb": bytes(64 * 1024**2)})).code == "ratio_too_high"


@pytest.mark.parametrize("body", [b"", b"PK", b"hello", b"PK\x03\x04" + bytes(30)])
def test_what_is_no_zip(body: bytes) -> None:
    assert refusal(io.BytesIO(body)).code == "not_a_zip"


def test_a_truncated_zip_and_a_damaged_member() -> None:
    whole = zipped({"a": bytes(range(256)) * 40}).getvalue()
    assert refusal(io.BytesIO(whole[: len(whole) // 2])).code == "not_a_zip"
    damaged = bytearray(whole)
    damaged[60:80] = bytes(20)
    with pytest.raises(ArchiveError) as refused:
        Archive(io.BytesIO(bytes(damaged))).read("a")
    assert (refused.value.code, refused.value.member) == ("damaged_member", "a")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a", b"1")
        made.writestr("a", b"2")
    assert refusal(out).code == "duplicate_member"


def test_lines_are_numbered_across_pieces() -> None:
    body = b"\n".join(str(number).encode() * 50 for number in range(20_000))
    found = list(Archive(zipped({"t": body})).lines("t"))
    assert [line for _, line in found] == body.split(b"\n")
    assert [number for number, _ in found] == list(range(1, 20_001))


class Unending(Archive):
    """A zip with a line that is longer than any reader could want to hold."""

    @override
    def stream(self, name: str, limit: int = 0) -> Iterator[bytes]:
        piece = b"x" * 256 * 1024
        yield b"first\n"
        # One piece more than may be held; what is read beyond fails the test.
        for _ in range(archives.MAX_LINE // len(piece) + 1):
            yield piece
        pytest.fail("a line is held for ever")


@pytest.mark.parametrize("name", ["trace.trace", "folder/any.trace", "trace.network"])
def test_a_line_too_long_is_refused_before_it_is_put_together(name: str) -> None:
    archive = Unending(zipped({name: b""}))
    readings = (
        lambda: list(archive.lines(name)),
        lambda: learn_zip(archive, Redactor()),
        lambda: rewrite_zip(archive, io.BytesIO(), Redactor()),
    )
    for read in readings:
        with pytest.raises(ArchiveError, match="line 2: a line may hold 67108864 bytes") as refused:
            read()
        assert (refused.value.code, refused.value.member) == ("line_too_long", name)


def test_threads_share_an_open_zip() -> None:
    out = io.BytesIO()
    bodies = {f"frame-{no}": bytes([no]) * 40_000 for no in range(24)}
    with zipfile.ZipFile(out, "w") as made:
        for name, body in bodies.items():
            info = zipfile.ZipInfo(name)
            info.extra = b"UT\x05\x00\x01abcd"
            made.writestr(info, body)
    archive = Archive(out)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(archive.read, list(bodies) * 50))
    finally:
        sys.setswitchinterval(interval)
    assert found == list(bodies.values()) * 50


def test_a_bundle_gives_back_what_was_written() -> None:
    out = io.BytesIO()
    events = [Event(seq=3, ts=1.5, kind="app.log", data={"text": "é"})]
    run = RunInfo(status="passed", branch="main", pr=4521, duration_ms=12.5)
    content = b"picture"
    sha = "bcdb48b64131b9fe9f44dbdfa22b55e1b01b6b0c1f0f6e2bcb6d4f6e8fc5f6b7"
    capsule = {"version": 1, "before": {"1": {}}}
    write_bundle(out, run=run, events=events, blobs={sha: held(content)}, capsule=capsule)
    bundle = open_bundle(out)
    assert (bundle.run, bundle.events(), bundle.capsule()) == (run, events, capsule)
    assert bundle.blobs == (sha,)
    with pytest.raises(ArchiveError, match="do not agree"):
        bundle.blob(sha)
