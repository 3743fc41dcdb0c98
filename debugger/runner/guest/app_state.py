"""Copies the application's state files out and back in.

A database file is copied through SQLite itself, so that a copy taken while the application writes
is consistent.
"""

import base64
import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_SQLITE = b"SQLite format 3\0"
_COMPANIONS = ("-wal", "-shm", "-journal")
MAX_FILE = 64 * 1024 * 1024


def capture(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """{path.

    Base64 of its content} of every file named by `paths` or below a folder named there.
    """
    files: dict[str, str] = {}
    for file in _files(root, paths):
        if not file.name.endswith(_COMPANIONS) and file.stat().st_size <= MAX_FILE:
            files[file.relative_to(root).as_posix()] = base64.b64encode(_read(file)).decode("ascii")
    return files


def restore(root: Path, paths: Iterable[str], files: Mapping[str, str]) -> None:
    """Make the state files what `files` says; a state file it does not name is removed."""
    for file in list(_files(root, paths)):
        file.unlink()
    for path, content in files.items():
        target = root / path
        if not target.resolve().is_relative_to(root.resolve()):
            raise ValueError(f"{path} lies outside the application")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base64.b64decode(content))


def _files(root: Path, paths: Iterable[str]) -> Iterator[Path]:
    for path in sorted(set(paths)):
        target = root / path
        if target.is_dir() and not target.is_symlink():
            yield from (f for f in sorted(target.rglob("*")) if f.is_file() and not f.is_symlink())
        elif not target.is_symlink():
            yield from (
                file
                for name in (target.name, *(target.name + suffix for suffix in _COMPANIONS))
                if (file := target.with_name(name)).is_file()
            )


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        head = opened.read(len(_SQLITE))
    if head != _SQLITE:
        return file.read_bytes()
    with (
        contextlib.closing(sqlite3.connect(file, timeout=5)) as source,
        contextlib.closing(sqlite3.connect(":memory:")) as copy,
    ):
        source.backup(copy)
        return copy.serialize()
