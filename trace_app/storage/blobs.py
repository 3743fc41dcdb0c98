"""Content-addressed files behind Django's storage API: a directory, or S3 by settings.

Files only; which trace uses which blob is in the database.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from trace_app.domain.contents import Content

_PIECE: Final = 256 * 1024


def put(sha256: str, content: Content) -> None:
    """Keeps a content by its sha256; the same content is kept once."""
    if not _is_whole(sha256, content.size):
        with content.open() as source:
            _store().save(_name(sha256), File(source))


def put_file(path: Path) -> str:
    """Keeps a file's content, read in pieces, and returns its sha256."""
    sha256 = hash_file(path)
    if not _is_whole(sha256, path.stat().st_size):
        with path.open("rb") as source:
            _store().save(_name(sha256), File(source))
    return sha256


def open_blob(sha256: str) -> IO[bytes]:
    """The content, seekable. Raises FileNotFoundError when it is not kept."""
    opened: IO[bytes] = _store().open(_name(sha256), "rb")
    return opened


def exists(sha256: str) -> bool:
    """Whether the content is kept."""
    return bool(_store().exists(_name(sha256)))


def delete(sha256: str) -> None:
    """Removes the content; nothing happens when it is not there."""
    _store().delete(_name(sha256))


def kept_below(start: str) -> Iterator[str]:
    """The names of all that is kept whose sha256 begins with these two digits."""
    try:
        folders, _ = _store().listdir(start)
    except FileNotFoundError:
        return
    for folder in folders:
        yield from _store().listdir(f"{start}/{folder}")[1]


def written(sha256: str) -> datetime:
    """When the content was kept. Raises FileNotFoundError when it is not."""
    at: datetime = _store().get_modified_time(_name(sha256))
    return at


def hash_file(path: Path) -> str:
    """Hex sha256 of a file, read in pieces."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _is_whole(sha256: str, size: int) -> bool:
    """Whether the content is kept; the beginning of a file that a killed process left goes."""
    if not exists(sha256):
        return False
    if _store().size(_name(sha256)) == size:
        return True
    delete(sha256)
    return False


def _store() -> Storage:
    return storages["blobs"]


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
