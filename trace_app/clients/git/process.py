"""Runs one git command.

Argument vector only, isolated environment, bounded time and output. It knows nothing of what the
commands mean.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from trace_app.clients.git.errors import GitError, GitLimitError

TIMEOUT_SECONDS = 60.0
OUTPUT_BYTES = 64 * 1024 * 1024
_STDERR_BYTES = 16 * 1024

# A repository's own configuration may name programs (hooks, monitors, signing). None runs.
_SAFE_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.quotePath=false",
    "protocol.ext.allow=never",
    "commit.gpgSign=false",
    "gc.auto=0",
    "i18n.commitEncoding=utf-8",
    "i18n.logOutputEncoding=utf-8",
)


def git_binary() -> str:
    """The git on PATH; GitError with the remedy when there is none."""
    found = shutil.which("git")
    if found is None:
        raise GitError("git is not installed: install the package `git`")
    return found


def run_git(
    git_dir: Path | None,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
    max_bytes: int = OUTPUT_BYTES,
    accept: tuple[int, ...] = (0,),
) -> bytes:
    """Run `git <arguments>` and give its standard output.

    `accept` lists the exit statuses that are answers and not failures (grep answers 1 for
    "nothing"). Raises GitLimitError beyond `timeout` seconds or `max_bytes` of output, else
    GitError.
    """
    command = [git_binary(), *_global_options(git_dir), *arguments]
    with tempfile.TemporaryFile() as stdin_file, tempfile.TemporaryFile() as stderr_file:
        stdin_file.write(stdin)
        stdin_file.seek(0)
        process = subprocess.Popen(
            command,
            stdin=stdin_file,
            stdout=subprocess.PIPE,
            stderr=stderr_file,
            env=_environment(environment),
            start_new_session=True,
        )
        output, expired = _read_bounded(process, timeout, max_bytes)
        name = arguments[0]
        if expired:
            raise GitLimitError(f"git {name} took longer than {timeout:g} s")
        if len(output) > max_bytes:
            raise GitLimitError(f"git {name} answered more than {max_bytes} bytes")
        if process.returncode not in accept:
            stderr_file.seek(0)
            raise _failure(name, process.returncode, stderr_file.read(_STDERR_BYTES))
    return output


def _global_options(git_dir: Path | None) -> list[str]:
    options = ["--no-pager", "--literal-pathspecs"]
    for setting in _SAFE_CONFIG:
        options += ["-c", setting]
    if git_dir is not None:
        # The server may run as another user than the one who owns the bare repository.
        options += ["-c", f"safe.directory={git_dir}", f"--git-dir={git_dir}"]
    return options


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Nothing of the caller's GIT_* variables and no user or system configuration gets through."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        **(extra or {}),
    }


def _read_bounded(
    process: subprocess.Popen[bytes], timeout: float, max_bytes: int
) -> tuple[bytes, bool]:
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        _kill_group(process.pid)

    timer = threading.Timer(timeout, expire)
    timer.start()
    stdout = cast("IO[bytes]", process.stdout)
    try:
        output = stdout.read(max_bytes + 1)
        if len(output) > max_bytes:
            _kill_group(process.pid)
        stdout.close()
        process.wait()
    finally:
        timer.cancel()
    return output, expired.is_set()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _failure(name: str, returncode: int, stderr: bytes) -> GitError:
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    reason = (
        lines[-1].removeprefix("fatal: ").removeprefix("error: ") if lines else "no reason given"
    )
    return GitError(f"git {name}: {reason}", returncode=returncode)
