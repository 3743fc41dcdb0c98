"""A cold trace as one file: its chunks as they were stored, its clone states and its blobs.

A zip, version 1: `archive.json` names what is inside, `chunks.bin` holds the chunks' bodies one
after the other, `blobs/{sha256}` the files. The index is not in it: it is made from the chunks
again. Only Trace itself reads it back; what people take away is the bundle.
"""

import logging
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from trace_app.domain.chunks import Chunk
from trace_app.models import CloneState, EventChunk, Trace
from trace_app.storage import blobs

logger = logging.getLogger(__name__)
ARCHIVE_NAME: Final = "archive.zip"
_VERSION: Final = 1


class DamagedError(Exception):
    """An archive that does not hold what it says; nothing of it was used."""


class ChunkEntry(msgspec.Struct, array_like=True, frozen=True):
    """A chunk's row, its body by length."""

    ribbon: str
    no: int
    seq_first: int
    seq_last: int
    ts_min: float
    ts_max: float
    count: int
    size: int


class CloneEntry(msgspec.Struct, array_like=True, frozen=True):
    """A clone's state after a step."""

    clone: str
    step: int
    seq: int
    state: Any


class BlobEntry(msgspec.Struct, array_like=True, frozen=True):
    """A file of the trace and the name it has there."""

    name: str
    sha256: str
    size: int
    type: str


class Contents(msgspec.Struct, kw_only=True):
    """`archive.json`."""

    version: int = _VERSION
    trace: str
    chunks: list[ChunkEntry]
    clones: list[CloneEntry]
    blobs: list[BlobEntry]


def write_archive(path: Path, trace: Trace) -> Contents:
    """Writes the trace's record to a file and reads it back once.

    Raises DamagedError when what was written cannot be read.
    """
    contents = Contents(
        trace=str(trace.pk),
        chunks=[],
        clones=[
            CloneEntry(row.clone, row.step, row.seq, row.state)
            for row in CloneState.objects.filter(trace=trace)
        ],
        blobs=[
            BlobEntry(use.name, use.blob.sha256, use.blob.size, use.blob.content_type)
            for use in trace.trace_blobs.select_related("blob").order_by("name")
            if _is_kept(use.blob.sha256, trace)
        ],
    )
    # Everything inside is compressed already, but for the table.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        with out.open("chunks.bin", "w", force_zip64=True) as member:
            for chunk in _chunks(trace):
                member.write(bytes(chunk.body))
                contents.chunks.append(_entry(chunk))
        for sha256 in sorted({blob.sha256 for blob in contents.blobs}):
            _copy_in(out, sha256)
        table = msgspec.json.encode(contents)
        out.writestr("archive.json", table, compress_type=zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path) as written:
        if damaged := written.testzip():
            raise DamagedError(f"{damaged} was written wrongly")
    return contents


class ArchiveReader:
    """An opened archive; made by `open_archive`."""

    def __init__(self, file: IO[bytes], trace: Trace) -> None:
        """Raises DamagedError for a file that is not this trace's archive."""
        try:
            self._zip = zipfile.ZipFile(file)
            self.contents = msgspec.json.decode(self._zip.read("archive.json"), type=Contents)
        except (zipfile.BadZipFile, KeyError, msgspec.DecodeError, EOFError) as error:
            raise DamagedError(f"the archive cannot be read: {error}") from error
        if (self.contents.version, self.contents.trace) != (_VERSION, str(trace.pk)):
            raise DamagedError("the archive is another trace's or of another version")

    def chunks(self) -> Iterator[Chunk]:
        """The chunks as they were stored, one after the other. Raises DamagedError."""
        with self._member("chunks.bin") as bodies:
            for entry in self.contents.chunks:
                body = bodies.read(entry.size)
                if len(body) != entry.size:
                    raise DamagedError("chunks are missing")
                yield Chunk(
                    ribbon=entry.ribbon,
                    no=entry.no,
                    seq_first=entry.seq_first,
                    seq_last=entry.seq_last,
                    ts_min=entry.ts_min,
                    ts_max=entry.ts_max,
                    count=entry.count,
                    body=body,
                )

    def write_blob(self, sha256: str, path: Path) -> None:
        """Writes one file's content to a path. Raises DamagedError when it is not that content."""
        with self._member(f"blobs/{sha256}") as source, path.open("wb") as out:
            shutil.copyfileobj(source, out)
        if blobs.hash_file(path) != sha256:
            raise DamagedError(f"the file {sha256} has another content")

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) as member:
                yield member
        except (zipfile.BadZipFile, KeyError, EOFError) as error:
            raise DamagedError(f"{name} cannot be read: {error}") from error


@contextmanager
def open_archive(sha256: str, trace: Trace) -> Iterator[ArchiveReader]:
    """Opens the archive of a cold trace. Raises FileNotFoundError, DamagedError."""
    with blobs.open_blob(sha256) as file:
        yield ArchiveReader(file, trace)


def _chunks(trace: Trace) -> Iterator[EventChunk]:
    found = EventChunk.objects.filter(trace=trace).order_by("ribbon", "number")
    return found.iterator(chunk_size=200)


def _is_kept(sha256: str, trace: Trace) -> bool:
    """Whether the file is there; one that was lost must not keep the trace from its tier."""
    if blobs.exists(sha256):
        return True
    logger.error("the file %s of trace %s is lost", sha256, trace.short_id)
    return False


def _entry(chunk: EventChunk) -> ChunkEntry:
    return ChunkEntry(
        chunk.ribbon,
        chunk.number,
        chunk.seq_first,
        chunk.seq_last,
        chunk.ts_min,
        chunk.ts_max,
        chunk.count,
        len(chunk.body),
    )


def _copy_in(out: zipfile.ZipFile, sha256: str) -> None:
    with (
        blobs.open_blob(sha256) as source,
        out.open(f"blobs/{sha256}", "w", force_zip64=True) as member,
    ):
        shutil.copyfileobj(source, member)
