"""Private files for uploads on their way in: 0600, removed after use, swept when left behind.

What is small never reaches the disk.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from trace_app.domain.contents import Shelf

_OLD_SECONDS: Final = 3600


@contextmanager
def spool_file(suffix: str = "", size: int = 0) -> Iterator[Path]:
    """An empty private file that is gone afterwards.

    `size` is how many bytes it will hold, where that is known: as much as the web server holds in
    memory anyway is held there, in a file without a place on the disk.
    """
    if 0 < size <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        with os.fdopen(os.memfd_create("upload"), "rb") as held:
            yield Path(f"/proc/self/fd/{held.fileno()}")
        return
    folder = _folder()
    with tempfile.NamedTemporaryFile(dir=folder, suffix=suffix, delete=False) as file:
        path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def spool_shelf() -> Iterator[Shelf]:
    """A shelf for one upload's contents: in memory while small, then in a file without a name."""
    most = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    with tempfile.SpooledTemporaryFile(max_size=most, dir=str(_folder())) as file:
        yield Shelf(file)


def sweep() -> int:
    """Removes what a killed process left more than an hour ago; returns how many."""
    limit, removed = time.time() - _OLD_SECONDS, 0
    for path in _folder().iterdir():
        with suppress(FileNotFoundError):  # its upload has ended meanwhile
            if path.stat().st_mtime < limit:
                path.unlink()
                removed += 1
    return removed


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "spool"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
