"""The foreground life of the demo: database, tables, processes, and an orderly end."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from mender_handoff.demo.processes import Stack, port_is_free
from trace_app.project.broker import conninfo
from trace_app.project.postgres import Server

DATABASE = "trace"
Say = Callable[[str], None]


class DemoError(Exception):
    """The demo cannot run; the message is one sentence with the remedy."""


class StopRequestedError(BaseException):
    """Somebody asked us to end: Ctrl-C, SIGTERM, or a closed terminal."""


@dataclass(frozen=True)
class Place:
    """Where the demo keeps its things and listens."""

    var: Path
    port: int

    @property
    def url(self) -> str:
        """The address that people and Guard use."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def running(place: Place, say: Say) -> Iterator[Stack]:
    """Start everything and yield the processes; whatever happens, stop all of it in order."""
    if not port_is_free(place.port):
        raise DemoError(
            f"Port {place.port} is taken: stop the program that listens there (another demo?), "
            f"or choose a port with `make demo PORT={place.port + 1}`."
        )
    with _database(place.var, say):
        begin = time.monotonic()
        _migrate()
        say(f"Tables ready ({time.monotonic() - begin:.1f} s)")
        begin = time.monotonic()
        environment = {"PORT": str(place.port), "TRACE_VAR": str(place.var)}
        with Stack(place.port, place.var / "logs", environment) as stack:
            say(f"Web, workers and beat ready ({time.monotonic() - begin:.1f} s)")
            try:
                yield stack
            finally:
                _ignore_signals()
                say("Stopping ...")
                connections.close_all()


def wait_until_stopped(stack: Stack, meanwhile: Iterator[None]) -> None:
    """Sleep until a signal comes, taking a step of `meanwhile` now and then.

    A worker that was killed is started again; StackError when the web server ends by itself.
    """
    while True:
        stack.keep_running()
        next(meanwhile, None)
        time.sleep(1)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the signals that ask us to end into StopRequestedError, and end quietly on it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    with contextlib.suppress(StopRequestedError):
        yield


@contextlib.contextmanager
def _database(var: Path, say: Say) -> Iterator[None]:
    if os.environ.get("DATABASE_URL"):
        say("PostgreSQL: the server that DATABASE_URL names")
        yield
        return
    begin = time.monotonic()
    source = os.environ.get("TRACE_POSTGRES", "any")
    with Server(var / "pg", source=source) as server:
        server.create_database(DATABASE)
        place = "bundled" if server.binaries.wheel else str(server.binaries.directory)
        seconds = time.monotonic() - begin
        say(f"PostgreSQL {server.binaries.major} ready ({place}, {seconds:.1f} s)")
        yield


def _migrate() -> None:
    try:
        # Asked without the pool, which would try for long before it said why.
        psycopg.connect(conninfo(settings.DATABASES["default"]), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        raise DemoError(
            f"The database does not answer ({str(error).splitlines()[0]}): "
            "check DATABASE_URL, or unset it to use a private PostgreSQL."
        ) from error
    call_command("migrate", verbosity=0, interactive=False)


def _stop(number: int, frame: FrameType | None) -> None:
    raise StopRequestedError


def _ignore_signals() -> None:
    # A second Ctrl-C must not leave half of the processes behind.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
