"""What chunks cost beside the obvious way: one row per event, by COPY, with two btree indexes.

Both get the same body. The row way is as lean as it can be: no HTTP, no redaction, no signature;
it parses the lines, checks their types and copies rows of (trace, seq, ts, ribbon, kind, step,
level, data jsonb). Of the product everything counts: web, worker and database, until the trace
can be viewed. Bytes are those of the tables with their indexes, after a checkpoint.
"""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg

from bench.bodies import ndjson
from bench.figures import Figure
from bench.ingest import upload
from bench.place import ROOT, Place
from bench.processes import cpu_seconds

RUNS = 5
EVENTS = 100_000
_SCRIPT = ROOT / "bench" / "inside" / "copy_rows.py"
_OURS = ("eventchunk", "eventindex", "appendbatch", "notableevent", "step")
_SIZE = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name"


def measure(place: Place) -> Iterator[Figure]:
    """Events per processor second and bytes per event, run by run beside each other."""
    body = ndjson(EVENTS)
    with psycopg.connect(place.server.url("trace"), autocommit=True) as reader:
        tables = [f"trace_app_{name}" for name in _OURS]
        own = [_ours(place, body, reader, tables) for _ in range(RUNS + 1)][1:]
    other = [_rows(place, body) for _ in range(RUNS + 1)][1:]
    pairs = list(zip(own, other, strict=True))
    yield Figure("events per processor second: Trace", "1/cpu-s", [one[0] for one in own], None, "more")
    yield Figure("events per processor second: rows", "1/cpu-s", [one[0] for one in other], None, "more")
    ratios = [mine[0] / rows[0] for mine, rows in pairs]
    yield Figure("events per processor second: Trace against rows", "times", ratios, 2, "more")
    yield Figure("bytes per event: Trace", "B", [one[1] for one in own], None, "less")
    yield Figure("bytes per event: rows", "B", [one[1] for one in other], None, "less")
    ratios = [mine[1] / rows[1] for mine, rows in pairs]
    yield Figure("bytes: Trace against rows", "times", ratios, 0.25, "less")


def _ours(
    place: Place, body: bytes, reader: psycopg.Connection[tuple[int]], tables: list[str]
) -> tuple[float, float]:
    roots = [*place.roots.values(), place.postgres]
    size, spent = _size(reader, tables), cpu_seconds(roots)
    with place.client() as client:
        upload(client, [body], "passed")
    spent = cpu_seconds(roots) - spent
    return EVENTS / spent, (_size(reader, tables) - size) / EVENTS


def _rows(place: Place, body: bytes) -> tuple[float, float]:
    url = place.server.url("trace")
    before = cpu_seconds([place.postgres])
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), url], input=body, capture_output=True, check=True,
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    spent = cpu_seconds([place.postgres]) - before + float(done.stdout)
    with psycopg.connect(url, autocommit=True) as reader:
        size = _size(reader, ["bench_rows"])
        reader.execute("DROP TABLE bench_rows")
    return EVENTS / spent, size / EVENTS


def _size(reader: psycopg.Connection[tuple[int]], tables: list[str]) -> int:
    row = reader.execute(_SIZE, [tables]).fetchone()
    return int(row[0]) if row else 0
