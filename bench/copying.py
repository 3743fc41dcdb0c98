"""What chunks cost beside the obvious way: one row per event, by COPY, with two btree indexes.

Both ways get the same 100,000 events and pass the product's own door: the body is read, validated
and masked by the same code in one process. Then one stores chunks with their columns and density
bins, as the product does, the other copies rows of (trace, seq, ts, ribbon, kind, step, level,
data jsonb). HTTP is left out of both, and so is what the worker computes after the end of a run.
A third figure puts the product's whole path (HTTP, web, worker, database, until the trace can be
viewed) beside a bare loader that has no door at all: it shows what the door costs.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from bench.bodies import ndjson
from bench.figures import Figure
from bench.ingest import costs
from bench.place import ROOT, Place, failed

RUNS = 5
EVENTS = 100_000


def measure(place: Place) -> Iterator[Figure]:
    """Events per processor second and bytes per event, run by run beside each other."""
    body = ndjson(EVENTS)
    found = _both(place, body)
    ways = {name: [EVENTS / spent for spent, _ in runs] for name, runs in found.items()}
    bytes_each = {name: [size / EVENTS for _, size in runs] for name, runs in found.items()}
    per = "events per processor second"
    yield Figure(f"{per}: chunks, door included", "1/cpu-s", ways["chunks"], None, "more")
    yield Figure(f"{per}: rows, door included", "1/cpu-s", ways["rows"], None, "more")
    ratios = [mine / rows for mine, rows in zip(ways["chunks"], ways["rows"], strict=True)]
    yield Figure(f"{per}: chunks against rows", "times", ratios, 2, "more")
    yield Figure("bytes per event: chunks", "B", bytes_each["chunks"], None, "less")
    yield Figure("bytes per event: rows", "B", bytes_each["rows"], None, "less")
    pairs = zip(bytes_each["chunks"], bytes_each["rows"], strict=True)
    yield Figure("bytes: chunks against rows", "times", [a / b for a, b in pairs], 0.25, "less")
    yield Figure(f"{per}: bare loader of rows", "1/cpu-s", ways["bare"], None, "more")
    whole = [EVENTS / costs(place, body) for _ in range(RUNS)]
    yield Figure(f"{per}: whole path over HTTP, to viewable", "1/cpu-s", whole, None, "more")


def _both(place: Place, body: bytes) -> dict[str, list[tuple[float, float]]]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside.copy_rows", str(place.postgres), str(RUNS)],
        input=body,
        cwd=ROOT,
        env=os.environ | place.environment,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise failed("bench.inside.copy_rows", done.stderr.decode())
    found: dict[str, list[tuple[float, float]]] = json.loads(done.stdout.splitlines()[-1])
    return found
