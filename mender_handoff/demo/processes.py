"""Web, workers and beat as children of one process, for the demo, for tests and for `make loop`.

Production runs the same commands from the Procfile under its own supervisor.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

HOST = "127.0.0.1"
START_SECONDS = 120.0
# A worker finishes the task it has; a job cut short is found again by its sweep.
STOP_SECONDS = 8.0
CELERY = ("-m", "celery", "--app", "trace_app.project")
# One process is one worker: a pool of forked children shares a lock that a killed child keeps.
WORKER = (
    "--loglevel",
    "INFO",
    "--pool",
    "solo",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
)
# One for what is quick, two for what drives browsers: name → queue and options.
WORKERS = {
    "worker": ("--queues", "celery", "--prefetch-multiplier", "8"),
    "runs-1": ("--queues", "runs"),
    "runs-2": ("--queues", "runs"),
}
NAMES = ("web", *WORKERS, "beat")
# A program that dies more often than this is broken, not unlucky.
MOST_REVIVALS = 5


class StackError(Exception):
    """A process did not start or died; the message names it and carries its log's tail."""


@dataclass
class Child:
    """One running program and where it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    log_begins: int

    def written(self) -> str:
        """Return what it wrote since it was started."""
        return self.log.read_bytes()[self.log_begins :].decode(errors="replace")

    def tail(self, lines: int = 15) -> str:
        """Return the last lines it wrote."""
        return "\n".join(self.written().splitlines()[-lines:])


@dataclass
class Stack:
    """The product's processes on one port; `start`, then `stop`, or `with`.

    `environment` is added to this process's own. Logs go to `logs/NAME.log` for each of NAMES.
    """

    port: int
    logs: Path
    environment: Mapping[str, str]
    _children: list[Child] = field(default_factory=list)
    _revivals: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> "Stack":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the web server, without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start all and wait until web and workers answer; StackError if one does not."""
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            for name in NAMES:
                self._start(name)
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self) -> None:
        """Wait until the web server answers and the workers take tasks."""
        deadline = time.monotonic() + START_SECONDS
        web = worker = False
        while not (web and worker):
            self.check()
            web = web or self._web_answers()
            worker = worker or self._workers_ready()
            if time.monotonic() > deadline:
                tails = "\n".join(f"{child.name}:\n{child.tail()}" for child in self._children)
                raise StackError(f"Trace did not start in {START_SECONDS:.0f} seconds.\n{tails}")
            time.sleep(0.1)

    def check(self) -> None:
        """Raise StackError when a child has ended."""
        for child in self._children:
            if (code := child.process.poll()) is not None:
                raise StackError(
                    f"The {child.name} process ended with status {code}. "
                    f"The end of {child.log}:\n{child.tail()}"
                )

    def keep_running(self) -> None:
        """Start again what was killed; StackError for the web server or one that keeps dying."""
        for child in [child for child in self._children if child.process.poll() is not None]:
            self._revivals[child.name] += 1
            if child.name == "web" or self._revivals[child.name] > MOST_REVIVALS:
                self.check()
            self._children.remove(child)
            self._start(child.name)

    def child(self, name: str) -> Child:
        """Return the running child of that name, one of NAMES."""
        return next(child for child in self._children if child.name == name)

    def stop(self) -> None:
        """End every child, politely first; returns when none of them is left.

        The web server goes last: a task that ends now still reaches it.
        """
        self._end([child for child in self._children if child.name != "web"])
        self._end([child for child in self._children if child.name == "web"])
        self._children.clear()

    def _end(self, children: list[Child]) -> None:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _end_group(child.process)

    def _start(self, name: str) -> None:
        if name == "web":
            self._run(
                name,
                *("-m", "uvicorn", "trace_app.project.asgi:application"),
                *("--host", HOST, "--port", str(self.port), "--no-server-header"),
                *("--timeout-graceful-shutdown", "3", "--log-level", "info"),
                # Addresses of blobs and shares are secrets, and a log is read by many.
                "--no-access-log",
            )
        elif name == "beat":
            self._run(name, *CELERY, "beat", "--loglevel", "INFO", "--pidfile=")
        else:
            self._run(name, *CELERY, "worker", "--hostname", f"{name}@%h", *WORKER, *WORKERS[name])

    def _run(self, name: str, *arguments: str) -> None:
        log = self.logs / f"{name}.log"
        # A session of its own: Ctrl-C reaches only us, and we stop them in order.
        with log.open("ab") as sink:
            begins = sink.tell()
            process = subprocess.Popen(
                [*_tie(), sys.executable, *arguments],
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(self.environment),
                cwd=Path(__file__).resolve().parent.parent.parent,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        self._children.append(Child(name, process, log, begins))

    def _web_answers(self) -> bool:
        try:
            httpx.get(f"{self.url}/v1/health", timeout=5)
        except httpx.HTTPError:
            return False
        return True

    def _workers_ready(self) -> bool:
        return all(" ready." in self.child(name).written() for name in WORKERS)


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _tie() -> list[str]:
    """Return the words that make a child end when we are killed."""
    return ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
