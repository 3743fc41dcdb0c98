"""Writes a bundle (see bundle.py) piece by piece, whatever its events and blobs come to."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from trace_app.domain.bundle import VERSION, RunInfo
from trace_app.domain.contents import Content
from trace_app.domain.events import Event, encode_line

_PIECE: Final = 256 * 1024


def write_bundle(
    out: IO[bytes],
    *,
    run: RunInfo,
    events: Iterable[Event],
    playwright: Path | IO[bytes] | None = None,
    blobs: Mapping[str, Content] | None = None,
    capsule: Mapping[str, Any] | None = None,
) -> None:
    """Writes a bundle; `blobs` maps sha256 to content, `playwright` is a zip to keep as it is.

    Events are taken as they are written: no more of them than a piece is held.
    """
    lines = _Counted(ndjson_pieces(events))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        _write(target, "events.ndjson", lines, zipfile.ZIP_DEFLATED)
        # It says what the events came to, so it stands behind them.
        target.writestr("manifest.json", msgspec.json.encode(_manifest(lines, blobs or {})))
        target.writestr("run.json", msgspec.json.encode(run))
        for sha256, content in (blobs or {}).items():
            _write(target, f"blobs/{sha256}", content.pieces(), zipfile.ZIP_DEFLATED)
        if playwright is not None:
            # A zip within a zip is not deflated again, so members stay readable by offset.
            _write(target, "playwright.zip", _pieces(playwright), zipfile.ZIP_STORED)
        if capsule is not None:
            target.writestr("capsule.json", msgspec.json.encode(capsule))


def ndjson_pieces(events: Iterable[Event]) -> Iterator[bytes]:
    """The events' lines, some 256 KiB at a time; an event is taken when its turn comes."""
    piece = bytearray()
    for event in events:
        piece += encode_line(event)
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


class _Counted:
    """Pieces on their way, with the size and hash of what has passed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            self.digest.update(piece)
            yield piece


def _manifest(lines: _Counted, blobs: Mapping[str, Content]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "events": {"sha256": lines.digest.hexdigest(), "size": lines.size},
        "blobs": [{"sha256": sha, "size": content.size} for sha, content in blobs.items()],
    }


def _write(target: zipfile.ZipFile, name: str, pieces: Iterable[bytes], method: int) -> None:
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    with target.open(info, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)


def _pieces(source: Path | IO[bytes]) -> Iterator[bytes]:
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
        yield from iter(partial(file.read, _PIECE), b"")
