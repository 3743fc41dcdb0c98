"""Builds an application's dependencies once, by its own `setup` command, and keeps them read-only.

The build may use the network, so it sees the files it is given and an empty folder, and nothing
else of the host. What it is given is what the kept folder is named after (ingredients.py).
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from debugger.runner import ingredients, machine, sandbox, setup_settings
from debugger.runner.ingredients import Ingredients
from debugger.runner.levels import Level
from debugger.runner.machine import Mount
from debugger.runner.sandbox import Box
from debugger.runner.slots import CanceledError
from debugger.runner.watchdog import Limits
from debugger.runner.workspace import Workspace

TARGET = Path("/deps")
_LIB = Path("/trace/setup")
_LIMITS = Limits(memory_bytes=4 * 1024**3, wall_seconds=900)


class BuildError(Exception):
    """`setup` failed; `log` is the end of what it printed."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.log = log


@dataclass(frozen=True, slots=True)
class Build:
    """What to build: `setup` on a checkout, for the repository `owner` alone."""

    workspace: Workspace
    owner: Path
    setup: str | None
    cache: Path


def ensure(
    build: Build,
    *,
    level: Level,
    should_cancel: Callable[[], bool],
    on_build: Callable[[], None],
) -> Path:
    """The folder to mount at TARGET, built now or kept from an earlier run. BuildError.

    A `setup` that seems to need only lock files is tried with only these; if it wanted more, it
    gets the whole checkout, and no other checkout gets what comes out.
    """
    folders = {
        build.cache / "deps" / given.key(build.owner, build.setup): given
        for given in ingredients.choices(build.workspace, build.setup)
    }
    for kept in folders:
        if kept.is_dir():
            return kept
    failed = BuildError("There is nothing to build from.")
    for kept, given in folders.items():
        try:
            return _built(build, given, kept, level, should_cancel, on_build)
        except BuildError as error:
            failed = error
    raise failed


def _built(
    build: Build,
    given: Ingredients,
    kept: Path,
    level: Level,
    should_cancel: Callable[[], bool],
    on_build: Callable[[], None],
) -> Path:
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{kept.name[:12]}-", dir=kept.parent))
    try:
        if build.setup:
            on_build()
            _build(build, given, fresh, level=level, should_cancel=should_cancel)
        fresh.chmod(0o755)
        return _keep(fresh, kept)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _keep(fresh: Path, kept: Path) -> Path:
    try:
        fresh.rename(kept)
    except OSError:
        # Another run built the same; whoever was first is right.
        if not kept.is_dir():
            raise
    return kept


def _build(
    build: Build,
    given: Ingredients,
    fresh: Path,
    *,
    level: Level,
    should_cancel: Callable[[], bool],
) -> None:
    # The command says {deps}; the checkout it sees is a copy, so that a build leaves nothing in it.
    copy = fresh.with_name(fresh.name + "-src")
    given.copy_to(copy)
    setup = build.setup or ""
    try:
        outcome = sandbox.run(
            _box(build.workspace, copy, fresh, given),
            ["/bin/sh", "-c", setup.replace("{deps}", str(TARGET))],
            level=level,
            limits=_LIMITS,
            log=build.workspace.root / "setup.log",
            should_cancel=should_cancel,
        )
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    if outcome.reason == "canceled":
        raise CanceledError
    if outcome.reason != "ended" or outcome.status != 0:
        raise BuildError(f"The setup command of .molar/molar.toml failed: {setup}", outcome.tail)


def _box(workspace: Workspace, source: Path, fresh: Path, given: Ingredients) -> Box:
    mounts = [
        *machine.interpreter_mounts(),
        *machine.pip_mount(_LIB),
        *setup_settings.mounts(os.environ, workspace.root),
        Mount(source, workspace.APP, writable=True),
        Mount(fresh, TARGET, writable=True),
    ]
    environment = {
        **setup_settings.variables(os.environ),
        "PATH": "/trace/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(_LIB),
        "HOME": "/tmp/home",  # noqa: S108
        "LANG": "C.UTF-8",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        # `python -m pip` is to run our pip, never a folder `pip` that somebody put beside a lock.
        **({"PYTHONSAFEPATH": "1"} if given.locks_only else {}),
    }
    return Box(mounts, environment, workspace.APP, links=workspace.links, network=True)
