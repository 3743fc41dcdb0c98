"""Turns events (JSON on standard input) into OTLP requests; runs in the peer's environment.

It prints a MessagePack array of binaries, written by hand: the peer has no such library.
"""

import hashlib
import json
import struct
import sys
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

EPOCH_NS = 1_767_225_600_000_000_000


def main() -> None:
    run, each = sys.argv[1], int(sys.argv[2])
    events = json.load(sys.stdin)
    bodies = [_request(run, events[at : at + each]) for at in range(0, len(events), each)]
    out = sys.stdout.buffer
    out.write(b"\xdd" + struct.pack(">I", len(bodies)))
    for body in bodies:
        out.write(b"\xc6" + struct.pack(">I", len(body)) + body)


def _request(run: str, events: list[dict[str, Any]]) -> bytes:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for event in events:
        span = scope.spans.add()
        span.trace_id = hashlib.sha256(f"trace {run}".encode()).digest()[:16]
        span.span_id = hashlib.sha256(f"{run} {event['seq']}".encode()).digest()[:8]
        span.name = event["kind"]
        span.start_time_unix_nano = EPOCH_NS + int(event["ts"] * 1e6)
        span.end_time_unix_nano = span.start_time_unix_nano + int(event.get("dur", 0) * 1e6)
        span.status.code = 2 if event.get("level") == "error" else 1
        for name, value in {
            "seq": event["seq"],
            "step": event.get("step", 0),
            **event["data"],
        }.items():
            attribute = span.attributes.add()
            attribute.key = name
            if isinstance(value, int):
                attribute.value.int_value = value
            else:
                attribute.value.string_value = (
                    value if isinstance(value, str) else json.dumps(value)
                )
    body: bytes = request.SerializeToString()
    return body


main()
