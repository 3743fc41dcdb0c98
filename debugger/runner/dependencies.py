"""Builds an application's dependencies once, by its own `setup` command, and keeps them read-only.

The build may use the network, so it sees the checkout and an empty folder, and nothing else of the
host.
"""

import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from debugger.runner import machine, sandbox
from debugger.runner.levels import Level
from debugger.runner.machine import Mount
from debugger.runner.sandbox import Box
from debugger.runner.watchdog import Limits
from debugger.runner.workspace import Workspace

TARGET = Path("/deps")
_LOCKS = ("requirements*.txt", "*.lock", "*.lock.json", "package-lock.json", "constraints*.txt")
_PASSED_ON = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy")
_HOST_FILES = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/pip.conf",
    "/usr/local/share/ca-certificates",
)
_LIB = Path("/trace/setup")
_LIMITS = Limits(memory_bytes=4 * 1024**3, wall_seconds=900)


class BuildError(Exception):
    """`setup` failed; `log` is the end of what it printed."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.log = log


def ensure(
    workspace: Workspace,
    setup: str | None,
    cache: Path,
    *,
    level: Level,
    should_cancel: Callable[[], bool],
    on_build: Callable[[], None],
) -> Path:
    """The folder to mount at TARGET.

    Built now, or kept from an earlier run with equal lock files.
    """
    key = _key(workspace, setup)
    kept = cache / "deps" / key
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{key[:12]}-", dir=kept.parent))
    try:
        if setup:
            on_build()
            _build(workspace, setup, fresh, level=level, should_cancel=should_cancel)
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
    workspace: Workspace,
    setup: str,
    fresh: Path,
    *,
    level: Level,
    should_cancel: Callable[[], bool],
) -> None:
    # The command says {deps}; the checkout it sees is a copy, so that a build leaves nothing in it.
    copy = fresh.with_name(fresh.name + "-src")
    shutil.copytree(workspace.app, copy, symlinks=True)
    try:
        outcome = sandbox.run(
            _box(workspace, copy, fresh),
            ["/bin/sh", "-c", setup.replace("{deps}", str(TARGET))],
            level=level,
            limits=_LIMITS,
            log=workspace.root / "setup.log",
            should_cancel=should_cancel,
        )
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    if outcome.reason != "ended" or outcome.status != 0:
        raise BuildError(f"The setup command of .molar/molar.toml failed: {setup}", outcome.tail)


def _box(workspace: Workspace, source: Path, fresh: Path) -> Box:
    named = [Path(os.environ[name]) for name in ("SSL_CERT_FILE", "PIP_CERT") if name in os.environ]
    mounts = [
        *machine.interpreter_mounts(),
        *machine.pip_mount(_LIB),
        *(
            Mount(path.resolve(), path)
            for path in [*map(Path, _HOST_FILES), *named]
            if path.exists() and not path.is_relative_to("/etc/ssl")
        ),
        Mount(source, workspace.APP, writable=True),
        Mount(fresh, TARGET, writable=True),
    ]
    passed = {k: v for k, v in os.environ.items() if k.startswith(_PASSED_ON)}
    passed |= {k: v for k, v in os.environ.items() if k.lower() in _PROXIES}
    environment = {
        **passed,
        "PATH": "/trace/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(_LIB),
        "HOME": "/tmp/home",  # noqa: S108
        "LANG": "C.UTF-8",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    return Box(mounts, environment, workspace.APP, links=workspace.links, network=True)


def _key(workspace: Workspace, setup: str | None) -> str:
    digest = hashlib.sha256(f"{setup}\0{platform.python_version()}\0{platform.machine()}".encode())
    for path, sha in sorted(workspace.blobs.items()):
        if any(fnmatch(path, pattern) for pattern in _LOCKS):
            digest.update(f"\0{path}\0{sha}".encode())
    return digest.hexdigest()
