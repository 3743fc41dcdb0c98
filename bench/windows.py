"""Two seconds of one ribbon, anywhere in a long trace: what the server needs to answer.

*Server time* is the time inside the application, from the request to the finished answer:
routing, rights, the query, decompression, JSON; not the network; in a process set up as the web
server's. Beside it stands the whole answer over HTTP.
"""

import json
import time
from collections.abc import Iterator

from bench.bodies import ndjson
from bench.figures import Figure
from bench.ingest import BATCH, upload
from bench.place import Place, run

RUNS = 5
SIZES = (100_000, 1_000_000)
_PLACES = 20
_PROBE = "bench.inside.windows"


def measure(place: Place) -> Iterator[Figure]:
    """Medians of five runs of twenty windows each, spread over the whole trace."""
    for size in SIZES:
        with place.client() as client:
            trace = upload(client, list(_bodies(size))).trace
        told = run(place.environment, "-m", _PROBE, trace, place.key, str(size), str(RUNS))
        samples = json.loads(told.splitlines()[-1])
        title = f"2 s of one ribbon at {size:,} events"
        yield Figure(f"{title}: server time", "ms", samples, 5, "less")
        yield Figure(f"{title}: whole answer", "ms", _over_http(place, trace, size), None, "less")


def _bodies(size: int) -> Iterator[bytes]:
    return (ndjson(BATCH, first) for first in range(1, size, BATCH))


def _over_http(place: Place, trace: str, size: int) -> list[float]:
    samples = []
    with place.client() as client:
        for _ in range(RUNS):
            begin = time.perf_counter()
            for at in range(_PLACES):
                client.get(f"/v1/traces/{trace}/events", params=window(size, at)).raise_for_status()
            samples.append((time.perf_counter() - begin) * 1000 / _PLACES)
    return samples


def window(size: int, at: int) -> dict[str, str]:
    """One of twenty windows; an event is one millisecond."""
    begin = size * (2 * at + 1) // (2 * _PLACES)
    return {"ribbon": "network", "ts_from": str(begin), "ts_to": str(begin + 2000), "limit": "2000"}
