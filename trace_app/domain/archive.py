"""Zips from strangers: opened only after names, sizes, counts and kinds of every member are safe.

Members are read by name into memory or streamed; nothing is ever extracted to a path.
"""

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import IO, Final

MAX_MEMBERS: Final = 60_000
MAX_UNPACKED: Final = 2 * 1024**3
MAX_UPLOAD: Final = 1024**3
MAX_RATIO: Final = 200
MAX_TEXT_MEMBER: Final = 1024**3
MAX_LINE: Final = 64 * 1024**2
# Small members of repeated text reach any ratio honestly.
_RATIO_FLOOR: Final = 16 * 1024 * 1024
_READ: Final = 256 * 1024
_RESEND: Final = "Send it again as Playwright or Trace wrote it."
_NO_ZIP: Final = f"This is not a whole zip file. {_RESEND}"


class ArchiveError(ValueError):
    """A refused zip: `member` is its name or "", `code` is for machines."""

    def __init__(self, member: str, code: str, message: str) -> None:
        super().__init__(f"{member}: {message}" if member else message)
        self.member = member
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Limits:
    """What a zip may unpack to; `ratio` is unpacked to packed bytes."""

    members: int = MAX_MEMBERS
    unpacked: int = MAX_UNPACKED
    ratio: int = MAX_RATIO


DEFAULT_LIMITS: Final = Limits()


class Archive:
    """A checked zip. Reads are bounded by the size its directory declares."""

    def __init__(self, file: IO[bytes], limits: Limits = DEFAULT_LIMITS) -> None:
        """Raises ArchiveError for anything that is not a plain, bounded zip."""
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise ArchiveError("", "not_a_zip", _NO_ZIP) from error
        infos = self._zip.infolist()
        if len(infos) > limits.members:
            raise ArchiveError(
                "",
                "too_many_members",
                f"This zip has {len(infos)} members; it may have {limits.members}. {_RESEND}",
            )
        self._check_sizes(infos, limits)
        self._reading = Lock()
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            _check_member(info)
            if info.filename in self._members:
                raise ArchiveError(info.filename, "duplicate_member", "occurs twice; keep one")
            self._members[info.filename] = info

    def names(self) -> list[str]:
        """Names of the files, in the order of the directory; folders are left out."""
        return [name for name in self._members if not name.endswith("/")]

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def size(self, name: str) -> int:
        """Unpacked bytes of a member. Raises ArchiveError when it is missing."""
        return self._info(name).file_size

    def read(self, name: str, limit: int = MAX_UNPACKED) -> bytes:
        """The member's bytes. Raises ArchiveError when missing, damaged or above `limit`."""
        return b"".join(self.stream(name, limit))

    def stream(self, name: str, limit: int = MAX_UNPACKED) -> Iterator[bytes]:
        """The member in pieces, stopped at the size its directory entry promised."""
        info = self._info(name)
        if info.file_size > limit:
            raise ArchiveError(name, "member_too_large", f"at most {limit} bytes")
        try:
            yield from self._pieces(info)
        except (
            zipfile.BadZipFile,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise ArchiveError(name, "damaged_member", f"cannot be read: {error}") from error
        except Exception as error:  # zlib, lzma and bz2 have no common error class
            raise ArchiveError(name, "damaged_member", f"cannot be unpacked: {error}") from error

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        """(line number from 1, line without its end) of a text member, streamed.

        Raises ArchiveError for a member or line that is too long, before the line is put together.
        """
        number, begun, held = 1, list[bytes](), 0
        for piece in self.stream(name, MAX_TEXT_MEMBER):
            # Lines that begin and end in one piece are shorter than the limit.
            first, *others = piece.split(b"\n")
            begun.append(first)
            held += len(first)
            if held > MAX_LINE:
                raise ArchiveError(
                    name, "line_too_long", f"line {number}: a line may hold {MAX_LINE} bytes"
                )
            for following in others:
                yield number, b"".join(begun)
                number, begun, held = number + 1, [following], len(following)
        if held:
            yield number, b"".join(begun)

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Read one piece at a time, one thread at a time: web requests share an open zip.

        Python's `ZipFile.open` skips a member's extra field relative to a position that every
        open member moves (https://docs.python.org/3/library/zipfile.html#zipfile.ZipFile.open).
        """
        with self._reading:
            source = self._zip.open(info)
        with source:
            while True:
                with self._reading:
                    piece = source.read(_READ)
                if not piece:
                    return
                yield piece

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = self._members.get(name)
        if info is None:
            raise ArchiveError(name, "missing_member", "is not in the zip")
        return info

    @staticmethod
    def _check_sizes(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
        unpacked = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if unpacked > limits.unpacked:
            raise ArchiveError(
                "",
                "too_large_unpacked",
                f"This zip unpacks to {unpacked} bytes; {limits.unpacked} are taken."
                " Record a shorter part, or without sources or snapshots.",
            )
        if unpacked > _RATIO_FLOOR and unpacked > packed * limits.ratio:
            largest = max(infos, key=lambda info: info.file_size)
            raise ArchiveError(
                largest.filename,
                "ratio_too_high",
                f"the zip unpacks to over {limits.ratio} times its size by this. {_RESEND}",
            )


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ".." in parts or "\x00" in name or ":" in parts[0]:
        raise ArchiveError(name, "unsafe_name", "leads out of the zip; write relative names with /")
    if info.flag_bits & 0x1:
        raise ArchiveError(name, "encrypted_member", "is encrypted; pack it without a password")
    mode = info.external_attr >> 16
    if mode and stat.S_ISLNK(mode):
        raise ArchiveError(name, "link_member", "is a link; pack the file it leads to")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(name, "unknown_compression", "is not stored or deflated; pack it so")
