"""Rewrites a Playwright zip with its secrets masked; the layout stays, so viewers open it."""

import zipfile
from typing import IO, Final

import msgspec

from trace_app.domain.archive import Archive
from trace_app.domain.playwright.values import decode
from trace_app.domain.redaction.redactor import Redactor

_LINES: Final = (".trace", ".network")
_TEXT: Final = (
    *(".stacks", ".json", ".html", ".htm", ".js", ".mjs", ".css", ".txt", ".md", ".xml", ".svg"),
    *(".py", ".ts", ".tsx", ".jsx", ".java", ".cs", ".dat", ".csv", ".yaml", ".yml"),
)
_PACKED_ALREADY: Final = (".jpeg", ".jpg", ".png", ".webp", ".gif", ".woff", ".woff2", ".zip")
_MAX_TEXT: Final = 64 * 1024 * 1024


def rewrite_zip(archive: Archive, out: IO[bytes], redactor: Redactor) -> None:
    """Copies every member; text is masked, pictures are copied as they are.

    Raises ArchiveError for a damaged member.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in archive.names():
            info = zipfile.ZipInfo(name)
            packed = name.endswith(_PACKED_ALREADY)
            info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            with target.open(info, "w", force_zip64=True) as member:
                if name.endswith(_LINES):
                    for _, line in archive.lines(name):
                        member.write(_line(line, redactor) + b"\n")
                elif not packed and archive.size(name) <= _MAX_TEXT:
                    member.write(_body(archive.read(name), name, redactor))
                else:
                    for piece in archive.stream(name):
                        member.write(piece)


def _line(line: bytes, redactor: Redactor) -> bytes:
    if not line.strip():
        return line
    return msgspec.json.encode(redactor.mask(decode(line)))


def _body(content: bytes, name: str, redactor: Redactor) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    if "\x00" in text and not name.endswith(_TEXT):
        return content
    if name.endswith((".json", ".dat")) or text[:1] in ("{", "["):
        try:
            decoded = msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError):
            return redactor.mask_text(text).encode()
        masked = redactor.mask(decoded)
        # Untouched bodies keep their bytes: sizes and hashes go on matching.
        return content if masked == decoded else msgspec.json.encode(masked)
    return redactor.mask_text(text).encode()
