"""Uploads of 100 events: the product against arize-phoenix, on the same PostgreSQL.

The same content is sent to both: an event is a line of NDJSON here, a span of OTLP there, whose
attributes hold the event's data. One uploader with one connection sends one upload after another.
The clock runs from the first byte until every event, or span, can be read from the database:
phoenix answers before it stores, so its answers alone say nothing.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psycopg

from bench.bodies import lines, ndjson
from bench.figures import Figure
from bench.peers import PeerError, installed, running, wait_for_http
from bench.place import Place
from bench.processes import wait_until
from mender_handoff.demo.processes import free_port
from trace_app.project.postgres import Server

PIN = "arize-phoenix==20.26.1"
# What its extra "pg" asks for, pinned.
_DRIVERS = ("asyncpg==0.32.0",)
RUNS = 5
EACH = 100
UPLOADS = 100
PEER_UPLOADS = 10
_NAME = f"uploads of {EACH} events"
_BODIES = Path(__file__).parent / "inside" / "otlp_bodies.py"


def ours(place: Place) -> list[float]:
    """Events per second, stored and readable."""
    rates = []
    bodies = [ndjson(EACH, 1 + no * EACH) for no in range(UPLOADS)]
    address = urlsplit(place.url)
    headers = {"Authorization": f"Bearer {place.key}", "Content-Type": "application/x-ndjson"}
    with place.client() as client:
        for _ in range(RUNS + 1):
            opened = client.post("/v1/traces", params={"project": "bench"}, json={"title": "small"})
            trace = opened.json()["short_id"]
            connection = HTTPConnection(address.hostname or "", address.port)
            begin = time.perf_counter()
            for body in bodies:
                post(connection, f"/v1/traces/{trace}/events", body, headers)
            # The answer comes after the commit: what was accepted can be read.
            rates.append(UPLOADS * EACH / (time.perf_counter() - begin))
            connection.close()
    return rates[1:]


def figures(server: Server, own: list[float]) -> Iterator[Figure]:
    """The ratio of the medians' runs, and what both are."""
    yield Figure(f"{_NAME}: Trace", "events/s", own, None, "more")
    theirs = measure(server)
    yield Figure(f"{_NAME}: {PIN}", "spans/s", theirs, None, "more")
    ratios = [mine / other for mine, other in zip(own, theirs, strict=True)]
    yield Figure(f"{_NAME}: Trace against arize-phoenix", "times", ratios, 20, "more")


def unmeasured(why: str) -> Iterator[Figure]:
    """What stands in the table when the peer failed."""
    yield Figure(f"{_NAME}: Trace against arize-phoenix", "times", (), 20, "more", why)


def measure(server: Server) -> list[float]:
    """Spans per second that phoenix stores. Raises PeerError."""
    programs = installed("arize-phoenix", PIN, *_DRIVERS)
    database = "phoenix"
    server.create_database(database)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="trace-bench-") as folder:
        environment = {
            "PHOENIX_SQL_DATABASE_URL": server.url(database),
            "PHOENIX_WORKING_DIR": folder,
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(port),
            "PHOENIX_GRPC_PORT": str(free_port()),
            "PHOENIX_TELEMETRY_ENABLED": "false",
            "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
        }
        command = [str(programs / "phoenix"), "serve"]
        with running({"phoenix": command}, environment, Path(folder)):
            wait_for_http(f"http://127.0.0.1:{port}/healthz")
            with psycopg.connect(server.url(database), autocommit=True) as reader:
                runs = [_run(port, reader, _bodies(programs, run)) for run in range(RUNS + 1)]
    return runs[1:]


def _run(port: int, reader: psycopg.Connection[tuple[int]], bodies: list[bytes]) -> float:
    connection = HTTPConnection("127.0.0.1", port)
    wanted = _stored(reader) + len(bodies) * EACH
    begin = time.perf_counter()
    for body in bodies:
        post(connection, "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
    wait_until("spans stored by phoenix", lambda: _stored(reader) >= wanted, 300)
    return len(bodies) * EACH / (time.perf_counter() - begin)


def _stored(reader: psycopg.Connection[tuple[int]]) -> int:
    row = reader.execute("SELECT count(*) FROM spans").fetchone()
    return row[0] if row else 0


def _bodies(programs: Path, run: int) -> list[bytes]:
    """Requests of OTLP, made with the peer's own library; every run has ids of its own."""
    events = msgspec.json.encode(list(lines(PEER_UPLOADS * EACH)))
    done = subprocess.run(
        [str(programs / "python"), str(_BODIES), str(run), str(EACH)],
        input=events,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise PeerError(done.stderr.decode()[-500:])
    return msgspec.msgpack.decode(done.stdout, type=list[bytes])


def post(connection: HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Send one request and read its answer. Raises PeerError for anything but success."""
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status >= 300:
        raise PeerError(f"{path} answered {answer.status}: {said[:300].decode(errors='replace')}")
    return said
