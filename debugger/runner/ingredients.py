"""What an application's `setup` is given to build from, and the name this gives to the result.

Two builds share a result only when everything the command could read was equal. Runs nothing.
"""

import hashlib
import platform
import re
import shlex
import shutil
import stat
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

from debugger.runner.workspace import Workspace

_LOCKS: Final = (
    "requirements*.txt",
    "constraints*.txt",
    "*.lock",
    "*.lock.json",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
)
_SCENARIOS: Final = ".molar/scenarios/"
#: A shell's ways to do more than start one program after another.
_SHELL: Final = re.compile(r"[;|<>`$()*?\[\]~\n\\]|(?<!&)&(?!&)")


@dataclass(frozen=True, slots=True)
class Ingredients:
    """The files of a checkout that a build sees, by path; `locks_only` when these are no code."""

    workspace: Workspace
    paths: tuple[str, ...]
    locks_only: bool

    def key(self, owner: Path, setup: str | None) -> str:
        """The name of the result: repositories share nothing, equal files of one share a build."""
        parts = [str(owner), str(setup), platform.python_version(), platform.machine()]
        digest = hashlib.sha256("\0".join(parts).encode())
        for path in self.paths:
            mode = _mode(self.workspace.app / path)
            digest.update(f"\0{path}\0{mode}\0{self.workspace.blobs[path]}".encode())
        return digest.hexdigest()

    def copy_to(self, folder: Path) -> None:
        """Put them into a new folder."""
        folder.mkdir()
        for path in self.paths:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.workspace.app / path, target, follow_symlinks=False)


def choices(workspace: Workspace, setup: str | None) -> list[Ingredients]:
    """What to try, in order: the lock files alone where they may do, then the whole checkout.

    Scenarios are never given: they change with every test that is written, and build nothing.
    """
    if not setup:
        return [Ingredients(workspace, (), locks_only=True)]
    every = tuple(path for path in sorted(workspace.blobs) if not path.startswith(_SCENARIOS))
    whole = Ingredients(workspace, every, locks_only=False)
    locks = tuple(path for path in every if _is_lock(workspace, path))
    if not _names_locks_alone(setup, every, locks):
        return [whole]
    return [Ingredients(workspace, locks, locks_only=True), whole]


def _is_lock(workspace: Workspace, path: str) -> bool:
    names = (path, PurePosixPath(path).name)
    regular = stat.S_ISREG((workspace.app / path).lstat().st_mode)
    return regular and any(fnmatch(name, pattern) for name in names for pattern in _LOCKS)


def _names_locks_alone(setup: str, every: tuple[str, ...], locks: tuple[str, ...]) -> bool:
    """Whether the command names lock files and no other file or folder of the checkout."""
    if _SHELL.search(setup):
        return False
    try:
        words = [word.removeprefix("./").rstrip("/") for word in shlex.split(setup)]
    except ValueError:
        return False
    folders = {str(parent) for path in every for parent in PurePosixPath(path).parents}
    named = {word.rpartition("=")[2] for word in words} | set(words)
    others = named & ((set(every) - set(locks)) | folders | {"", "."})
    return bool(named & set(locks)) and not others


def _mode(path: Path) -> str:
    return oct(path.lstat().st_mode)
