"""Contents of files that are read more than once and never held: each knows how it is opened."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Final, override

from trace_app.domain.by_position import ByPosition

_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """`size` bytes; every `open` gives them from their beginning."""

    size: int
    open: Callable[[], IO[bytes]]

    def read(self, most: int = -1) -> bytes:
        """All of it, or its first bytes."""
        with self.open() as file:
            return file.read(most)

    def sha256(self) -> str:
        """Its hash, in hexadecimal digits."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """It in pieces of at most 256 KiB."""
        with self.open() as file:
            while piece := file.read(_PIECE):
                yield piece


def held(content: bytes) -> Content:
    """What is in memory anyway."""
    return Content(len(content), partial(io.BytesIO, content))


class Shelf:
    """Keeps contents one after the other in one file; they are gone when it is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._end = 0

    def add(self, pieces: Iterable[bytes]) -> Content:
        """Writes a content down. Raises what `pieces` raises; then nothing of it is kept."""
        begin, size = self._end, 0
        for piece in pieces:
            # Pieces may be made of what was read from the same file.
            self._file.seek(begin + size)
            size += self._file.write(piece)
        self._end = begin + size
        return Content(size, lambda: io.BufferedReader(_Stretch(self._file, begin, size), _PIECE))

    def take_back(self, content: Content) -> None:
        """Forgets what was added last."""
        self._end -= content.size


class _Stretch(ByPosition):
    """A part of a file as a file. The position is the file's."""

    def __init__(self, file: IO[bytes], begin: int, size: int) -> None:
        super().__init__(size)
        self._file, self._begin = file, begin

    @override
    def fetch(self, begin: int, end: int) -> bytes:
        self._file.seek(self._begin + begin)
        return self._file.read(end - begin)
