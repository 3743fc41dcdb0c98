"""Request bodies as they arrive: streamed, chunked, compressed, bounded; not decoded."""

import zlib
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import zstandard
from rest_framework.request import Request

from trace_app.actions.ingest import MAX_UPLOAD_BYTES
from trace_app.actions.intake import IngestError
from trace_app.domain.events import MAX_BODY_BYTES

MAX_RATIO: Final = 200
# Short repetitive bodies reach any ratio honestly.
_RATIO_FLOOR: Final = 1024 * 1024
_PIECE: Final = 256 * 1024
# Four bytes of zstd may stand for a block of 128 KiB.
_STEP: Final = 512


def body_length(request: Request) -> int:
    """How many bytes the body has; 0 where the request does not say."""
    said = str(request.META.get("CONTENT_LENGTH") or "")
    return int(said) if said.isascii() and said.isdigit() else 0


def spool_body(request: Request, path: Path) -> None:
    """Writes the body to a file, also a chunked one without a length. Raises IngestError."""
    source, size = _stream(request), 0
    with path.open("wb") as out:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > MAX_UPLOAD_BYTES:
                raise IngestError("upload_too_large", "An upload may have 1 GiB.", status=413)
            out.write(piece)
    if not size:
        raise IngestError("empty", "The body is empty; send the zip itself as the body.")


def read_ndjson(request: Request) -> bytes:
    """The body, decompressed by its Content-Encoding. Raises IngestError above the limits."""
    raw = _read(_stream(request), MAX_BODY_BYTES)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return raw
    if encoding not in ("gzip", "zstd"):
        raise IngestError("unknown_encoding", "Send identity, gzip or zstd.", status=415)
    try:
        body = _gunzip(raw) if encoding == "gzip" else _unzstd(raw)
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise IngestError("bad_encoding", f"The body is not valid {encoding}: {error}") from error
    if len(body) > _RATIO_FLOOR and len(body) > len(raw) * MAX_RATIO:
        raise IngestError("ratio_too_high", f"Inflates to over {MAX_RATIO} times its size.")
    return body


def _stream(request: Request) -> IO[bytes]:
    # The framework has no stream for a body of no bytes.
    return request.stream or BytesIO()


def _read(source: IO[bytes], limit: int) -> bytes:
    body = source.read(limit + 1)
    if len(body) > limit:
        raise _too_large()
    return body


def _gunzip(raw: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    body = inflater.decompress(raw, MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    if not inflater.eof or inflater.unused_data:
        raise EOFError("it is truncated or followed by other bytes")
    return body


def _unzstd(raw: bytes) -> bytes:
    # The library's bounded reader takes a truncated frame for a whole one; this one says when a
    # frame has ended, and is fed so little at a time that no piece inflates beyond 16 MiB.
    inflater = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
    body = bytearray()
    for begin in range(0, len(raw), _STEP):
        body += inflater.decompress(raw[begin : begin + _STEP])
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
        if inflater.eof and begin + _STEP < len(raw):
            break
    if not inflater.eof or inflater.unused_data or begin + _STEP < len(raw):
        raise EOFError("it is truncated or followed by other bytes")
    return bytes(body)


def _too_large() -> IngestError:
    return IngestError("body_too_large", "A batch may have 64 MiB; send it in parts.", status=413)
