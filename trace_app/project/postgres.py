"""Runs a private PostgreSQL as a foreground child, for one machine and for tests.

It never creates system users or listens on the network. Production sets DATABASE_URL instead.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from trace_app.project.postgres_binaries import Binaries, PostgresError, find
from trace_app.project.postgres_launcher import Launcher

USER = "trace"
# The kernel allows 107 bytes for a socket's path; PostgreSQL adds "/.s.PGSQL.5432".
LONGEST_SOCKET_PATH = 90
START_SECONDS = 30.0
STOP_SECONDS = 10.0
# A database that lives for one test run has nothing to lose in a crash.
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def socket_directory(data: Path) -> Path:
    """Return where the server of this data directory puts its socket, always ≤ 90 characters."""
    inside = data.absolute() / "socket"
    if len(f"{inside}/.s.PGSQL.5432") <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"trace-{os.getuid()}-{name}"


def url(data: Path, database: str) -> str:
    """Return the libpq URL of a database of the server with this data directory."""
    host = quote(str(socket_directory(data)), safe="")
    return f"postgresql://{USER}@/{quote(database)}?host={host}"


class Server:
    """A PostgreSQL server that lives as long as its owner.

    Use it as a context manager, or call `start` and `stop`. `start` makes the data directory
    when it is missing. Start it from the main thread: the server dies with the thread that
    started it, so that a killed owner leaves nothing running.
    """

    def __init__(self, data: Path, *, source: str = "any", throw_away: bool = False) -> None:
        self.data = data.absolute()
        self.socket = socket_directory(self.data)
        self.throw_away = throw_away
        self.binaries: Binaries = find(source, major=_made_by(self.data))
        self._process: subprocess.Popen[bytes] | None = None
        self._log_begins = 0

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def url(self, database: str) -> str:
        """Return the libpq URL of one of this server's databases."""
        return url(self.data, database)

    def start(self) -> None:
        """Start the server and wait until it answers; PostgresError carries its log's tail."""
        launcher = Launcher.choose(self.binaries)
        launcher.own(self.data, self.socket)
        if _made_by(self.data) is None:
            self._initdb(launcher)
        command = [*launcher.prefix, self.binaries.program("postgres")]
        command += ["-D", str(self.data / "base")]
        for setting in self._settings():
            command += ["-c", setting]
        with (self.data / "server.log").open("ab") as log:
            self._log_begins = log.tell()
            # A session of its own: Ctrl-C in the terminal must reach the web server first.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """Stop the server with a fast shutdown; harmless when it does not run."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def running(self) -> bool:
        """Tell whether the child is alive."""
        return self._process is not None and self._process.poll() is None

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database unless it exists, empty or as a copy of `template`."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone():
                return
            statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            if template is not None:
                statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
            connection.execute(statement)

    def log_tail(self, lines: int = 12) -> str:
        """Return the end of what the server wrote since its last start."""
        try:
            text = (self.data / "server.log").read_bytes()[self._log_begins :]
        except FileNotFoundError:
            return ""
        return "\n".join(text.decode(errors="replace").splitlines()[-lines:])

    def _settings(self) -> Iterator[str]:
        yield "listen_addresses="
        yield f"unix_socket_directories={self.socket}"
        yield "unix_socket_permissions=0700"
        yield "max_connections=200"
        yield "timezone=UTC"
        yield "log_timezone=UTC"
        if self.throw_away:
            yield from THROW_AWAY

    def _initdb(self, launcher: Launcher) -> None:
        base = self.data / "base"
        # Half a directory from an interrupted first start has no PG_VERSION, or is unusable.
        shutil.rmtree(base, ignore_errors=True)
        launcher.own(base)
        command = [*launcher.prefix, self.binaries.program("initdb"), "-D", str(base)]
        command += ["--username", USER, "--auth-local=trust", "--auth-host=reject"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        command += ["--no-sync"] if self.throw_away else []
        reply = subprocess.run(command, capture_output=True, text=True, check=False)
        if reply.returncode != 0:
            shutil.rmtree(base, ignore_errors=True)
            tail = (reply.stderr or reply.stdout).strip()[-800:]
            raise PostgresError(f"PostgreSQL could not make its data in {self.data}: {tail}")

    def _lock_holder(self) -> int | None:
        try:
            lock = (self.data / "base" / "postmaster.pid").read_text(encoding="ascii")
            return int(lock.partition("\n")[0])
        except (FileNotFoundError, ValueError):
            return None

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            # Another server may hold this directory and answer in our place.
            if self._lock_holder() == process.pid:
                with contextlib.suppress(psycopg.OperationalError):
                    psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                    return
            time.sleep(0.02)
        self.stop()
        tail = self.log_tail()
        if 'lock file "postmaster.pid" already exists' in tail:
            raise PostgresError(f"Another Trace is using {self.data}: stop it first.")
        raise PostgresError(f"PostgreSQL did not start. The end of its log:\n{tail}")


@contextlib.contextmanager
def throw_away_server(source: str = "any") -> Iterator[Server]:
    """Yield a server in a new temporary directory; both are gone afterwards."""
    # PostgreSQL's socket path is short only below the system's own temporary directory.
    with tempfile.TemporaryDirectory(prefix="trace-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # the server may have to run as somebody else
        with Server(Path(folder) / "pg", source=source, throw_away=True) as server:
            yield server


def _made_by(data: Path) -> int | None:
    try:
        return int((data / "base" / "PG_VERSION").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
