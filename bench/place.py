"""Where everything is measured: PostgreSQL as it comes, and the product on it as it is deployed.

The database is durable (fsync, synchronous commits) and shared with the peers, one after another.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.processes import tree
from mender_handoff.demo.processes import Stack, free_port
from trace_app.project.postgres import Server

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "var" / "bench"
WEB_WORKERS = 2
_SEED = """
import django; django.setup()
import json
from trace_app.actions.projects import create_api_key, create_project
from trace_app.actions.teams import create_team
from trace_app.domain.system import System
by = System("bench")
team = create_team(by=by, slug="bench", name="Bench")
create_project(by=by, team=team, slug="bench", name="Bench", repo="/nowhere")
key = create_api_key(by=by, team=team, name="bench", scopes=["ingest", "read"])
print(json.dumps({"key": key.secret, "team": str(team.pk)}))
"""


@dataclass(frozen=True)
class Place:
    """A running product. `roots` are the processes that began it: web, worker, beat and so on."""

    server: Server
    url: str
    environment: dict[str, str]
    key: str
    roots: dict[str, int]

    def client(self) -> httpx.Client:
        """One connection of an uploader."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=300)

    @property
    def postgres(self) -> int:
        """The database server's first process."""
        return postmaster(self.server)

    def product(self) -> list[int]:
        """Every process of the product that is alive."""
        return [pid for root in self.roots.values() for pid in tree(root)]


def postmaster(server: Server) -> int:
    """The process of a running server whose children serve its connections."""
    lock = (server.data / "base" / "postmaster.pid").read_text()
    return int(lock.partition("\n")[0])


@contextlib.contextmanager
def database() -> Iterator[Server]:
    """A new server with PostgreSQL's own settings; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="trace-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with Server(Path(folder) / "pg") as server:
            yield server


@contextlib.contextmanager
def product(server: Server) -> Iterator[Place]:
    """The product on a database of its own: two web workers, its workers and beat."""
    name = "trace"
    server.create_database(name)
    with tempfile.TemporaryDirectory(prefix="trace-bench-") as folder:
        port = free_port()
        environment = {
            "DATABASE_URL": server.url(name),
            "TRACE_VAR": folder,
            "PORT": str(port),
            "WEB_CONCURRENCY": str(WEB_WORKERS),
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "trace_app.project.settings",
        }
        run(environment, "manage.py", "migrate", "--verbosity", "0")
        with Stack(port, HERE / "logs", environment) as stack:
            seeded = json.loads(run(environment, "-c", _SEED).splitlines()[-1])
            roots = {
                name: stack.child(name).process.pid for name in ("web", "worker", "runs-1", "beat")
            }
            yield Place(server, stack.url, environment, seeded["key"], roots)


def run(environment: dict[str, str], *arguments: str) -> str:
    """What a Python program of the product prints. Raises RuntimeError with what it said."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise failed(arguments[1] if arguments[0] == "-m" else arguments[0], done.stderr)
    return done.stdout


def failed(program: str, said: str) -> RuntimeError:
    """The error's last line, for the table; all of it goes to the terminal."""
    sys.stderr.write(said)
    last = said.strip().splitlines()[-1:] or ["it said nothing"]
    return RuntimeError(f"{program}: {last[0]}")
