"""Ingest and reading over HTTP, as an uploader and a viewer meet them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from bench.figures import Figure
from scripts.loop_parts.machine import ROOT, SLUG, Machine

RUNS = 5
EVENTS = 100_000
ZIP = ROOT / "tests/fixtures/playwright/py-fail.trace.zip"
WINDOW = {"ribbon": "network", "ts_from": 1000, "ts_to": 3000, "limit": 1000}


def measure(place: Machine) -> list[Figure]:
    """Take every figure on a product that nobody else uses."""
    headers = {"Authorization": f"Bearer {_key(place)}"}
    with httpx.Client(base_url=place.url, headers=headers, timeout=120) as client:
        return [*_appending(client), *_windows(client), *_zips(client)]


def _appending(client: httpx.Client) -> Iterator[Figure]:
    body = ndjson(EVENTS)
    rates, megabytes, viewable = [], [], []
    for _ in range(RUNS):
        trace = _open(client)
        with _timed() as accepted:
            answer = client.post(
                f"/v1/traces/{trace}/events",
                content=body,
                headers={"Content-Type": "application/x-ndjson"},
            )
            answer.raise_for_status()
        with _timed() as ready:
            client.post(f"/v1/traces/{trace}/finish", json={"status": "passed"}).raise_for_status()
            _wait_until_viewable(client, trace)
        rates.append(EVENTS / accepted[0])
        megabytes.append(len(body) / accepted[0] / 1e6)
        viewable.append(ready[0])
    size = len(body) / EVENTS
    yield Figure(
        f"NDJSON accepted, {EVENTS:,} events of {size:.0f} B",
        "events/s",
        tuple(rates),
        150_000,
        "more",
    )
    yield Figure("the same in bytes", "MB/s", tuple(megabytes), 30, "more")
    yield Figure("viewable after the last byte", "s", tuple(viewable), 1.0, "less")


def _windows(client: httpx.Client) -> Iterator[Figure]:
    trace = client.get("/v1/traces", params={"limit": 1, "source": "any"}).json()["traces"][0]["id"]
    samples = []
    for _ in range(RUNS * 4):
        with _timed() as taken:
            client.get(f"/v1/traces/{trace}/events", params=WINDOW).raise_for_status()
        samples.append(taken[0] * 1000)
    yield Figure(
        "2 s of one ribbon at 100,000 events, whole answer", "ms", tuple(samples), 5, "less"
    )


def _zips(client: httpx.Client) -> Iterator[Figure]:
    samples = []
    for run in range(RUNS):
        # A trailing comment makes other bytes of the same recording: equal uploads are one trace.
        content = ZIP.read_bytes()[:-2] + len(str(run)).to_bytes(2, "little") + str(run).encode()
        with _timed() as taken:
            answer = client.post(
                "/v1/traces/ingest",
                params={"project": SLUG},
                content=content,
                headers={"Content-Type": "application/zip"},
            )
            answer.raise_for_status()
            _wait_until_viewable(client, answer.json()["short_id"])
        samples.append(taken[0])
    yield Figure("Playwright zip of 0.4 MB, upload to viewable", "s", tuple(samples), 3, "less")


def ndjson(count: int) -> bytes:
    """A run of `count` events, most of them network pairs, 1 ms apart."""
    lines = [
        {
            "seq": 1,
            "ts": 0,
            "kind": "run.start",
            "data": {"started_at": "2026-01-01T00:00:00Z"},
        }
    ]
    for seq in range(2, count + 1):
        pair = seq % 2 == 0
        data = {
            "method": "GET",
            "url": f"http://app/api/items/{seq}?page={seq % 40}&sort=name&direction=ascending",
            "source": "browser",
            "resource_type": "fetch",
        }
        if not pair:
            data = {"status": 200, "mime": "application/json", "size": seq, "note": "x" * 60}
        kind = "network.request" if pair else "network.response"
        line = {"seq": seq, "ts": float(seq), "kind": kind, "step": 1 + seq // 10_000, "data": data}
        lines.append(line if pair else {**line, "ref": seq - 1, "dur": 3.5})
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)


def _open(client: httpx.Client) -> str:
    run = {"title": "bench", "source": "manual"}
    answer = client.post("/v1/traces", params={"project": SLUG}, json=run)
    answer.raise_for_status()
    return str(answer.json()["short_id"])


def _wait_until_viewable(client: httpx.Client, trace: str) -> None:
    deadline = time.monotonic() + 60
    while client.get(f"/v1/traces/{trace}/summary.json").status_code != 200:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{trace} was not viewable within a minute")
        time.sleep(0.02)


def _key(place: Machine) -> str:
    code = (
        "import django; django.setup()\n"
        "from trace_app.actions.projects import create_api_key\n"
        "from trace_app.domain.system import System\n"
        "from trace_app.models import Project\n"
        f"team = Project.objects.get(slug={SLUG!r}).team\n"
        "key = create_api_key(by=System('bench'), team=team, name='bench',"
        " scopes=['ingest', 'read'])\n"
        "print(key.secret)\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | place.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()[-1]


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Give a list that holds the block's seconds when it has ended."""
    taken: list[float] = []
    begin = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - begin)
