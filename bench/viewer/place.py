"""The product for one run: the traces that are opened, the session that opens them, the peer."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from bench.viewer.link import throttled
from bench.viewer.peer import serve_viewer
from bench.viewer.recordings import SHORT_ZIP, event_batches, write_long_zip
from scripts.loop_parts.machine import SLUG, Machine, machine
from scripts.loop_parts.person import Person

MEGABITS: Final = 50
_ZIP: Final = {"Content-Type": "application/zip"}
_NDJSON: Final = {"Content-Type": "application/x-ndjson"}


@dataclass(frozen=True)
class Size:
    """How much is opened and how often: calls of the long zip, events of three streams, turns."""

    calls: int
    streams: tuple[int, int, int]
    runs: int


FULL: Final = Size(2_005, (100, 100_000, 1_000_000), 5)
# Every section from its beginning to its end, in two minutes: whether it works, not how fast.
SMALL: Final = Size(60, (100, 2_000, 5_000), 1)


@dataclass(frozen=True)
class Place:
    """`traces` are short ids by name, ports are of 127.0.0.1, `slow` ones are at 50 Mbit/s."""

    url: str
    slow_url: str
    peer: int
    slow_peer: int
    cookies: list[Any]
    traces: dict[str, str]
    long: dict[str, int]
    size: Size

    def trace(self, name: str, *, slow: bool = False) -> str:
        """The address of a trace's page; a zip is opened at its last call, as the peer opens it."""
        last = {"short": "?step=16", "long": f"?step={self.long['calls']}"}.get(name, "")
        return f"{self.slow_url if slow else self.url}/traces/{self.traces[name]}{last}"


@contextmanager
def place(size: Size) -> Iterator[Place]:
    """Start everything, record and upload, and give it until the block ends."""
    with tempfile.TemporaryDirectory(prefix="trace-viewer-") as folder, machine() as product:
        long_zip = Path(folder) / "long.zip"
        long = write_long_zip(long_zip, size.calls)
        zips = {"short.zip": SHORT_ZIP, "long.zip": long_zip}
        traces = _upload(product, zips, size.streams)
        port = int(product.url.rpartition(":")[2])
        with (
            serve_viewer(zips) as peer,
            throttled(port, MEGABITS) as slow,
            throttled(peer, MEGABITS) as slow_peer,
        ):
            slow_url = f"http://127.0.0.1:{slow}"
            yield Place(
                product.url, slow_url, peer, slow_peer, _session(product), traces, long, size
            )


def _session(product: Machine) -> list[Any]:
    name, password = next(iter(product.passwords.items()))
    person = Person(product.url, name, password)
    value = person.http.cookies["sessionid"]
    return [{"name": "sessionid", "value": value, "domain": "127.0.0.1", "path": "/"}]


def _upload(product: Machine, zips: dict[str, Path], streams: tuple[int, ...]) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {_key(product)}"}
    with httpx.Client(base_url=product.url, headers=headers, timeout=300) as client:
        found = {name.removesuffix(".zip"): _zip(client, path) for name, path in zips.items()}
        found |= {f"{count:,} events": _stream(client, count) for count in streams}
    return found


def _zip(client: httpx.Client, path: Path) -> str:
    answer = client.post(
        "/v1/traces/ingest", params={"project": SLUG}, content=path.read_bytes(), headers=_ZIP
    )
    return _settled(client, str(answer.raise_for_status().json()["short_id"]))


def _stream(client: httpx.Client, count: int) -> str:
    run = {"title": f"{count:,} events", "source": "manual"}
    answer = client.post("/v1/traces", params={"project": SLUG}, json=run).raise_for_status()
    trace = str(answer.json()["short_id"])
    for body in event_batches(count):
        address = f"/v1/traces/{trace}/events"
        client.post(address, content=body, headers=_NDJSON).raise_for_status()
    client.post(f"/v1/traces/{trace}/finish", json={"status": "passed"}).raise_for_status()
    return _settled(client, trace)


def _settled(client: httpx.Client, trace: str) -> str:
    """Wait until the worker has made the summary."""
    deadline = time.monotonic() + 300
    while client.get(f"/v1/traces/{trace}/summary.json").status_code != 200:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{trace} was not ready within five minutes")
        time.sleep(0.1)
    return trace


def _key(product: Machine) -> str:
    code = (
        "from trace_app.actions.projects import create_api_key\n"
        "from trace_app.domain.system import System\n"
        "from trace_app.models import Project\n"
        f"team = Project.objects.get(slug={SLUG!r}).team\n"
        "key = create_api_key(by=System('bench'), team=team, name='bench',"
        " scopes=['ingest', 'read'])\n"
        "import json; print(json.dumps(key.secret))\n"
    )
    said = product.manage("shell", "--no-imports", "--command", code)
    return str(json.loads(said.splitlines()[-1]))
