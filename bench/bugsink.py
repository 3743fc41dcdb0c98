"""The whole path of a failure: the product against bugsink, on the same PostgreSQL.

*Accepted*: the answer to the upload has come. *Digested*: the failure is grouped and can be
looked at: an event row with its issue there, a processed trace with its signature and summary
here. Two uploaders send as fast as they are answered; the clock runs from the first byte until
the last failure is digested. Both have two web workers; bugsink digests in its own background
worker with the settings of its container.
"""

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import psycopg

from bench.failures import bundle, envelope
from bench.figures import Better, Figure
from bench.peers import PeerError, installed, running, wait_for_http
from bench.phoenix import post
from bench.place import WEB_WORKERS, Place, postmaster
from bench.processes import cpu_seconds, wait_until
from mender_handoff.demo.processes import free_port
from trace_app.project.postgres import Server

PIN = "bugsink==2.6.2"
_DRIVER = "psycopg[binary]==3.3.9"
RUNS = 5
FAILURES = 150
PEER_FAILURES = 50
_UPLOADERS = 2
_LIMITS = ("5_MINUTES", "HOUR", "MONTH")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run: digested per second and per processor second, and the p99 of acceptance in ms."""

    per_second: float
    per_cpu_second: float
    accepted_p99: float


def ours(place: Place) -> list[Cost]:
    """The product's path: a bundle is sent, a worker makes summary and signature."""
    headers = {"Authorization": f"Bearer {place.key}", "Content-Type": "application/zip"}
    path = "/v1/traces/ingest?project=bench"
    roots = [*place.roots.values(), place.postgres]
    with psycopg.connect(place.server.url("trace"), autocommit=True) as reader:
        count = "SELECT count(*) FROM trace_app_trace WHERE processed IS NOT NULL"
        runs = [
            _run(place.url, path, headers, _bodies(bundle, run, FAILURES), roots, reader, count)
            for run in range(RUNS + 1)
        ]
    return runs[1:]


def theirs(server: Server) -> list[Cost]:
    """The peer's path. Raises PeerError."""
    programs = installed("bugsink", PIN, _DRIVER)
    server.create_database("bugsink")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="trace-bench-") as folder:
        environment = _environment(server, port, Path(folder))
        _manage(programs, environment, "migrate", "--verbosity", "0")
        _manage(
            programs, environment, "migrate", "snappea", "--database=snappea", "--verbosity", "0"
        )
        key = _manage(programs, environment, "shell", "-c", _PROJECT).split()[-1]
        commands = {
            "bugsink-web": [
                *(str(programs / "gunicorn"), "bugsink.wsgi", "--bind", f"127.0.0.1:{port}"),
                *("--workers", str(WEB_WORKERS), "--timeout", "60", "--no-control-socket"),
            ],
            "bugsink-snappea": [str(programs / "bugsink-runsnappea")],
        }
        url = f"http://127.0.0.1:{port}"
        with (
            running(commands, environment, Path(folder)) as pids,
            psycopg.connect(server.url("bugsink"), autocommit=True) as reader,
        ):
            wait_for_http(f"{url}/health/ready")
            headers = {
                "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={key}",
                "Content-Type": "application/x-sentry-envelope",
            }
            roots = [*pids, postmaster(server)]
            count = "SELECT count(*) FROM events_event"
            runs = [
                _run(url, "/api/1/envelope/", headers, bodies, roots, reader, count)
                for bodies in (_bodies(envelope, run, PEER_FAILURES) for run in range(RUNS + 1))
            ]
    return runs[1:]


def figures(server: Server, own: list[Cost]) -> Iterator[Figure]:
    """Both, and the ratios run by run."""
    size = len(bundle(1)) / 1000
    other = theirs(server)
    for name, runs in (("Trace", own), (PIN, other)):
        per_second = [run.per_second for run in runs]
        yield Figure(f"failures of {size:.0f} KB digested: {name}", "1/s", per_second, None, "more")
        per_cpu = [run.per_cpu_second for run in runs]
        yield Figure(f"the same per processor second: {name}", "1/cpu-s", per_cpu, None, "more")
        p99 = [run.accepted_p99 for run in runs]
        yield Figure(f"acceptance p99: {name}", "ms", p99, None, "less")
    pairs = list(zip(own, other, strict=True))
    ratios = [[mine.per_second / peer.per_second for mine, peer in pairs]]
    ratios += [[mine.per_cpu_second / peer.per_cpu_second for mine, peer in pairs]]
    ratios += [[mine.accepted_p99 / peer.accepted_p99 for mine, peer in pairs]]
    for (name, target, better), samples in zip(_RATIOS, ratios, strict=True):
        yield Figure(name, "times", samples, target, better)


def unmeasured(why: str) -> Iterator[Figure]:
    """What stands in the table when the peer failed."""
    for name, target, better in _RATIOS:
        yield Figure(name, "times", (), target, better, why)


_RATIOS: tuple[tuple[str, float, Better], ...] = (
    ("failures digested per second: Trace against bugsink", 4, "more"),
    ("failures digested per processor second: Trace against bugsink", 4, "more"),
    ("acceptance p99: Trace against bugsink", 1, "less"),
)
_PROJECT = """
from projects.models import Project
print(Project.objects.create(name="bench", slug="bench").sentry_key.hex)
"""
_SETTINGS = """
exec(open({template!r}).read())
DATABASES["snappea"]["NAME"] = {folder!r} + "/snappea.sqlite3"
DATABASES["default"] = {{
    "ENGINE": "django.db.backends.postgresql", "NAME": "bugsink", "USER": "trace", "HOST": {host!r},
}}
"""


def _environment(server: Server, port: int, folder: Path) -> dict[str, str]:
    """The settings file of its container, on our database and without limits or phone calls."""
    home = installed("bugsink", PIN, _DRIVER).parent
    template = next(home.glob("lib/*/site-packages/bugsink/conf_templates/docker.py.template"))
    text = _SETTINGS.format(template=str(template), folder=str(folder), host=str(server.socket))
    (folder / "bugsink_conf.py").write_text(text)
    return {
        "DJANGO_SETTINGS_MODULE": "bugsink_conf",
        "PYTHONPATH": str(folder),
        "SECRET_KEY": "bench" * 12,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "PHONEHOME": "false",
        **{f"MAX_EVENTS_PER_{span}": "100000000" for span in _LIMITS},
        **{f"MAX_EVENTS_PER_PROJECT_PER_{span}": "100000000" for span in _LIMITS},
    }


def _manage(programs: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [str(programs / "bugsink-manage"), *arguments],
        env=os.environ | environment,
        cwd=environment["PYTHONPATH"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PeerError(f"bugsink-manage {arguments[0]}: {done.stderr[-500:]}")
    return done.stdout


def _bodies(make: Callable[[int], bytes], run: int, count: int) -> list[bytes]:
    return [make(1 + run * 1000 + no) for no in range(count)]


def _run(
    url: str,
    path: str,
    headers: dict[str, str],
    bodies: Sequence[bytes],
    roots: Sequence[int],
    reader: psycopg.Connection[tuple[int]],
    count: str,
) -> Cost:
    def stored() -> int:
        row = reader.execute(count).fetchone()
        return row[0] if row else 0

    wanted, spent = stored() + len(bodies), cpu_seconds(roots)
    begin = time.perf_counter()
    taken = _send(url, path, headers, bodies)
    wait_until("everything digested", lambda: stored() >= wanted, 300)
    seconds = time.perf_counter() - begin
    spent = cpu_seconds(roots) - spent
    p99 = quantiles(taken, n=100)[98] * 1000
    return Cost(len(bodies) / seconds, len(bodies) / spent, p99)


def _send(url: str, path: str, headers: dict[str, str], bodies: Sequence[bytes]) -> list[float]:
    """Two uploaders share the bodies; the seconds until each was accepted."""
    address, taken = urlsplit(url), []
    waiting = list(bodies)
    failed: list[Exception] = []

    def work() -> None:
        connection = HTTPConnection(address.hostname or "", address.port)
        with contextlib.suppress(IndexError):
            while not failed:
                body = waiting.pop()
                begin = time.perf_counter()
                try:
                    post(connection, path, body, headers)
                except (OSError, PeerError) as error:
                    failed.append(error)
                taken.append(time.perf_counter() - begin)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(_UPLOADERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise PeerError(f"an upload failed: {failed[0]}")
    return taken
