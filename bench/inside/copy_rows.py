"""Stores NDJSON from standard input as one row per event; prints its own processor seconds."""

import sys
import time
import uuid

import msgspec
import psycopg

from trace_app.domain.events import KIND_RIBBON

TABLE = """
CREATE TABLE bench_rows (
    trace uuid NOT NULL, seq bigint NOT NULL, ts double precision NOT NULL, ribbon text NOT NULL,
    kind text NOT NULL, step int, level text, data jsonb NOT NULL
);
CREATE INDEX ON bench_rows (trace, seq);
CREATE INDEX ON bench_rows (trace, ribbon, ts);
"""
COPY = "COPY bench_rows FROM STDIN (FORMAT BINARY)"
TYPES = ["uuid", "int8", "float8", "text", "text", "int4", "text", "jsonb"]


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
    body = sys.stdin.buffer.read()
    with psycopg.connect(sys.argv[1], autocommit=True) as connection:
        connection.execute(TABLE)
        begin = time.process_time()
        connection.adapters.register_dumper(msgspec.Raw, Jsonb)
        trace = uuid.uuid4()
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for line in msgspec.json.Decoder(Line).decode_lines(body):
                ribbon = KIND_RIBBON[line.kind]
                copy.write_row(
                    (trace, line.seq, line.ts, ribbon, line.kind, line.step, line.level, line.data)
                )
    sys.stdout.write(str(time.process_time() - begin))


main()
