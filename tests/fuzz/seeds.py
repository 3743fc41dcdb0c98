"""Writes what a fuzzer begins with: small real inputs cut out of the recorded fixtures."""

import sys
import zipfile
from pathlib import Path

from trace_app.domain.archive import Archive
from trace_app.domain.bundle import RunInfo
from trace_app.domain.events import KINDS, Event, encode_ndjson
from trace_app.domain.imported import imported_events
from trace_app.domain.playwright import read_package

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "playwright"
LINES = 6


def ndjson() -> list[bytes]:
    """Windows of real events, one event of each kind, and the usual refusals."""
    with (FIXTURES / "py-fail.trace.zip").open("rb") as file:
        events = imported_events(read_package(Archive(file)), RunInfo(status="failed"), 0)
    windows = [encode_ndjson(events[at : at + 8]) for at in range(0, len(events), 8)]
    kinds = [Event(seq=no, ts=no, kind=kind, data={}) for no, kind in enumerate(KINDS, 1)]  # type: ignore[arg-type]
    return [
        *windows[:40],
        encode_ndjson(kinds),
        b'{"seq":1,"ts":0,"kind":"app.log","data":{"t":"a\\u0000"}}',
        b'[{"seq":1}]\n',
        b'{"seq":2,"ts":1e999,"kind":"x","ref":2,"data":{"$blob":"sha256:00"}}\n\n',
    ]


def zip() -> list[bytes]:  # noqa: A001 (named as the reader it feeds)
    """The first lines of each recording's members, joined by form feeds."""
    run = b'\x0c\x0c\x0c{"status":"failed","test":{"id":"a::b"},"error":{"message":"m"}}'
    blob = b'{"password": "correct horse", "card": "4242 4242 4242 4242"} Bearer abcdef0123456789 '
    found = [run, run + b"\x0c\x0c" + blob, run + b"\x0c\x0c" + blob * 20 + b"\x0cplain \x00"]
    for path in sorted(FIXTURES.glob("*.trace.zip")):
        with zipfile.ZipFile(path) as source:
            names = source.namelist()
            parts = []
            for end in (".trace", ".network", ".stacks"):
                name = next((name for name in names if name.endswith(end)), "")
                lines = source.read(name).split(b"\n") if name else []
                parts.append(b"\n".join(line for line in lines if len(line) < 1500))
        for at in range(20):
            cut = [b"\n".join(part.split(b"\n")[at * LINES : (at + 1) * LINES]) for part in parts]
            found.append(b"\x0c".join(cut)[:12_000])
    return found


if __name__ == "__main__":
    reader, folder = sys.argv[1], Path(sys.argv[2])
    for number, seed in enumerate({"ndjson": ndjson, "zip": zip}[reader]()):
        (folder / f"seed-{number}").write_bytes(seed)
