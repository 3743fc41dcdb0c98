"""A seekable file whose content is fetched by position; what fetches it says where it lies."""

import io
import os
from abc import abstractmethod
from typing import Any, override


class ByPosition(io.RawIOBase):
    """A file of `size` bytes that begins at its first one. One thread at a time."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size, self._at = size, 0

    @abstractmethod
    def fetch(self, begin: int, end: int) -> bytes:
        """The bytes from `begin` up to `end`, which both lie within; there is at least one."""

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._at

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Raises ValueError for a place before the beginning."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._at = base + offset
        return self._at

    @override
    def readinto(self, buffer: Any) -> int:
        content = self._read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    @override
    def readall(self) -> bytes:
        return self._read(self._size)

    def _read(self, wanted: int) -> bytes:
        end = min(self._at + wanted, self._size)
        if end <= self._at:
            return b""
        content = self.fetch(self._at, end)
        self._at += len(content)
        return content
