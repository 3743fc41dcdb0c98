"""Runs one command in a bubblewrap with loopback only, under limits, and kills all of it after.

What is run and why is the director's business.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from debugger.runner import machine, watchdog
from debugger.runner.levels import Level
from debugger.runner.machine import Mount
from debugger.runner.watchdog import Limits

Reason = Literal["ended", "canceled", "too_long", "too_much_memory", "too_many_processes"]
POLL_SECONDS = 0.1
_WATCH_SECONDS = 0.5
_CANCEL_SECONDS = 1.0
_TAIL_BYTES = 16 * 1024
_LINKS = (("usr/bin", "/bin"), ("usr/lib", "/lib"), ("usr/lib64", "/lib64"), ("usr/sbin", "/sbin"))
_CONFIGURATION = (
    "/etc/fonts",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/mime.types",
    # Certificates and what their links lead to; /etc/ssl and /etc/pki/tls hold private keys too.
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/ca-certificates/extracted",
    "/etc/pki/ca-trust/extracted",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/openssl.cnf",
    "/var/cache/fontconfig",
)


@dataclass(frozen=True, slots=True)
class Box:
    """What the sandbox sees. With `network` it shares the host's network: for building only."""

    mounts: Sequence[Mount]
    environment: Mapping[str, str]
    cwd: Path
    links: Mapping[Path, Path] = field(default_factory=dict)
    network: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended. `status` is the exit status; `tail` the end of what it printed."""

    reason: Reason
    status: int
    tail: str


def run(
    box: Box,
    command: Sequence[str],
    *,
    level: Level,
    limits: Limits,
    log: Path,
    should_cancel: Callable[[], bool],
    on_tick: Callable[[], None] = lambda: None,
) -> Outcome:
    """Run to the end, to a limit, or until canceled; nothing of it is alive on return."""
    with (
        watchdog.limited(level, limits) as group,
        log.open("wb") as output,
        _unseen(arguments(box, limits)) as options,
    ):
        boxed = [str(machine.bubblewrap()), "--args", str(options), "--", *command]
        process = subprocess.Popen(
            _entered(group, boxed),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin"},
            pass_fds=(options,),
            start_new_session=True,
        )
        try:
            reason = _wait(process, limits, should_cancel, on_tick)
        finally:
            _kill(process)
    with log.open("rb") as written:
        written.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        tail = written.read().decode("utf-8", "replace")
    return Outcome(reason, process.returncode, tail)


def arguments(box: Box, limits: Limits) -> list[str]:
    """The bubblewrap options for a box, without the command."""
    options = ["--unshare-user", "--uid", "0", "--gid", "0", "--unshare-pid", "--unshare-ipc"]
    options += ["--unshare-uts", "--hostname", "sandbox", "--unshare-cgroup-try"]
    options += [] if box.network else ["--unshare-net"]
    # Port 80 of the sandbox's own network is all that its root may do.
    options += ["--cap-drop", "ALL", "--cap-add", "CAP_NET_BIND_SERVICE"]
    options += ["--die-with-parent", "--new-session", "--clearenv"]
    options += ["--ro-bind", "/usr", "/usr"]
    for target, link in _LINKS:
        options += ["--symlink", target, link]
    for path in _CONFIGURATION:
        options += ["--ro-bind-try", path, path]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += ["--size", str(limits.scratch_bytes), "--tmpfs", "/tmp", "--dir", "/tmp/home"]  # noqa: S108
    for mount in box.mounts:
        bind = "--bind" if mount.writable else "--ro-bind"
        options += [bind, str(mount.source), str(mount.target)]
    for name, real in box.links.items():
        options += ["--symlink", str(real), str(name)]
    for variable, value in box.environment.items():
        options += ["--setenv", variable, value]
    return [*options, "--chdir", str(box.cwd)]


@contextlib.contextmanager
def _unseen(options: Sequence[str]) -> Iterator[int]:
    """A descriptor bubblewrap reads its options from.

    A command line is for everyone on the machine to read, and the environment may hold passwords.
    """
    descriptor = os.memfd_create("options")
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(b"".join(os.fsencode(option) + b"\0" for option in options))
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _entered(group: Path | None, command: list[str]) -> list[str]:
    """The command, put into the cgroup before it starts."""
    if group is None:
        return command
    script = 'echo $$ > "$0" && exec "$@"'
    return ["/bin/sh", "-c", script, str(group / "cgroup.procs"), *command]


def _wait(
    process: subprocess.Popen[bytes],
    limits: Limits,
    should_cancel: Callable[[], bool],
    on_tick: Callable[[], None],
) -> Reason:
    started = time.monotonic()
    watched = asked = started
    while process.poll() is None:
        # Waking up on the process's end, not on a timer, saves a tenth of a second per run.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECONDS)
        on_tick()
        now = time.monotonic()
        if now - started > limits.wall_seconds:
            return "too_long"
        if now - asked > _CANCEL_SECONDS:
            asked = now
            if should_cancel():
                return "canceled"
        if now - watched > _WATCH_SECONDS:
            watched = now
            if reason := _exceeded(process.pid, limits):
                return reason
    return "ended"


def _exceeded(pid: int, limits: Limits) -> Reason | None:
    used = watchdog.usage(pid)
    if used.memory_bytes > limits.memory_bytes:
        return "too_much_memory"
    return "too_many_processes" if used.processes > limits.processes else None


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The sandbox's first process takes every other one of its pid namespace with it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
