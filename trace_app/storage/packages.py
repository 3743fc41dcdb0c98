"""Stored Playwright zips: members by name and DOM snapshots, read from the blob by offset."""

from functools import lru_cache
from typing import Final

from trace_app.domain.archive import Archive, ArchiveError
from trace_app.domain.playwright import read_package
from trace_app.domain.playwright.snapshot import Renderer
from trace_app.storage import blobs

# A blob never changes, so an opened one stays right; few, because each holds a file open.
_KEPT: Final = 8


def read_member(sha256: str, name: str, limit: int) -> bytes | None:
    """A member of the stored zip; None when it is not in it.

    Raises ArchiveError when it is damaged or above `limit` bytes, FileNotFoundError when the
    blob is gone.
    """
    archive = _archive(sha256)
    return archive.read(name, limit) if name in archive else None


def member_names(sha256: str) -> list[str]:
    """Names of all members of the stored zip."""
    return _archive(sha256).names()


def source_member(sha256: str, path: str) -> str | None:
    """The member that holds the source file of this path, None when it was not recorded."""
    return _sources(sha256).get(path)


@lru_cache(maxsize=_KEPT)
def renderer(sha256: str) -> Renderer:
    """Renders the zip's snapshots. Raises ArchiveError or PlaywrightError for a damaged one."""
    archive = _archive(sha256)

    def read(name: str) -> bytes | None:
        try:
            return archive.read(name) if name in archive else None
        except ArchiveError:
            return None

    return Renderer(read_package(archive), read)


@lru_cache(maxsize=_KEPT)
def _sources(sha256: str) -> dict[str, str]:
    return read_package(_archive(sha256)).sources


@lru_cache(maxsize=_KEPT)
def _archive(sha256: str) -> Archive:
    return Archive(blobs.open_blob(sha256))
