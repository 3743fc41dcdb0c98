"""NDJSON over HTTP, as an uploader meets it: accepted, viewable, and what it costs.

*Accepted*: the answer 200 has come, which it does after the transaction was committed to disk.
*Viewable*: summary.json answers, so the page with steps, ribbons, failures and signature is whole.
*After the last byte*: from when the last byte of the last event was handed to the connection.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from bench.bodies import ndjson
from bench.figures import Figure
from bench.place import Place
from bench.processes import cpu_seconds, forget_peaks, peak_memory, wait_until

RUNS = 5
EVENTS = 100_000
MANY = 1_000_000
BATCH = 20_000
_PIECE = 64 * 1024


@dataclass(slots=True)
class Sent:
    """Moments of one upload, on one clock."""

    trace: str
    begun: float
    last_byte: float
    accepted: float
    viewable: float = 0.0


def measure(place: Place) -> Iterator[Figure]:
    """One uploader with one connection; redaction and validation are on, as always."""
    with place.client() as client:
        yield from _hundred_thousand(client)
        yield from _million(place, client)


def _hundred_thousand(client: httpx.Client) -> Iterator[Figure]:
    body = ndjson(EVENTS)
    upload(client, [ndjson(1000)])
    sent = [upload(client, [body]) for _ in range(RUNS)]
    seconds = [one.accepted - one.begun for one in sent]
    size = len(body) / EVENTS
    yield Figure(
        f"NDJSON accepted, {EVENTS:,} events of {size:.0f} B in one request",
        "events/s",
        [EVENTS / one for one in seconds],
        150_000,
        "more",
    )
    yield Figure(
        "the same in bytes", "MB/s", [len(body) / 1e6 / one for one in seconds], 30, "more"
    )
    after = [one.viewable - one.last_byte for one in sent]
    yield Figure(f"{EVENTS:,} events: last byte to viewable", "s", after, 1.0, "less")


def _million(place: Place, client: httpx.Client) -> Iterator[Figure]:
    small = ndjson(10_000)
    bodies = [ndjson(BATCH, first) for first in range(1, MANY, BATCH)]
    seconds, growth = [], []
    for _ in range(RUNS):
        begins = _peak(place, client, [small])
        begin = time.perf_counter()
        ends = _peak(place, client, bodies)
        seconds.append(time.perf_counter() - begin)
        growth.append(ends - begins)
    title = f"{MANY:,} events in {MANY // BATCH} requests: first byte to viewable"
    yield Figure(title, "s", seconds, 8, "less")
    yield Figure("peak memory of web and worker, 10,000 → 1,000,000", "MB", growth, 64, "less")


def _peak(place: Place, client: httpx.Client, bodies: list[bytes]) -> float:
    pids = place.product()
    forget_peaks(pids)
    upload(client, bodies)
    return peak_memory(pids)


def upload(client: httpx.Client, bodies: list[bytes], status: str = "failed") -> Sent:
    """Open a trace, send the batches, end it and wait until it can be viewed."""
    run = {"title": "bench", "source": "manual"}
    opened = client.post("/v1/traces", params={"project": "bench"}, json=run)
    opened.raise_for_status()
    sent = Sent(str(opened.json()["short_id"]), time.perf_counter(), 0, 0)
    for body in bodies:
        client.post(
            f"/v1/traces/{sent.trace}/events",
            content=_pieces(body, sent),
            headers={"Content-Type": "application/x-ndjson", "Content-Length": str(len(body))},
        ).raise_for_status()
    sent.accepted = time.perf_counter()
    client.post(f"/v1/traces/{sent.trace}/finish", json={"status": status}).raise_for_status()
    path = f"/v1/traces/{sent.trace}/summary.json"
    wait_until(f"{sent.trace} viewable", lambda: client.get(path).status_code == 200)
    sent.viewable = time.perf_counter()
    return sent


def _pieces(body: bytes, sent: Sent) -> Iterator[bytes]:
    for begin in range(0, len(body), _PIECE):
        yield body[begin : begin + _PIECE]
    sent.last_byte = time.perf_counter()


def costs(place: Place, body: bytes) -> float:
    """Processor seconds of web, worker and database for one upload, until it can be viewed."""
    roots = [*place.roots.values(), place.postgres]
    with place.client() as client:
        before = cpu_seconds(roots)
        upload(client, [body])
        return cpu_seconds(roots) - before
