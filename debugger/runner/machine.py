"""What this machine offers to a run.

Chromium, the interpreter, the guest's libraries, bubblewrap.
"""

import compileall
import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_GUEST = Path(__file__).resolve().parent / "guest"
# The guest's imports and what these need. Each is mounted by itself: the environment we run in
# holds settings and libraries that are none of the sandbox's business.
_LIBRARIES = ("playwright", "greenlet", "typing_extensions", "aiosmtpd", "public", "attr", "attrs")
# The shell is Chromium without a window: the same engine, started for half the processor time.
_BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
_DEBIANS = Path("/usr/lib/chromium")


class MachineError(Exception):
    """Something is not installed; the message is the remedy."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or directory of the host as the sandbox sees it."""

    source: Path
    target: Path
    writable: bool = False


@lru_cache(maxsize=1)
def chromium() -> Path:
    """The Chromium to drive: TRACE_CHROMIUM, PATH, or what Playwright downloaded."""
    named = os.environ.get("TRACE_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in _BROWSERS]
    candidates = [Path(path) for path in found if path] + ([] if named else _downloaded())
    for candidate in candidates:
        if candidate.is_file():
            return _unwrapped(candidate.resolve())
    raise MachineError(
        "No Chromium was found: install the package `chromium-headless-shell` or `chromium`, run "
        "`playwright install chromium`, or set TRACE_CHROMIUM."
    )


def _unwrapped(command: Path) -> Path:
    """Debian's commands are shell scripts around the binaries; they add nothing we use."""
    binary = _DEBIANS / command.name
    return binary if command.parent == Path("/usr/bin") and binary.is_file() else command


def bubblewrap() -> Path:
    """The bwrap command."""
    found = shutil.which("bwrap")
    if found is None:
        raise MachineError("Bubblewrap was not found: install the package `bubblewrap`.")
    return Path(found)


def interpreter() -> Path:
    """The real Python behind this environment."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()


def interpreter_mounts() -> list[Mount]:
    """What makes that Python run elsewhere; nothing when it lives in /usr."""
    roots = {Path(sys.base_prefix).resolve(), interpreter().parent.parent}
    return [Mount(root, root) for root in sorted(roots) if not root.is_relative_to("/usr")]


def chromium_mounts() -> list[Mount]:
    """What makes that Chromium run elsewhere; nothing when it lives in /usr."""
    folder = chromium().parent
    return [] if folder.is_relative_to("/usr") else [Mount(folder, folder)]


def guest_mounts(lib: Path) -> list[Mount]:
    """The guest package and its libraries under `lib`."""
    _compile()
    mounts = [Mount(_GUEST, lib / "guest")]
    return mounts + [Mount(path, lib / path.name) for path in _library_paths()]


def pip_mount(lib: Path) -> list[Mount]:
    """The pip of our environment, for the `setup` of applications.

    A system Python may have none.
    """
    return [Mount(path, lib / path.name) for path in _located("pip")]


@lru_cache(maxsize=1)
def _library_paths() -> tuple[Path, ...]:
    return tuple(path for name in _LIBRARIES for path in _located(name))


def _located(name: str) -> list[Path]:
    spec = importlib.util.find_spec(name)
    if spec is None:
        return []
    if spec.submodule_search_locations:
        return [Path(next(iter(spec.submodule_search_locations)))]
    return [Path(spec.origin)] if spec.origin else []


@lru_cache(maxsize=1)
def _compile() -> None:
    """Write byte code once: the mounts are read-only, and compiling costs a second in each run."""
    for folder in (_GUEST, *(path for path in _library_paths() if path.is_dir())):
        compileall.compile_dir(folder, quiet=2, maxlevels=6)


def _downloaded() -> list[Path]:
    root = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    shells = sorted(Path(root).glob("chromium_headless_shell-*/*/*headless*shell"), reverse=True)
    return shells + sorted(Path(root).glob("chromium-*/chrome-linux*/chrome"), reverse=True)
