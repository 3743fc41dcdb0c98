"""Reads what a sandbox left behind.

The application under test could write there too, so nothing is followed, nothing is trusted, and
everything has a size.
"""

import json
import os
import stat
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

Json = dict[str, Any]
MAX_EVENTS = 256 * 1024 * 1024
MAX_RESULT = 32 * 1024 * 1024
MAX_BOUNDARY = 128 * 1024 * 1024
MAX_ZIP = 1024**3
MAX_BLOB = 32 * 1024 * 1024


class OutputError(Exception):
    """A file is not what the guest writes: a link, too large, not JSON."""


class Report(msgspec.Struct, frozen=True):
    """A step in the guest's result."""

    no: int
    status: Literal["passed", "failed", "skipped"]
    error: dict[str, Any] | None = None
    performed: bool = True
    aria_after: str | None = None


class GuestResult(msgspec.Struct, frozen=True):
    """The guest's result.json."""

    status: Literal["passed", "failed", "error", "unsound"]
    message: str = ""
    log_tail: str = ""
    steps: tuple[Report, ...] = ()


def open_plain(path: Path, max_bytes: int) -> IO[bytes]:
    """Open a regular file of at most `max_bytes`, never through a link.

    FileNotFoundError if absent.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OutputError(f"{path.name} is not a file") from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size > max_bytes:
        os.close(descriptor)
        raise OutputError(f"{path.name} is not a file of at most {max_bytes} bytes")
    return os.fdopen(descriptor, "rb")


def read_json(path: Path, max_bytes: int) -> Json:
    """The JSON object in a file."""
    with open_plain(path, max_bytes) as file:
        try:
            value = json.loads(file.read())
        except (ValueError, RecursionError) as error:
            raise OutputError(f"{path.name} is not JSON") from error
    if not isinstance(value, dict):
        raise OutputError(f"{path.name} is not an object")
    return value


def read_result(path: Path) -> Json:
    """The guest's result, checked. FileNotFoundError when there is none."""
    value = read_json(path, MAX_RESULT)
    try:
        msgspec.convert(value, GuestResult)
    except msgspec.ValidationError as error:
        raise OutputError(f"{path.name}: {error}") from error
    return value


def read_lines(path: Path) -> list[Json]:
    """The objects in a file of JSON lines.

    Lines that are none are dropped, as is a torn last one.
    """
    lines: list[Json] = []
    try:
        with open_plain(path, MAX_EVENTS) as file:
            lines.extend(value for raw in file if (value := parse_object(raw)) is not None)
    except FileNotFoundError:
        return []
    return lines


def parse_object(raw: bytes) -> Json | None:
    """The object on a line; None for anything else."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def list_plain(folder: Path) -> list[Path]:
    """Regular files directly in a folder, by name."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
