"""Counts memory and processes of a sandbox from outside; limits them by cgroup where it can."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from debugger.runner import levels
from debugger.runner.levels import Level

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a run may take."""

    memory_bytes: int = 3 * 1024**3
    processes: int = 400
    wall_seconds: float = 300.0
    scratch_bytes: int = 1024**3


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process tree takes.

    Private and shared memory in bytes (page cache and shared libraries not counted), and its number
    of processes.
    """

    memory_bytes: int
    processes: int


def usage(root: int) -> Usage:
    """The usage of process `root` and all its descendants, zero when it is gone."""
    family = _family(root)
    return Usage(sum(_memory(pid) for pid in family), len(family))


@contextlib.contextmanager
def limited(level: Level, limits: Limits) -> Iterator[Path | None]:
    """At L3, a cgroup whose `cgroup.procs` takes the run; otherwise None."""
    parent = levels.cgroup_parent() if level is Level.L3 else None
    if parent is None:
        yield None
        return
    group = parent / f"trace-run-{uuid4().hex}"
    group.mkdir()
    try:
        (group / "memory.max").write_text(str(limits.memory_bytes))
        (group / "pids.max").write_text(str(limits.processes * 20))
        yield group
    finally:
        with contextlib.suppress(OSError):
            (group / "cgroup.kill").write_text("1")
            group.rmdir()


def _family(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    family, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        family.append(pid)
        waiting += children.get(pid, [])
    return family


def _parent(entry: Path) -> int | None:
    try:
        stat = (entry / "stat").read_text()
    except OSError:
        return None
    # The command stands in parentheses and may hold spaces; the parent is the second field after.
    return int(stat.rpartition(")")[2].split()[1])


def _memory(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    fields = dict(line.split(":", 1) for line in lines if line.startswith("Rss"))
    kib = sum(int(fields[name].split()[0]) for name in ("RssAnon", "RssShmem") if name in fields)
    return kib * 1024
