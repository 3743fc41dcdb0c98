"""Rewrites a Playwright zip with its secrets masked; the layout stays, so viewers open it.

A member whose name is the hash of its content is renamed with it: a hash of what was masked would
let anyone test guesses.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Final

import msgspec

from trace_app.domain.archive import Archive
from trace_app.domain.playwright.values import decode
from trace_app.domain.redaction.redactor import Redactor
from trace_app.domain.redaction.windows import learn_long, mask_long

_LINES: Final = (".trace", ".network")
_SOURCES: Final = ("src/", "resources/src@")
_STORED: Final = (".jpeg", ".jpg", ".png", ".webp", ".gif", ".woff", ".woff2", ".zip", ".gz")
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"wOFF", b"wOF2")
_ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")
# JSON up to this size is walked; in larger text the rules on free text work, window by window.
MAX_WALKED: Final = 8 * 1024 * 1024
_HASH: Final = re.compile(rb"\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b")

_FEW: Final = 50

type Renamed = dict[bytes, bytes]


def learn_zip(archive: Archive, redactor: Redactor) -> None:
    """Takes in the secrets of every text member. Raises ArchiveError for a damaged one."""
    for name in archive.names():
        if name.endswith(_LINES):
            for _, line in archive.lines(name):
                if redactor.rules.suspects(line):
                    _learn_json(line, redactor)
        elif not _is_opaque(name, archive):
            if is_walked(archive.size(name)):
                learn_body(archive.read(name), redactor)
            else:
                learn_long(archive.stream(name), redactor)


def is_walked(size: int) -> bool:
    """Whether a content of so many bytes is held and read as JSON, where it is some."""
    return size <= MAX_WALKED


def learn_body(content: bytes, redactor: Redactor) -> None:
    """Takes in the secrets of a response, an attachment, a blob; of binary formats none."""
    if b"\x00" not in content and redactor.rules.suspects(content):
        _learn_json(content, redactor)


def rewrite_zip(archive: Archive, out: IO[bytes], redactor: Redactor) -> Renamed:
    """Copies every member; text is masked, pictures are copied as they are.

    Returns old hash → new hash of renamed members. Raises ArchiveError for a damaged member.
    """
    renamed: Renamed = {}
    written: set[str] = set()
    names = archive.names()
    lines = [name for name in names if name.endswith(_LINES)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in names:
            if name in lines:
                continue
            fresh, pieces = _masked_body(name, archive, redactor, renamed)
            if fresh not in written:
                written.add(fresh)
                _write(target, fresh, pieces)
        # After the bodies, because they name them.
        for name in lines:
            _write(target, name, _masked_lines(archive, name, redactor, renamed))
    return renamed


def scan_zip(archive: Archive, redactor: Redactor) -> Iterator[str]:
    """Masks every member and writes nothing: the redactor's report tells. Gives their names."""
    for name in archive.names():
        if name.endswith(_LINES):
            for _ in _masked_lines(archive, name, redactor, {}):
                pass
        elif not _is_opaque(name, archive):
            for _ in _masked_body(name, archive, redactor, {})[1]:
                pass
        yield name


def rename_hashes(data: bytes, renamed: Renamed) -> bytes:
    """The same bytes, hashes of renamed members replaced."""
    # A few names are looked for faster than any pattern.
    if len(renamed) <= _FEW and not any(old in data for old in renamed):
        return data
    return _HASH.sub(lambda match: renamed.get(match[0], match[0]), data)


def _write(target: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    info = zipfile.ZipInfo(name)
    stored = name.endswith(_STORED)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with target.open(info, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)


def _masked_lines(
    archive: Archive, name: str, redactor: Redactor, renamed: Renamed
) -> Iterator[bytes]:
    place = "zip: network log" if name.endswith(".network") else "zip: calls"
    for _, line in archive.lines(name):
        masked = line
        if redactor.suspects(line):
            with redactor.at(place):
                masked = _mask_json(line, redactor)
        yield rename_hashes(masked, renamed) + b"\n"


def _mask_json(text: bytes, redactor: Redactor) -> bytes:
    """JSON masked value by value; what is no JSON, or nested too deep, as the text it is."""
    try:
        decoded = decode(text)
        masked = redactor.mask(decoded)
        return text if masked == decoded else msgspec.json.encode(masked)
    except (msgspec.DecodeError, RecursionError):
        return redactor.mask_bytes(text)


def _learn_json(text: bytes, redactor: Redactor) -> None:
    try:
        redactor.learn(decode(text))
    except (msgspec.DecodeError, RecursionError):
        redactor.learn_text(text)


def _masked_body(
    name: str, archive: Archive, redactor: Redactor, renamed: Renamed
) -> tuple[str, Iterable[bytes]]:
    """The member's new name and content."""
    opaque = _is_opaque(name, archive)
    if opaque:
        redactor.report.unscanned[opaque] += 1
        return name, archive.stream(name)
    if not is_walked(archive.size(name)):
        return name, _masked_long(name, archive, redactor)
    with redactor.at(_place(name)):
        content = archive.read(name)
        masked = mask_body(content, redactor)
    fresh = name
    for hashed in (hashlib.sha1, hashlib.sha256):
        old = hashed(content, usedforsecurity=False).hexdigest()
        if masked is not content and old in name:
            new = hashed(masked, usedforsecurity=False).hexdigest()
            renamed[old.encode()] = new.encode()
            fresh = name.replace(old, new)
    return fresh, (masked,)


def mask_body(content: bytes, redactor: Redactor) -> bytes:
    """A response, an attachment, a blob; the very same object when nothing in it is masked."""
    if not redactor.suspects(content):
        return content
    if b"\x00" in content:
        # A binary format: only what was learned elsewhere is looked for.
        return redactor.replaced(content, redactor.known(content))
    is_json = content.lstrip()[:1] in (b"{", b"[")
    return _mask_json(content, redactor) if is_json else redactor.mask_bytes(content)


def _masked_long(name: str, archive: Archive, redactor: Redactor) -> Iterator[bytes]:
    with redactor.at(_place(name)):
        yield from mask_unwalked(archive.stream(name), redactor)


def mask_unwalked(pieces: Iterable[bytes], redactor: Redactor) -> Iterator[bytes]:
    """What is too long to be walked, masked as text; the report tells how often it was JSON."""
    rest = iter(pieces)
    first = next(rest, b"")
    if first.lstrip()[:1] in (b"{", b"["):
        redactor.report.unscanned["long_json"] += 1
    yield from mask_long(chain((first,), rest), redactor)


def _is_opaque(name: str, archive: Archive) -> str:
    """What a member is when its content is not text that could be masked; "" for text."""
    if name.endswith(_STORED[:-2]):
        return "pictures and fonts"
    head = next(iter(archive.stream(name)), b"")[:8]
    if head.startswith(_PICTURES):
        return "pictures and fonts"
    return "archives" if head.startswith(_ARCHIVES) else ""


def _place(name: str) -> str:
    if name.startswith(_SOURCES):
        return "zip: sources"
    if name.startswith("attachments/"):
        return "zip: attachments"
    return "zip: stacks" if name.endswith(".stacks") else "zip: bodies"
