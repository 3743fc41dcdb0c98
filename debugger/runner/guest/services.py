"""Starts and stops the processes beside the browser, and keeps what they print.

It judges nothing.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

MAX_LINE = 4096
TAIL_LINES = 200


class StartError(Exception):
    """Something that must run did not come up; `tail` is the end of what it printed."""

    def __init__(self, message: str, tail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.tail = tail


class Service:
    """One child process with its output handed on line by line (stream, text) and its tail kept."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        on_line: Callable[[str, str], None],
    ) -> None:
        """Start it at once."""
        self.name = name
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._on_line = on_line
        try:
            self.process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise StartError(f"{name} cannot be started: {error}") from error
        pipes = {"stdout": self.process.stdout, "stderr": self.process.stderr}
        self._readers = [self._follow(stream, pipe) for stream, pipe in pipes.items() if pipe]

    @property
    def ended(self) -> int | None:
        """Exit status, None while it runs."""
        return self.process.poll()

    def stop(self, timeout: float = 1.0) -> None:
        """Ask it to stop, then kill it; returns when its output is read to the end."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
        for reader in self._readers:
            reader.join(timeout=0.5)

    def kill(self) -> None:
        """Kill it and all it started, without waiting."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def _follow(self, stream: str, pipe: IO[bytes]) -> threading.Thread:
        def read() -> None:
            for raw in iter(lambda: pipe.readline(MAX_LINE), b""):
                text = raw.decode("utf-8", "replace").rstrip("\r\n")
                self.tail.append(text)
                self._on_line(stream, text)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread
