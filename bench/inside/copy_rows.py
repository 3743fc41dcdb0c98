"""Stores NDJSON from standard input in both ways; prints JSON with the costs of each.

It runs on the product's settings. Both ways read, validate and mask the body with the product's
own code; then one stores chunks with their columns and bins, as the product does, the other
copies one row per event into a table with two btree indexes. `bare` is the row way without
masking and without validation but of types.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable

import django
import msgspec
import psycopg

django.setup()

from django.db import connection  # noqa: E402  # after the settings are loaded

from bench.processes import cpu_seconds  # noqa: E402
from trace_app.actions.append import append, open_trace  # noqa: E402
from trace_app.actions.live_redaction import mask_batch, read_batch  # noqa: E402
from trace_app.domain.events import KIND_RIBBON  # noqa: E402
from trace_app.domain.open_run import OpenRun  # noqa: E402
from trace_app.domain.system import System  # noqa: E402
from trace_app.models import Project, Trace  # noqa: E402
from trace_app.queries.appending import held  # noqa: E402

TABLE = """
CREATE TABLE IF NOT EXISTS bench_rows (
    trace uuid NOT NULL, seq bigint NOT NULL, ts double precision NOT NULL, ribbon text NOT NULL,
    kind text NOT NULL, step int, level text, data jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS bench_rows_seq ON bench_rows (trace, seq);
CREATE INDEX IF NOT EXISTS bench_rows_ts ON bench_rows (trace, ribbon, ts);
"""
COPY = "COPY bench_rows FROM STDIN (FORMAT BINARY)"
TYPES = ["uuid", "int8", "float8", "text", "text", "int4", "text", "jsonb"]
OURS = [f"trace_app_{name}" for name in ("eventchunk", "eventindex", "appendbatch")]
SIZE = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name"
BY = System("bench")


class Line(msgspec.Struct):
    """An event whose data passes on as it came."""

    seq: int
    ts: float
    kind: str
    data: msgspec.Raw
    step: int | None = None
    level: str | None = None
    ref: int | None = None
    dur: float | None = None


class Jsonb(psycopg.adapt.Dumper):
    """The binary form of jsonb is its text behind a version byte."""

    format = psycopg.pq.Format.BINARY
    oid = psycopg.adapters.types["jsonb"].oid

    def dump(self, obj: msgspec.Raw) -> bytes:
        return b"\x01" + bytes(obj)


def main() -> None:
    body, postmaster, runs = sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2])
    project = Project.objects.get(slug="bench")
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    found: dict[str, list[tuple[float, float]]] = {"chunks": [], "rows": [], "bare": []}
    for _ in range(runs + 1):
        trace = open_trace(by=BY, project=project, run=OpenRun(title="copy"))
        found["chunks"].append(
            _cost(postmaster, OURS, lambda: append(by=BY, trace=trace, body=body))  # noqa: B023
        )
        other = open_trace(by=BY, project=project, run=OpenRun(title="copy"))
        found["rows"].append(
            _cost(postmaster, ["bench_rows"], lambda: _rows(other, body))  # noqa: B023
        )
        found["bare"].append(_cost(postmaster, ["bench_rows"], lambda: _copy([body])))
    sys.stdout.write(json.dumps({name: costs[1:] for name, costs in found.items()}) + "\n")


def _cost(postmaster: int, tables: list[str], store: Callable[[], object]) -> tuple[float, float]:
    """Processor seconds of this process and the database, and the bytes stored."""
    size, spent, own = _size(tables), cpu_seconds([postmaster]), time.process_time()
    store()
    spent = cpu_seconds([postmaster]) - spent + time.process_time() - own
    return spent, _size(tables) - size


def _rows(trace: Trace, body: bytes) -> None:
    masked = mask_batch(trace, read_batch(trace, body), held(trace))
    _copy([piece.text for piece in masked.batch])


def _copy(texts: list[bytes]) -> None:
    decode, trace = msgspec.json.Decoder(Line).decode_lines, uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.adapters.register_dumper(msgspec.Raw, Jsonb)
        with cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for text in texts:
                for line in decode(text):
                    ribbon = KIND_RIBBON[line.kind]
                    copy.write_row(
                        (
                            trace,
                            line.seq,
                            line.ts,
                            ribbon,
                            line.kind,
                            line.step,
                            line.level,
                            line.data,
                        )
                    )


def _size(tables: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(SIZE, [tables])
        return int(cursor.fetchone()[0])


main()
