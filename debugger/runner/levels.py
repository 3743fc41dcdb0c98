"""How well this machine can confine a run, found out by trying. L3 is the strongest."""

import os
import subprocess
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from debugger.runner import machine

_CGROUP = Path("/sys/fs/cgroup")
_PROBE = (
    "--unshare-user",
    "--unshare-net",
    "--unshare-pid",
    "--unshare-ipc",
    "--ro-bind",
    "/",
    "/",
)
NO_SANDBOX = (
    "This machine cannot confine a run: install the package `bubblewrap` and allow user namespaces "
    "(sysctl kernel.unprivileged_userns_clone=1)."
)


class Level(StrEnum):
    """L3.

    Bubblewrap with cgroup v2 limits. L2: bubblewrap, process limits and a memory watchdog.
    """

    L3 = "L3"
    L2 = "L2"


@lru_cache(maxsize=1)
def detect() -> Level | None:
    """The level of this machine, None when a run would not be confined (then it is refused)."""
    if not _bubblewrap_works():
        return None
    return Level.L3 if cgroup_parent() is not None else Level.L2


def cgroup_parent() -> Path | None:
    """The cgroup v2 folder in which this process may make limited children, if there is one."""
    own = _own_cgroup()
    if own is None or not os.access(own, os.W_OK):
        return None
    try:
        controllers = (own / "cgroup.subtree_control").read_text().split()
    except OSError:
        return None
    return own if {"memory", "pids"} <= set(controllers) else None


def _own_cgroup() -> Path | None:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("0::") and (_CGROUP / "cgroup.controllers").exists():
            return _CGROUP / line[3:].lstrip("/")
    return None


def _bubblewrap_works() -> bool:
    try:
        command = [str(machine.bubblewrap()), *_PROBE, "/bin/true"]
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0
    except (machine.MachineError, OSError, subprocess.TimeoutExpired):
        return False
